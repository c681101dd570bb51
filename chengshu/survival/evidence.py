"""What the model is given: people, their traces month by month, and what has been recorded of them."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray

NO_RECORD = -1


@dataclass(frozen=True)
class Visits:
    """What visitors found.

    Attributes:
        person: (visits,) position of the person in the batch.
        month: (visits,) month of the visit.
        log_likelihood: (visits, 5) of the outcome when present, away, failing, dead with cards in use, dead in silence.
    """

    person: IntArray
    month: IntArray
    log_likelihood: FloatArray

    def of_people(self, who: IntArray) -> "Visits":
        """Visits to the people at these positions (people,), each counted by the place in ``who``."""
        own, order = np.flatnonzero(np.isin(self.person, who)), np.argsort(who)
        place = order[np.searchsorted(who, self.person[own], sorter=order)]
        return Visits(place, self.month[own], self.log_likelihood[own])


@dataclass(frozen=True)
class Cells:
    """Sparse counts: one entry per person, month and source with events, sorted by person, month and source.

    Attributes:
        person: (cells,) position of the person in the batch.
        month: (cells,) month of the window, 0 the first.
        source: (cells,) number of the source.
        events: (cells,) events seen; > 0.
        last_part: (cells,) part of the month that had passed at the last of them, in (0, 1].
    """

    person: IntArray
    month: IntArray
    source: IntArray
    events: FloatArray
    last_part: FloatArray

    def select(self, mask: BoolArray) -> "Cells":
        """Entries where mask (cells,) holds."""
        return self.take(np.flatnonzero(mask))

    def take(self, order: IntArray) -> "Cells":
        """Entries in this order."""
        return Cells(*(getattr(self, name).take(order) for name in self.__dataclass_fields__))

    def of_people(self, start: int, stop: int) -> "Cells":
        """Entries of people [start, stop), counted from start; entries are sorted by person."""
        low, high = np.searchsorted(self.person, [start, stop])
        part = Cells(*(getattr(self, name)[low:high] for name in self.__dataclass_fields__))
        return replace(part, person=part.person - start)


@dataclass(frozen=True)
class People:
    """A batch of people, ordered so that people of one county stand together.

    Attributes:
        county: (people,) number of the county, ascending.
        stratum: (people,) number of the stratum (age band, sex, region kind).
        sex: (people,) 1 male, 2 female.
        age_months: (people,) age at the window's first day, completed months.
        risk: (people,) multiplier of the life table known beforehand (from benefits); > 0.
        death_month: (people,) month of the recorded death; NO_RECORD where none is known.
        record_month: (people,) month in which that record was made; NO_RECORD where none is known.
    """

    county: IntArray
    stratum: IntArray
    sex: IntArray
    age_months: IntArray
    risk: FloatArray
    death_month: IntArray
    record_month: IntArray

    def __len__(self) -> int:
        """Number of people."""
        return len(self.county)

    def take(self, chosen: IntArray | BoolArray | slice) -> "People":
        """The chosen people, in that order."""
        return People(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def totals(cells: Cells, people: int, sources: int, *, since: int = 0) -> FloatArray:
    """Events per person and source from month ``since`` on, (people, sources)."""
    flat, events = cells.person.astype(np.int64) * sources + cells.source, cells.events
    if since:
        recent = np.flatnonzero(cells.month >= since)
        flat, events = flat.take(recent), events.take(recent)
    sums = np.bincount(flat, weights=events, minlength=people * sources)
    return np.asarray(sums, dtype=float).reshape(people, sources)


def person_starts(cells: Cells) -> IntArray:
    """Where each person's entries begin; entries are sorted by person."""
    return np.flatnonzero(np.append(True, cells.person[1:] != cells.person[:-1])[: len(cells.person)])


class LastMonths(NamedTuple):
    """When people were last seen, (people,) each.

    Attributes:
        month: of the last event, -1 for none.
        part: of that month that had passed at it, 0 for none.
        before: month of the last event before that month, -1 for none.
    """

    month: IntArray
    part: FloatArray
    before: IntArray

    def of(self, chosen: BoolArray) -> "LastMonths":
        """The same of chosen people."""
        return LastMonths(self.month[chosen], self.part[chosen], self.before[chosen])


def last_months(cells: Cells, people: int) -> LastMonths:
    """When each of so many people was last seen."""
    month, before = np.full(people, -1, dtype=np.int64), np.full(people, -1, dtype=np.int64)
    part = np.zeros(people)
    starts = person_starts(cells)
    if len(starts):
        who = cells.person[starts]
        latest = np.maximum.reduceat(cells.month + cells.last_part, starts)  # a part lies in (0, 1]
        month[who] = np.ceil(latest).astype(np.int64) - 1
        part[who] = latest - month[who]
        earlier = cells.month + 1
        earlier *= cells.month != month.take(cells.person)
        before[who] = np.maximum.reduceat(earlier, starts) - 1
    return LastMonths(month, part, before)


def county_blocks(county: IntArray) -> list[tuple[int, int, int]]:
    """(county, start, stop) of each run of people of one county; county must be ascending."""
    numbers, starts = np.unique(county, return_index=True)
    stops = np.append(starts[1:], len(county))[: len(starts)]  # nobody has no block
    return [(int(c), int(a), int(b)) for c, a, b in zip(numbers, starts, stops, strict=True)]
