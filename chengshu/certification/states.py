"""States of runs, work items and confirmations, as the database keeps them: pure."""

from enum import StrEnum

from chengshu.kernel.texts import Text


class RunStatus(StrEnum):
    """How far a run has come."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    FINISHED = "finished"
    PROPOSED = "proposed"
    PUBLISHED = "published"


DECIDED = (RunStatus.FINISHED.value, RunStatus.PROPOSED.value, RunStatus.PUBLISHED.value)
"""Of runs that have decided: there are results to read."""
RUN_STATUS_NAMES = {
    RunStatus.QUEUED: Text("排队中", "queued"),
    RunStatus.RUNNING: Text("运行中", "running"),
    RunStatus.FAILED: Text("失败", "failed"),
    RunStatus.FINISHED: Text("已完成", "finished"),
    RunStatus.PROPOSED: Text("待复核发布", "proposed"),
    RunStatus.PUBLISHED: Text("已发布", "published"),
}


class ItemKind(StrEnum):
    """Why somebody is asked."""

    VISIT = "visit"
    SELF_CHECK = "self_check"
    AUDIT = "audit"


ITEM_KIND_NAMES = {
    ItemKind.VISIT: Text("上门走访", "visit"),
    ItemKind.SELF_CHECK: Text("本人自证", "self-check"),
    ItemKind.AUDIT: Text("随机抽查", "random audit"),
}


class ItemState(StrEnum):
    """Whether somebody has yet to be asked."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a visitor or the person says; the words of the city data package."""

    ALIVE = "alive"
    DEAD = "dead"
    MOVED_AWAY = "moved_away"
    NOT_FOUND = "not_found"


OUTCOME_NAMES = {
    Outcome.ALIVE: Text("在世", "alive"),
    Outcome.DEAD: Text("已去世", "dead"),
    Outcome.MOVED_AWAY: Text("已迁走", "moved away"),
    Outcome.NOT_FOUND: Text("没找到", "not found"),
}


class DeathState(StrEnum):
    """How far a recorded death has been looked into."""

    OPEN = "open"
    ONCE_CONFIRMED = "once_confirmed"
    STOPPED = "stopped"
    REFUTED = "refuted"
    RESTORED = "restored"


DEATH_STATE_NAMES = {
    DeathState.OPEN: Text("待核实", "to be confirmed"),
    DeathState.ONCE_CONFIRMED: Text("一人已核实", "confirmed once"),
    DeathState.STOPPED: Text("已停发", "stopped"),
    DeathState.REFUTED: Text("登记有误", "refuted"),
    DeathState.RESTORED: Text("已恢复发放", "restored"),
}
DEATH_WAITING = (DeathState.OPEN, DeathState.ONCE_CONFIRMED)
"""Still paid; somebody has to look."""
DEATH_IN_FORCE = (*DEATH_WAITING, DeathState.STOPPED)
"""At most one of a person; the others are over."""


class LinkKind(StrEnum):
    """What was taken for somebody's and is not."""

    DEATH_RECORD = "death_record"
    EVENTS = "events"


LINK_KIND_NAMES = {
    LinkKind.DEATH_RECORD: Text("死亡登记", "death record"),
    LinkKind.EVENTS: Text("记录", "records"),
}
DECISION_NAMES = {
    "certified": Text("静默认证", "certified"),
    "self_check": Text("本人自证", "self-check"),
    "visit": Text("上门走访", "visit"),
    "death_recorded": Text("有死亡登记", "death recorded"),
}
