"""The people of a run as lists show them, masked and within a scope: read from people.parquet, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import BooleanValue, Table

from chengshu.certification.scope import Scope
from chengshu.lake import open_parquet

LISTED = (
    "person_key",
    "name",
    "id_masked",
    "region_code",
    "sex",
    "age",
    "decision",
    "p_alive",
    "monthly_yuan",
    "ask_value",
    "last_event_on",
    "benefits",
)
ORDERS = {"value": ("ask_value", True), "doubt": ("p_alive", False), "money": ("monthly_yuan", True)}
_EXPORTED_AT_ONCE = 50_000


@dataclass(frozen=True)
class Question:
    """What narrows a list of people.

    Attributes:
        decision: code of a decision; all where empty.
        region: code; people in it and below.
        sex: 1, 2, or 0 for both.
        age_from: youngest age.
        age_to: oldest age.
        p_from: least chance of being alive.
        p_to: greatest.
        order: of `ORDERS`.
        benefit_bits: people with any of these benefits, a bit each; all where 0.
        department_bits: people whom any of these departments pays; all where 0.
    """

    decision: str = ""
    region: str = ""
    sex: int = 0
    age_from: int | None = None
    age_to: int | None = None
    p_from: float | None = None
    p_to: float | None = None
    order: str = "value"
    benefit_bits: int = 0
    department_bits: int = 0


class Roster:
    """The people of one run within a scope.

    Args:
        path: of people.parquet.
        scope: whose rows may be seen; an empty one sees nobody.
        departments: of the run, in order of their bits.
    """

    def __init__(self, path: Path, scope: Scope, departments: list[str]) -> None:
        self._path, self._scope, self._departments = path, scope, departments

    def page(self, question: Question, *, start: int, length: int) -> list[dict[str, Any]]:
        """Rows [start, start + length) of a list; one more than asked for tells that there are others."""
        with open_parquet(self._path) as (engine, people):
            rows = self._ordered(people, question).select(*LISTED).limit(length + 1, offset=start)
            return list(engine.table(rows).to_pylist())

    def count(self, question: Question) -> int:
        """How many there are."""
        with open_parquet(self._path) as (engine, people):
            found = engine.table(self._asked(people, question).count().name("n").as_table())
            return int(found["n"][0].as_py())

    def rows(self, question: Question) -> Iterator[dict[str, Any]]:
        """All rows of a list with its columns, in constant memory."""
        return self._drawn(question, LISTED)

    def full_rows(self, question: Question) -> Iterator[dict[str, Any]]:
        """All rows of a list with all columns, in constant memory."""
        return self._drawn(question, None)

    def keys(self, question: Question) -> list[int]:
        """The keys of all people of a list."""
        with open_parquet(self._path) as (engine, people):
            rows = self._asked(people, question).select("person_key")
            return list(engine.table(rows)["person_key"].to_pylist())

    def _drawn(self, question: Question, columns: tuple[str, ...] | None) -> Iterator[dict[str, Any]]:
        with open_parquet(self._path) as (engine, people):
            rows = self._ordered(people, question)
            chosen = rows.select(*columns) if columns else rows
            # One result, kept by the engine and handed over in pieces: pages by offset would sort it again for each.
            for batch in engine.table(chosen).to_batches(max_chunksize=_EXPORTED_AT_ONCE):
                yield from batch.to_pylist()

    def person(self, person_key: int) -> dict[str, Any] | None:
        """All that is known of one person; None for a stranger to the scope."""
        with open_parquet(self._path) as (engine, people):
            rows = engine.table(self.in_scope(people).filter(people.person_key == person_key)).to_pylist()
        return rows[0] if rows else None

    def people(self, keys: list[int]) -> dict[int, dict[str, Any]]:
        """Some people by their keys, without those outside of the scope."""
        if not keys:
            return {}
        with open_parquet(self._path) as (engine, people):
            rows = engine.table(self.in_scope(people).filter(people.person_key.isin(keys))).to_pylist()
        return {row["person_key"]: row for row in rows}

    def named(self, first: int, last: int, *, most: int) -> list[dict[str, Any]]:
        """People whose name begins or ends with two signs, given as the keyed hashes of its first and last two."""
        with open_parquet(self._path) as (engine, people):
            own = self.in_scope(people)
            fits = (own.name_key_1 == first) & (own.name_key_2 == last)
            if first == last:
                fits = (own.name_key_1 == first) | (own.name_key_2 == first)
            return list(engine.table(own.filter(fits).select(*LISTED).limit(most)).to_pylist())

    def query(self, expr: Any) -> pa.Table:
        """An expression of the scoped rows, given as a function of them."""
        with open_parquet(self._path) as (engine, people):
            return engine.table(expr(self.in_scope(people)))

    @property
    def path(self) -> Path:
        """Of people.parquet."""
        return self._path

    def in_scope(self, people: Table) -> Table:
        """Of rows of people.parquet, those of the scope."""
        scope = self._scope
        if scope.is_everybody:
            return people
        allowed: list[BooleanValue] = [people.region_code.startswith(region) for region in scope.regions]
        if mask := scope.mask(self._departments):
            allowed.append((people.departments & mask) != 0)
        return people.filter(reduce(or_, allowed) if allowed else ibis.literal(False))

    def _asked(self, people: Table, question: Question) -> Table:
        rows = self.in_scope(people)
        conditions = {
            "decision": lambda value: rows.decision == value,
            "region": rows.region_code.startswith,
            "sex": lambda value: rows.sex == value,
            "benefit_bits": lambda value: (rows.benefit_bits & value) != 0,
            "department_bits": lambda value: (rows.departments & value) != 0,
        }
        for name, condition in conditions.items():
            if value := getattr(question, name):
                rows = rows.filter(condition(value))
        for column, least, most in (
            ("age", question.age_from, question.age_to),
            ("p_alive", question.p_from, question.p_to),
        ):
            if least is not None:
                rows = rows.filter(rows[column] >= least)
            if most is not None:
                rows = rows.filter(rows[column] <= most)
        return rows

    def _ordered(self, people: Table, question: Question) -> Table:
        column, is_descending = ORDERS.get(question.order, ORDERS["value"])
        rows = self._asked(people, question)
        return rows.order_by(ibis.desc(column) if is_descending else ibis.asc(column), "person_key")
