"""Sources that people have used: whether each was given up, and what its silence costs."""

from dataclasses import dataclass

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.evidence import Cells
from chengshu.survival.exposure import grown_exposure
from chengshu.survival.parameters import Parameters
from chengshu.survival.rates import RateLaw, keeps_habit

# Events within the first third of the window that make a habit's end plain to see.
PLAIN_EVENTS = 8.0


@dataclass(frozen=True)
class Habits:
    """Sources that people have used, one entry per person and source with events.

    Attributes:
        pair: person * sources + source.
        kept: probability that the source was still in use at the person's last event anywhere.
        cost: nats that the silence since that event costs.
        until: exposure in months until it was given up, if it was.
    """

    pair: IntArray
    kept: FloatArray
    cost: FloatArray
    until: FloatArray


NO_HABITS = Habits(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), np.empty(0))


def find_habits(
    cells: Cells,
    counts: FloatArray,
    seen: FloatArray,
    left: FloatArray,
    exposure: FloatArray,
    law: RateLaw,
    model: Parameters,
) -> Habits:
    """What silence at sources that a person has used says of each habit.

    Args:
        cells: events of people of one county.
        counts: (people, sources) the same by source.
        seen: (people, sources) exposure in months until each one's last event anywhere.
        left: (people, sources) exposure after it.
        exposure: (sources, months) of the county.
        law: of each person's rates before any event, (people, sources) each.
        model: the fitted parameters.

    Returns:
        One entry per person and source with events.

    Source:
        docs/algorithms/survival.md, "Habits given up".
    """
    latest = np.full(counts.size, -1, dtype=np.int64)
    # months ascend: the last one stays
    latest[cells.person.astype(np.int64) * model.sources + cells.source] = cells.month
    pair = np.flatnonzero(latest >= 0)
    source = pair % model.sources
    grown = grown_exposure(exposure)
    heard = grown.take(source * grown.shape[1] + latest.take(pair) + 1)
    reach = law.rate.take(pair) + heard
    shape = law.shape.take(pair) + counts.take(pair)
    gap, stop = seen.take(pair) - heard, model.habit_stop.take(source)
    kept, silent = keeps_habit(shape, reach, gap, stop)
    _, silent_since = keeps_habit(shape, reach, gap + left.take(pair), stop)
    until = heard + np.minimum(gap, reach / shape) / 2
    return Habits(pair, np.exp(kept - silent), silent - silent_since, until)


def habits_seen(habits: Habits, seen: FloatArray) -> FloatArray:
    """Exposure (people, sources) without the time after habits were given up, same shape."""
    out = seen.copy()
    pair, kept = habits.pair, habits.kept
    whole = seen.ravel()[pair]
    out.ravel()[pair] = kept * whole + (1 - kept) * np.minimum(whole, habits.until)
    return out


def habits_given_up(
    habits: Habits, cells: Cells, seen: FloatArray, exposure: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How many habits that are plain to see were given up, and the months in which they could be.

    The end of a habit of few events cannot be told from a pause. Those with PLAIN_EVENTS in the first third of the
    window are watched from there on: chosen by what was before, they say nothing wrong of what comes after.

    Args:
        habits: what people have used.
        cells: their events.
        seen: (people, sources) exposure in months until each one's last event anywhere.
        exposure: (sources, months) of their county.

    Returns:
        (sources,) each: expected number given up, and months of use.
    """
    sources, months = exposure.shape
    early = cells.select(cells.month < months // 3)
    pair = early.person.astype(np.int64) * sources + early.source
    plain = np.bincount(pair, weights=early.events, minlength=seen.size).take(habits.pair) >= PLAIN_EVENTS
    own, kept, until = habits.pair[plain], habits.kept[plain], habits.until[plain]
    source = own % sources
    begun = grown_exposure(exposure)[source, months // 3]
    used = np.maximum(kept * seen.take(own) + (1 - kept) * until - begun, 0.0)
    stops = np.bincount(source, weights=1 - kept, minlength=sources)
    return stops.astype(float), np.bincount(source, weights=used, minlength=sources).astype(float)
