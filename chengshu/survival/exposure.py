"""Season times arrival: how much of each feed reached us from each county in each month."""

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray

# Events' worth of belief that a county stands at the city's level.
PRIOR_EVENTS = 30.0
# Log-likelihood ratio above which a county's month is taken for what it is and not for chance.
BREAK_EVIDENCE = 8.0
# Events a month from which a county's own share of them tells something.
DENSE_EVENTS = 5.0
# Counties enough for their median to outvote those that broke.
DENSE_COUNTIES = 3
# Variation of a county's month that is no break, as a share of the usual count.
TOLERATED_SPREAD = 0.05
ROUNDS = 5


def fit_exposure(arrived: FloatArray, sampled: FloatArray, expected: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Exposure by county, source and month.

    Every county has a level, every month a factor for the whole city (season, and what broke everywhere), and a
    county's month that departs from both is taken for what it is. The population says in what months, the sample
    how high.

    Args:
        arrived: (counties, sources, months) events of the whole population.
        sampled: (counties, sources) events of the sample over the window.
        expected: (counties, sources, months) events of the sample if every feed were whole and without season.

    Returns:
        Exposure (counties, sources, months), mean about 1, and a mask of the same shape of what broke.
    """
    due = np.maximum(expected, 1e-9) * _scale_up(arrived, sampled)[:, :, None]
    pooled = _first_pooled(arrived, due)
    broken = np.zeros(arrived.shape, dtype=bool)
    for _ in range(ROUNDS):
        level, scale = _level(arrived, due * pooled, broken)
        pooled = pooled * scale[:, None]
        usual = due * level[:, :, None] * pooled
        broken = _evidence(arrived, usual) > BREAK_EVIDENCE
        pooled = _pooled(arrived, due * level[:, :, None], broken)
    usual = due * level[:, :, None] * pooled
    of_usual = np.where(broken, arrived / np.maximum(usual, 1e-9), 1.0)
    return level[:, :, None] * pooled * of_usual, broken


def _first_pooled(arrived: FloatArray, due: FloatArray) -> FloatArray:
    """A first idea of the city's factor by source and month, from counties that deliver the source; (sources, months).

    Their median, which a few broken ones do not move, where enough of them deliver enough; all of them together else,
    for the median of small counts says nothing.
    """
    monthly = arrived.mean(axis=2, keepdims=True)
    together = arrived.sum(axis=0) / np.where(monthly > 0, due, 0).sum(axis=0).clip(1e-9)
    dense = monthly[:, :, 0] >= DENSE_EVENTS
    pooled = together
    for source in np.flatnonzero(dense.sum(axis=0) >= DENSE_COUNTIES):
        own = dense[:, source]
        pooled[source] = np.median(arrived[own, source] / due[own, source], axis=0)
    return np.asarray(pooled)


def _scale_up(arrived: FloatArray, sampled: FloatArray) -> FloatArray:
    """People of the population for each of the sample, as seen in events; (counties, sources)."""
    whole = arrived.sum(axis=2)
    city = (whole.sum(axis=0) + 1) / (sampled.sum(axis=0) + 1)
    return np.asarray(np.where(sampled > 0, whole / np.maximum(sampled, 1), city))


def _level(arrived: FloatArray, due: FloatArray, broken: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Level of each county at each source, mean 1 over the city, (counties, sources); and the factor taken out."""
    seen = np.where(broken, 0, arrived).sum(axis=2) + PRIOR_EVENTS
    weight = np.where(broken, 0, due).sum(axis=2) + PRIOR_EVENTS
    level = seen / weight
    scale = (level * weight).sum(axis=0) / weight.sum(axis=0)
    return np.maximum(level / scale, 1e-6), scale


def _pooled(arrived: FloatArray, due: FloatArray, broken: BoolArray) -> FloatArray:
    """The city's factor by source and month, from counties that did not break; (sources, months)."""
    use = ~broken | broken.all(axis=0)
    seen = np.where(use, arrived, 0).sum(axis=0)
    return np.asarray(seen / np.maximum(np.where(use, due, 0).sum(axis=0), 1e-9))


def _evidence(seen: FloatArray, due: FloatArray) -> FloatArray:
    """Poisson log-likelihood ratio of a count's own mean against the due one, some extra variation allowed."""
    due = np.maximum(due, 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(seen > 0, seen * np.log(seen / due), 0.0) - (seen - due)
    return ratio / (1 + due * TOLERATED_SPREAD**2)


def exposure_seen(exposure: FloatArray, last: IntArray) -> FloatArray:
    """Exposure (sources, months) of each person until the last event's month, (people, sources); 0 without events."""
    return np.ascontiguousarray(grown_exposure(exposure).T).take(last + 1, axis=0)


def grown_exposure(exposure: FloatArray) -> FloatArray:
    """Exposure (sources, months) summed up before each month and at the end, (sources, months + 1)."""
    return np.hstack([np.zeros((len(exposure), 1), exposure.dtype), np.cumsum(exposure, axis=1)])
