"""Chinese ID numbers (GB 11643): one at a time with reasons, or by the million.

A number is six digits of the place of first registration, eight of the birth date, three of sequence (odd:
male) and a check digit. The place is not checked against a list: places are renamed and merged, numbers are
for life.
The millions are read as machine words (eight digits at a time), never row by row.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from chengshu.kernel import clock
from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.texts import Text

Int64Array = npt.NDArray[np.int64]
UInt64Array = npt.NDArray[np.uint64]
UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

LENGTH, OLD_LENGTH = 18, 15
EARLIEST_BIRTH_YEAR = 1800
BLANKS = " \t\r\n"
_MALE, _FEMALE = 1, 2
_BATCH_ROWS = 1 << 16  # words of one batch stay in the processor's cache


class IdProblem(IntEnum):
    """Why a text is not an ID number."""

    OK = 0
    LENGTH = 1
    CHARACTER = 2
    BIRTH_DATE = 3
    CHECK_DIGIT = 4
    FUTURE_BIRTH = 5
    MISSING = 6


PROBLEM_TEXTS: dict[IdProblem, Text] = {
    IdProblem.LENGTH: Text("身份证号码不是18位（或旧15位）", "an ID number has 18 characters (15 in the old form)"),
    IdProblem.CHARACTER: Text("身份证号码含有不允许的字符", "the ID number holds a character that is not allowed"),
    IdProblem.BIRTH_DATE: Text("身份证号码中的出生日期不存在", "the birth date within the ID number does not exist"),
    IdProblem.CHECK_DIGIT: Text("身份证号码校验码不符", "the check digit of the ID number is wrong"),
    IdProblem.FUTURE_BIRTH: Text(
        "身份证号码中的出生日期在未来", "the birth date within the ID number is in the future"
    ),
    IdProblem.MISSING: Text("没有身份证号码", "there is no ID number"),
}
_NEXT_STEP = Text(
    "请对照证件原件或向来源部门核对该号码。",
    "Compare it with the card itself, or ask the department that sent it.",
)


@dataclass(frozen=True)
class IdNumber:
    """A number that passed every check, and what it says."""

    number: str
    region_code: str
    birth_date: date
    sex: int


@dataclass(frozen=True)
class IdCheck:
    """What a check of n texts found.

    Attributes:
        base: (n,) int64, the first 17 digits as a number; 0 where there is a problem.
        problem: (n,) uint8, values of `IdProblem`.
        number: (n,) the 18 characters, upper case; the text as it came where there is a problem.
    """

    base: Int64Array
    problem: UInt8Array
    number: pa.StringArray


def check_id_number(text: str, *, today: date | None = None) -> IdNumber:
    """Check one ID number; 15 digits are upgraded to 18, a lower-case x is accepted.

    Args:
        text: as written, blanks and full-width digits allowed.
        today: births after this day are refused; the clock's own if not given.

    Raises:
        ChengshuError: with code `id-number.length`, `.character`, `.birth-date`, `.check-digit` or
            `.future-birth`.

    >>> check_id_number("11010519491231002x").number
    '11010519491231002X'
    """
    number = unicodedata.normalize("NFKC", text).strip(BLANKS).replace("x", "X")
    if len(number) == OLD_LENGTH and number.isascii() and number.isdecimal():
        number = _upgraded(number)
    problem = _problem_of(number, today or clock.today())
    if problem is not IdProblem.OK:
        code = "id-number." + problem.name.lower().replace("_", "-")
        raise ChengshuError(code, PROBLEM_TEXTS[problem], _NEXT_STEP)
    sex = _MALE if int(number[16]) % 2 else _FEMALE
    return IdNumber(number, number[:6], ric.get_birth_date(number), sex)


def _upgraded(old: str) -> str:
    """The 18 characters of a 15-digit number; those were given out to people born in the 1900s."""
    number = f"{old[:6]}19{old[6:]}0"
    return number[:-1] + ric.calc_check_digit(number)


def _problem_of(number: str, today: date) -> IdProblem:
    """The first thing wrong with 18 upper-case characters."""
    if number.isascii() and len(number) != LENGTH:
        return IdProblem.LENGTH
    if not (number.isascii() and number[:-1].isdecimal() and (number[-1].isdecimal() or number[-1] == "X")):
        return IdProblem.CHARACTER
    try:
        born = ric.get_birth_date(number)
    except InvalidComponent:
        return IdProblem.BIRTH_DATE
    if born.year < EARLIEST_BIRTH_YEAR:
        return IdProblem.BIRTH_DATE
    if number[-1] != ric.calc_check_digit(number):
        return IdProblem.CHECK_DIGIT
    return IdProblem.FUTURE_BIRTH if born > today else IdProblem.OK


def check_id_numbers(ids: pa.Array | pa.ChunkedArray, *, today: date | None = None) -> IdCheck:
    """Check n ID numbers at once: the same verdicts as `check_id_number`, at millions a second.

    Args:
        ids: (n,) texts of any Arrow string type, dictionary-encoded too; null is `IdProblem.MISSING`.
        today: births after this day are refused; the clock's own if not given.
    """
    chunks = ids.chunks if isinstance(ids, pa.ChunkedArray) else [ids]
    day = _as_number(today or clock.today())
    parts = [_check_batch(batch, day) for chunk in chunks for batch in _batches(chunk.cast(pa.string()))]
    if not parts:
        return IdCheck(np.zeros(0, np.int64), np.zeros(0, np.uint8), pa.array([], pa.string()))
    return IdCheck(
        np.concatenate([part.base for part in parts]),
        np.concatenate([part.problem for part in parts]),
        pa.concat_arrays([part.number for part in parts]),
    )


def format_id_numbers(base: npt.ArrayLike) -> pa.StringArray:
    """The 18 characters for the first 17 digits as numbers, check digit appended.

    Args:
        base: (n,) whole numbers below 10**17; n up to 119 million, what one Arrow string array holds.

    >>> format_id_numbers([11010519491231002]).to_pylist()
    ['11010519491231002X']
    """
    digits = np.asarray(base, dtype=np.int64)
    return _strings_of(_format_rows(digits))


def _as_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _batches(texts: pa.StringArray) -> list[pa.StringArray]:
    return [texts.slice(start, _BATCH_ROWS) for start in range(0, len(texts), _BATCH_ROWS)]


# --- writing: four digits at a time from tables ---

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK_CHARACTERS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_ROW = np.dtype([("four", "<u4", (4,)), ("last", "u1"), ("check", "u1")])


def _four_digit_tables() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """For 0 to 9999: its four characters as one word, and its weighted sum at each of four places."""
    digits = np.arange(10_000)[:, None] // np.array([1000, 100, 10, 1]) % 10
    characters = (digits + ord("0")).astype(np.uint8).view("<u4").ravel()
    return characters, np.stack([digits @ _WEIGHTS[place : place + 4] for place in (0, 4, 8, 12)])


_FOUR_CHARACTERS, _FOUR_SUMS = _four_digit_tables()


def _format_rows(base: Int64Array) -> npt.NDArray[np.void]:
    """(n,) rows of 18 bytes."""
    rows = np.empty(len(base), dtype=_ROW)
    rest, last = np.divmod(base, 10)
    total = last * _WEIGHTS[16]
    for place in (3, 2, 1, 0):
        rest, four = np.divmod(rest, 10_000)
        rows["four"][:, place] = _FOUR_CHARACTERS[four]
        total += _FOUR_SUMS[place][four]
    rows["last"] = last + ord("0")
    rows["check"] = _CHECK_CHARACTERS[total % 11]
    return rows


def _strings_of(rows: npt.NDArray[np.void]) -> pa.StringArray:
    """Rows of 18 bytes as Arrow strings, without a copy."""
    offsets = np.arange(0, LENGTH * len(rows) + 1, LENGTH, dtype=np.int32)
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows)))


# --- reading: eight digits are one machine word ---

_WORDS = np.dtype([("first", "<u8"), ("second", "<u8"), ("last", "u1"), ("check", "u1")])
_ZEROS = np.uint64(0x3030303030303030)
_HIGH, _SIXES = np.uint64(0xF0F0F0F0F0F0F0F0), np.uint64(0x0606060606060606)
_THREES = np.uint64(0x3333333333333333)
_BYTES, _PAIRS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
_DAYS_IN_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _check_batch(texts: pa.StringArray, today: int) -> IdCheck:
    """Check one batch; only texts that are not plain 18 characters cost more."""
    check = _check_plain(texts, today)
    is_odd = np.isin(check.problem, (IdProblem.LENGTH, IdProblem.CHARACTER))
    if not is_odd.any():
        return check
    tidied = _tidied(texts.filter(pa.array(is_odd)))
    again = _check_plain(tidied, today)
    check.base[is_odd] = again.base
    check.problem[is_odd] = np.where(pc.string_is_ascii(tidied), again.problem, IdProblem.CHARACTER)
    upgraded = pc.if_else(pa.array(again.problem == IdProblem.OK), again.number, texts.filter(pa.array(is_odd)))
    return IdCheck(check.base, check.problem, pc.replace_with_mask(check.number, pa.array(is_odd), upgraded))


def _check_plain(texts: pa.StringArray, today: int) -> IdCheck:
    """Check texts as they stand: anything but 18 plain characters is a problem."""
    problem, rows = _rows_of(texts)
    words = rows.view(_WORDS)
    base, found = _read_words(words, today)
    problem = np.where(problem == IdProblem.OK, found, problem).astype(np.uint8)
    is_good = problem == IdProblem.OK
    number, is_lower = texts, is_good & (words["check"] == ord("x"))
    if is_lower.any():
        words["check"][is_lower] = ord("X")
        number = pc.if_else(pa.array(is_lower), _strings_of(rows), texts)
    return IdCheck(np.where(is_good, base, 0), problem, number)


def _tidied(texts: pa.StringArray) -> pa.StringArray:
    """Blanks and full-width forms removed, 15 digits upgraded."""
    cleaned = pc.utf8_trim(pc.utf8_normalize(texts, form="NFKC"), BLANKS)
    is_old = pc.match_substring_regex(cleaned, f"^[0-9]{{{OLD_LENGTH}}}$")
    old = pc.if_else(pc.fill_null(is_old, False), cleaned, "0" * OLD_LENGTH)
    bases = pc.binary_join_element_wise(pc.utf8_slice_codeunits(old, 0, 6), pc.utf8_slice_codeunits(old, 6), "19")
    return pc.if_else(is_old, format_id_numbers(pc.cast(bases, pa.int64()).to_numpy()), cleaned)


def _rows_of(texts: pa.StringArray) -> tuple[UInt8Array, npt.NDArray[np.void]]:
    """The problem of length or absence, and 18 bytes a row (zeros where the length is wrong)."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    lengths = np.diff(offsets)
    missing = np.asarray(texts.is_null())
    problem = np.where(missing, IdProblem.MISSING, np.where(lengths == LENGTH, IdProblem.OK, IdProblem.LENGTH))
    data = texts.buffers()[2]
    content = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, np.uint8)
    if (lengths == LENGTH).all():
        rows = content[offsets[0] : offsets[-1]].copy()
    else:
        padded = np.concatenate([content[offsets[0] : offsets[-1]], np.zeros(LENGTH, np.uint8)])
        rows = padded[(offsets[:-1] - offsets[0])[:, None] + np.arange(LENGTH)]
        rows[lengths != LENGTH] = 0
    return problem.astype(np.uint8), rows.reshape(-1).view(_ROW)


