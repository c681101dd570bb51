"""Queries over a load that everything above needs: one function per model."""

from datetime import date

import ibis
from ibis.expr.types import IntegerColumn, Table

from chengshu.lake import cells

CELL_SOURCES = 32
"""A cell is month * CELL_SOURCES + source_no."""
_CELL_BITS = 14
_MOST_CELLS = 1 << _CELL_BITS


def monthly_counts(events: Table, *, first_month: date, people: range | None = None) -> Table:
    """How often each person was seen by each source in each month.

    Grain: person_key, cell; months without events have no row.
    Reads: events (person_key, source_no, occurred_on).

    Args:
        events: the events of a load.
        first_month: first day of month 0; earlier events are left out.
        people: only people with these numbers; files are sorted by person, so only their part is read.

    Returns:
        person_key int64, cell int16 (= month * 32 + source_no), events int32, last_day int16 (day of the
        month of the last of them), person_no int32 (row of the person among the load's residents).
        Engines leave out columns not selected; without person_key it takes two thirds of the time.
    """
    if people is not None:
        events = events.filter(events.person_no.between(people.start, people.stop - 1))
    events = events.filter(events.occurred_on >= ibis.date(first_month))
    cell = _month(events, first_month) * CELL_SOURCES + events.source_no
    # One 64-bit number to group by: half again as fast as two columns, on DuckDB.
    rows = events.select("person_key", "occurred_on", group=events.person_no.cast("int64") * _MOST_CELLS + cell)
    grouped = rows.group_by("group").agg(
        person_key=rows.person_key.max(), events=rows.count().cast("int32"), last=rows.occurred_on.max()
    )
    return grouped.select(
        "person_key",
        cell=(grouped.group & (_MOST_CELLS - 1)).cast("int16"),
        events=grouped.events,
        last_day=grouped.last.day().cast("int16"),
        person_no=(grouped.group >> _CELL_BITS).cast("int32"),
    )


def event_words(events: Table, *, first_month: date, people: range) -> Table:
    """Each event in one number, for a caller who sorts and counts by itself: see `cells.count_words`.

    A person's month at one source holds hardly more than one event, so that grouping in the engine saves no
    rows but costs ten times as much as reading them.

    Grain: event.
    Reads: events (person_no, source_no, occurred_on).

    Args:
        events: the events of a load.
        first_month: first day of month 0; earlier events are left out.
        people: numbers of the people wanted.

    Returns:
        word int64: from the top, person_no - people.start, source_no (5 bits), month (9), day of the
        month (5). Files are sorted by it, so that the result consists of a few sorted runs.
    """
    events = events.filter(
        events.person_no.between(people.start, people.stop - 1), events.occurred_on >= ibis.date(first_month)
    )
    # The column itself is cast: of a difference Ibis believes that it is 64 bits wide already.
    person = events.person_no.cast("int64") - people.start
    source = person * CELL_SOURCES + events.source_no
    month = source * cells.MOST_MONTHS + _month(events, first_month)
    return events.select(word=(month * cells.MOST_DAYS + events.occurred_on.day()).cast("int64"))


def _month(events: Table, first_month: date) -> IntegerColumn:
    day = events.occurred_on
    return (day.year() * 12 + day.month() - (first_month.year * 12 + first_month.month)).cast("int32")


def events_by_month(events: Table) -> Table:
    """How many events there are in each month.

    Grain: month; none without events.
    Reads: events (occurred_on).

    Returns:
        month int32 (year * 12 + month - 1), events int64.
    """
    # By day first: half the time, for the month is then worked out of days, not of events.
    days = events.group_by("occurred_on").agg(events=events.count())
    month = (days.occurred_on.year() * 12 + days.occurred_on.month() - 1).cast("int32")
    return days.group_by(month=month).agg(events=days.events.sum())
