"""Gathering of the smaller resources: sources, benefits, entitlements, deaths, visits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.kernel.counting import argsort_spread
from chengshu.kernel.texts import Text
from chengshu.lake import load_warnings
from chengshu.lake.checks import Days, ReadContext, Rows, set_aside_in
from chengshu.lake.events import People
from chengshu.lake.person_index import UNKNOWN
from chengshu.lake.readers import TableFile
from chengshu.lake.resources import BENEFITS, DEATHS, ENTITLEMENTS, OUTCOMES, SOURCES, VISITS, Column

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
Check = Callable[[Rows], None]

_BENEFIT_ASIDE, _PERSON_ASIDE = "benefit-set-aside", "person-set-aside"
_DAY_BITS = 17
_FIRST_DAY = (date(1900, 1, 1) - date(1970, 1, 1)).days

BENEFITS_SCHEMA = pa.schema(
    [
        ("benefit_code", pa.string()),
        ("name", pa.string()),
        ("department", pa.string()),
        ("monthly_amount", pa.float64()),
        ("needs_survival", pa.bool_()),
        ("cycle_months", pa.int32()),
    ]
)
ENTITLEMENTS_SCHEMA = pa.schema(
    [
        ("person_key", pa.int64()),
        ("benefit_code", pa.string()),
        ("started_on", pa.date32()),
        ("ended_on", pa.date32()),
        ("monthly_amount", pa.float64()),
    ]
)
DEATHS_SCHEMA = pa.schema(
    [
        ("person_key", pa.int64()),
        ("died_on", pa.date32()),
        ("recorded_on", pa.date32()),
        ("record_source", pa.string()),
    ]
)
VISITS_SCHEMA = pa.schema(
    [
        ("person_key", pa.int64()),
        ("visited_on", pa.date32()),
        ("outcome", pa.string()),
        ("visitor", pa.string()),
        ("note", pa.string()),
    ]
)


@dataclass(frozen=True)
class Gathering:
    """What every one of these resources needs."""

    context: ReadContext
    days: Days


MOST_YUAN_A_MONTH = 1e8
MOST_CYCLE_MONTHS = 1200


class Listed(NamedTuple):
    """A short list: one row per code, in the order of the file; and the codes that stand on no usable row."""

    table: pa.Table
    lost: list[str]


def gather_sources(work: Gathering, files: list[TableFile]) -> Listed:
    """source_code, name, department; in the order of the file, which numbers them."""
    return _gather_list(work, files, SOURCES, "source_code")


def gather_benefits(work: Gathering, files: list[TableFile]) -> Listed:
    """Benefits by `BENEFITS_SCHEMA`, in the order of the file."""
    table, lost = _gather_list(work, files, BENEFITS, "benefit_code", check=_check_benefits)
    months = table.column("cycle_months").cast(pa.int32(), safe=False)
    place = table.schema.get_field_index("cycle_months")
    table = table.set_column(place, "cycle_months", months).select(BENEFITS_SCHEMA.names).cast(BENEFITS_SCHEMA)
    return Listed(table, lost)


def _check_benefits(rows: Rows) -> None:
    _check_amounts(rows)
    cycle = rows.numbers("cycle_months")
    needs = np.asarray(rows.texts("needs_survival").fill_null(True))
    # A benefit that needs no survival has no cycle: 0 stands for none there.
    is_whole = (cycle >= needs) & (cycle <= MOST_CYCLE_MONTHS) & (cycle == np.floor(cycle))
    rows.set_aside(~is_whole, "cycle_months", "bad-cycle")


def _check_amounts(rows: Rows) -> None:
    """Amounts below 0; and what a file may hold in their place, as `nan` and `inf`, which read as numbers."""
    amount = rows.numbers("monthly_amount")
    rows.set_aside(amount < 0, "monthly_amount", "negative-amount")
    rows.set_aside(~(amount <= MOST_YUAN_A_MONTH), "monthly_amount", "bad-amount")


def _gather_list(
    work: Gathering,
    files: list[TableFile],
    columns: tuple[Column, ...],
    key: str,
    *,
    check: Check | None = None,
) -> Listed:
    """A short list with one row per key."""
    parts: list[Rows] = []
    seen: set[str] = set()
    met: list[str | None] = []
    for rows in work.context.tables(files, columns):
        rows.check_values(columns)
        if check is not None:
            check(rows)
        codes = rows.texts(key).to_pylist()
        repeats = np.zeros(len(rows), np.bool_)
        for place in np.flatnonzero(rows.stands):
            repeats[place] = codes[place] in seen
            seen.add(codes[place])
        met += codes
        rows.set_aside(repeats, key, "duplicate-key")
        work.context.report(rows)
        parts.append(rows)
    names = [column.name for column in columns]
    tables = [rows.table.select(names).filter(pa.array(rows.stands)) for rows in parts]
    empty = pa.table({column.name: pa.array([], pa.string()) for column in columns})
    lost = [code for code in dict.fromkeys(met) if code is not None and code not in seen]
    return Listed(pa.concat_tables(tables) if tables else empty, lost)


def gather_entitlements(work: Gathering, files: list[TableFile], people: People, benefits: Listed) -> pa.Table:
    """Who draws what: by `ENTITLEMENTS_SCHEMA`, ordered by person, benefit (as listed) and start."""
    parts: list[Rows] = []
    words: list[Int64Array] = []
    ranks: list[Int32Array] = []
    known, lost = benefits.table.column("benefit_code").combine_chunks(), pa.array(benefits.lost, pa.string())
    for rows in work.context.tables(files, ENTITLEMENTS):
        rows.check_values(ENTITLEMENTS)
        found = people.index.find(rows.texts("id_number"))
        rank = found.rank
        # Who is not known yet draws nothing yet, as a child born after the as-of date.
        rows.set_aside_later("started_on", "after-as-of", work.days, among=rank == UNKNOWN)
        rows.note_people(found, people.aside)
        benefit = pc.index_in(rows.texts("benefit_code"), known).fill_null(-1).to_numpy()
        rows.set_aside(np.asarray(pc.is_in(rows.texts("benefit_code"), lost)), "benefit_code", _BENEFIT_ASIDE)
        rows.set_aside(benefit < 0, "benefit_code", "unknown-benefit")
        _check_amounts(rows)
        ended, started = rows.days("ended_on"), rows.days("started_on")
        has_end = ~np.asarray(rows.texts("ended_on").is_null())
        rows.set_aside(has_end & (ended < started), "ended_on", "ended-before-started")
        rows.set_aside(started < people.born.take(rank, mode="clip"), "started_on", "before-birth")
        parts.append(rows)
        ranks.append(rank)
        words.append(_entitlement_words(rank, benefit, started, len(known)))
    order = _set_aside_repeats(parts, words, "benefit_code")
    work.context.notes += _left_out(work.context, parts, ranks)
    return _in_order(work.context, parts, ranks, people, ENTITLEMENTS_SCHEMA, order)


def _left_out(context: ReadContext, parts: list[Rows], ranks: list[Int32Array]) -> Iterator[Text]:
    """How many get no decision because a row of a smaller table, on which theirs rest, was set aside."""
    rows_of = {code: [rows.aside_for(code) for rows in parts] for code in (_PERSON_ASIDE, _BENEFIT_ASIDE)}
    count = {code: sum(len(places) for places in found) for code, found in rows_of.items()}
    if aside := context.log.count_of("residents", but="duplicate-resident") - context.later.get("residents", 0):
        yield load_warnings.RESIDENTS_ASIDE.format(rows=aside, entitlements=count[_PERSON_ASIDE])
    if aside := context.log.count_of("benefits", but="duplicate-key"):
        found = [rank[places] for rank, places in zip(ranks, rows_of[_BENEFIT_ASIDE], strict=True)]
        people = len(np.unique(np.concatenate([np.zeros(0, np.int32), *found])))
        yield load_warnings.BENEFITS_ASIDE.format(rows=aside, entitlements=count[_BENEFIT_ASIDE], people=people)


def _entitlement_words(rank: Int32Array, benefit: Int32Array, started: Int32Array, benefits: int) -> Int64Array:
    """(n,) person, benefit and start in one word that sorts like the three."""
    word = rank.astype(np.int64) * (benefits + 1) + benefit
    return (word << _DAY_BITS) | np.clip(started - _FIRST_DAY, 0, (1 << _DAY_BITS) - 1)


def gather_deaths(work: Gathering, files: list[TableFile], people: People) -> pa.Table:
    """Death records, at most one per person, the earliest recorded: by `DEATHS_SCHEMA`, ordered by person."""
    parts, ranks = [], []
    for rows in work.context.tables(files, DEATHS):
        rows.check_values(DEATHS)
        rows.set_aside_later("recorded_on", "not-yet-known", work.days)
        rank = rows.find_people(people.index, people.aside)
        died, recorded = rows.days("died_on"), rows.days("recorded_on")
        rows.set_aside(died > recorded, "died_on", "died-after-recorded")
        rows.set_aside(died < people.born.take(rank, mode="clip"), "died_on", "before-birth")
        parts.append(rows)
        ranks.append(rank)
    _keep_earliest(parts, ranks)
    return _in_order(work.context, parts, ranks, people, DEATHS_SCHEMA, _order(parts, ranks, "recorded_on"))


def _keep_earliest(parts: list[Rows], ranks: list[Int32Array]) -> None:
    """Of a person's records keep the one recorded first; of equals, the first row."""
    if not parts:
        return
    rank = np.concatenate(ranks)
    recorded = np.concatenate([rows.days("recorded_on") for rows in parts])
    died = np.concatenate([rows.days("died_on") for rows in parts])
    stands = np.concatenate([rows.stands for rows in parts])
    rank = np.where(stands, rank, -1 - np.arange(len(rank)))  # rows already set aside are nobody's second
    order = np.lexsort((np.arange(len(rank)), recorded, rank))
    starts = np.concatenate([[True], rank[order][1:] != rank[order][:-1]])
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    is_later = first != np.arange(len(rank))
    is_same = (recorded == recorded[first]) & (died == died[first])
    set_aside_in(parts, is_later & is_same, "id_number", "duplicate-key")
    set_aside_in(parts, is_later, "recorded_on", "other-death-record")


