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
_NOBODY = np.uint64(2**32 - 1)  # as a rank of 32 bits: UNKNOWN
_HIGH = np.uint64(0x8080808080808080)
_TO_HIGH_FROM_ABOVE = np.uint64(0x4646464646464646)  # of a byte above "9", in every byte
_NO_TAIL = np.uint64(1 << 63)


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
    """An open-addressing hash table from ID numbers to ranks; word and rank share one 16-byte slot."""

    def __init__(self, words: UInt64Array) -> None:
        """Build from (people,) words of ID numbers, see `words_of`, in order of rank; all distinct."""
        self.people = len(words)
        bits = max(4, self.people.bit_length() + 2)
        self._shift = np.uint64(64 - bits)
        self._mask = (1 << bits) - 1
        places, self._longest = _placed(self._places(words), self._mask)
        self._slots = np.zeros((1 << bits, 2), np.uint64)
        self._slots[:, 1] = _NOBODY
        self._slots[places, 0] = words
        self._slots[places, 1] = np.arange(self.people, dtype=np.uint64)

    def _places(self, words: UInt64Array) -> Int64Array:
        product = words * _MULTIPLIER
        product >>= self._shift
        return product.view(np.int64)

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

    def _find_plain(self, ids: pa.StringArray) -> Int32Array:
        words = np.empty(len(ids), np.uint64)
        for start in range(0, len(ids), _BLOCK):
            block = ids.slice(start, _BLOCK)
            words[start : start + len(block)] = _words_of_texts(block)
        return self._find_words(words)

    def _find_words(self, words: UInt64Array) -> Int32Array:
        rank = np.empty(len(words), np.int32)
        missed = [np.zeros(0, np.int64)]
        for start in range(0, len(words), _BLOCK):
            block = words[start : start + _BLOCK]
            slots = self._slots_at(self._places(block))
            rank[start : start + len(block)] = slots[:, 1]
            missed.append(np.flatnonzero(slots[:, 0] != block) + start)
        # Of the whole batch at once: what is left soon becomes too little to be worth a call.
        self._look_further(words, rank, np.concatenate(missed))
        return rank

    def _look_further(self, words: UInt64Array, rank: Int32Array, rest: Int64Array) -> None:
        """Go on from slot to slot for the words that were not in the first; `rank` is that of the slot seen last."""
        wanted, seen = words[rest], rank[rest]
        place = self._places(wanted)
        for _ in range(self._longest):
            # A free slot ends the search: its rank says nobody.
            goes_on = np.flatnonzero(seen != UNKNOWN)
            if not len(goes_on):
                return
            rest, wanted = rest[goes_on], wanted[goes_on]
            place = (place[goes_on] + 1) & self._mask
            slots = self._slots_at(place)
            rank[rest] = slots[:, 1]
            goes_on = np.flatnonzero(slots[:, 0] != wanted)
            rest, wanted, place = rest[goes_on], wanted[goes_on], place[goes_on]
            seen = rank[rest]
        rank[rest] = UNKNOWN

    def _slots_at(self, places: Int64Array) -> UInt64Array:
        """(n, 2) word and rank. Taken as one 16-byte number each, which is how NumPy copies fastest."""
        taken = self._slots.view(np.complex128).ravel().take(places, mode="clip")
        return np.asarray(taken.view(np.uint64).reshape(-1, 2))


def _placed(place: Int64Array, mask: int) -> tuple[Int64Array, int]:
    """The slot of every rank: the first free one from its own on; and the longest way to one."""
    owner = np.full(mask + 1, UNKNOWN, np.int32)
    waiting = np.arange(len(place), dtype=np.int32)
    steps = 0
    while len(waiting):
        at = place[waiting]
        free = owner[at] == UNKNOWN
        owner[at[free]] = waiting[free]
        waiting = waiting[owner[at] != waiting]
        place[waiting] = (place[waiting] + 1) & mask
        steps += 1
    return place, steps


def words_of(ids: pa.StringArray) -> UInt64Array:
    """(n,) one word per ID number, by which alone numbers are told apart; 0 for what is not plainly one."""
    blocks = [_words_of_texts(ids.slice(start, _BLOCK)) for start in range(0, len(ids), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.uint64)


def _words_of_bases(base: Int64Array) -> UInt64Array:
    """One word per ID number: 17 digits and the check character, in 7 bits."""
    digits = base.astype(np.uint64)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total, rest = np.zeros(len(base), np.uint64), digits.copy()
    for weight in reversed(weights):
        rest, digit = np.divmod(rest, np.uint64(10))
        total += digit * np.uint64(weight)
    check = np.frombuffer(b"10X98765432", np.uint8)[total % np.uint64(11)]
    return np.asarray((digits << np.uint64(7)) | check)


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
    """(n,) words of (n, 18) bytes; 0 where they are not 17 digits and a digit or X."""
    words, lower = _column(rows, 0, "<u8"), _column(rows, 8, "<u8")
    tails = _TAILS.take(_column(rows, 16, "<u2"))
    is_bad = _is_no_digit(words)
    is_bad |= _is_no_digit(lower)
    is_bad |= tails & _NO_TAIL
    words = _eight_digits(words)
    words *= np.uint64(10**9)
    lower = _eight_digits(lower)
    lower *= np.uint64(10)
    words += lower
    words <<= np.uint64(7)
    words += tails
    if np.bitwise_or.reduce(is_bad):
        words[is_bad != 0] = 0
    return words


def _column(rows: npt.NDArray[np.uint8], start: int, kind: str) -> npt.NDArray[np.unsignedinteger]:
    """(n,) copies of some bytes of each row, as one number: ten times as fast as copying them as bytes."""
    flat = np.ascontiguousarray(rows)
    return np.ndarray(len(flat), kind, flat.data, start, (_ID_BYTES,)).copy()


def _is_no_digit(word: UInt64Array) -> UInt64Array:
    """Not 0 where one of the eight bytes is no digit: such a byte sets its highest bit in one sum or the other."""
    found = word + _TO_HIGH_FROM_ABOVE
    found |= word - _ZEROS
    found &= _HIGH
    return found


def _tails() -> UInt64Array:
    """What the last two bytes, as one number, add to a word; `_NO_TAIL` where they are not a digit, and one or X."""
    tail = np.full(1 << 16, _NO_TAIL)
    for digit in range(10):
        for last in b"0123456789X":
            tail[last << 8 | ord("0") + digit] = digit << 7 | last
    return tail


_TAILS = _tails()


def _eight_digits(word: UInt64Array) -> UInt64Array:
    """The numbers that eight bytes spell, by three multiplications in one machine word (Lemire).

    In place: fresh memory at every step would cost more than the arithmetic.
    """
    word -= _ZEROS
    pairs = word >> np.uint64(8)
    word *= np.uint64(10)
    word += pairs
    np.right_shift(word, np.uint64(16), out=pairs)
    word &= _LOW
    word *= _THOUSANDS
    pairs &= _LOW
    pairs *= _UNITS
    word += pairs
    word >>= np.uint64(32)
    return word
