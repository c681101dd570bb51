"""One range of people from its packed counts to the model's answer: what a worker does."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from chengshu.certification.packed import last_days, of_people, unpack
from chengshu.certification.window import Window
from chengshu.survival.evidence import People, Visits, county_blocks
from chengshu.survival.parameters import Parameters
from chengshu.survival.posterior import Posterior, judge

# Chances are rounded to this many digits before anything is decided on them, so that the last bits of a
# matrix product, which differ between processors, decide nothing.
DIGITS = 6


@dataclass(frozen=True)
class Answers:
    """Answers for some people; (people,) unless said otherwise.

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


@dataclass(frozen=True)
class RangeTask:
    """What a worker is told.

    Attributes:
        counts: the file with the range's packed counts.
        people: of the range, by county, without records of death.
        visits: paid to them, counted in that order.
        model: fitted.
        window: the months watched.
    """

    counts: Path
    people: People
    visits: Visits
    model: Parameters
    window: Window


def judge_range(task: RangeTask) -> Answers:
    """Answers for a range's people, in the order of the task."""
    packed = np.fromfile(task.counts, np.int64)
    sources = task.model.sources
    seen, events = np.zeros((2, sources), dtype=np.int64)
    posteriors, last = [], [np.zeros(0, dtype=np.int64)]
    with threadpool_limits(1):
        for _, start, stop in county_blocks(task.people.county):
            own = of_people(packed, start, stop)
            cells = unpack(own, task.window)
            posteriors.append(
                judge(task.people.take(slice(start, stop)), cells, task.model, _visits(task, start, stop))
            )
            last.append(last_days(own, stop - start))
            used = np.bincount(cells.person * sources + cells.source, minlength=(stop - start) * sources)
            seen += np.count_nonzero(used.reshape(-1, sources), axis=0)
            events += np.bincount(cells.source, weights=cells.events, minlength=sources).astype(np.int64)
    return _answers(posteriors, np.concatenate(last), seen, events)


def _visits(task: RangeTask, start: int, stop: int) -> Visits | None:
    """Visits to people [start, stop), counted from start; None where nobody was visited."""
    visits = task.visits
    own = np.flatnonzero((visits.person >= start) & (visits.person < stop))
    return Visits(visits.person[own] - start, visits.month[own], visits.log_likelihood[own]) if len(own) else None


def _answers(
    posteriors: list[Posterior],
    last: npt.NDArray[np.int64],
    seen: npt.NDArray[np.int64],
    events: npt.NDArray[np.int64],
) -> Answers:
    whole = {
        name: np.concatenate([getattr(posterior, name) for posterior in posteriors])
        for name in Posterior.__dataclass_fields__
    }
    for name in ("p_dead", "p_away"):
        whole[name] = np.round(whole[name], DIGITS)
    return Answers(
        posterior=Posterior(**whole),
        last_month=(last >> 10).astype(np.int16),
        last_day=(last >> 5 & 31).astype(np.int8),
        last_source=np.where(last < 0, -1, last & 31).astype(np.int8),
        people_seen=seen,
        events_seen=events,
    )
