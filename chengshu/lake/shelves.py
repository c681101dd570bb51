"""Words laid on shelves as they come, so that each shelf is sorted once, by itself, in the processor's cache."""

from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

MOST_WORDS = 1 << 26
"""Words kept in memory, half a gigabyte; more of them go to disk, whatever the number of events."""
_WORD_BYTES = 8


class Batch(NamedTuple):
    """Words in the order of their shelves; within a shelf, in the order in which they came.

    Attributes:
        words: (n,) int64.
        starts: (shelves + 1,) where each shelf's words start.
    """

    words: Int64Array
    starts: npt.NDArray[np.integer]

    def on(self, shelf: int) -> Int64Array:
        """The words of one shelf."""
        return self.words[self.starts[shelf] : self.starts[shelf + 1]]


def lay_out(words: Int64Array, shelf: Int32Array, shelves: int) -> Batch:
    """Order (n,) words by their shelf, each in [0, shelves), by counting.

    A matrix of one row is turned over into columns, which is how SciPy counts and moves in one pass of
    compiled code: 3 ns a word, where sorting takes 45 to 70.
    """
    row = csr_array((words, shelf, np.array([0, len(words)], np.int32)), shape=(1, shelves))
    columns = row.tocsc()
    return Batch(columns.data, columns.indptr)


def sort_near(words: Int64Array, place: Int32Array, places: int) -> Int64Array:
    """Sorted (n,) words; `place`, each in [0, places), has to rise with the word.

    After counting hardly a word is far from its place, and what is nearly sorted is merged, not sorted.
    """
    laid = lay_out(words, place, places).words
    laid.sort(kind="stable")
    return laid


class Shelves:
    """Batches of words, taken off again shelf by shelf. Only one thread puts them on."""

    def __init__(self, shelves: int, spill: Path, most_words: int = MOST_WORDS) -> None:
        self.shelves = shelves
        self._spill = spill / "shelves"
        self._most_words = most_words
        self._batches: list[Batch] = []
        self._held = 0
        self._spilled: list[Int64Array] = []

    def put(self, batch: Batch) -> None:
        """Keep a batch; when there are too many words, all go to disk."""
        self._batches.append(batch)
        self._held += len(batch.words)
        if self._held >= self._most_words:
            self._spill_all()

    def take(self, shelf: int) -> Int64Array:
        """All words of one shelf in the order in which they came. Safe from several threads."""
        kept = [batch.on(shelf) for batch in self._batches]
        return np.concatenate([np.zeros(0, np.int64), *self._from_disk(shelf), *kept])

    def _spill_all(self) -> None:
        with self._spill.open("ab") as file:
            self._spilled.append(self._append(file))
        self._batches.clear()
        self._held = 0

    def _append(self, file: BinaryIO) -> Int64Array:
        """Write shelf after shelf, so that each is read in one piece; returns where each starts, in words."""
        starts = np.full(self.shelves + 1, file.seek(0, 2) // _WORD_BYTES)
        for shelf in range(self.shelves):
            held = np.concatenate([batch.on(shelf) for batch in self._batches])
            file.write(held.data)
            starts[shelf + 1 :] += len(held)
        return starts

    def _from_disk(self, shelf: int) -> list[Int64Array]:
        return [
            np.fromfile(self._spill, np.int64, starts[shelf + 1] - starts[shelf], offset=_WORD_BYTES * starts[shelf])
            for starts in self._spilled
        ]
