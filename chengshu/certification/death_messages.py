"""What refused steps with recorded deaths say, in one place."""

from datetime import date

from chengshu.kernel.errors import Conflict, NotAllowed, UsageError
from chengshu.kernel.texts import Text

_LOOK_AGAIN = Text("请刷新页面，查看现在的情况。", "Load the page again to see how things stand.")


def moved_on(number: int, state: Text) -> Conflict:
    """Somebody else was quicker, or the page stood open for long."""
    return Conflict(
        "certification.death-moved-on",
        Text(
            f"第 {number} 号死亡登记刚由他人处理，现为“{state.zh}”。您的操作没有生效。",
            f"Somebody else has dealt with death record {number}: it is “{state.en}” now. Yours has changed nothing.",
        ),
        _LOOK_AGAIN,
    )


def same_person(number: int) -> Conflict:
    """Who has confirmed once would confirm again."""
    return Conflict(
        "certification.death-two-people",
        Text(
            f"第 {number} 号死亡登记的第一次核实由您完成，第二次须由另一人核实。",
            f"You were the first to confirm death record {number}; the second is somebody else.",
        ),
        Text("请由另一位有权核实的同事独立核实。", "Ask another colleague who may confirm to look into it."),
    )


def nobody_signed_in() -> NotAllowed:
    """A process would stop money."""
    return NotAllowed(
        "certification.death-takes-people",
        Text(
            "停发须由两名登录的工作人员核实，程序不能代替。",
            "A stop takes two people who are signed in, not a program.",
        ),
        Text("请登录后在“死亡核实”页面办理。", "Sign in, and do it on the page of recorded deaths."),
    )


def record_gone(number: int) -> Conflict:
    """The record is no longer in the data, or is another's."""
    return Conflict(
        "certification.death-record-gone",
        Text(
            f"第 {number} 号所依据的死亡登记已不在当前数据中，或已被认定有误，不能据此停发。",
            f"The record behind number {number} is no longer in the data, or was disproved; nothing stops by it.",
        ),
        Text(
            "请核对登记来源；登记确有错误的，请选择“登记有误”。", "Ask the register; where it erred, refute the record."
        ),
    )


def disproved_already() -> Conflict:
    """The ledger has it."""
    return Conflict(
        "certification.disproved-already",
        Text("台账中已有这条记录。", "The ledger has this record already."),
        _LOOK_AGAIN,
    )


def day_ahead(day: date) -> UsageError:
    """A record from the future."""
    return UsageError(
        "certification.disproved-day",
        Text(f"{day} 还没有到。", f"{day} is yet to come."),
        Text("请填写记录的日期，或留空。", "Give the day of the record, or leave it empty."),
    )


def reason_missing() -> UsageError:
    """A decision without a reason."""
    return UsageError(
        "certification.reason-missing",
        Text("请写明理由。", "A reason is needed."),
        Text("写明核实的依据，500 字以内。", "Say what it rests on, in 500 characters at most."),
    )


def appeal_pending(number: int) -> Conflict:
    """An appeal that waits for its answer."""
    return Conflict(
        "certification.appeal-pending",
        Text(f"第 {number} 号已有一件申诉正在处理。", f"An appeal on number {number} waits for its answer already."),
        Text("请先答复这件申诉。", "Answer that one first."),
    )


def appeal_answered(number: int) -> Conflict:
    """Two people, one answer."""
    return Conflict(
        "certification.appeal-answered",
        Text(f"第 {number} 件申诉已由他人答复。", f"Somebody else has answered appeal {number}."),
        _LOOK_AGAIN,
    )


def own_stop(number: int) -> Conflict:
    """Who stopped the money would dismiss the appeal against it."""
    return Conflict(
        "certification.appeal-own-stop",
        Text(
            f"第 {number} 件申诉所针对的停发由您核实，不能由您驳回。",
            f"You confirmed what appeal {number} is against; you cannot dismiss it.",
        ),
        Text("请由另一位同事答复；您可以支持申诉。", "A colleague answers it; you may uphold it yourself."),
    )
