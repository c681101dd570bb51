"""The months that the city's events cover, and days counted from their first."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

DAYS_A_YEAR = 365.2425
DAYS_A_MONTH = DAYS_A_YEAR / 12
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Window:
    """Whole months up to and with that of `as_of`; day 0 is the first day of the first month."""

    as_of: date
    months: int

    @cached_property
    def month_firsts(self) -> list[date]:
        """The first day of each month, and of the month after the last."""
        last = self.as_of.year * 12 + self.as_of.month - 1
        numbers = range(last - self.months + 1, last + 2)
        return [date(number // 12, number % 12 + 1, 1) for number in numbers]

    @property
    def first_day(self) -> date:
        """Day 0."""
        return self.month_firsts[0]

    @property
    def epoch_day(self) -> int:
        """Day 0 as days since 1970-01-01, as Arrow counts dates."""
        return self.first_day.toordinal() - EPOCH

    @property
    def last_day(self) -> int:
        """`as_of` as a day of the window."""
        return self.as_of.toordinal() - self.first_day.toordinal()

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """(months,) first day of each month."""
        return np.array([first.toordinal() for first in self.month_firsts[:-1]]) - self.first_day.toordinal()

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(months,) days of each month that are not after `as_of`."""
        return np.diff(np.append(self.starts, self.last_day + 1))

    @cached_property
    def covered(self) -> npt.NDArray[np.float64]:
        """(months,) share of each month's days that are not after `as_of`."""
        ends = np.array([first.toordinal() for first in self.month_firsts])
        return np.asarray(self.lengths / np.diff(ends))

    @property
    def calendar_months(self) -> npt.NDArray[np.int64]:
        """(months,) 0 for January to 11 for December."""
        return np.array([first.month - 1 for first in self.month_firsts[:-1]])
