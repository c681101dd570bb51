"""Season times arrival: how much of each feed reached us from each county in each month."""

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray

# Events' worth of belief that a county stands at the city's level.
PRIOR_EVENTS = 30.0
# Log-likelihood ratio above which a county's month is taken for what it is and not for chance.
BREAK_EVIDENCE = 8.0
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
    pooled: FloatArray = np.median(arrived / due, axis=0)
    broken = np.zeros(arrived.shape, dtype=bool)
    for _ in range(ROUNDS):
        level = _level(arrived, due * pooled, broken)
        usual = due * level[:, :, None] * pooled
        broken = _evidence(arrived, usual) > BREAK_EVIDENCE
        pooled = _pooled(arrived, due * level[:, :, None], broken)
    usual = due * level[:, :, None] * pooled
    of_usual = np.where(broken, arrived / np.maximum(usual, 1e-9), 1.0)
    return level[:, :, None] * pooled * of_usual, broken


def _scale_up(arrived: FloatArray, sampled: FloatArray) -> FloatArray:
    """People of the population for each of the sample, as seen in events; (counties, sources)."""
    whole = arrived.sum(axis=2)
    city = (whole.sum(axis=0) + 1) / (sampled.sum(axis=0) + 1)
    return np.asarray(np.where(sampled > 0, whole / np.maximum(sampled, 1), city))


def _level(arrived: FloatArray, due: FloatArray, broken: BoolArray) -> FloatArray:
    """Level of each county at each source, mean 1 over the city; (counties, sources)."""
    seen = np.where(broken, 0, arrived).sum(axis=2) + PRIOR_EVENTS
    weight = np.where(broken, 0, due).sum(axis=2) + PRIOR_EVENTS
    level = seen / weight
    return np.asarray(np.maximum(level / ((level * weight).sum(axis=0) / weight.sum(axis=0)), 1e-6))


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
