"""What each resource of a city data package must and may hold."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a column's values are."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    FLAG = "flag"


class Column(NamedTuple):
    """One column: required columns must be in the file, filled ones in every row."""

    name: str
    kind: Kind = Kind.TEXT
    is_required: bool = True
    is_filled: bool = True


def _optional(name: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, kind, is_required=False, is_filled=False)


ID_NUMBER = Column("id_number")

RESIDENTS = (
    ID_NUMBER,
    Column("name", is_filled=False),
    Column("sex"),
    Column("birth_date", Kind.DATE),
    Column("region_code"),
    _optional("phone"),
    _optional("address"),
)
BENEFITS = (
    Column("benefit_code"),
    Column("name"),
    Column("department", is_filled=False),
    Column("monthly_amount", Kind.NUMBER, is_filled=False),
    Column("needs_survival", Kind.FLAG),
    Column("cycle_months", Kind.NUMBER),
)
ENTITLEMENTS = (
    ID_NUMBER,
    Column("benefit_code"),
    Column("started_on", Kind.DATE),
    Column("monthly_amount", Kind.NUMBER),
    _optional("ended_on", Kind.DATE),
)
SOURCES = (Column("source_code"), Column("name"), Column("department", is_filled=False))
EVENTS = (ID_NUMBER, Column("occurred_on", Kind.DATE), _optional("region_code"))
DEATHS = (
    ID_NUMBER,
    Column("died_on", Kind.DATE),
    Column("recorded_on", Kind.DATE),
    Column("record_source", is_filled=False),
)
VISITS = (
    ID_NUMBER,
    Column("visited_on", Kind.DATE),
    Column("outcome"),
    _optional("visitor"),
    _optional("note"),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "residents": RESIDENTS,
    "benefits": BENEFITS,
    "entitlements": ENTITLEMENTS,
    "sources": SOURCES,
    "deaths": DEATHS,
    "visits": VISITS,
}
NEEDED = ("residents", "benefits", "entitlements", "sources")
_EVENTS_NAME = re.compile(r"events?([-_. ].*)?\Z", re.IGNORECASE)
OUTCOMES = ("alive", "dead", "moved_away", "not_found")


def columns_of(resource_name: str, *, is_events: bool) -> tuple[Column, ...] | None:
    """The columns that a resource is read for; None for one that is not known and is left alone."""
    return EVENTS if is_events else COLUMNS.get(resource_name)


def is_named_like_events(resource_name: str) -> bool:
    """Whether a name says that the resource holds events: `events-bus-card`, `event_bus`, `events`.

    >>> [is_named_like_events(name) for name in ("events-bus", "Event_bus", "eventual")]
    [True, True, False]
    """
    return _EVENTS_NAME.match(resource_name) is not None


def looks_like_events(column_names: Iterable[str]) -> bool:
    """Whether a table has the columns that events must have."""
    return {column.name for column in EVENTS if column.is_required} <= set(column_names)


def near_name(name: str, names: Iterable[str]) -> str | None:
    """The one of some names that is most like another, if any is.

    >>> near_name("visit", COLUMNS), near_name("weather", COLUMNS)
    ('visits', None)
    """
    return next(iter(get_close_matches(name.lower(), list(names), n=1, cutoff=0.75)), None)
