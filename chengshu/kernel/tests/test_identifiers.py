"""ID numbers, one at a time and by the million."""

import time
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from chengshu.kernel import clock
from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.identifiers import IdProblem, check_id_number, check_id_numbers, format_id_numbers

TODAY = date(2025, 12, 31)
GOOD = "11010519491231002X"
BAD = {
    "": "length",
    "1101051949123100": "length",
    "110105194912310021X": "length",
    "1101051949123100AX": "character",
    "11010519491231002Y": "character",
    "X10105194912310021": "character",
    "110105194913310021": "birth-date",
    "110105190002290021": "birth-date",
    "110105000101010021": "birth-date",
    "110105194912310021": "check-digit",
}
born = st.dates(date(1880, 1, 1), date(2024, 12, 31))
good_numbers = st.builds(
    lambda region, day, order: (stem := f"{region:06d}{day:%Y%m%d}{order:03d}") + ric.calc_check_digit(stem + "0"),
    st.integers(110101, 659999),
    born,
    st.integers(0, 999),
)
almost_numbers = st.builds(
    lambda number, place, character: number[:place] + character + number[place + 1 :],
    good_numbers,
    st.integers(0, 17),
    st.sampled_from("0123456789Xx /:年"),
)


def verdict(text: str) -> str:
    try:
        return check_id_number(text, today=TODAY).number
    except ChengshuError as error:
        return error.code.removeprefix("id-number.")


def verdicts(texts: list[str]) -> list[str]:
    check = check_id_numbers(pa.array(texts, pa.string()), today=TODAY)
    names = [IdProblem(problem).name.lower().replace("_", "-") for problem in check.problem]
    return [number if name == "ok" else name for number, name in zip(check.number.to_pylist(), names, strict=True)]


def test_good_number_tells_place_birth_and_sex() -> None:
    found = check_id_number(GOOD)
    assert (found.region_code, found.birth_date, found.sex) == ("110105", date(1949, 12, 31), 2)


@pytest.mark.parametrize(("text", "code"), BAD.items())
def test_bad_number_is_refused_with_its_reason(text: str, code: str) -> None:
    assert verdict(text) == code
    assert verdicts([text]) == [code]


@pytest.mark.parametrize(
    "text",
    ["11010519491231002x", " 11010519491231002X ", "１１０１０５１９４９１２３１００２Ｘ", "110105491231002"],
)
def test_other_spellings_are_normalised(text: str) -> None:
    assert verdict(text) == GOOD
    assert verdicts([text, GOOD]) == [GOOD, GOOD]


def test_birth_after_today_is_refused_by_the_clock() -> None:
    number = format_id_numbers([11010520260101002])[0].as_py()
    with clock.fixed(TODAY), pytest.raises(ChengshuError) as refused:
        check_id_number(number)
    assert refused.value.code == "id-number.future-birth"
    with clock.fixed(date(2026, 1, 1)):
        assert check_id_numbers(pa.array([number])).problem.tolist() == [IdProblem.OK]


def test_null_is_missing_and_bad_rows_keep_their_text() -> None:
    check = check_id_numbers(pa.array([None, GOOD.lower(), "12"]))
    assert check.problem.tolist() == [IdProblem.MISSING, IdProblem.OK, IdProblem.LENGTH]
    assert check.number.to_pylist() == [None, GOOD, "12"]
    assert check.base.tolist() == [0, int(GOOD[:17]), 0]


@given(st.lists(st.one_of(good_numbers, almost_numbers, st.text(max_size=20)), max_size=8))
def test_millions_get_the_verdict_that_one_gets(texts: list[str]) -> None:
    assert verdicts(texts) == [verdict(text) for text in texts]


@given(good_numbers)
def test_check_digit_is_the_one_of_stdnum(number: str) -> None:
    assert verdict(number) == number
    assert format_id_numbers([int(number[:17])]).to_pylist() == [number]
    assert verdict(number[:17] + "0123456789X"[("0123456789X".index(number[17]) + 1) % 11]) == "check-digit"


def test_slices_chunks_and_dictionaries_are_read() -> None:
    texts = pa.array(["x", GOOD, None, GOOD])
    chunked = pa.chunked_array([texts.slice(1, 2), texts.slice(3), texts.slice(0, 0)])
    assert check_id_numbers(chunked).problem.tolist() == [IdProblem.OK, IdProblem.MISSING, IdProblem.OK]
    assert check_id_numbers(texts.dictionary_encode()).problem[1] == IdProblem.OK
    assert check_id_numbers(pa.chunked_array([], pa.string())).base.shape == (0,)


def test_a_million_numbers_take_less_than_half_a_second() -> None:
    base = 11010519490101000 + np.arange(1_000_000, dtype=np.int64) % 1000
    numbers = format_id_numbers(base)
    check_id_numbers(numbers[:10])  # Arrow loads its NumPy bridge at first use
    start = time.perf_counter()
    check = check_id_numbers(numbers)
    assert time.perf_counter() - start < 0.5
    assert np.array_equal(check.base, base)
