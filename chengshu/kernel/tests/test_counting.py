"""Counting orders as sorting does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chengshu.kernel.counting import argsort_spread, lay_out, sort_by_places

WORDS = hnp.arrays(np.int64, st.integers(0, 200), elements=st.integers(-(2**63), 2**63 - 1))


@given(WORDS)
def test_laid_out_is_ordered_by_place_and_then_as_it_came(words):
    place = (words & 7).astype(np.int32)
    laid = lay_out(words, place, 8)
    assert (laid.words == words[np.argsort(place, kind="stable")]).all()
    assert [len(laid.at(number)) for number in range(8)] == np.bincount(place, minlength=8).tolist()


@given(WORDS)
def test_sorted_by_places_is_sorted(words):
    place = ((words >> 60) + 8).astype(np.int32)
    assert (sort_by_places(words, place, 16) == np.sort(words)).all()


@given(st.one_of(WORDS, hnp.arrays(np.int64, st.integers(0, 200), elements=st.integers(-3, 3))))
def test_the_order_is_that_of_a_stable_sort(words):
    assert (argsort_spread(words) == np.argsort(words, kind="stable")).all()


@pytest.mark.parametrize("words", [[], [5], [2**63 - 1, -(2**63)], [0, 0, 0]])
def test_the_order_of_extremes(words):
    words = np.array(words, np.int64)
    assert (argsort_spread(words) == np.argsort(words, kind="stable")).all()


@pytest.mark.parametrize("place", [-1, 8])
def test_a_place_that_is_none_is_refused_and_nothing_written_beside(place):
    with pytest.raises(ValueError, match="places lie in 0 to 7"):
        lay_out(np.zeros(2, np.int64), np.array([0, place], np.int32), 8)
