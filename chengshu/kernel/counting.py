"""Ordering by counting, where what orders is a number from a known, short range."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

_MOST_PLACE_BITS = 20


class LaidOut(NamedTuple):
    """Words in the order of their places; those of one place in the order in which they came.

    Attributes:
        words: (n,) int64.
        starts: (places + 1,) where each place's words start.
    """

    words: Int64Array
    starts: npt.NDArray[np.integer]

    def at(self, place: int) -> Int64Array:
        """The words of one place."""
        return self.words[self.starts[place] : self.starts[place + 1]]


def lay_out(words: Int64Array, place: Int32Array, places: int) -> LaidOut:
    """Order (n,) words by their place, each in [0, places).

    A matrix of one row is turned over into columns, which is how SciPy counts and moves in one pass of
    compiled code: 3 ns a word for some hundred places, where sorting takes 45 to 70.

    Raises:
        ValueError: a place is not one of them; the compiled code would write beside its memory.
    """
    if len(place) and int(place.view(np.uint32).max()) >= places:  # seen as unsigned, what is below 0 is large
        raise ValueError(f"places lie in 0 to {places - 1}; these in {place.min()} to {place.max()}")
    row = csr_array((words, place, np.array([0, len(words)], np.int32)), shape=(1, places))
    columns = row.tocsc()
    return LaidOut(columns.data, columns.indptr)


def sort_by_places(words: Int64Array, place: Int32Array, places: int) -> Int64Array:
    """Sorted (n,) words; a greater word has a greater `place`, or the same.

    Once laid out, hardly a word is far from where it belongs, and what is nearly sorted is merged at 2 to 5 ns a word.
    """
    laid = lay_out(words, place, places).words
    laid.sort(kind="stable")
    return laid


def argsort_spread(words: Int64Array) -> Int64Array:
    """The order of (n,) words, spread about evenly over their range; of equals, the first comes first.

    Laid out by their leading bits, they are nearly sorted: a third of the time of sorting.
    """
    if not len(words):
        return np.zeros(0, np.int64)
    # Halved, so that the range of all 64 bits fits: only closeness is wanted.
    place = words >> 1
    place -= place.min()
    bits = min(_MOST_PLACE_BITS, len(words).bit_length())
    place >>= max(0, int(place.max()).bit_length() - bits)
    near = lay_out(np.arange(len(words)), place.astype(np.int32), 1 << bits).words
    return np.asarray(near[np.argsort(words[near], kind="stable")])
