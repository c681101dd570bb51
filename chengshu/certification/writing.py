"""decisions.parquet: one row per person and benefit, in order of ID number."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from chengshu.certification.counts import Counted
from chengshu.certification.domain import Decision, Found
from chengshu.certification.outcome import Outcome
from chengshu.certification.population import NO_VISIT, Population
from chengshu.certification.ranges import Answers
from chengshu.certification.reasons import Facts, sentences
from chengshu.certification.window import Window

PEOPLE_PER_CHUNK = 200_000
SCHEMA = pa.schema(
    [
        ("id_number", pa.string()),
        ("benefit_code", pa.dictionary(pa.int16(), pa.string())),
        ("decision", pa.dictionary(pa.int8(), pa.string())),
        ("p_alive", pa.float64()),
        ("p_away", pa.float64()),
        ("p_dead", pa.float64()),
        ("valid_until", pa.date32()),
        ("last_event_on", pa.date32()),
        ("last_event_source", pa.dictionary(pa.int8(), pa.string())),
        ("ask_value", pa.float32()),
        ("reason", pa.string()),
        ("reason_en", pa.string()),
    ]
)
_DICTIONARIES = ["benefit_code", "decision", "last_event_source"]


@dataclass(frozen=True)
class Certified:
    """All that the rows are made of; arrays are in order of person_key.

    Attributes:
        population: everybody.
        answers: of the model.
        outcome: the decisions.
        window: the months watched.
        id_numbers: (people,) ID numbers.
        sources: of the load, by number.
        deaths: of the load, ascending by person_key.
        counted: what was taken from everybody's counts.
    """

    population: Population
    answers: Answers
    outcome: Outcome
    window: Window
    id_numbers: pa.StringArray
    sources: pa.Table
    deaths: pa.Table
    counted: Counted


def write_decisions(
    path: Path,
    all_of: Certified,
    order: npt.NDArray[np.int64],
    progress: Callable[[float], None],
    *,
    threads: int,
) -> int:
    """Write the decisions.

    Args:
        path: of decisions.parquet.
        all_of: what the rows are made of.
        order: (people,) positions in order of ID number.
        progress: told the share done.
        threads: chunks made ready at once.

    Returns:
        Rows written.
    """
    rows = 0
    chosen = order[all_of.outcome.is_eligible[order]]
    parts = [chosen[start : start + PEOPLE_PER_CHUNK] for start in range(0, len(chosen), PEOPLE_PER_CHUNK)]
    with pq.ParquetWriter(
        path, SCHEMA, compression="zstd", compression_level=1, use_dictionary=_DICTIONARIES
    ) as writer:
        for done, table in enumerate(_chunks(all_of, parts, threads), start=1):
            writer.write_table(table)
            rows += table.num_rows
            progress(done / len(parts))
    return rows


def _chunks(all_of: Certified, parts: list[npt.NDArray[np.int64]], threads: int) -> Iterator[pa.Table]:
    """Rows of each part in turn; hardly more than ``threads`` chunks stand ready, to bound the memory."""
    with ThreadPoolExecutor(threads) as pool:
        ready: deque[Future[pa.Table]] = deque()
        for part in parts:
            ready.append(pool.submit(_chunk, all_of, part))
            if len(ready) > threads:
                yield ready.popleft().result()
        while ready:
            yield ready.popleft().result()


def _chunk(all_of: Certified, who: npt.NDArray[np.int64]) -> pa.Table:
    """Rows of the people at these positions."""
    rows = all_of.outcome.rows
    starts = rows.starts[who]
    counts = rows.starts[who + 1] - starts
    repeat = np.repeat(np.arange(len(who)), counts)
    offsets = np.arange(len(repeat)) - np.repeat(np.cumsum(counts) - counts, counts)
    benefit = rows.benefit[starts[repeat] + offsets]
    by_benefit = np.lexsort((benefit, repeat))
    taken = people_columns(all_of, who).take(pa.array(repeat[by_benefit]))
    codes = rows.benefits["benefit_code"].combine_chunks()
    dictionary = pa.DictionaryArray.from_arrays(pa.array(benefit[by_benefit]), codes)
    return taken.add_column(1, SCHEMA.field("benefit_code"), dictionary).cast(SCHEMA)


def people_columns(all_of: Certified, who: npt.NDArray[np.int64]) -> pa.Table:
    """What is said of each of the people at these positions, benefits apart."""
    outcome, answers = all_of.outcome, all_of.answers
    decision, p_dead = outcome.decision[who], outcome.p_dead[who]
    last_source = answers.last_source[who]
    last_event = answers.last_event_days(all_of.window, who)
    facts = _facts(all_of, decision, last_event, who)
    names = all_of.sources["name"].to_pylist()
    # those without events are no part of the file, whichever they are
    codes = pa.array(all_of.sources["source_code"].to_pylist()[: len(all_of.counted.people_seen)])
    return pa.table(
        {
            "id_number": all_of.id_numbers.take(pa.array(who)),
            "decision": pa.DictionaryArray.from_arrays(pa.array(decision), pa.array([d.code for d in Decision])),
            "p_alive": np.round(1 - p_dead, 6),
            "p_away": np.where(outcome.has_record[who], 0.0, answers.posterior.p_away[who]),
            "p_dead": p_dead,
            "valid_until": pa.array(outcome.valid_until[who].astype("datetime64[D]")),
            "last_event_on": pa.array(last_event.astype("datetime64[D]")),
            "last_event_source": pa.DictionaryArray.from_arrays(pa.array(last_source, mask=last_source < 0), codes),
            "ask_value": outcome.value[who].astype(np.float32),
            "reason": sentences(facts, names, "zh"),
            "reason_en": sentences(facts, names, "en"),
        }
    )


def _facts(
    all_of: Certified,
    decision: npt.NDArray[np.int8],
    last_event: npt.NDArray[np.datetime64],
    who: npt.NDArray[np.int64],
) -> Facts:
    posterior, deaths = all_of.answers.posterior, all_of.deaths
    dead = decision == Decision.DEATH_RECORDED
    place = np.zeros(len(who), dtype=np.int64)
    place[dead] = np.searchsorted(deaths["person_key"].to_numpy(), all_of.population.keys[who[dead]])
    day = last_event.copy()
    day[dead] = deaths["died_on"].to_numpy().astype("datetime64[D]")[place[dead]]
    sources = deaths["record_source"].combine_chunks()
    last_visit = all_of.population.last_visit
    return Facts(
        decision=decision,
        top_source=posterior.top_source[who],
        recent_events=posterior.recent_events[who],
        last_source=all_of.answers.last_source[who],
        last_day=day,
        events=posterior.events[who],
        span_months=all_of.answers.last_month[who] + 1,
        silent_months=posterior.silent_months[who],
        arrived=posterior.arrived[who],
        p_away=posterior.p_away[who],
        p_dead=posterior.p_dead[who],
        visit_day=last_visit.day[who],
        visit_found=_cited(all_of, last_event, who),
        record_source=sources.take(pa.array(place, mask=~dead)),
    )


def _cited(
    all_of: Certified, last_event: npt.NDArray[np.datetime64], who: npt.NDArray[np.int64]
) -> npt.NDArray[np.int8]:
    """What the last visit found where the reason tells of it: nothing was seen since, or the person was found dead."""
    last = all_of.population.last_visit
    day, found = last.day[who], last.found[who]
    is_recent = (day >= np.datetime64(all_of.window.first_month)) & ~(last_event > day)
    return np.where(is_recent | (found == Found.DEAD), found, NO_VISIT)
