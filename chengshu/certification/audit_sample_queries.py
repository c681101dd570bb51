"""Reads of the random sample that each published run draws."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chengshu.accounts.actor import Actor
from chengshu.accounts.permissions import require
from chengshu.certification import permissions
from chengshu.certification.auditing import Interval, Stage, Verdict, exact_interval, stages, verdict
from chengshu.certification.items import departments_of
from chengshu.certification.models import Run, Visit, WorkItem
from chengshu.certification.permissions import scope_of
from chengshu.certification.querysets import WorkItemQuerySet
from chengshu.certification.states import ItemKind, ItemState, Outcome

WAITING, SEEN = "waiting", "seen"
_SEEN = [Outcome.ALIVE.value, Outcome.DEAD.value, Outcome.MOVED_AWAY.value]


@dataclass(frozen=True)
class AuditSample:
    """What the visits to a run's sample have found so far; of the whole city, for a part of it would say nothing.

    Attributes:
        people: drawn.
        dead: found dead.
        living: found alive, or known to have moved away.
        moved_away: of the living.
        not_found: visited without finding them; they count neither way.
        waiting: not visited yet.
        withdrawn: not visited, and no longer to be: the sample of a later run has taken the place of this one.
        stages: after each day with visits.
        promised: share of dead that the model expects among the certified.
        bound: that the run was to stay below.
    """

    people: int
    dead: int
    living: int
    moved_away: int
    not_found: int
    waiting: int
    withdrawn: int
    stages: list[Stage]
    promised: float
    bound: float

    @property
    def seen(self) -> int:
        """Found, dead or living: what the interval rests on."""
        return self.dead + self.living

    @property
    def interval(self) -> Interval:
        """Exact, 95%."""
        return exact_interval(self.dead, self.seen)

    @property
    def verdict(self) -> Verdict:
        """What it says of the bound."""
        return verdict(self.interval, self.seen, self.bound)


def audit_sample(by: Actor, run: Run) -> AuditSample:
    """How the sample of a run stands.

    Raises:
        NotAllowed: `by` has no business with certification.
    """
    require(by, permissions.LOOK)
    rows = [(*finding_of(item), item.state) for item in _with_findings(run)]
    counts = Counter(found for found, _, _ in rows)
    unseen = counts[None]
    withdrawn = sum(found is None and state == ItemState.WITHDRAWN for found, _, state in rows)
    moved_away = counts[Outcome.MOVED_AWAY.value]
    return AuditSample(
        people=len(rows),
        dead=counts[Outcome.DEAD.value],
        living=counts[Outcome.ALIVE.value] + moved_away,
        moved_away=moved_away,
        not_found=counts[Outcome.NOT_FOUND.value],
        waiting=unseen - withdrawn,
        withdrawn=withdrawn,
        stages=stages(_conclusive(rows)),
        promised=float(run.summary.get("expected_dead_share", 0.0)),
        bound=run.max_dead_share,
    )


def sample_people(by: Actor, run: Run, found: str = "") -> QuerySet[WorkItem]:
    """The people of a sample within somebody's scope, with what was found last.

    Args:
        by: who looks.
        run: whose sample.
        found: an outcome, `WAITING`, or `SEEN` for whoever was found, dead or living; all where empty.

    Raises:
        NotAllowed: `by` has no business with certification.
    """
    require(by, permissions.LOOK)
    rows = _with_findings(run).visible_to(scope_of(by.user), departments_of(run))
    if found == WAITING:
        rows = rows.filter(Q(found=None))
    elif found == SEEN:
        rows = rows.filter(Q(found__in=_SEEN))
    elif found:
        rows = rows.filter(Q(found=found))
    return rows.order_by("region_code", "pk")


def finding_of(item: WorkItem) -> tuple[str | None, date | None]:
    """What was found of one of a sample, and when; nothing for nothing yet."""
    facts = vars(item)
    return facts["found"], facts["found_on"]


def _with_findings(run: Run) -> WorkItemQuerySet:
    """Each with the last visit that found something out, or else the last at all."""
    visits = Visit.objects.filter(item=OuterRef("pk")).order_by("-visited_on", "-pk")
    conclusive = visits.exclude(outcome=Outcome.NOT_FOUND)
    return WorkItem.objects.filter(run=run, kind=ItemKind.AUDIT).annotate(
        found=Coalesce(Subquery(conclusive.values("outcome")[:1]), Subquery(visits.values("outcome")[:1])),
        found_on=Coalesce(Subquery(conclusive.values("visited_on")[:1]), Subquery(visits.values("visited_on")[:1])),
    )


def _conclusive(rows: list[tuple[str | None, date | None, str]]) -> list[tuple[date, bool]]:
    return [
        (day, found == Outcome.DEAD)
        for found, day, _ in rows
        if day is not None and found is not None and found != Outcome.NOT_FOUND
    ]
