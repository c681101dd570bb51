"""The clock that everything reads, so that tests can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_fixed_at: ContextVar[datetime | None] = ContextVar("chengshu_clock", default=None)


def now() -> datetime:
    """The present instant, aware and in UTC; the fixed one inside `fixed`."""
    return _fixed_at.get() or datetime.now(UTC)


def today() -> date:
    """The present day where the machine stands; the fixed one's own day inside `fixed`."""
    at = _fixed_at.get()
    return at.date() if at else datetime.now(UTC).astimezone().date()


@contextmanager
def fixed(at: datetime | date) -> Iterator[None]:
    """Stop the clock at an instant, or at midnight UTC of a day, within the block.

    >>> with fixed(date(2025, 12, 31)):
    ...     today()
    datetime.date(2025, 12, 31)
    """
    moment = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)
    token = _fixed_at.set(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    try:
        yield
    finally:
        _fixed_at.reset(token)
