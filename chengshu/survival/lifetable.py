"""The prior shape of mortality: China Life Insurance tables 2010-2013."""

from functools import cache
from importlib.resources import files

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray

# CL1 (male) and CL2 (female) are for non-pension business; of the six tables they lie nearest to a general
# population, for the lives of CL3 to CL6 are selected. Society of Actuaries identifiers 3375 and 3376. The
# numbers are kept beside this file; a test holds them to pymort's, whose import takes as long as a small run.
TABLE_FILE = "cl1_cl2_2010_2013.csv"
OLDEST_AGE_YEARS = 120
# The tables close at 105 with probability 1; nobody is dead by a table alone, and mortality of the oldest old
# in China levels off (Zeng and Vaupel 2003).
GREATEST_YEARLY_PROBABILITY = 0.5


@cache
def yearly_death_probabilities() -> FloatArray:
    """Probability of dying within a year by sex and age.

    Returns:
        (2, 121), row 0 male, row 1 female, column is the age in completed years, in (0, 0.5].

    Source:
        CL1 and CL2 (2010-2013).
    """
    with files("chengshu.survival").joinpath(TABLE_FILE).open(encoding="utf-8") as lines:
        rows = np.loadtxt(lines, delimiter=",", skiprows=1)
    yearly = np.full((2, OLDEST_AGE_YEARS + 1), GREATEST_YEARLY_PROBABILITY)
    yearly[:, : len(rows)] = np.minimum(rows[:, 1:].T, GREATEST_YEARLY_PROBABILITY)
    return yearly


def monthly_hazards(sex: IntArray, age_months: IntArray, months: int) -> FloatArray:
    """Prior probability of dying in each month of the window.

    Args:
        sex: (people,), 1 male, 2 female.
        age_months: (people,), completed months of age at the window's first day; negative before birth.
        months: length of the window.

    Returns:
        (months, people), in [0, 1); 0 before birth.
    """
    table = hazard_by_age_month()
    ages = table.shape[1]
    steps = np.asarray(age_months, dtype=np.int64)[None, :] + np.arange(months)[:, None]
    hazards = table.take(np.clip(steps, 0, ages - 1) + ages * (np.asarray(sex) == 2))
    if steps[:1].min(initial=0) < 0:
        hazards[steps < 0] = 0.0
    return np.asarray(hazards)


@cache
def hazard_by_age_month() -> FloatArray:
    """Monthly death probability by sex and age in months, (2, 1452); log-linear between mid-years."""
    yearly = yearly_death_probabilities()
    monthly = -np.log1p(-yearly) / 12
    at = np.arange(yearly.shape[1] * 12) / 12
    middles = np.arange(yearly.shape[1]) + 0.5
    return np.vstack([-np.expm1(-np.exp(np.interp(at, middles, np.log(row)))) for row in monthly])
