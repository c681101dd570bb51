"""Whom to visit, nearest first, and how far the visits of each town have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from chengshu.accounts.actor import Actor
from chengshu.accounts.models import Organisation, User
from chengshu.accounts.permissions import require
from chengshu.certification import messages, permissions
from chengshu.certification.items import departments_of
from chengshu.certification.models import Run, Visit, WorkItem
from chengshu.certification.permissions import scope_of
from chengshu.certification.queries import departments_in_force
from chengshu.certification.querysets import region_after
from chengshu.certification.states import OUTCOME_NAMES, ItemKind, ItemState, Outcome
from chengshu.kernel import clock
from chengshu.kernel.texts import Text

KINDS = (ItemKind.VISIT.value, ItemKind.AUDIT.value)
AGES = ((0, 7), (8, 30), (31, None))
"""Days since an item was opened, from and to."""
AGE_NAMES = (Text("0–7 天", "0–7 days"), Text("8–30 天", "8–30 days"), Text("超过 30 天", "over 30 days"))
LATE_DAYS = 30
TOWN, VILLAGE = 9, 12
_MOST_VILLAGES = 400


def to_visit(by: Actor, near: str = "") -> QuerySet[WorkItem]:
    """Open items of the run in force that somebody may visit: nearest first, then the most valuable.

    Args:
        by: the visitor.
        near: region code of where they are; only the value counts where it is empty.

    Raises:
        NotAllowed: `by` does not visit people.
    """
    require(by, permissions.RECORD)
    rows = _in_force(by).filter(state=ItemState.OPEN)
    if not near:
        return rows.order_by("-value", "pk")
    return rows.annotate(distance=_distance(near)).order_by("distance", "-value", "pk")


def item_to_visit(by: Actor, pk: int) -> WorkItem:
    """One item, open or not, of those that somebody may visit.

    Raises:
        NotAllowed: `by` does not visit people, or there is no such item within their scope.
    """
    require(by, permissions.RECORD)
    item = WorkItem.objects.select_related("run").filter(pk=pk, kind__in=KINDS).first()
    if item is None or not is_theirs(by, item):
        raise messages.stranger()
    return item


def is_theirs(by: Actor, item: WorkItem) -> bool:
    """Whether an item is one to visit, within somebody's scope."""
    scope = scope_of(by.user)
    return item.kind in KINDS and scope.holds(item.region_code, item.departments, departments_of(item.run))


def is_theirs_to_see(by: Actor, visit: Visit) -> bool:
    """Whether a visit is of somebody within one's scope."""
    departments, names = (visit.item.departments, departments_of(visit.item.run)) if visit.item else (0, [])
    return scope_of(by.user).holds(visit.region_code, departments, names)


def last_visit(item: WorkItem) -> Visit | None:
    """What was found last for an item."""
    return item.visits.select_related("recorded_by").order_by("-pk").first()


def whereabouts(by: Actor) -> str:
    """The region where a visitor is, as far as it is known: of today's last visit, else of their own post."""
    if by.user is None:
        return ""
    today = Visit.objects.filter(recorded_by=by.user, visited_on=clock.today()).order_by("-pk")
    if (last := today.values_list("region_code", flat=True).first()) is not None:
        return last
    # Everybody in a county is as far from it as everybody else.
    return next((region for region in scope_of(by.user).regions if len(region) >= TOWN), "")


def villages_of(rows: QuerySet[WorkItem]) -> dict[str, int]:
    """How many items to visit each village has, in order of the codes; each town where there are many villages."""
    of_region = rows.order_by().values("region_code").annotate(number=Count("pk")).order_by("region_code")
    numbers = dict(of_region.values_list("region_code", "number"))
    if len(numbers) <= _MOST_VILLAGES:
        return numbers
    of_town: dict[str, int] = {}
    for region, number in numbers.items():
        of_town[region[:TOWN]] = of_town.get(region[:TOWN], 0) + number
    return of_town


def region_names(codes: Iterable[str]) -> dict[str, Text]:
    """Names of towns and villages by code; those that no organisation stands for are left out."""
    rows = Organisation.objects.filter(region_code__in=set(codes), kind__in=("county", "town", "community"))
    return {code: Text(zh, en) for code, zh, en in rows.values_list("region_code", "name", "name_en")}


@dataclass(frozen=True)
class Open:
    """What waits for a visitor.

    Attributes:
        number: open items.
        oldest_days: days since the oldest of them was opened; 0 where there is none.
    """

    number: int
    oldest_days: int

    @property
    def is_late(self) -> bool:
        """Whether one has been open for too long."""
        return self.oldest_days > LATE_DAYS


