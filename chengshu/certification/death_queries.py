"""Reads of recorded deaths, appeals, and the ledger of disproved links; all take the viewer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet, Sum

from chengshu.accounts.actor import Actor
from chengshu.accounts.permissions import require
from chengshu.certification import permissions
from chengshu.certification.back_pay import back_pay
from chengshu.certification.models import Appeal, DeathConfirmation, DisprovedLink, Run
from chengshu.certification.permissions import scope_of
from chengshu.certification.scope import Scope
from chengshu.certification.states import DEATH_WAITING, DeathState, RunStatus
from chengshu.kernel import clock

LATE_DAYS = 30
"""A recorded death that has waited for longer is late."""


@dataclass(frozen=True)
class Money:
    """What recorded deaths come to within a scope.

    Attributes:
        at_stake: people who are paid on while a record waits.
        at_stake_yuan: a month.
        stopped: people whose money was stopped.
        stopped_yuan: a month.
        stopped_since: the first day of a stop that holds.
        prevented_yuan: what stops that hold have kept until today.
        restored: people who were given it back.
        restored_yuan: back pay to them.
    """

    at_stake: int = 0
    at_stake_yuan: float = 0.0
    stopped: int = 0
    stopped_yuan: float = 0.0
    stopped_since: date | None = None
    prevented_yuan: Decimal = Decimal(0)
    restored: int = 0
    restored_yuan: Decimal = Decimal(0)


@dataclass(frozen=True)
class WaitingDeaths:
    """Recorded deaths that somebody may confirm.

    Attributes:
        number: how many.
        is_late: whether one has waited for more than `LATE_DAYS`.
    """

    number: int
    is_late: bool


def confirmations(by: Actor) -> QuerySet[DeathConfirmation]:
    """Recorded deaths within somebody's scope, the latest first.

    Raises:
        NotAllowed: `by` has no business with certification.
    """
    require(by, permissions.LOOK)
    scope = scope_of(by.user)
    return DeathConfirmation.objects.visible_by_run(scope, _departments_by_run(scope))


def _departments_by_run(scope: Scope) -> dict[int, list[str]]:
    if not scope.departments or scope.is_everybody:
        return {}
    published = Run.objects.filter(status=RunStatus.PUBLISHED).values_list("pk", "summary__departments")
    return {pk: names or [] for pk, names in published}


def appeals(by: Actor) -> QuerySet[Appeal]:
    """Appeals against stops within somebody's scope."""
    rows = confirmations(by).order_by()
    return Appeal.objects.filter(confirmation__in=rows.values("pk")).select_related("confirmation")


def money(by: Actor) -> Money:
    """What recorded deaths come to, within somebody's scope."""
    groups = (
        confirmations(by)
        .order_by()
        .values("state", "stops_on")
        .annotate(people=Count("pk"), yuan=Sum("monthly_yuan"), back=Sum("back_pay_yuan"))
    )
    rows = list(groups)
    waiting = [row for row in rows if row["state"] in DEATH_WAITING]
    stopped = [row for row in rows if row["state"] == DeathState.STOPPED]
    restored = [row for row in rows if row["state"] == DeathState.RESTORED]
    today = clock.today()
    return Money(
        at_stake=sum(row["people"] for row in waiting),
        at_stake_yuan=sum(row["yuan"] for row in waiting),
        stopped=sum(row["people"] for row in stopped),
        stopped_yuan=sum(row["yuan"] for row in stopped),
        stopped_since=min((row["stops_on"] for row in stopped if row["stops_on"]), default=None),
        prevented_yuan=sum((back_pay(row["yuan"], row["stops_on"], today) for row in stopped), Decimal(0)),
        restored=sum(row["people"] for row in restored),
        restored_yuan=sum((row["back"] for row in restored), Decimal(0)),
    )


def late_before() -> datetime:
    """Records that were opened earlier are late."""
    return clock.now() - timedelta(days=LATE_DAYS)


def waiting_deaths(by: Actor) -> WaitingDeaths:
    """Recorded deaths in scope that wait for somebody; not those that they have confirmed once themselves."""
    others = Q(first_by__isnull=True) | ~Q(first_by=by.user)
    rows = confirmations(by).order_by().filter(others, state__in=DEATH_WAITING)
    found = rows.aggregate(number=Count("pk"), oldest=Min("opened_at"))
    return WaitingDeaths(found["number"], bool(found["oldest"] and found["oldest"] < late_before()))


def open_appeals(by: Actor) -> QuerySet[Appeal]:
    """Appeals that wait for an answer, within somebody's scope."""
    return appeals(by).filter(decided_at__isnull=True)


def disproved_links(by: Actor) -> QuerySet[DisprovedLink]:
    """The ledger within somebody's regions, and of those whom their department pays; the latest first.

    Raises:
        NotAllowed: `by` has no business with certification.
    """
    own = confirmations(by).order_by().values("person_key")
    visible = DisprovedLink.objects.visible_to(scope_of(by.user)).order_by().values("pk")
    rows = DisprovedLink.objects.filter(Q(pk__in=visible) | Q(person_key__in=own))
    return rows.select_related("ruled_by").order_by("-pk")
