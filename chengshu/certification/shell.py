"""What certification adds to the shell: places, work that waits, findings of the search."""

from collections.abc import Sequence
from typing import cast

from django.http import HttpRequest
from django.urls import reverse

from chengshu.accounts.actor import person
from chengshu.accounts.domain import Role
from chengshu.accounts.models import User
from chengshu.certification import death_queries, feed_queries, queries, visit_queries
from chengshu.certification.permissions import CONFIRMERS, LOOKERS, SUPERVISORS, VISITORS, scope_of
from chengshu.certification.states import DECISION_NAMES
from chengshu.kernel.errors import Conflict
from chengshu.kernel.texts import Text
from chengshu.ui import navigation
from chengshu.ui.language import say
from chengshu.ui.navigation import Found, Place, Waiting

_PERSON = Text("人员", "person")
_MOST_FOUND = 50


def register() -> None:
    """Called once the apps are loaded."""
    looks = frozenset(LOOKERS)
    places = [
        Place(Text("认证", "Runs"), "runs", "shield-check", lambda user: bool(user.roles & looks)),
        Place(Text("人员", "People"), "people", "users", lambda user: bool(user.roles & looks)),
        Place(Text("图表", "Figures"), "figures", "report", lambda user: bool(user.roles & looks)),
        Place(Text("数据源", "Feeds"), "feeds", "activity", lambda user: bool(user.roles & looks)),
        Place(Text("死亡核实", "Deaths"), "deaths", "gavel", lambda user: bool(user.roles & looks)),
        Place(Text("本人自证", "Self-checks"), "self_checks", "heartbeat", lambda user: bool(user.roles & looks)),
    ]
    places += [
        Place(Text("走访", "Visits"), "worklist", "map-pin", lambda user: bool(user.roles & VISITORS)),
        Place(Text("走访进度", "Coverage"), "coverage", "checklist", lambda user: bool(user.roles & SUPERVISORS)),
    ]
    navigation.register(places=places, waiting=waiting, search=search)


def waiting(request: HttpRequest) -> Sequence[Waiting]:
    """Runs that wait for somebody's decision."""
    roles = request.user.roles if request.user.is_authenticated else frozenset()
    lines = []
    if Role.APPROVER in roles:
        lines.append(Waiting(Text("待您复核发布", "To approve"), queries.proposed_runs().count(), reverse("runs")))
    if Role.HANDLER in roles:
        lines.append(Waiting(Text("待提请发布", "To propose"), queries.finished_runs().count(), reverse("runs")))
    if Role.GRASSROOTS_WORKER in roles:
        lines.append(_visits(visit_queries.waiting_for(cast("User", request.user))))
    if roles & {Role.DATA_STEWARD, Role.HANDLER}:
        lines += _broken_feeds(request)
    return [*lines, *death_lines(request)]


def death_lines(request: HttpRequest) -> Sequence[Waiting]:
    """Recorded deaths and appeals that wait for those who may decide on them."""
    user = request.user
    if not user.is_authenticated or not user.roles & CONFIRMERS:
        return ()
    by, at = person(user), reverse("deaths")
    deaths, appeals = death_queries.waiting_deaths(by), death_queries.open_appeals(by).count()
    late = Text("有的已超过 30 天", "some for more than 30 days") if deaths.is_late else None
    lines = [
        Waiting(Text("死亡登记待核实", "Deaths to confirm"), deaths.number, f"{at}?state=at_stake", bool(late), late)
    ]
    if appeals:
        lines.append(Waiting(Text("申诉待答复", "Appeals to answer"), appeals, f"{at}?state=appealed"))
    return lines


def _visits(waits: visit_queries.Open) -> Waiting:
    days = waits.oldest_days
    note = Text(f"最早的已等 {days} 天", f"the oldest has waited {days} days") if waits.number else None
    return Waiting(Text("待走访", "To visit"), waits.number, reverse("worklist"), waits.is_late, note)


def _broken_feeds(request: HttpRequest) -> Sequence[Waiting]:
    """Feeds to call about, or to send again; nothing where no run says which."""
    try:
        number = feed_queries.broken_now(person(cast("User", request.user)))
    except Conflict:
        return ()
    return [Waiting(Text("断供的数据源", "Broken feeds"), number, reverse("feeds"), is_late=number > 0)]


def search(request: HttpRequest, query: str) -> Sequence[Found]:
    """People within one's scope by two signs or more of their name, masked."""
    user = request.user
    if not user.is_authenticated or not user.roles & frozenset(LOOKERS):
        return ()
    rows = queries.people_named(scope_of(user), query, most=_MOST_FOUND)
    return [Found(_PERSON, row["name"], reverse("people.one", args=[row["person_key"]]), _note(row)) for row in rows]


def _note(row: dict[str, object]) -> str:
    return f"{row['id_masked']} · {say(DECISION_NAMES[str(row['decision'])])}"
