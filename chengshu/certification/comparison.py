"""Two runs beside each other: how many moved from which decision to which, and the first of them by name."""

from dataclasses import dataclass
from typing import Any

from ibis.expr.types import Table

from chengshu.certification.figures import STAGE_NAMES
from chengshu.certification.items import roster_of
from chengshu.certification.models import Run
from chengshu.certification.scope import Scope
from chengshu.certification.states import DECISION_NAMES
from chengshu.kernel.texts import Text

MOST_SHOWN = 200
_NONE = Text("不在名单", "not listed")


@dataclass(frozen=True)
class Comparison:
    """What two runs decided otherwise.

    Attributes:
        moves: decision before, decision after, people; the most first.
        people: those who moved, with both chances and both reasons.
    """

    moves: list[tuple[Text, Text, int]]
    people: list[dict[str, Any]]


def stage_name(stage: str) -> Text | None:
    """A stage of a run as it is read."""
    return STAGE_NAMES.get(stage)


def compare(earlier: Run, later: Run, scope: Scope) -> Comparison:
    """Compare two runs over the people of a scope."""
    columns = ("person_key", "name", "id_masked", "region_code", "decision", "p_alive", "reason", "reason_en")
    before = {
        row["person_key"]: row
        for row in roster_of(earlier, scope).query(lambda people: _narrow(people, columns)).to_pylist()
    }
    counts: dict[tuple[str, str], int] = {}
    moved: list[dict[str, Any]] = []
    for row in roster_of(later, scope).query(lambda people: _narrow(people, columns)).to_pylist():
        was = before.pop(row["person_key"], None)
        if was is not None and was["decision"] == row["decision"]:
            continue
        move = (was["decision"] if was else "", row["decision"])
        counts[move] = counts.get(move, 0) + 1
        if len(moved) < MOST_SHOWN:
            moved.append({**row, "was": was, "names": (_name(move[0]), _name(move[1]))})
    for row in before.values():
        move = (row["decision"], "")
        counts[move] = counts.get(move, 0) + 1
    moves = sorted(counts.items(), key=lambda item: -item[1])
    return Comparison([(_name(a), _name(b), number) for (a, b), number in moves], moved)


def _narrow(people: Table, columns: tuple[str, ...]) -> Table:
    return people.select(*columns)


def _name(decision: str) -> Text:
    return DECISION_NAMES.get(decision, _NONE)
