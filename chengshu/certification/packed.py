"""Monthly counts packed into sortable numbers. Needs no engine, so that a worker starts quickly, and a server's can."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from chengshu.certification.window import Window
from chengshu.kernel.counting import lay_out, sort_by_places
from chengshu.survival.evidence import Cells, county_blocks

# One sortable number per cell: position of the person, month and source, events, day of the last of them.
DAY_BITS, EVENT_BITS, SOURCE_BITS, MONTH_BITS = 5, 16, 5, 7
CELL_BITS = SOURCE_BITS + MONTH_BITS
PERSON_SHIFT, MOST_CELLS = DAY_BITS + EVENT_BITS + CELL_BITS, 1 << CELL_BITS
MOST_EVENTS = (1 << EVENT_BITS) - 1
MOST_SOURCES = 1 << SOURCE_BITS


def pack(
    person: npt.NDArray[np.int64],
    cell: npt.NDArray[np.integer],
    events: npt.NDArray[np.integer],
    day: npt.NDArray[np.integer],
) -> npt.NDArray[np.int64]:
    """Packed cells in ascending order of `cell`.

    Args:
        person: (cells,) position of the person in the range, by county.
        cell: (cells,) month * MOST_SOURCES + source.
        events: (cells,) how many; more than 65,535 count as so many.
        day: (cells,) of the month, of the last of them.
    """
    packed: npt.NDArray[np.int64] = person << CELL_BITS | cell
    packed <<= EVENT_BITS
    packed |= np.minimum(events, MOST_EVENTS)
    packed <<= DAY_BITS
    packed |= day
    return lay_out(packed, cell.astype(np.int32), MOST_CELLS).words


def in_order(packed: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    """Sorted packed cells of so many people; everybody's are in order among themselves already, and stay so."""
    return sort_by_places(packed, (packed >> PERSON_SHIFT).astype(np.int32), people)


def read_packed(path: Path) -> npt.NDArray[np.int64]:
    """Packed cells of a file: the 64-bit numbers themselves."""
    return np.fromfile(path, np.int64)


def unpack(packed: npt.NDArray[np.int64], window: Window) -> Cells:
    """Cells of packed counts, people counted within the range in its county order."""
    part_of_month = np.arange(1 << DAY_BITS) / window.days[:, None]
    day = packed & ((1 << DAY_BITS) - 1)
    rest = packed >> DAY_BITS
    events = (rest & MOST_EVENTS).astype(np.float64)
    rest >>= EVENT_BITS
    source = rest & (MOST_SOURCES - 1)
    rest >>= SOURCE_BITS
    month = rest & ((1 << MONTH_BITS) - 1)
    day |= month << DAY_BITS
    rest >>= MONTH_BITS
    return Cells(person=rest, month=month, source=source, events=events, last_part=part_of_month.take(day))


def of_people(packed: npt.NDArray[np.int64], start: int, stop: int) -> npt.NDArray[np.int64]:
    """Packed counts of people [start, stop) of a range, counted from start."""
    low, high = np.searchsorted(packed, np.array([start, stop]) << PERSON_SHIFT)
    return packed[low:high] - (start << PERSON_SHIFT)


def last_days(packed: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    """Month * 1024 + day * 32 + source of everybody's last event, -1 for none; (people,)."""
    last = np.full(people, -1, dtype=np.int64)
    if len(packed):
        cell = packed >> (DAY_BITS + EVENT_BITS)
        word = (cell & ((1 << CELL_BITS) - 1) & -MOST_SOURCES) << DAY_BITS
        word |= (packed & ((1 << DAY_BITS) - 1)) << SOURCE_BITS
        word |= cell & (MOST_SOURCES - 1)
        person = cell >> CELL_BITS
        starts = np.flatnonzero(np.diff(person, prepend=-1))
        last[person.take(starts)] = np.maximum.reduceat(word, starts)
    return last


def totals_of(
    packed: npt.NDArray[np.int64], county: npt.NDArray[np.int16], shape: tuple[int, int, int]
) -> npt.NDArray[np.float64]:
    """Events of one range by county, source and month; ``county`` in the range's order, ascending."""
    counties, sources, months = shape
    totals = np.zeros((counties, MOST_CELLS))
    for number, start, stop in county_blocks(county):
        own = of_people(packed, start, stop) >> DAY_BITS
        events = own & MOST_EVENTS
        own >>= EVENT_BITS
        own &= MOST_CELLS - 1
        totals[number] = np.bincount(own, weights=events, minlength=MOST_CELLS)
    by_month = totals.reshape(counties, -1, MOST_SOURCES)[:, :months, :sources]
    return np.ascontiguousarray(by_month.transpose(0, 2, 1))


def people_seen(packed: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    """How many of a range's people each source has seen, (MOST_SOURCES,)."""
    cell = packed >> (DAY_BITS + EVENT_BITS)
    seen = np.zeros((people, MOST_SOURCES), dtype=bool)
    seen.reshape(-1)[(cell >> CELL_BITS << SOURCE_BITS) | (cell & (MOST_SOURCES - 1))] = True
    return np.asarray(np.count_nonzero(seen, axis=0), dtype=np.int64)


def pick(packed: npt.NDArray[np.int64], place: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Packed cells of a range's chosen people, each counted by ``place`` (people,), which is -1 for the others."""
    own = place.take(packed >> PERSON_SHIFT).astype(np.int64)
    taken = np.flatnonzero(own >= 0)
    return (own.take(taken) << PERSON_SHIFT) | (packed.take(taken) & ((1 << PERSON_SHIFT) - 1))


def by_county(county: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The order in which a range's people stand by county, and by key within it; (people,)."""
    return np.argsort(county, kind="stable")


def places_of(who: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    """The place of each of so many people in a choice or an order, -1 for those not in it; (people,)."""
    place = np.full(people, -1, dtype=np.int64)
    place[who] = np.arange(len(who))
    return place
