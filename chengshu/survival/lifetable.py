"""The prior shape of mortality: China Life Insurance tables 2010-2013."""

from functools import cache

import numpy as np
from pymort import MortXML

from chengshu.survival.arrays import FloatArray, IntArray

# Pension-business tables CL5 (male) and CL6 (female) are for selected lives; CL1 and CL2 (non-pension, basic cover)
# lie nearest to a general population. Society of Actuaries identifiers.
MALE_TABLE_ID = 3375
FEMALE_TABLE_ID = 3376
OLDEST_AGE_YEARS = 120


@cache
def yearly_death_probabilities() -> FloatArray:
    """Probability of dying within a year by sex and age.

    Returns:
        (2, 121), row 0 male, row 1 female, column is the age in completed years, in (0, 1].

    Source:
        CL1 and CL2 (2010-2013), read with pymort. The tables close at 105 with probability 1; beyond 100 the rise
        is capped at 0.5 a year, for nobody is dead by a table alone (Zeng and Vaupel 2003 find mortality of the
        oldest old in China to level off).
    """
    rows = []
    for table_id in (MALE_TABLE_ID, FEMALE_TABLE_ID):
        table = MortXML.from_id(table_id).Tables[0].Values.iloc[:, 0].to_numpy(dtype=float)
        padded = np.full(OLDEST_AGE_YEARS + 1, 0.5)
        padded[: len(table)] = np.minimum(table, 0.5)
        rows.append(padded)
    return np.vstack(rows)


def monthly_hazards(sex: IntArray, age_months: IntArray, months: int) -> FloatArray:
    """Prior probability of dying in each month of the window.

    Args:
        sex: (people,), 1 male, 2 female.
        age_months: (people,), age at the window's first day in completed months; may be negative before birth.
        months: length of the window.

    Returns:
        (months, people), in [0, 1); 0 before birth.
    """
    table = hazard_by_age_month()
    row = (np.asarray(sex) == 2).astype(np.int64)
    steps = np.asarray(age_months, dtype=np.int64)[None, :] + np.arange(months)[:, None]
    hazards = table[row[None, :], np.clip(steps, 0, table.shape[1] - 1)]
    return np.where(steps < 0, 0.0, hazards)


@cache
def hazard_by_age_month() -> FloatArray:
    """Monthly death probability by sex and age in months, (2, 121 * 12), interpolated between birthdays on the log scale."""
    yearly = yearly_death_probabilities()
    monthly = -np.log1p(-yearly) / 12
    at = np.arange(yearly.shape[1] * 12) / 12
    middles = np.arange(yearly.shape[1]) + 0.5
    return np.vstack([-np.expm1(-np.exp(np.interp(at, middles, np.log(row)))) for row in monthly])
