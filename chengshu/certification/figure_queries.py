"""Figures that somebody may see: whose, of which county, and where few people are withheld."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Sum, Value, When

from chengshu.accounts.actor import Actor
from chengshu.accounts.permissions import require
from chengshu.certification import permissions, queries
from chengshu.certification.figures import BANDS
from chengshu.certification.figures_kept import KeptBand, KeptCut, KeptFigures, KeptGroup, read_figures
from chengshu.certification.models import Run, Visit
from chengshu.certification.permissions import scope_of
from chengshu.certification.scope import Scope
from chengshu.certification.states import ItemKind, Outcome

LEAST_SHOWN = 5
"""Fewer people than this are withheld from whoever may not see their rows."""


@dataclass(frozen=True)
class Choice:
    """A cut that somebody may look at."""

    kind: str
    code: str
    name: str

    @property
    def key(self) -> str:
        """As an address has it."""
        return f"{self.kind}-{self.code}" if self.code else self.kind


@dataclass(frozen=True)
class ShownGroup:
    """A group of people as a viewer may see it.

    Attributes:
        code: of the group.
        counts: certified, self-check, visit, death recorded; None where it is withheld.
        people: all of them; None where that is withheld.
    """

    code: str
    counts: tuple[int | None, ...]
    people: int | None

    @property
    def silent_rate(self) -> float | None:
        """Certified share; None where anything of the group is withheld, for it would tell what that is."""
        certified = self.counts[0]
        if certified is None or not self.people or None in self.counts:
            return None
        return certified / self.people


@dataclass(frozen=True)
class Figures:
    """The figures of the run in force, for one viewer.

    Attributes:
        run: whose figures.
        kept: all of them, for what is no one's.
        scope: of the viewer.
        choices: the cuts that the viewer may look at.
        chosen: the one that is shown.
    """

    run: Run
    kept: KeptFigures
    scope: Scope
    choices: tuple[Choice, ...]
    chosen: Choice

    @property
    def cut(self) -> KeptCut:
        """What is shown."""
        found = self.kept.cut(self.chosen.kind, self.chosen.code)
        assert found is not None, self.chosen  # noqa: S101 - choices are those that there are
        return found

    @property
    def is_own(self) -> bool:
        """Whether the viewer may see the rows of everybody in it."""
        return self.scope.is_everybody or self.chosen.kind != "city"

    def counties(self) -> list[ShownGroup]:
        """Of the counties in scope; a department's people are its own wherever they live."""
        rows = self.cut.counties
        if not self.is_own:
            rows = tuple(row for row in rows if covers(self.scope, row.code))
        return [shown(row, is_own=True) for row in rows]

    def benefits(self) -> list[ShownGroup]:
        """Of the benefits; those that the viewer's own department pays are its own."""
        mask = self.scope.mask([benefit.department for benefit in self.kept.benefits])
        own = {benefit.code for number, benefit in enumerate(self.kept.benefits) if mask >> number & 1}
        return [shown(row, is_own=self.is_own or row.code in own) for row in self.cut.benefits]

    def ages(self) -> list[ShownGroup]:
        """By age."""
        return [shown(row, is_own=self.is_own) for row in self.cut.ages]

    def sexes(self) -> list[ShownGroup]:
        """By sex."""
        return [shown(row, is_own=self.is_own) for row in self.cut.sexes]

    def total(self) -> ShownGroup:
        """Everybody of the cut."""
        return shown(added(self.cut.ages), is_own=self.is_own)


def figures_in_force(by: Actor, chosen: str = "") -> Figures:
    """The figures of the run in force.

    Args:
        by: the viewer.
        chosen: key of a choice; whatever is none of the viewer's shows the first.

    Raises:
        NotAllowed: `by` has no business with certification.
        Conflict: nothing is in force, or the run has no figures.
    """
    require(by, permissions.LOOK)
    run = queries.run_in_force()
    kept, scope = read_figures(run.folder, run.pk), scope_of(by.user)
    choices = _choices(kept, scope)
    return Figures(run, kept, scope, choices, next((each for each in choices if each.key == chosen), choices[0]))