def gather_visits(work: Gathering, files: list[TableFile], people: People) -> pa.Table:
    """Visits paid: by `VISITS_SCHEMA`, ordered by person and day."""
    parts, ranks = [], []
    outcomes = pa.array(OUTCOMES)
    for rows in work.context.tables(files, VISITS):
        rows.check_values(VISITS)
        rows.set_aside_later("visited_on", "after-as-of", work.days)
        rank = rows.find_people(people.index, people.aside)
        day = rows.days("visited_on")
        rows.set_aside(day < people.born.take(rank, mode="clip"), "visited_on", "before-birth")
        rows.set_aside(~np.asarray(pc.is_in(rows.texts("outcome"), outcomes)), "outcome", "unknown-outcome")
        parts.append(rows)
        ranks.append(rank)
    return _in_order(work.context, parts, ranks, people, VISITS_SCHEMA, _order(parts, ranks, "visited_on"))


def _set_aside_repeats(parts: list[Rows], words: list[Int64Array], field: str) -> Int64Array:
    """Set aside rows that repeat an earlier row's word; returns the others in the order of their words."""
    if not parts:
        return np.zeros(0, np.int64)
    standing = np.flatnonzero(np.concatenate([rows.stands for rows in parts]))
    word = np.concatenate(words)[standing]
    order = argsort_spread(word)  # of equals, the first row comes first
    ordered = word[order]
    is_repeat = np.concatenate([np.zeros(min(1, len(order)), np.bool_), ordered[1:] == ordered[:-1]])
    repeats = np.zeros(sum(len(rows) for rows in parts), np.bool_)
    repeats[standing[order[is_repeat]]] = True
    set_aside_in(parts, repeats, field, "duplicate-key")
    return np.asarray(standing[order[~is_repeat]])


def _order(parts: list[Rows], ranks: list[Int32Array], day: str) -> Int64Array:
    """The rows that stand, ordered by person and then by a day; of equals, by row."""
    if not parts:
        return np.zeros(0, np.int64)
    standing = np.flatnonzero(np.concatenate([rows.stands for rows in parts]))
    days = np.concatenate([rows.days(day) for rows in parts])[standing]
    return np.asarray(standing[np.lexsort((days, np.concatenate(ranks)[standing]))])


def _in_order(
    context: ReadContext,
    parts: list[Rows],
    ranks: list[Int32Array],
    people: People,
    schema: pa.Schema,
    order: Int64Array,
) -> pa.Table:
    """The rows chosen, with their person_key instead of their ID number."""
    for rows in parts:
        context.report(rows)
    if not parts:
        return schema.empty_table()
    names = schema.names[1:]
    whole = pa.concat_tables(pa.table({name: rows.texts(name) for name in names}) for rows in parts)
    keys = people.keys.take(np.concatenate(ranks)[order])
    chosen = whole.combine_chunks().take(pa.array(order))
    return pa.table([pa.array(keys), *chosen.columns], names=schema.names).cast(schema)
