"""Two runs beside each other: how many moved from which decision to which, and who, with both reasons."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

from chengshu.certification.roster import Roster
from chengshu.lake import Engine, open_parquets

NOT_LISTED = "not_listed"
"""The decision on somebody whom a run does not have within the scope."""
_SHOWN = ("name", "id_masked", "region_code", "p_alive", "reason", "reason_en")
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Move:
    """From a decision to another.

    Attributes:
        before: code of the earlier decision, or `NOT_LISTED`.
        after: of the later.
        people: how many went this way.
    """

    before: str
    after: str
    people: int = 0


class Comparison:
    """Two runs over the people of a scope.

    Args:
        earlier: people of the run to compare with.
        later: people of the run in question.
    """

    def __init__(self, earlier: Roster, later: Roster) -> None:
        self._earlier, self._later = earlier, later

    def moves(self) -> list[Move]:
        """Every way that people went, the most frequented first."""
        rows = self._moved.group_by(["before", "after"]).aggregate([([], "count_all")]).to_pylist()
        moves = [Move(row["before"], row["after"], row["count_all"]) for row in rows]
        return sorted(moves, key=lambda move: (-move.people, move.before, move.after))

    def page(self, move: Move | None, *, start: int, length: int) -> list[dict[str, Any]]:
        """Rows [start, start + length) of who moved, and one more where there are others.

        Those for whom asking is worth most come first. Each row has person_key, before, after, and under `was` and
        `now` what the runs say: name, id_masked, region_code, p_alive, reason, reason_en; None for not listed.
        """
        with self._opened() as (engine, before, after):
            return _with_reasons(engine, before, after, self._ordered(move).slice(start, length + 1))

    def rows(self, move: Move | None) -> Iterator[dict[str, Any]]:
        """Everybody who moved, as `page` has them; reasons are fetched for some at a time."""
        found = self._ordered(move)
        with self._opened() as (engine, before, after):
            for start in range(0, found.num_rows, _AT_ONCE):
                yield from _with_reasons(engine, before, after, found.slice(start, _AT_ONCE))

    @cached_property
    def _moved(self) -> pa.Table:
        with self._opened() as (engine, before, after):
            return engine.table(_moved(before, after))

    def _ordered(self, move: Move | None) -> pa.Table:
        rows = self._moved
        if move is not None:
            rows = rows.filter((pc.field("before") == move.before) & (pc.field("after") == move.after))
        return rows.sort_by([("ask_value", "descending"), ("person_key", "ascending")])

    @contextmanager
    def _opened(self) -> Iterator[tuple[Engine, Table, Table]]:
        with open_parquets([self._earlier.path, self._later.path]) as (engine, (before, after)):
            yield engine, self._earlier.in_scope(before), self._later.in_scope(after)


def _moved(before: Table, after: Table) -> Table:
    """Who is decided on otherwise: few columns, for the join is over everybody.

    Grain: person. Columns: person_key, before, after, ask_value, row_before, row_after.
    """
    old = before.select(key=before.person_key, before=before.decision, row_before=before.file_row_number)
    new = after.select("person_key", "ask_value", after=after.decision, row_after=after.file_row_number)
    both = new.outer_join(old, new.person_key == old.key)
    rows = both.select(
        "row_before",
        "row_after",
        person_key=ibis.coalesce(both.person_key, both.key),
        before=both.before.fill_null(NOT_LISTED),
        after=both.after.fill_null(NOT_LISTED),
        ask_value=both.ask_value.fill_null(0.0),
    )
    return rows.filter(rows.before != rows.after)


def _with_reasons(engine: Engine, before: Table, after: Table, found: pa.Table) -> list[dict[str, Any]]:
    was, now = _said(engine, before, found["row_before"]), _said(engine, after, found["row_after"])
    return [
        {
            **{name: row[name] for name in ("person_key", "before", "after")},
            "was": was.get(row["row_before"]),
            "now": now.get(row["row_after"]),
        }
        for row in found.to_pylist()
    ]


def _said(engine: Engine, people: Table, places: pa.ChunkedArray) -> dict[int, dict[str, Any]]:
    """What a run says of the people in some rows of its file: by place, a fifth of the time that keys would take."""
    wanted = places.drop_null().to_pylist()
    if not wanted:
        return {}
    rows = engine.table(people.filter(people.file_row_number.isin(wanted)).select("file_row_number", *_SHOWN))
    return {row.pop("file_row_number"): row for row in rows.to_pylist()}
