"""From an ID number to its person's rank, for hundreds of millions of rows.

A join in DuckDB costs about three times as much: its hash table follows two pointers a row to strings on the
heap. Here an ID number is one 64-bit word, and the table is two flat arrays.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.kernel.identifiers import IdProblem, check_id_numbers

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
UInt64Array = npt.NDArray[np.uint64]
BoolArray = npt.NDArray[np.bool_]

UNKNOWN = -1
_ID_BYTES = 18
_BLOCK = 1 << 15  # what is worked on at once stays in the processor's cache
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing, Knuth, TAOCP 6.4
_ZEROS = np.uint64(0x3030303030303030)
_LOW = np.uint64(0x000000FF000000FF)
_THOUSANDS = np.uint64(0x000F424000000064)  # 10**6 << 32 | 10**2
_UNITS = np.uint64(0x0000271000000001)  # 10**4 << 32 | 1
_X = ord("X")


class Found(NamedTuple):
    """What n ID numbers led to.

    Attributes:
        rank: (n,) int32, place of the person in ascending order of person_key; -1 where there is none.
        problem: (n,) uint8 of `IdProblem`; OK with rank -1 is a valid number of nobody known.
        normalised: how many were found only after tidying (lower-case x, blanks, 15 digits).
    """

    rank: Int32Array
    problem: npt.NDArray[np.uint8]
    normalised: int


class PersonIndex:
    """An open-addressing hash table from ID numbers to ranks."""

    def __init__(self, base: Int64Array) -> None:
        """Build from (people,) first 17 digits, in order of rank; all distinct."""
        self.people = len(base)
        self._bits = max(4, int(self.people).bit_length() + 2)
        self._shift = np.uint64(64 - self._bits)
        self._mask = (1 << self._bits) - 1
        self._words = _words_of_bases(base)
        self._slots = np.full(1 << self._bits, UNKNOWN, np.int32)
        self._longest = self._fill()

    def _fill(self) -> int:
        """Put every rank into the first free slot from its own on; returns the longest way to one."""
        waiting = np.arange(self.people, dtype=np.int32)
        place = self._places(self._words)
        for steps in range(self.people + 1):
            if not len(waiting):
                return steps
            at = place[waiting]
            free = self._slots[at] == UNKNOWN
            self._slots[at[free]] = waiting[free]
            waiting = waiting[self._slots[at] != waiting]
            place[waiting] = (place[waiting] + 1) & self._mask
        return self.people

    def _places(self, words: UInt64Array) -> Int64Array:
        return ((words * _MULTIPLIER) >> self._shift).astype(np.int64)

    def find(self, ids: pa.StringArray) -> Found:
        """Ranks of (n,) ID numbers; those not found as they stand are tidied and tried again."""
        rank = self._find_plain(ids)
        problem = np.zeros(len(ids), np.uint8)
        missed = np.flatnonzero(rank == UNKNOWN)
        if not len(missed):
            return Found(rank, problem, 0)
        check = check_id_numbers(ids.take(pa.array(missed)))
        problem[missed] = check.problem
        again = np.full(len(missed), UNKNOWN, np.int32)
        is_good = check.problem == IdProblem.OK
        again[is_good] = self._find_words(_words_of_bases(check.base[is_good]))
        rank[missed] = again
        return Found(rank, problem, int((again != UNKNOWN).sum()))

    def find_bases(self, base: Int64Array) -> Int32Array:
        """Ranks of (n,) first 17 digits of valid ID numbers."""
        return self._find_words(_words_of_bases(base))

    def _find_plain(self, ids: pa.StringArray) -> Int32Array:
        rank = np.empty(len(ids), np.int32)
        for start in range(0, len(ids), _BLOCK):
            words = _words_of_texts(ids.slice(start, _BLOCK))
            rank[start : start + len(words)] = self._find_words(words)
        return rank

    def _find_words(self, words: UInt64Array) -> Int32Array:
        if not self.people:
            return np.full(len(words), UNKNOWN, np.int32)
        place = self._places(words)
        rank = self._slots.take(place, mode="clip")
        # Slot -1 clips to person 0, whose word cannot be the one sought: else its own slot had been met.
        rest = np.flatnonzero(self._words.take(rank, mode="clip") != words)
        for _ in range(self._longest):
            if not len(rest):
                return rank
            rest = rest[rank[rest] != UNKNOWN]
            place[rest] = (place[rest] + 1) & self._mask
            rank[rest] = self._slots[place[rest]]
            rest = rest[self._words.take(rank[rest], mode="clip") != words[rest]]
        rank[rest] = UNKNOWN
        return rank


def _words_of_bases(base: Int64Array) -> UInt64Array:
    """One word per ID number: 17 digits and the check character, in 7 bits."""
    digits = base.astype(np.uint64)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total, rest = np.zeros(len(base), np.uint64), digits.copy()
    for weight in reversed(weights):
        rest, digit = np.divmod(rest, np.uint64(10))
        total += digit * np.uint64(weight)
    check = np.frombuffer(b"10X98765432", np.uint8)[total % np.uint64(11)]
    return (digits << np.uint64(7)) | check


def _words_of_texts(ids: pa.StringArray) -> UInt64Array:
    """The same word from texts; 0 where a text is not 17 digits and a digit or X."""
    offsets = np.frombuffer(ids.buffers()[1], np.int32)[ids.offset : ids.offset + len(ids) + 1]
    lengths = np.diff(offsets)
    if (lengths == _ID_BYTES).all():
        content = np.frombuffer(ids.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
        return _words_of_rows(content.reshape(-1, _ID_BYTES))
    words = np.zeros(len(ids), np.uint64)
    fits = lengths == _ID_BYTES
    if fits.any():
        words[fits] = _words_of_texts(ids.filter(pa.array(fits)))
    return words


def _words_of_rows(rows: npt.NDArray[np.uint8]) -> UInt64Array:
    """(n,) words of (n, 18) bytes."""
    last = rows[:, 17]
    numbers = _eight_digits(rows[:, 0:8]) * np.uint64(10**9) + _eight_digits(rows[:, 8:16]) * np.uint64(10)
    words = ((numbers + (rows[:, 16] - np.uint8(ord("0")))) << np.uint64(7)) | last
    is_letter = rows.reshape(-1) - np.uint8(ord("0")) > 9
    is_x = last == _X
    if np.count_nonzero(is_letter) != np.count_nonzero(is_x):
        is_letter[_ID_BYTES - 1 :: _ID_BYTES] &= ~is_x
        words[is_letter.reshape(-1, _ID_BYTES).any(axis=1)] = 0
    return words


def _eight_digits(columns: npt.NDArray[np.uint8]) -> UInt64Array:
    """The numbers that rows of eight digits spell, by three multiplications in one machine word (Lemire)."""
    word = np.ascontiguousarray(columns).view("<u8").ravel() - _ZEROS
    word = word * np.uint64(10) + (word >> np.uint64(8))
    upper = (word & _LOW) * _THOUSANDS
    lower = ((word >> np.uint64(16)) & _LOW) * _UNITS
    return np.asarray((upper + lower) >> np.uint64(32))