def waiting_for(user: User) -> Open:
    """What waits for a visitor; for the home page."""
    own = WorkItem.objects.visible_to(scope_of(user), departments_in_force())
    open_ones = own.filter(state=ItemState.OPEN, kind__in=KINDS, run__is_in_force=True)
    found = open_ones.aggregate(number=Count("pk"), oldest=Min("opened_at"))
    return Open(found["number"], _days_since(found["oldest"]) if found["oldest"] else 0)


@dataclass(frozen=True)
class Town:
    """How far the visits of a town have come.

    Attributes:
        region_code: of nine digits.
        open: items to be visited.
        done: visited, or confirmed otherwise.
        ages: open ones by `AGES`.
        outcomes: visits by outcome, in the order of `Outcome`.
        last_done: when the last one was closed.
    """

    region_code: str
    open: int
    done: int
    ages: tuple[int, ...]
    outcomes: tuple[int, ...]
    last_done: datetime | None = None

    @property
    def share(self) -> float | None:
        """Done of all."""
        return self.done / (self.open + self.done) if self.open + self.done else None

    @property
    def named_ages(self) -> list[tuple[Text, int]]:
        """Open ones by age, with its name."""
        return list(zip(AGE_NAMES, self.ages, strict=True))

    @property
    def named_outcomes(self) -> list[tuple[Text, int]]:
        """Visits by outcome, with its name."""
        return list(zip(OUTCOME_NAMES.values(), self.outcomes, strict=True))


def coverage(by: Actor) -> list[Town]:
    """Towns within somebody's scope with items of the run in force, in order of the codes.

    Raises:
        NotAllowed: `by` supervises nobody.
    """
    require(by, permissions.SUPERVISE)
    rows = _in_force(by).annotate(town=Substr("region_code", 1, TOWN)).order_by().values("town")
    counted = rows.annotate(
        open=Count("pk", filter=Q(state=ItemState.OPEN)),
        done=Count("pk", filter=Q(state=ItemState.DONE)),
        last_done=Max("closed_at", filter=Q(state=ItemState.DONE)),
        **{f"age_{number}": Count("pk", filter=_is_aged(*ages)) for number, ages in enumerate(AGES)},
    )
    found = _outcomes(by)
    known = [row for row in counted.order_by("town") if row["open"] or row["done"]]
    return [_town(dict(row), found.get(row["town"], {})) for row in known]


def total(towns: Sequence[Town]) -> Town:
    """All of them as one."""
    none = Town("", 0, 0, (0,) * len(AGES), (0,) * len(Outcome))
    lasts = [town.last_done for town in towns if town.last_done]
    return Town(
        "",
        sum(town.open for town in towns),
        sum(town.done for town in towns),
        tuple(map(sum, zip(none.ages, *(town.ages for town in towns), strict=True))),
        tuple(map(sum, zip(none.outcomes, *(town.outcomes for town in towns), strict=True))),
        max(lasts, default=None),
    )


def _in_force(by: Actor) -> QuerySet[WorkItem]:
    """Items to visit of the run in force, within somebody's scope; none where nothing is in force."""
    run = Run.objects.filter(is_in_force=True).first()
    if run is None:
        return WorkItem.objects.none()
    own = WorkItem.objects.visible_to(scope_of(by.user), departments_of(run))
    return own.filter(run=run, kind__in=KINDS)


def _distance(near: str) -> Case:
    """0 in the same village, 1 in the same town, 2 elsewhere."""
    steps = [(near[:length], place) for place, length in enumerate((VILLAGE, TOWN)) if len(near) >= length]
    whens = [
        When(region_code__gte=region, region_code__lt=region_after(region), then=Value(place))
        for region, place in steps
    ]
    return Case(*whens, default=Value(2), output_field=IntegerField())


def _is_aged(first: int, last: int | None) -> Q:
    now = clock.now()
    found = Q(state=ItemState.OPEN, opened_at__lte=now - timedelta(days=first)) if first else Q(state=ItemState.OPEN)
    return found if last is None else found & Q(opened_at__gt=now - timedelta(days=last + 1))


def _days_since(moment: datetime) -> int:
    return (clock.now() - moment).days


def _outcomes(by: Actor) -> dict[str, dict[str, int]]:
    """Visits of the items of the run in force, by town and outcome."""
    seen = Visit.objects.filter(item__in=_in_force(by).values("pk"))
    counted = seen.annotate(town=Substr(F("region_code"), 1, TOWN)).order_by().values("town", "outcome")
    found: dict[str, dict[str, int]] = {}
    for row in counted.annotate(number=Count("pk")):
        found.setdefault(row["town"], {})[row["outcome"]] = row["number"]
    return found


def _town(row: dict[str, Any], found: dict[str, int]) -> Town:
    return Town(
        row["town"],
        row["open"],
        row["done"],
        tuple(row[f"age_{number}"] for number in range(len(AGES))),
        tuple(found.get(outcome.value, 0) for outcome in Outcome),
        row["last_done"],
    )
