"""What a Spark worker does with one range of people: rows in, rows out, around the arrays that this process uses too.

Sent by name, so that workers need chengshu, NumPy, SciPy and PyArrow; neither the lake nor a query engine is imported.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from threadpoolctl import threadpool_limits

from chengshu.certification.packed import by_county, in_order, pack, people_seen, pick, places_of, totals_of
from chengshu.certification.ranges import LAST, POSTERIOR, Answers, empty_answers, judge_range
from chengshu.certification.window import Window
from chengshu.survival.evidence import NO_RECORD, People, Visits
from chengshu.survival.parameters import Parameters
from chengshu.survival.posterior import AHEAD_MONTHS, Posterior

_FACTS = ("county", "stratum", "sex", "age_months", "risk")
TOTAL, SEEN = -1, -2
"""Kinds of what is taken from the counts, beside the numbers of the choices."""
TAKEN = pa.schema([("kind", pa.int8()), ("word", pa.int64()), ("events", pa.int64())])


def people_rows(start: int, people: People) -> dict[str, npt.NDArray[np.generic]]:
    """Columns by which a worker knows people, the first of them at position ``start`` of the load."""
    number = np.arange(start, start + len(people), dtype=np.int32)
    return {"person_no": number} | {name: getattr(people, name) for name in _FACTS}


def take_counts(people: pa.Table, counts: pa.Table, *, shape: tuple[int, int, int], choices: int) -> pa.Table:
    """What the fitting needs of a range's counts.

    Args:
        people: person_no, county and, for each choice, the person's place in it as choice_0 and so on, -1 for none.
        counts: person_no, cell, events, last_day of the same people.
        shape: counties, sources, months.
        choices: how many there are.

    Returns:
        TAKEN: the events of each county, source and month (kind TOTAL, their place in the shape), the people seen by
        each source (kind SEEN, number of the source), and packed cells (kind the number of the choice, no events).
    """
    people = people.sort_by("person_no")
    county = people["county"].to_numpy()
    order, packed = by_county(county), _packed(people, counts)
    totals = totals_of(packed, county[order], shape).ravel()
    taken = [_taken(TOTAL, np.flatnonzero(totals), totals[totals > 0])]
    seen = people_seen(packed, len(county))
    taken.append(_taken(SEEN, np.arange(len(seen)), seen))
    for number in range(choices):
        cells = pick(packed, people[f"choice_{number}"].to_numpy()[order])
        taken.append(_taken(number, cells, np.zeros(len(cells))))
    return pa.concat_tables(taken)


def judge_counts(
    people: pa.Table, counts: pa.Table, *, visits: Visits, first: int, model: Parameters, window: Window
) -> pa.Table:
    """The model's answers for the people of a range.

    Args:
        people: ``people_rows``.
        counts: person_no, cell, events, last_day of the same people.
        visits: people counted from ``first``.
        first: person_no of the first who is counted.
        model: fitted.
        window: the months watched.

    Returns:
        ``answers_schema``: one row per person.
    """
    # For the worker's whole life: ranges that share a process would undo each other's bounds.
    threadpool_limits(1)
    people = people.sort_by("person_no")
    number = people["person_no"].to_numpy()
    order = by_county(people["county"].to_numpy())
    own = visits.of_people(number[order] - first)
    answers = judge_range(_packed(people, counts), _people(people).take(order), own, model, window)
    return answer_rows(number[order], answers)


def _packed(people: pa.Table, counts: pa.Table) -> npt.NDArray[np.int64]:
    """Sorted packed cells of a range; people ascending by person_no, without gaps."""
    number = people["person_no"].to_numpy()
    places = places_of(by_county(people["county"].to_numpy()), len(people))
    person = places[counts["person_no"].to_numpy() - number[0]]
    cell, events, day = (counts[name].to_numpy() for name in ("cell", "events", "last_day"))
    return in_order(pack(person, cell, events, day), len(number))


def _people(rows: pa.Table) -> People:
    none = np.full(len(rows), NO_RECORD, dtype=np.int16)
    facts = {name: rows[name].to_numpy() for name in _FACTS}
    return People(**facts, death_month=none, record_month=none)


def _taken(kind: int, word: npt.NDArray[np.int64], events: npt.NDArray[np.number]) -> pa.Table:
    columns = [np.full(len(word), kind, dtype=np.int8), word, events.astype(np.int64)]
    return pa.table(columns, schema=TAKEN)


def answers_schema() -> pa.Schema:
    """person_no, and a column for each array of ``Answers``."""
    return answer_rows(np.zeros(0, dtype=np.int32), empty_answers(0)).schema


def answer_rows(person_no: npt.NDArray[np.int32], answers: Answers) -> pa.Table:
    """Answers as rows."""
    columns = {"person_no": person_no} | {name: getattr(answers.posterior, name) for name in POSTERIOR}
    columns |= {name: getattr(answers, name) for name in LAST}
    ahead = columns["p_dead_ahead"]
    offsets = np.arange(len(ahead) + 1, dtype=np.int32) * AHEAD_MONTHS
    lists = pa.ListArray.from_arrays(offsets, ahead.ravel())
    return pa.table({name: lists if column is ahead else column for name, column in columns.items()})


def answers_of(rows: pa.Table) -> Answers:
    """Answers from ``answer_rows``, in the order of the rows."""
    ahead = rows["p_dead_ahead"].combine_chunks().flatten().to_numpy().reshape(-1, AHEAD_MONTHS)
    found = {name: rows[name].to_numpy() for name in POSTERIOR if name != "p_dead_ahead"}
    return Answers(Posterior(**found, p_dead_ahead=ahead), **{name: rows[name].to_numpy() for name in LAST})
