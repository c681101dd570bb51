"""Events as single numbers, counted by cell without a hash table."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SOURCE_BITS, MONTH_BITS, DAY_BITS = 5, 9, 5
_PERSON_SHIFT = SOURCE_BITS + MONTH_BITS + DAY_BITS
_BLOCK_WORDS = 1 << 16
MOST_MONTHS, MOST_DAYS = 1 << MONTH_BITS, 1 << DAY_BITS


class Cells(NamedTuple):
    """Person, source and month with events; ordered so.

    Attributes:
        person: (cells,) int64, from 0 for the first of the range.
        source: (cells,) int64 source_no.
        month: (cells,) int64.
        events: (cells,) int64, > 0.
        last_day: (cells,) int64, day of the month of the last of them.
    """

    person: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    month: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    last_day: npt.NDArray[np.int64]


def sorted_blocks(words: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """(events,) words of `models.event_words`, sorted, in blocks of whole people that stay in the processor's cache."""
    if (words[1:] < words[:-1]).any():  # files are sorted; an engine may hand over their parts in any order
        words = np.sort(words, kind="stable")
    start = 0
    while start < len(words):
        stop = _first_of(words, min(start + _BLOCK_WORDS, len(words)))
        if stop <= start:  # one person with more events than a block
            stop = int(np.searchsorted(words, ((words[start] >> _PERSON_SHIFT) + 1) << _PERSON_SHIFT))
        yield words[start:stop]
        start = stop


def _first_of(words: npt.NDArray[np.int64], place: int) -> int:
    """Where the words of the person begin whose word stands at a place; the end at the end."""
    if place == len(words):
        return place
    return int(np.searchsorted(words, words[place] >> _PERSON_SHIFT << _PERSON_SHIFT))


def count_words(words: npt.NDArray[np.int64]) -> Cells:
    """Monthly counts of (events,) sorted words of `models.event_words`."""
    cell = words >> DAY_BITS
    ends = np.append(np.flatnonzero(cell[1:] != cell[:-1]), len(cell) - 1)[: len(cell)]
    counts = np.diff(ends, prepend=-1)
    rest = cell[ends]
    return Cells(
        person=rest >> (MONTH_BITS + SOURCE_BITS),
        source=(rest >> MONTH_BITS) & ((1 << SOURCE_BITS) - 1),
        month=rest & (MOST_MONTHS - 1),
        events=counts,
        last_day=words[ends] & (MOST_DAYS - 1),
    )