def covers(scope: Scope, county: str) -> bool:
    """Whether a scope holds everybody of a county: a town's does not."""
    return scope.is_everybody or any(county.startswith(region) for region in scope.regions)


def touches(scope: Scope, county: str) -> bool:
    """Whether feeds of a county matter to a scope: whole counties, towns in them, and departments everywhere."""
    near = any(region.startswith(county) for region in scope.regions)
    return bool(scope.departments) or near or covers(scope, county)


def shown(group: KeptGroup, *, is_own: bool) -> ShownGroup:
    """A group without the counts that could point at somebody, for whoever may not see the rows.

    >>> group = KeptGroup(code="1", certified=97, self_check=3, visit=0, death_recorded=10)
    >>> shown(group, is_own=False).counts
    (97, None, 0, 10)
    """
    counts: Sequence[int] = (group.certified, group.self_check, group.visit, group.death_recorded)
    if is_own:
        return ShownGroup(group.code, tuple(counts), group.people)
    return ShownGroup(group.code, tuple(map(withheld, counts)), withheld(group.people))


def withheld(count: int) -> int | None:
    """A count, or None where it is one to four."""
    return None if 0 < count < LEAST_SHOWN else count


def added(groups: Iterable[KeptGroup]) -> KeptGroup:
    """One group of all."""
    columns = ("certified", "self_check", "visit", "death_recorded")
    rows = list(groups)
    return KeptGroup(code="", **{name: sum(getattr(row, name) for row in rows) for name in columns})


def bands_found(kind: ItemKind, since: date) -> tuple[KeptBand, ...]:
    """What people of one kind of item were given, and who of them a visitor then found alive, by bands of chance.

    Of several visits the last that says alive or dead counts. The whole city's, and sums alone.
    """
    known = Visit.objects.filter(
        outcome__in=[Outcome.ALIVE.value, Outcome.DEAD.value], is_self_check=False, visited_on__gte=since
    )
    # From visits to items: there are many more people to ask than have been asked.
    later = known.filter(item=OuterRef("item")).filter(
        Q(visited_on__gt=OuterRef("visited_on")) | Q(visited_on=OuterRef("visited_on"), pk__gt=OuterRef("pk"))
    )
    rows = (
        known.filter(~Exists(later), item__kind=kind.value)
        .order_by()
        .annotate(band=_band())
        .values("band")
        .annotate(
            people=Count("pk"), dead=Sum("item__p_dead"), alive=Count("pk", filter=Q(outcome=Outcome.ALIVE.value))
        )
        .order_by("band")
    )
    edges = list(pairwise(BANDS))
    return tuple(
        KeptBand(
            p_low=edges[row["band"]][0],
            p_high=edges[row["band"]][1],
            people=row["people"],
            predicted=min(1.0, max(0.0, 1 - row["dead"] / row["people"])),
            alive=row["alive"],
        )
        for row in rows
    )


def _band() -> Case:
    """The band of `BANDS` in which the chance of being alive lies."""
    rungs = [When(item__p_dead__lte=1 - low, then=Value(number)) for number, low in enumerate(BANDS[:-1])]
    return Case(*reversed(rungs), default=Value(0), output_field=IntegerField())


def _choices(kept: KeptFigures, scope: Scope) -> tuple[Choice, ...]:
    counties = [
        Choice("county", cut.code, kept.county_names.get(cut.code, cut.code))
        for cut in kept.cuts
        if cut.kind == "county" and covers(scope, cut.code)
    ]
    names = [cut.code for cut in kept.cuts if cut.kind == "department"]
    mask = scope.mask(names)
    paid = [
        Choice("department", name, name)
        for number, name in enumerate(names)
        if scope.is_everybody or mask >> number & 1
    ]
    city = [Choice("city", "", "")]
    # One's own first.
    return tuple([*city, *counties, *paid] if scope.is_everybody else [*counties, *paid, *city])
