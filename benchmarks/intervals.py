"""How far chance alone may have moved a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.results import Interval

Rows: TypeAlias = NDArray[np.int64]
_RESAMPLES = 100


def share_interval(count: int, of: int) -> Interval | None:
    """Exact 95% interval of a share (Clopper-Pearson); none of nobody."""
    if of == 0:
        return None
    found = stats.binomtest(count, of).proportion_ci(0.95, method="exact")
    return Interval(float(found.low), float(found.high))


def scaled(interval: Interval | None, factor: float) -> Interval | None:
    """The interval of a figure times a constant."""
    return None if interval is None else Interval(interval.low * factor, interval.high * factor)


def resampled(figure: Callable[[Rows], float], people: int) -> Interval | None:
    """Bootstrap 95% interval of a figure of people, drawn anew with replacement.

    Args:
        figure: of the rows given.
        people: how many rows there are.
    """
    if people == 0:
        return None
    random = np.random.default_rng(0)
    drawn = [figure(random.integers(0, people, people)) for _ in range(_RESAMPLES)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return Interval(float(low), float(high))


def spread(figures: Sequence[float]) -> Interval | None:
    """Least and greatest of repeated measurements; none of a single one."""
    return Interval(min(figures), max(figures)) if len(figures) > 1 else None
