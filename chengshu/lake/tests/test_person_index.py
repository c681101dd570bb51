"""The index finds exactly those whom it holds."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.kernel.identifiers import IdProblem, format_id_numbers
from chengshu.lake.person_index import UNKNOWN, PersonIndex, words_of

SOUND = np.unique(37170119500101000 + np.arange(0, 10**11 * 3, 10**11)[:, None] + np.arange(500)[None, :])
NUMBERS = format_id_numbers(SOUND)


@pytest.fixture(scope="module")
def index():
    return PersonIndex(words_of(NUMBERS))


def test_everybody_is_found_at_their_rank(index):
    assert (index.find(NUMBERS).rank == np.arange(len(NUMBERS))).all()


def test_a_slice_is_read_from_its_own_place(index):
    assert index.find(NUMBERS.slice(7, 5)).rank.tolist() == [7, 8, 9, 10, 11]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_looking_up_leaves_the_texts_alone(index, count):
    texts = pa.array(NUMBERS.slice(0, count).to_pylist())
    before = texts.to_pylist()
    index.find(texts)
    assert texts.to_pylist() == before


def test_an_index_of_nobody_finds_nobody():
    assert PersonIndex(words_of(pa.array([], pa.string()))).find(NUMBERS).rank.tolist() == [UNKNOWN] * len(NUMBERS)


def test_no_texts_lead_to_no_ranks(index):
    assert len(index.find(pa.array([], pa.string())).rank) == 0


@given(place=st.integers(0, len(NUMBERS) - 1), at=st.integers(0, 17), sign=st.characters(exclude_categories=["Cs"]))
def test_a_number_changed_in_one_place_is_somebody_else_or_nobody(place, at, sign):
    index = PersonIndex(words_of(NUMBERS))
    number = NUMBERS[place].as_py()
    changed = number[:at] + sign + number[at + 1 :]
    found = index.find(pa.array([changed, number]))
    known = {text: rank for rank, text in enumerate(NUMBERS.to_pylist())}
    if found.rank[0] != UNKNOWN and changed not in known:
        # Only what tidying makes of it may lead to somebody.
        assert found.normalised == 1
        assert found.problem[0] == IdProblem.OK
    else:
        assert found.rank[0] == known.get(changed, UNKNOWN)
    assert found.rank[1] == place


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=30))
def test_any_text_is_a_stranger(texts):
    index = PersonIndex(words_of(NUMBERS))
    found = index.find(pa.array(texts, pa.string()))
    assert found.rank.tolist() == [UNKNOWN] * len(texts)
    assert (found.problem[[text is None for text in texts]] == IdProblem.MISSING).all()
