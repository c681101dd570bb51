"""From a published run to whom to ask, and to the random sample that tests its promise."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

from chengshu.certification.models import Run, WorkItem
from chengshu.certification.roster import Question, Roster
from chengshu.certification.scope import Scope
from chengshu.certification.states import ItemKind, ItemState

AUDIT_PEOPLE = 300
"""Drawn from the certified of each published run: none dead among them bounds the share by 1% (95%)."""
_AT_ONCE = 2000
NOBODY_YET: Mapping[tuple[str, int], datetime] = {}
_ASKED = {"visit": ItemKind.VISIT, "self_check": ItemKind.SELF_CHECK}


def roster_of(run: Run, scope: Scope) -> Roster:
    """The people of a run within a scope."""
    return Roster(run.folder / "people.parquet", scope, departments_of(run))


def departments_of(run: Run) -> list[str]:
    """Names of the departments whose benefits a run decides on, in order of their bits."""
    return list(run.summary.get("departments", []))


def benefits_of(run: Run) -> list[dict[str, str]]:
    """Code, name and department of a run's benefits, in order of their bits; none for a run that kept none."""
    return list(run.summary.get("benefits", []))


def open_items(run: Run, now: datetime) -> int:
    """Open an item for everybody who is to be asked; those of earlier runs that nobody has dealt with are withdrawn.

    Returns:
        How many were opened.
    """
    earlier = WorkItem.objects.filter(state=ItemState.OPEN, kind__in=[kind.value for kind in _ASKED.values()])
    earlier = earlier.exclude(run=run)
    # Whoever still waits has waited since they were first to be asked.
    since = {(kind, key): at for kind, key, at in earlier.values_list("kind", "person_key", "opened_at").iterator()}
    earlier.update(state=ItemState.WITHDRAWN.value, closed_at=now)
    everybody, opened = roster_of(run, Scope(is_everybody=True)), 0
    for decision, kind in _ASKED.items():
        rows = everybody.full_rows(Question(decision=decision))
        opened += _open(run, kind, rows, now, since)
    return opened


def draw_audit(run: Run, now: datetime, people: int = AUDIT_PEOPLE) -> int:
    """Draw certified people at random for a visit; each certified person has the same chance.

    Returns:
        How many were drawn.
    """
    everybody = roster_of(run, Scope(is_everybody=True))
    WorkItem.objects.filter(state=ItemState.OPEN, kind=ItemKind.AUDIT).exclude(run=run).update(
        state=ItemState.WITHDRAWN.value, closed_at=now
    )
    keys = sorted(everybody.keys(Question(decision="certified")))
    # By the run, so that the draw can be checked later; nobody chooses it.
    chosen = Random(f"{run.pk}:{run.seed}:{run.load_id}").sample(keys, min(people, len(keys)))  # noqa: S311
    return _open(run, ItemKind.AUDIT, everybody.people(chosen).values(), now)


def _open(
    run: Run,
    kind: ItemKind,
    rows: Iterable[dict[str, Any]],
    now: datetime,
    since: Mapping[tuple[str, int], datetime] = NOBODY_YET,
) -> int:
    count = 0
    waiting = iter(rows)
    while some := list(islice(waiting, _AT_ONCE)):
        WorkItem.objects.bulk_create(
            [_item(run, kind, row, since.get((kind.value, row["person_key"]), now)) for row in some]
        )
        count += len(some)
    return count


def _item(run: Run, kind: ItemKind, row: dict[str, Any], now: datetime) -> WorkItem:
    return WorkItem(
        run=run,
        kind=kind.value,
        person_key=row["person_key"],
        region_code=row["region_code"],
        departments=row["departments"],
        name=row["name"],
        age=row["age"],
        value=row["ask_value"],
        p_dead=row["p_dead"],
        monthly_yuan=row["monthly_yuan"],
        reason_zh=row["reason"],
        reason_en=row["reason_en"],
        opened_at=now,
    )
