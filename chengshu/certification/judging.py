"""The model's answer for everybody, range by range."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from chengshu.certification.counts import CountStore, Range, last_days, of_people, ranges_of, unpack
from chengshu.certification.fitting import without_records
from chengshu.certification.population import Population
from chengshu.certification.window import Window
from chengshu.survival.evidence import Visits, county_blocks
from chengshu.survival.parameters import Parameters
from chengshu.survival.posterior import Posterior, empty_posterior, judge

# Chances are rounded to this many digits before anything is decided on them, so that the last bits of a
# matrix product, which differ between processors, decide nothing.
DIGITS = 6


@dataclass(frozen=True)
class Answers:
    """Answers for the whole population, ascending by person_key; (people,) unless said otherwise.

    Attributes:
        posterior: what the model says.
        last_month: month of the last event, -1 for none.
        last_day: day of the month of the last event.
        last_source: number of its source, -1 for none.
        people_seen: (sources,) distinct people with events.
        events_seen: (sources,) events in the window.
    """

    posterior: Posterior
    last_month: npt.NDArray[np.int16]
    last_day: npt.NDArray[np.int8]
    last_source: npt.NDArray[np.int8]
    people_seen: npt.NDArray[np.int64]
    events_seen: npt.NDArray[np.int64]


def judge_everybody(
    population: Population,
    store: CountStore,
    model: Parameters,
    window: Window,
    *,
    threads: int,
    progress: Callable[[float], None],
) -> Answers:
    """Filter all ranges, ``threads`` at a time."""
    answers = _no_answers(len(population.keys), model.sources)
    ranges = ranges_of(population)
    done = 0

    def work(number: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        return _judge_range(population, ranges[number], store.read(number), model, window, answers)

    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        for seen, events in pool.map(work, range(len(ranges))):
            answers.people_seen[:] += seen
            answers.events_seen[:] += events
            done += 1
            progress(done / len(ranges))
    return answers


def _no_answers(people: int, sources: int) -> Answers:
    return Answers(
        empty_posterior(people),
        np.empty(people, dtype=np.int16),
        np.empty(people, dtype=np.int8),
        np.empty(people, dtype=np.int8),
        np.zeros(sources, dtype=np.int64),
        np.zeros(sources, dtype=np.int64),
    )


def _judge_range(
    population: Population,
    part: Range,
    packed: npt.NDArray[np.int64],
    model: Parameters,
    window: Window,
    answers: Answers,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    people = without_records(population.people.take(part.order))
    seen, events = np.zeros((2, model.sources), dtype=np.int64)
    for _, start, stop in county_blocks(people.county):
        order, own = part.order[start:stop], of_people(packed, start, stop)
        cells = unpack(own, window)
        visits = visits_of(population.visits, order)
        _keep(answers, order, judge(people.take(slice(start, stop)), cells, model, visits), own)
        used = np.bincount(cells.person * model.sources + cells.source, minlength=len(order) * model.sources)
        seen += np.count_nonzero(used.reshape(-1, model.sources), axis=0)
        events += np.bincount(cells.source, weights=cells.events, minlength=model.sources).astype(np.int64)
    return seen, events


def _keep(answers: Answers, who: npt.NDArray[np.int64], posterior: Posterior, packed: npt.NDArray[np.int64]) -> None:
    """Write down what is said of the people at these positions, who left these events."""
    rounded = {name: np.round(getattr(posterior, name), DIGITS) for name in ("p_dead", "p_away")}
    for name in Posterior.__dataclass_fields__:
        getattr(answers.posterior, name)[who] = rounded.get(name, getattr(posterior, name))
    last = last_days(packed, len(who))
    answers.last_month[who] = last >> 10
    answers.last_day[who] = last >> 5 & 31
    answers.last_source[who] = np.where(last < 0, -1, last & 31)


def visits_of(visits: Visits, order: npt.NDArray[np.int64]) -> Visits | None:
    """Visits of the people at these positions, ascending, counted in that order; None where nobody was visited."""
    place = np.minimum(np.searchsorted(order, visits.person), len(order) - 1)
    own = np.flatnonzero(order[place] == visits.person)
    return Visits(place[own], visits.month[own], visits.log_likelihood[own]) if len(own) else None


def judge_hidden(
    population: Population,
    who: npt.NDArray[np.int64],
    packed: npt.NDArray[np.int64],
    model: Parameters,
    window: Window,
) -> npt.NDArray[np.float64]:
    """Chances of being alive of people at these positions, by county, their records of death hidden; (people,)."""
    out = np.full(len(population.keys), np.nan)
    if len(who):
        people = without_records(population.people.take(who))
        with threadpool_limits(1):
            out[who] = 1 - judge(people, unpack(packed, window), model).p_dead
    return out
