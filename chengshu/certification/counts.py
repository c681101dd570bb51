"""Monthly counts of everybody, range by range: what the lake hands the survival model."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from chengshu.certification.packed import (
    CELL_BITS,
    DAY_BITS,
    EVENT_BITS,
    MOST_CELLS,
    MOST_EVENTS,
    PERSON_SHIFT,
    totals_of,
)
from chengshu.certification.population import Population
from chengshu.certification.window import Window
from chengshu.kernel.counting import lay_out, sort_by_places
from chengshu.lake import (
    CELL_SOURCES,
    PEOPLE_PER_FILE,
    Engine,
    Load,
    count_words,
    event_words,
    monthly_counts,
    sorted_blocks,
)

PEOPLE_PER_RANGE = PEOPLE_PER_FILE  # a range's events come from one file, sorted


@dataclass(frozen=True)
class Range:
    """People who stand together in the load.

    Attributes:
        start: position of its first person in the population.
        order: positions in the population, ordered by county and then by key.
    """

    start: int
    order: npt.NDArray[np.int64]


def count_ranges(load: Load) -> int:
    """How many ranges the people of a load make."""
    return -(-load.people_count // PEOPLE_PER_RANGE)


def ranges_of(population: Population) -> list[Range]:
    """The population cut into ranges; keys are hashes, so that each is a mixture of everybody."""
    ranges = []
    for start in range(0, len(population.keys), PEOPLE_PER_RANGE):
        county = population.people.county[start : start + PEOPLE_PER_RANGE]
        ranges.append(Range(start, start + np.argsort(county, kind="stable")))
    return ranges


@dataclass(frozen=True)
class Counted:
    """What is taken from everybody's counts in passing.

    Attributes:
        arrived: (counties, sources, months) events of all people.
        picked: for each choice of people, their packed cells, each person counted by place in the choice.
    """

    arrived: npt.NDArray[np.float64]
    picked: list[npt.NDArray[np.int64]]


def count_everybody(
    engines: list[Engine],
    load: Load,
    population: Population,
    store: "CountStore",
    window: Window,
    choices: list[npt.NDArray[np.int64]],
    progress: Callable[[float], None],
) -> Counted:
    """Reduce the events to monthly counts, one range of people after the other, one on each engine.

    Args:
        engines: to work on at once.
        load: whose events are counted.
        population: its people.
        store: keeps the counts of each range.
        window: the months that count.
        choices: positions of people whose counts are wanted together, each in an order of its own.
        progress: told the share done.
    """
    ranges = ranges_of(population)
    places = [_places(who, len(population.keys)) for who in choices]
    shape = (len(population.counties), load.sources().num_rows, window.months)
    arrived, parts = np.zeros(shape), []
    idle = SimpleQueue[Engine]()
    for engine in engines:
        idle.put(engine)

    def work(number: int) -> tuple[npt.NDArray[np.float64], list[npt.NDArray[np.int64]]]:
        engine, part = idle.get(), ranges[number]
        try:
            packed = count_range(engine, load, population, part, window)
        finally:
            idle.put(engine)
        store.write(number, packed)
        totals = totals_of(packed, population.people.county[part.order], shape)
        return totals, [_pick(packed, part, place) for place in places]

    with ThreadPoolExecutor(len(engines)) as pool:
        for done, (totals, picked) in enumerate(pool.map(work, range(len(ranges))), start=1):
            arrived += totals
            parts.append(picked)
            progress(done / len(ranges))
    return Counted(arrived, [np.sort(np.concatenate(of_one)) for of_one in zip(*parts, strict=True)])


def _places(who: npt.NDArray[np.int64], people: int) -> npt.NDArray[np.int64]:
    """The place of each person in a choice, -1 for the others, (people,)."""
    place = np.full(people, -1, dtype=np.int64)
    place[who] = np.arange(len(who))
    return place


def _pick(packed: npt.NDArray[np.int64], part: Range, place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Packed cells of a range's chosen people, each person counted by ``place``."""
    own = place[part.order].take(packed >> PERSON_SHIFT)
    taken = np.flatnonzero(own >= 0)
    return (own.take(taken) << PERSON_SHIFT) | (packed.take(taken) & ((1 << PERSON_SHIFT) - 1))


def count_range(
    engine: Engine, load: Load, population: Population, part: Range, window: Window
) -> npt.NDArray[np.int64]:
    """Sorted packed cells of one range, the same from every engine; see ``unpack``.

    In this process it is quicker to fetch events one by one and to count them here, for hardly two fall
    together; from a server across a network only counts are fetched. docs/decisions says what was measured.
    """
    position = np.empty(len(part.order), dtype=np.int64)
    position[part.order - part.start] = np.arange(len(part.order))
    people = range(part.start, part.start + len(part.order))
    events = engine.events(load, people=people)
    if engine.name == "duckdb":
        words = engine.table(event_words(events, first_month=window.first_month, people=people))["word"].to_numpy()
        packed = _packed_words(words, position)
    else:
        counts = engine.table(monthly_counts(events, first_month=window.first_month, people=people).drop("person_key"))
        person = position[counts["person_no"].to_numpy() - part.start]
        packed = _packed(person, counts["cell"].to_numpy(), counts["events"].to_numpy(), counts["last_day"].to_numpy())
    # Everybody's cells are in order among themselves, and stay so.
    return sort_by_places(packed, (packed >> PERSON_SHIFT).astype(np.int32), len(part.order))


def _packed_words(words: npt.NDArray[np.int64], position: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Packed cells of (events,) words, those of each person together and in order."""
    found = [np.zeros(0, np.int64)]
    for block in sorted_blocks(words):
        cells = count_words(block)
        cell = cells.month * CELL_SOURCES + cells.source
        found.append(_packed(position[cells.person], cell, cells.events, cells.last_day))
    return np.concatenate(found)


def _packed(
    person: npt.NDArray[np.int64],
    cell: npt.NDArray[np.integer],
    events: npt.NDArray[np.integer],
    day: npt.NDArray[np.integer],
) -> npt.NDArray[np.int64]:
    """Packed cells in ascending order of `cell`."""
    packed: npt.NDArray[np.int64] = person << CELL_BITS | cell
    packed <<= EVENT_BITS
    packed |= np.minimum(events, MOST_EVENTS)
    packed <<= DAY_BITS
    packed |= day
    return lay_out(packed, cell.astype(np.int32), MOST_CELLS).words


class CountStore:
    """Packed counts of every range on disk, so that memory holds one range at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, number: int, packed: npt.NDArray[np.int64]) -> None:
        """Keep a range's counts."""
        # Not by NumPy, whose error does not tell that the disk is full.
        self.path(number).write_bytes(packed.data)

    def read(self, number: int) -> npt.NDArray[np.int64]:
        """A range's counts."""
        return np.fromfile(self.path(number), np.int64)

    def path(self, number: int) -> Path:
        """The file that holds a range's counts, as 64-bit numbers."""
        return self._folder / f"{number:05d}.words"

    def discard(self) -> None:
        """Remove all of them."""
        for path in self._folder.glob("*.words"):
            path.unlink()
        self._folder.rmdir()
