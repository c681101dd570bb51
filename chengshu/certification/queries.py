"""Reads across rows of certification; lists of people take a scope."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import require
from chengshu.certification import messages, permissions
from chengshu.certification.dossier import Dossier, read_dossier
from chengshu.certification.items import departments_of, roster_of
from chengshu.certification.models import DisprovedLink, Run, Visit, WorkItem
from chengshu.certification.permissions import scope_of
from chengshu.certification.roster import Roster
from chengshu.certification.run_work import lake_folder, load_to_certify
from chengshu.certification.scope import Scope
from chengshu.certification.states import RunStatus
from chengshu.kernel.masking import name_key
from chengshu.lake import Identity, Load, open_load

_PAST_RUNS, _MOST_VISITS = 6, 50


def runs(by: Actor) -> QuerySet[Run]:
    """All runs, the latest first.

    Raises:
        NotAllowed: `by` has no business with certification.
    """
    require(by, permissions.LOOK)
    return Run.objects.select_related("requested_by", "proposed_by", "published_by")


def proposed_runs() -> QuerySet[Run]:
    """Runs that wait for a second pair of eyes."""
    return Run.objects.filter(status=RunStatus.PROPOSED)


def finished_runs() -> QuerySet[Run]:
    """Finished runs later than the one in force, that nobody has proposed."""
    in_force = Run.objects.filter(is_in_force=True).first()
    finished = Run.objects.filter(status=RunStatus.FINISHED)
    return finished.filter(pk__gt=in_force.pk) if in_force else finished


def run_in_force() -> Run:
    """The run whose decisions hold.

    Raises:
        Conflict: `certification.nothing-in-force`.
    """
    run = Run.objects.filter(is_in_force=True).first()
    if run is None:
        raise messages.nothing_published()
    return run


def load_of(run: Run) -> Load:
    """The load of the lake that a run certified."""
    return open_load(lake_folder(), load_id=run.load_id)


def roster_in_force(by: Actor) -> tuple[Run, Roster]:
    """The run in force, and its people within somebody's scope.

    Raises:
        NotAllowed: `by` has no business with people.
        Conflict: nothing is in force.
    """
    require(by, permissions.LOOK)
    run = run_in_force()
    return run, roster_of(run, scope_of(by.user))


def departments_in_force() -> list[str]:
    """Departments of the run in force; none where there is none."""
    run = Run.objects.filter(is_in_force=True).first()
    return departments_of(run) if run else []


def people_named(scope: Scope, query: str, *, most: int) -> list[dict[str, Any]]:
    """People of the run in force by two signs or more of their name; nobody where nothing is in force."""
    run = Run.objects.filter(is_in_force=True).first()
    text = "".join(query.split())
    if run is None or scope.is_empty or len(text) < 2:
        return []
    secret = load_of(run).name_secret()
    return roster_of(run, scope).named(name_key(text[:2], secret), name_key(text[-2:], secret), most=most)


@dataclass(frozen=True)
class PersonFound:
    """One person of the run in force, within somebody's scope.

    Attributes:
        run: in force.
        row: of people.parquet, masked.
        visits: recorded on the site, the latest first.
        past: earlier published runs with what each decided, the latest first.
        disproved: records that were taken for theirs and are not.
        items: open and closed work items.
    """

    run: Run
    row: dict[str, Any]
    visits: list[Visit]
    past: list[tuple[Run, dict[str, Any]]]
    disproved: list[DisprovedLink]
    items: list[WorkItem]

    def dossier(self) -> Dossier:
        """What the lake and the model know."""
        recorded = [(visit.visited_on, visit.outcome) for visit in self.visits if visit.visited_on <= self.run.as_of]
        return read_dossier(self.run, load_to_certify(self.run), self.row, recorded)


def person(by: Actor, person_key: int) -> PersonFound:
    """One person.

    Raises:
        NotAllowed: there is no such person within `by`'s scope.
        Conflict: nothing is in force.
    """
    run, roster = roster_in_force(by)
    row = roster.person(person_key)
    if row is None:
        raise messages.stranger()
    earlier = Run.objects.filter(status=RunStatus.PUBLISHED).exclude(pk=run.pk)[:_PAST_RUNS]
    everybody = Scope(is_everybody=True)  # the person is in scope, whatever an earlier run said of where they lived
    past = [(other, was) for other in earlier if (was := roster_of(other, everybody).person(person_key)) is not None]
    return PersonFound(
        run,
        row,
        list(Visit.objects.filter(person_key=person_key).select_related("recorded_by")[:_MOST_VISITS]),
        past,
        list(DisprovedLink.objects.filter(person_key=person_key)[:_MOST_VISITS]),
        list(WorkItem.objects.filter(person_key=person_key).order_by("-pk")[:_MOST_VISITS]),
    )


@transaction.atomic
def identity(by: Actor, found: PersonFound) -> Identity:
    """Who somebody is, in full; the purpose goes on record before anything is shown.

    Raises:
        NotAllowed: the lake knows nobody of this key.
    """
    key = int(found.row["person_key"])
    audit(by, "certification.unmask", found.run, person=key)
    known = load_of(found.run).identities_of([key])
    if key not in known:
        raise messages.stranger()
    return known[key]
