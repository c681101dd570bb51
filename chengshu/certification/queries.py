"""Reads across rows of certification; lists of people take a scope."""

from typing import Any

from django.db.models import QuerySet

from chengshu.accounts.actor import Actor
from chengshu.accounts.permissions import require
from chengshu.certification import messages, permissions
from chengshu.certification.items import departments_of, roster_of
from chengshu.certification.models import Run
from chengshu.certification.permissions import scope_of
from chengshu.certification.roster import Roster
from chengshu.certification.run_work import lake_folder
from chengshu.certification.scope import Scope
from chengshu.certification.states import RunStatus
from chengshu.kernel.masking import name_key
from chengshu.lake import Load, open_load


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
