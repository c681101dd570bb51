"""What somebody is owed whose money was stopped in error: pure."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_CENT = Decimal("0.01")


def back_pay(monthly_yuan: float | Decimal, stops_on: date | None, until: date) -> Decimal:
    """What was not paid from a stop until a day, to the cent, half a cent up.

    Args:
        monthly_yuan: paid per month; >= 0.
        stops_on: the first day without money; None where nothing was stopped.
        until: the first day that is paid for again.

    Returns:
        Whole calendar months at the monthly amount, a part of a month by its days; 0.00 where the stop had not begun.

    >>> back_pay(310, date(2026, 1, 1), date(2026, 3, 1))
    Decimal('620.00')
    >>> back_pay(310, date(2026, 1, 1), date(2026, 1, 11))
    Decimal('100.00')
    >>> back_pay(310, date(2026, 2, 1), date(2026, 1, 11))
    Decimal('0.00')
    """
    if stops_on is None or until <= stops_on:
        return Decimal("0.00")
    # By its shortest decimal form: 0.1 is ten cents, not what a binary fraction makes of it.
    owed = Fraction(Decimal(str(monthly_yuan))) * sum(_shares(stops_on, until), Fraction(0))
    return (Decimal(owed.numerator) / Decimal(owed.denominator)).quantize(_CENT, ROUND_HALF_UP)


def first_of_next_month(day: date) -> date:
    """The day from which a stop decided today holds: what has been paid for is left alone.

    >>> first_of_next_month(date(2025, 12, 31))
    datetime.date(2026, 1, 1)
    """
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _shares(start: date, stop: date) -> Iterator[Fraction]:
    """The share of each calendar month that lies within [start, stop)."""
    while start < stop:
        end = min(first_of_next_month(start), stop)
        yield Fraction((end - start) // timedelta(days=1), monthrange(start.year, start.month)[1])
        start = end