def _read_words(words: npt.NDArray[np.void], today: int) -> tuple[Int64Array, UInt8Array]:
    """(n,) first 17 digits and (n,) problem of rows of 18 bytes."""
    first, second = np.ascontiguousarray(words["first"]), np.ascontiguousarray(words["second"])
    last, check = words["last"].astype(np.int64) - ord("0"), words["check"]
    is_plain = _all_digits(first) & _all_digits(second) & (last >= 0) & (last <= 9)
    check = np.where(check == ord("x"), ord("X"), check)
    is_plain &= ((check >= ord("0")) & (check <= ord("9"))) | (check == ord("X"))
    base = (_number_of(first) * 10**8 + _number_of(second)) * 10 + last
    total = _weighted(first, _WEIGHTS[:8]) + _weighted(second, _WEIGHTS[8:16]) + last * _WEIGHTS[16]
    born = base // 1000 % 10**8
    problem = np.zeros(len(base), np.uint8)
    problem[born > today] = IdProblem.FUTURE_BIRTH
    problem[_CHECK_CHARACTERS[total % 11] != check] = IdProblem.CHECK_DIGIT
    problem[~_are_dates(born)] = IdProblem.BIRTH_DATE
    problem[~is_plain] = IdProblem.CHARACTER
    return base, problem


