"""Queries over a load that everything above needs: one function per model."""

from datetime import date
from typing import NamedTuple

import ibis
from ibis.expr.types import IntegerColumn, Table

CELL_SOURCES = 32
"""A cell is month * CELL_SOURCES + source_no."""


class PersonRange(NamedTuple):
    """Keys from first up to and including last."""

    first: int
    last: int


def person_ranges(parts: int) -> list[PersonRange]:
    """The whole key space cut into equal parts: keys are hashes, so parts hold about as many people each."""
    width = 2**64 // parts
    starts = [-(2**63) + part * width for part in range(parts)]
    return [PersonRange(first, last - 1) for first, last in zip(starts, [*starts[1:], 2**63], strict=True)]


def monthly_counts(events: Table, *, first_month: date, person_range: PersonRange | None = None) -> Table:
    """How often each person was seen by each source in each month.

    Grain: person_key, cell; months without events have no row.
    Reads: events (person_key, source_no, occurred_on).

    Args:
        events: the events of a load.
        first_month: first day of month 0; earlier events are left out.
        person_range: only these people; files are sorted by person_key, so that only their part is read.

    Returns:
        person_key int64, cell int16 (= month * 32 + source_no), events int32, last_day int16 (day of the
        month of the last of them).
    """
    if person_range is not None:
        events = events.filter(events.person_key.between(*person_range))
    events = events.filter(events.occurred_on >= ibis.date(first_month))
    month = _month(events, first_month)
    rows = events.select(
        "person_key",
        cell=(month * CELL_SOURCES + events.source_no).cast("int16"),
        day=events.occurred_on.day().cast("int16"),
    )
    return rows.group_by("person_key", "cell").agg(
        events=rows.count().cast("int32"), last_day=rows.day.max().cast("int16")
    )


def _month(events: Table, first_month: date) -> IntegerColumn:
    day = events.occurred_on
    return (day.year() * 12 + day.month() - (first_month.year * 12 + first_month.month)).cast("int32")


def feed_totals(events: Table, residents: Table, *, first_month: date) -> Table:
    """How many events each source handed over for each county's residents in each month.

    Grain: source_no, month, county_code; none without events.
    Reads: events (person_key, source_no, occurred_on), residents (person_key, region_code).

    Args:
        events: the events of a load.
        residents: the residents of the same load.
        first_month: first day of month 0; earlier events are left out.

    Returns:
        source_no int8, month int16, county_code string (6 digits), events int64.
    """
    events = events.filter(events.occurred_on >= ibis.date(first_month))
    counties = residents.select("person_key", county_code=residents.region_code.left(6))
    seen = events.select("person_key", "source_no", month=_month(events, first_month).cast("int16"))
    joined = seen.inner_join(counties, "person_key")
    return joined.group_by("source_no", "month", "county_code").agg(events=joined.count())
