"""Monthly counts of everybody, range by range of person_key: what the lake hands the survival model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chengshu.certification.population import Population
from chengshu.certification.window import Window
from chengshu.lake import CELL_SOURCES, Engine, Load, PersonRange, monthly_counts, person_ranges
from chengshu.survival.evidence import Cells

PEOPLE_PER_RANGE = 100_000
# One sortable number per cell: position of the person, month and source, events, day of the last of them.
_DAY_BITS, _EVENT_BITS, _CELL_BITS = 5, 16, 12
_MOST_EVENTS = (1 << _EVENT_BITS) - 1


@dataclass(frozen=True)
class Range:
    """People of one range of keys.

    Attributes:
        keys: the range.
        start: position of its first person in the population.
        order: positions in the population, ordered by county and then by key.
    """

    keys: PersonRange
    start: int
    order: npt.NDArray[np.int64]


def ranges_of(population: Population) -> list[Range]:
    """The population cut into ranges of about PEOPLE_PER_RANGE people; empty ranges are left out."""
    parts = max(1, -(-len(population.keys) // PEOPLE_PER_RANGE))
    ranges = []
    for keys in person_ranges(parts):
        start, stop = np.searchsorted(population.keys, [keys.first, keys.last], side="left")
        stop = int(np.searchsorted(population.keys, keys.last, side="right"))
        if stop > start:
            order = start + np.argsort(population.people.county[start:stop], kind="stable")
            ranges.append(Range(keys, int(start), order))
    return ranges


def count_range(engine: Engine, load: Load, population: Population, part: Range, window: Window) -> npt.NDArray[np.int64]:
    """Sorted packed cells of one range; see ``unpack``."""
    expr = monthly_counts(engine.events(load), first_month=window.first_month, person_range=part.keys)
    table = engine.table(expr)
    own = population.keys[part.start : part.start + len(part.order)]
    position = np.empty(len(own), dtype=np.int64)
    position[part.order - part.start] = np.arange(len(own))
    person = position[places_of(table["person_key"].to_numpy(), own)]
    packed = person << _CELL_BITS | table["cell"].to_numpy()
    packed = packed << _EVENT_BITS | np.minimum(table["events"].to_numpy(), _MOST_EVENTS)
    packed = packed << _DAY_BITS | table["last_day"].to_numpy()
    packed.sort()
    return packed


def places_of(wanted: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Position of each wanted key among sorted keys, all of which are there.

    Keys are hashes and so lie evenly: a table of starts brings each search to within a step or two.
    """
    low = int(keys[0])
    shift = max(0, (int(keys[-1]) - low).bit_length() - max(1, len(keys)).bit_length() - 1)
    first, offsets = np.uint64(low & (2**64 - 1)), np.uint64(shift)
    bucket = ((keys.view(np.uint64) - first) >> offsets).astype(np.int64)
    starts = np.searchsorted(bucket, np.arange(int(bucket[-1]) + 1))
    place = starts[((wanted.view(np.uint64) - first) >> offsets).astype(np.int64)]
    unsettled = np.flatnonzero(keys[place] != wanted)
    while len(unsettled):
        place[unsettled] += 1
        unsettled = unsettled[keys[place[unsettled]] != wanted[unsettled]]
    return place


def unpack(packed: npt.NDArray[np.int64], window: Window) -> Cells:
    """Cells of packed counts, people counted within the range in its county order."""
    day = packed & ((1 << _DAY_BITS) - 1)
    rest = packed >> _DAY_BITS
    events = (rest & _MOST_EVENTS).astype(np.float64)
    rest >>= _EVENT_BITS
    cell = rest & ((1 << _CELL_BITS) - 1)
    month = cell // CELL_SOURCES
    return Cells(
        person=rest >> _CELL_BITS,
        month=month,
        source=cell % CELL_SOURCES,
        events=events,
        last_part=day / window.days[month],
    )


def last_days(packed: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    """Month * 1024 + day * 32 + source of everybody's last event, -1 for none; (people,)."""
    day = packed & ((1 << _DAY_BITS) - 1)
    cell = (packed >> (_DAY_BITS + _EVENT_BITS)) & ((1 << _CELL_BITS) - 1)
    word = (cell // CELL_SOURCES) * 1024 + day * 32 + cell % CELL_SOURCES
    last = np.full(people, -1, dtype=np.int64)
    np.maximum.at(last, packed >> (_DAY_BITS + _EVENT_BITS + _CELL_BITS), word)
    return last


def totals_of(
    packed: npt.NDArray[np.int64], county: npt.NDArray[np.int16], shape: tuple[int, int, int]
) -> npt.NDArray[np.float64]:
    """Events of one range by county, source and month; ``county`` in the range's order."""
    counties, sources, months = shape
    rest = packed >> _DAY_BITS
    events = rest & _MOST_EVENTS
    cell = (rest >> _EVENT_BITS) & ((1 << _CELL_BITS) - 1)
    person = rest >> (_EVENT_BITS + _CELL_BITS)
    flat = (county[person].astype(np.int64) * sources + cell % CELL_SOURCES) * months + cell // CELL_SOURCES
    return np.bincount(flat, weights=events, minlength=counties * sources * months).reshape(shape)


class CountStore:
    """Packed counts of every range on disk, so that memory holds one range at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, number: int, packed: npt.NDArray[np.int64]) -> None:
        """Keep a range's counts."""
        np.save(self._folder / f"{number:05d}.npy", packed)

    def read(self, number: int) -> npt.NDArray[np.int64]:
        """A range's counts."""
        packed: npt.NDArray[np.int64] = np.load(self._folder / f"{number:05d}.npy")
        return packed

    def discard(self) -> None:
        """Remove all of them."""
        for path in self._folder.glob("*.npy"):
            path.unlink()
        self._folder.rmdir()

    def __iter__(self) -> Iterator[npt.NDArray[np.int64]]:
        """Counts of each range in turn."""
        for path in sorted(self._folder.glob("*.npy")):
            yield np.load(path)