def _all_digits(word: UInt64Array) -> BoolArray:
    """Whether all eight bytes are '0' to '9'."""
    return np.equal((word & _HIGH) | (((word + _SIXES) & _HIGH) >> np.uint64(4)), _THREES)


def _number_of(word: UInt64Array) -> Int64Array:
    """The number that eight digits spell: neighbours are joined to pairs, fours, eight."""
    pairs = ((word - _ZEROS) * np.uint64(10 * 256 + 1)) >> np.uint64(8)
    fours = ((pairs & _BYTES) * np.uint64(100 * 65536 + 1)) >> np.uint64(16)
    eight = ((fours & _PAIRS) * np.uint64(10000 * 2**32 + 1)) >> np.uint64(32)
    return eight.astype(np.int64)


def _weighted(word: UInt64Array, weights: npt.NDArray[np.int64]) -> Int64Array:
    """Sum of digit times weight over eight digits: one multiplication adds up four lanes in the topmost."""
    digits = word - _ZEROS
    total = np.zeros(len(word), np.uint64)
    for first in (0, 1):
        lanes = sum(int(weight) << (48 - 16 * lane) for lane, weight in enumerate(weights[first::2]))
        total += (((digits >> np.uint64(8 * first)) & _BYTES) * np.uint64(lanes)) >> np.uint64(48)
    return total.astype(np.int64)


def _are_dates(born: Int64Array) -> BoolArray:
    """Whether yyyymmdd is a day of the calendar from 1800 on."""
    year, month, day = born // 10_000, born // 100 % 100, born % 100
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    most = _DAYS_IN_MONTH[np.where(month <= 12, month, 0)]
    fits = (day >= 1) & (day <= most) & (year >= EARLIEST_BIRTH_YEAR)
    return np.asarray(fits & ((month != 2) | (day <= 28) | is_leap))
