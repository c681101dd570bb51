"""One range of people from its packed counts to the model's answer: what a worker does, ours or a server's."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from chengshu.certification.packed import last_days, of_people, read_packed, unpack
from chengshu.certification.window import Window
from chengshu.survival.evidence import People, Visits, county_blocks
from chengshu.survival.parameters import Parameters
from chengshu.survival.posterior import Posterior, empty_posterior, judge

# Chances are rounded to this many digits before anything is decided on them, so that the last bits of a
# matrix product, which differ between processors, decide nothing.
DIGITS = 6

LAST = ("last_month", "last_day", "last_source")
"""What answers hold beside the posterior."""
POSTERIOR = tuple(field.name for field in fields(Posterior))


@dataclass(frozen=True)
class Answers:
    """Answers for some people; (people,) each.

    Attributes:
        posterior: what the model says.
        last_month: month of the last event, -1 for none.
        last_day: day of the month of the last event.
        last_source: number of its source, -1 for none.
    """

    posterior: Posterior
    last_month: npt.NDArray[np.int16]
    last_day: npt.NDArray[np.int8]
    last_source: npt.NDArray[np.int8]

    def last_event_days(self, window: Window, who: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
        """Day of the last event in the window of the people at these positions, NaT for none."""
        month = self.last_month[who].astype(np.int64)
        days = window.day_of(np.maximum(month, 0), self.last_day[who].astype(np.int64))
        return np.where(month < 0, np.datetime64("NaT"), days)

    def fill(self, who: npt.NDArray[np.integer], found: "Answers") -> None:
        """Write down what was found of the people at these positions."""
        for name in POSTERIOR:
            getattr(self.posterior, name)[who] = getattr(found.posterior, name)
        for name in LAST:
            getattr(self, name)[who] = getattr(found, name)


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


def judge_task(task: RangeTask) -> Answers:
    """Answers for a range's people, in the order of the task: what a process of ours does."""
    with threadpool_limits(1):
        return judge_range(read_packed(task.counts), task.people, task.visits, task.model, task.window)


def judge_range(
    packed: npt.NDArray[np.int64], people: People, visits: Visits, model: Parameters, window: Window
) -> Answers:
    """Answers for a range's people, in their order.

    Args:
        packed: sorted packed cells.
        people: of the range, by county, without records of death.
        visits: paid to them, counted in that order.
        model: fitted.
        window: the months watched.
    """
    posteriors, last = [], [np.zeros(0, dtype=np.int64)]
    for _, start, stop in county_blocks(people.county):
        own = of_people(packed, start, stop)
        found = visits.of_people(np.arange(start, stop))
        posteriors.append(judge(people.take(slice(start, stop)), unpack(own, window), model, found))
        last.append(last_days(own, stop - start))
    return _answers(posteriors, np.concatenate(last))


def empty_answers(n: int) -> Answers:
    """Room for n people's answers, not yet filled in."""
    return Answers(
        empty_posterior(n), np.empty(n, dtype=np.int16), np.empty(n, dtype=np.int8), np.empty(n, dtype=np.int8)
    )


def _answers(posteriors: list[Posterior], last: npt.NDArray[np.int64]) -> Answers:
    whole = {name: np.concatenate([getattr(posterior, name) for posterior in posteriors]) for name in POSTERIOR}
    for name in ("p_dead", "p_away"):
        whole[name] = np.round(whole[name], DIGITS)
    return Answers(
        posterior=Posterior(**whole),
        last_month=(last >> 10).astype(np.int16),
        last_day=(last >> 5 & 31).astype(np.int8),
        last_source=np.where(last < 0, -1, last & 31).astype(np.int8),
    )
