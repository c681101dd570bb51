"""Records that turned out to be of somebody else: a load can be read as if they were not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

from chengshu.lake.models import CELL_SOURCES

LONGEST_SOURCE = 80
"""Sources of deaths are free text; they are compared by so many signs."""


class DeathLink(NamedTuple):
    """A death record taken for somebody's."""

    person_key: int
    died_on: date
    record_source: str


class EventLink(NamedTuple):
    """Events taken for somebody's: a source's of one day, or all of them."""

    person_key: int
    source_code: str
    occurred_on: date | None


@dataclass(frozen=True)
class Disproved:
    """What to leave out.

    Attributes:
        deaths: records; another record of the same person stands.
        events: of sources and days; another source's stand.
    """

    deaths: Sequence[DeathLink] = ()
    events: Sequence[EventLink] = ()

    def standing_deaths(self, deaths: pa.Table) -> pa.Table:
        """Of rows with person_key, died_on and record_source, those not disproved, in their order."""
        if not self.deaths:
            return deaths
        people = pa.array(sorted({link.person_key for link in self.deaths}), pa.int64())
        places = np.flatnonzero(pc.is_in(deaths["person_key"], people).to_numpy(zero_copy_only=False))
        stands = np.ones(deaths.num_rows, dtype=bool)
        columns = [deaths[name].take(places).to_pylist() for name in DeathLink._fields]
        records = [(key, day, (source or "")[:LONGEST_SOURCE]) for key, day, source in zip(*columns, strict=True)]
        stands[places] = [record not in self._records for record in records]
        return deaths.filter(pa.array(stands))

    @cached_property
    def _records(self) -> frozenset[DeathLink]:
        return frozenset(self.deaths)


class StandingEvents:
    """The events of a load that are not disproved.

    Args:
        links: what to leave out.
        keys: (people,) ascending person_key of the load, by person_no.
        sources: source_no by source_code.
    """

    def __init__(self, links: Sequence[EventLink], keys: npt.NDArray[np.int64], sources: dict[str, int]) -> None:
        self._whole: set[int] = set()
        self._of_days: set[tuple[int, date]] = set()
        for link in links:
            place = int(np.searchsorted(keys, link.person_key))
            if place == len(keys) or keys[place] != link.person_key or link.source_code not in sources:
                continue  # nobody of this load, or no source of it
            word = place * CELL_SOURCES + sources[link.source_code]
            if link.occurred_on is None:
                self._whole.add(word)
            else:
                self._of_days.add((word, link.occurred_on))

    def of(self, events: Table, people: range | None = None) -> Table:
        """Rows of events without those left out; `people` are the person_no that the caller will ask for.

        Reads: person_no, source_no, occurred_on.
        """
        whole = [word for word in self._whole if people is None or word // CELL_SOURCES in people]
        of_days = [(word, day) for word, day in self._of_days if people is None or word // CELL_SOURCES in people]
        if not whole and not of_days:
            return events
        word = events.person_no.cast("int64") * CELL_SOURCES + events.source_no
        if whole:
            events = events.filter(~word.isin(sorted(whole)))
        if of_days:
            on = events.occurred_on
            number = (on.year() * 10_000 + on.month() * 100 + on.day()).cast("int64")
            wanted = sorted(word * 100_000_000 + _number_of(day) for word, day in of_days)
            # A person and a source first: only of these few rows is the day looked at.
            is_suspect = word.isin(sorted({word for word, _ in of_days}))
            events = events.filter(is_suspect.ifelse(~(word * 100_000_000 + number).isin(wanted), True))
        return events


def _number_of(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
