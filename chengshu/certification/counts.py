"""Monthly counts of everybody, range by range: what the lake hands the survival model."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from chengshu.certification.packed import (
    MOST_SOURCES,
    by_county,
    in_order,
    pack,
    people_seen,
    pick,
    places_of,
    totals_of,
)
from chengshu.certification.population import Population
from chengshu.certification.window import Window
from chengshu.lake import PEOPLE_PER_FILE, Engine, Load, count_words, event_words, sorted_blocks

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

    @property
    def stop(self) -> int:
        """Position behind its last person."""
        return self.start + len(self.order)


def count_ranges(load: Load) -> int:
    """How many ranges the people of a load make."""
    return -(-load.people_count // PEOPLE_PER_RANGE)


def ranges_of(population: Population) -> list[Range]:
    """The population cut into ranges; keys are hashes, so that each is a mixture of everybody."""
    ranges = []
    for start in range(0, len(population.keys), PEOPLE_PER_RANGE):
        county = population.people.county[start : start + PEOPLE_PER_RANGE]
        ranges.append(Range(start, start + by_county(county)))
    return ranges


@dataclass(frozen=True)
class Counted:
    """What is taken from everybody's counts in passing.

    Attributes:
        arrived: (counties, sources, months) events of all people.
        people_seen: (sources,) distinct people with events.
        picked: for each choice of people, their packed cells, each person counted by place in the choice.
    """

    arrived: npt.NDArray[np.float64]
    people_seen: npt.NDArray[np.int64]
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
    places = [places_of(who, len(population.keys)) for who in choices]
    shape = (len(population.counties), load.source_count, window.months)
    arrived, seen, parts = np.zeros(shape), np.zeros(MOST_SOURCES, dtype=np.int64), []
    idle = SimpleQueue[Engine]()
    for engine in engines:
        idle.put(engine)

    def work(number: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], list[npt.NDArray[np.int64]]]:
        engine, part = idle.get(), ranges[number]
        try:
            packed = count_range(engine, load, population, part, window)
        finally:
            idle.put(engine)
        store.write(number, packed)
        totals = totals_of(packed, population.people.county[part.order], shape)
        picked = [pick(packed, place[part.order]) for place in places]
        return totals, people_seen(packed, len(part.order)), picked

    with ThreadPoolExecutor(len(engines)) as pool:
        for done, (totals, people, picked) in enumerate(pool.map(work, range(len(ranges))), start=1):
            arrived += totals
            seen += people
            parts.append(picked)
            progress(done / len(ranges))
    sorted_picks = [np.sort(np.concatenate(of_one)) for of_one in zip(*parts, strict=True)]
    return Counted(arrived, seen[: shape[1]], sorted_picks)


def count_range(
    engine: Engine, load: Load, population: Population, part: Range, window: Window
) -> npt.NDArray[np.int64]:
    """Sorted packed cells of one range; see ``unpack``.

    In this process it is quicker to fetch events one by one and to count them here, for hardly two fall
    together. docs/decisions says what was measured.
    """
    people = range(part.start, part.stop)
    events = engine.events(load, people=people)
    words = engine.table(event_words(events, first_month=window.first_month, people=people))["word"].to_numpy()
    places = places_of(part.order - part.start, len(part.order))
    return in_order(_packed_words(words, places), len(part.order))


def _packed_words(words: npt.NDArray[np.int64], position: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Packed cells of (events,) words, those of each person together and in order."""
    found = [np.zeros(0, np.int64)]
    for block in sorted_blocks(words):
        cells = count_words(block)
        cell = cells.month * MOST_SOURCES + cells.source
        found.append(pack(position[cells.person], cell, cells.events, cells.last_day))
    return np.concatenate(found)


class CountStore:
    """Packed counts of every range on disk, so that memory holds one range at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, number: int, packed: npt.NDArray[np.int64]) -> None:
        """Keep a range's counts."""
        # Not by NumPy, whose error does not tell that the disk is full.
        self.path(number).write_bytes(packed.data)

    def path(self, number: int) -> Path:
        """The file that holds a range's counts, for ``read_packed``."""
        return self._folder / f"{number:05d}.words"

    def discard(self) -> None:
        """Remove all of them."""
        for path in self._folder.glob("*.words"):
            path.unlink()
        self._folder.rmdir()
