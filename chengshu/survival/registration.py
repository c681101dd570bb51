"""How deaths reach the records: the delay, the share that never does, and what it means that no record has come."""

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.parameters import PRIOR_BACKLOG_YEARS

STEP_DAYS = 10
STEPS_PER_MONTH = 3
# The delay's prior: so many pseudo-deaths with a geometric law of fifty days in the mean.
PRIOR_DEATHS = 12.0
PRIOR_DELAY_STEPS = 5.0
# The share never registered: a beta prior, weak, for what it says is amplified by deaths that it lets one believe in.
PRIOR_NEVER = (1.2, 3.8)
# After so many months of silence it is plain who died and was not registered.
RIPE_MONTHS = 9
# What the prior of the backlog is worth, in recorded deaths a year.
PRIOR_BACKLOG_DEATHS = 8.0


def fit_delay_cdf(delay_days: IntArray, remaining_days: IntArray, steps: int) -> FloatArray:
    """Law of the delay between a death and its record, from records cut off on the right.

    Args:
        delay_days: (deaths,) from death to record; >= 0.
        remaining_days: (deaths,) from death to the day of the run; >= delay_days.
        steps: length of the result in ten-day steps.

    Returns:
        (steps,) share of registered deaths on record by the end of each step, rising to 1.

    Source:
        Product-limit estimate in reverse time for right-truncated data (Lagakos, Barraj and De Gruttola 1988), with a
        geometric prior.
    """
    delay = np.minimum(np.asarray(delay_days) // STEP_DAYS, steps - 1)
    room = np.minimum(np.asarray(remaining_days) // STEP_DAYS, steps - 1)
    prior = PRIOR_DEATHS * np.exp(-np.arange(steps) / PRIOR_DELAY_STEPS)
    prior *= PRIOR_DEATHS / prior.sum()
    events = np.bincount(delay, minlength=steps) + prior
    # at risk at delay j in reverse time: delay <= j, and j was within reach of the record
    later_room = np.bincount(room, minlength=steps)[::-1].cumsum()[::-1]
    by_delay = np.bincount(delay, minlength=steps)[::-1].cumsum()[::-1]
    at_risk = later_room - np.append(by_delay[1:], 0) + prior.cumsum()
    falling = 1 - np.clip(events / np.maximum(at_risk, 1e-9), 0, 1)
    falling[0] = 1.0
    return np.append(np.cumprod(falling[::-1])[::-1][1:], 1.0)


def off_the_records(never: float, delay_cdf: FloatArray, lengths: FloatArray) -> FloatArray:
    """Probability that a death in each month is still off the records at the window's end.

    Args:
        never: share never registered.
        delay_cdf: (steps,) as from fit_delay_cdf.
        lengths: (months,) lengths of the steps of the window relative to a month.

    Returns:
        (months,), in (0, 1].
    """
    ends = np.cumsum(lengths[::-1])[::-1]
    parts = (np.arange(STEPS_PER_MONTH) + 0.5) / STEPS_PER_MONTH
    left_months = ends[:, None] - lengths[:, None] * parts[None, :]
    cdf = np.append(0.0, delay_cdf)
    on_record = np.interp(left_months * STEPS_PER_MONTH, np.arange(len(cdf)), cdf)
    return np.asarray((never + (1 - never) * (1 - on_record)).mean(axis=1))


def fit_never_registered(
    recorded: FloatArray, unrecorded: FloatArray, delay_cdf: FloatArray, lengths: FloatArray
) -> float:
    """Share of deaths that never reach the records.

    Of late deaths, what is believed is mostly what was believed before: the silence that tells is still to come. They
    are left out where there are recorded deaths to go by without them.

    Args:
        recorded: (months,) deaths on record by month of death.
        unrecorded: (months,) deaths believed to be off the records.
        delay_cdf: (steps,) law of the delay.
        lengths: (months,) lengths of the steps.

    Returns:
        The most probable share on a grid, under a beta prior.
    """
    if recorded.sum() == 0:
        return 1.0
    months = len(lengths)
    is_ripe = np.arange(months) < max(months - RIPE_MONTHS, months // 2)
    if recorded[is_ripe].sum() > 0:
        recorded, unrecorded = recorded * is_ripe, unrecorded * is_ripe
    grid = np.linspace(0.002, 0.98, 490)
    off = np.stack([off_the_records(u, delay_cdf, lengths) for u in grid])
    fits = np.log1p(-np.minimum(off, 1 - 1e-9)) @ recorded + np.log(off) @ unrecorded
    prior = (PRIOR_NEVER[0] - 1) * np.log(grid) + (PRIOR_NEVER[1] - 1) * np.log1p(-grid)
    return float(grid[np.argmax(fits + prior)])


def fit_backlog(before: int, within: int, years: float) -> float:
    """Years of unregistered deaths that lay in the files when the window opened.

    How long the dead stay on the lists is seen from those whose death is on record: as many years as recorded deaths
    from before the window would fill. The model's own belief is not asked, for whoever was never seen may look dead to
    it, and many such people would prove each other so.

    Args:
        before: people on the lists whose recorded death was before the window.
        within: those whose recorded death was within it.
        years: length of the window.

    Returns:
        Years, shrunk towards PRIOR_BACKLOG_YEARS.

    Example:
        >>> round(fit_backlog(0, 3000, 3.0), 3)
        0.004
        >>> fit_backlog(0, 0, 3.0)
        0.5
    """
    return (before + PRIOR_BACKLOG_YEARS * PRIOR_BACKLOG_DEATHS) / (within / years + PRIOR_BACKLOG_DEATHS)
