"""The months over which people are watched."""

import calendar
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

DEFAULT_MONTHS = 36
LEAST_MONTHS = 6
# A month with less than this share of a good month's events lies before the feeds began.
BEGUN_SHARE = 0.05


@dataclass(frozen=True)
class Window:
    """Calendar months up to and including the day of the run.

    Attributes:
        as_of: last day of the window; its month may be cut short by it.
        months: how many, the last one included.
    """

    as_of: date
    months: int = DEFAULT_MONTHS

    @property
    def first_month(self) -> date:
        """First day of month 0."""
        number = self.as_of.year * 12 + self.as_of.month - self.months
        return date(number // 12, number % 12 + 1, 1)

    @property
    def starts(self) -> list[date]:
        """First day of each month."""
        first = self.first_month.year * 12 + self.first_month.month - 1
        return [date(n // 12, n % 12 + 1, 1) for n in range(first, first + self.months)]

    @property
    def days(self) -> npt.NDArray[np.int64]:
        """(months,) days of each month, the last until as_of."""
        days = [calendar.monthrange(start.year, start.month)[1] for start in self.starts]
        days[-1] = self.as_of.day
        return np.array(days)

    @property
    def lengths(self) -> npt.NDArray[np.float64]:
        """(months,) each month's length relative to a whole one: 1 but for a last month cut short."""
        lengths = np.ones(self.months)
        lengths[-1] = self.as_of.day / calendar.monthrange(self.as_of.year, self.as_of.month)[1]
        return lengths

    def begun(self, events: dict[int, int]) -> "Window":
        """The window without the months before the city's feeds began.

        Nobody could be seen then, and deaths of that time are seldom on record either, so that they would teach the
        model that nobody dies.

        Args:
            events: by year * 12 + month - 1.
        """
        last = self.as_of.year * 12 + self.as_of.month - 1
        counts = [events.get(last - back, 0) for back in range(self.months)]
        usual = sorted(counts)[len(counts) * 3 // 4]
        begun = [back for back, count in enumerate(counts) if count > BEGUN_SHARE * usual]
        return Window(self.as_of, max(LEAST_MONTHS, max(begun, default=self.months - 1) + 1))

    def month_of(self, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
        """Number of the month of each day; negative before the window."""
        return days.astype("datetime64[M]").astype(np.int64) - np.datetime64(self.first_month, "M").astype(np.int64)

    def day_of(self, month: npt.NDArray[np.int64], day: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
        """The calendar day of a month's number and a day of the month."""
        starts = np.array(self.starts, dtype="datetime64[D]")
        return np.asarray(starts[month] + (day - 1).astype("timedelta64[D]"))
