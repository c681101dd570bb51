"""Words laid on shelves as they come, so that each shelf is sorted once, by itself, in the processor's cache."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from chengshu.kernel.counting import LaidOut

Int64Array = npt.NDArray[np.int64]

MOST_WORDS = 1 << 26
"""Words kept in memory, half a gigabyte; more of them go to disk, whatever the number of events."""
_WORD_BYTES = 8


class Shelves:
    """LaidOutes of words, taken off again shelf by shelf. Only one thread puts them on."""

    def __init__(self, shelves: int, spill: Path, most_words: int | None = None) -> None:
        self.shelves = shelves
        self._spill = spill / "shelves"
        self._most_words = MOST_WORDS if most_words is None else most_words
        self._batches: list[LaidOut] = []
        self._held = 0
        self._spilled: list[Int64Array] = []

    def put(self, batch: LaidOut) -> None:
        """Keep a batch; when there are too many words, all go to disk."""
        self._batches.append(batch)
        self._held += len(batch.words)
        if self._held >= self._most_words:
            self._spill_all()

    def take(self, shelf: int) -> Int64Array:
        """All words of one shelf in the order in which they came. Safe from several threads."""
        kept = [batch.at(shelf) for batch in self._batches]
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
            held = np.concatenate([batch.at(shelf) for batch in self._batches])
            file.write(held.data)
            starts[shelf + 1 :] += len(held)
        return starts

    def _from_disk(self, shelf: int) -> list[Int64Array]:
        return [
            np.fromfile(self._spill, np.int64, starts[shelf + 1] - starts[shelf], offset=_WORD_BYTES * starts[shelf])
            for starts in self._spilled
        ]
