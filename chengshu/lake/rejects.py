"""Rows set aside: where, why, and what stood there."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.kernel.identifiers import PROBLEM_TEXTS, IdProblem
from chengshu.kernel.texts import Text

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SCHEMA = pa.schema(
    [
        ("resource", pa.string()),
        ("file", pa.string()),
        ("row_number", pa.int64()),
        ("line_number", pa.int64()),
        ("field", pa.string()),
        ("code", pa.string()),
        ("reason_zh", pa.string()),
        ("reason_en", pa.string()),
        ("value", pa.string()),
    ]
)
MOST_DETAILS = 1_000_000
_MASK_ENDS, _MASK_FROM, _LONGEST_VALUE = 4, 12, 60
_ID_FIELD = "id_number"

REASONS: dict[str, Text] = {
    "broken-row": Text(
        "该行的列数与表头不符或引号不成对", "the line does not split into the header's columns"
    ),
    "missing-value": Text("必填的值为空", "a required value is missing"),
    "bad-date": Text("不是可识别的日期", "not a date that can be read"),
    "bad-number": Text("不是数字", "not a number"),
    "bad-flag": Text("不是是/否", "neither true nor false"),
    "unknown-person": Text("居民表中没有这个人", "nobody of this ID number is among the residents"),
    "before-birth": Text("早于该人的出生日期", "earlier than the person's birth"),
    "after-as-of": Text("晚于截止日期", "later than the as-of date"),
    "birth-date-differs": Text("出生日期与身份证号码不一致", "the birth date differs from the ID number's"),
    "future-birth": Text("出生日期晚于截止日期", "the birth date is later than the as-of date"),
    "bad-sex": Text("性别不是 1 或 2", "the sex is neither 1 nor 2"),
    "bad-region": Text("区划代码不是 6、9 或 12 位数字", "the region code is not of 6, 9 or 12 digits"),
    "duplicate-resident": Text("同一身份证号码的居民已有一行", "the same ID number already has a row"),
    "duplicate-key": Text("与前面一行重复", "repeats the key of an earlier row"),
    "died-after-recorded": Text("死亡日期晚于登记日期", "the death is later than its record"),
    "other-death-record": Text(
        "该人另有登记更早的死亡记录，以最早登记的为准",
        "the person has a death record made earlier; the earliest counts",
    ),
    "not-yet-known": Text("截止日期时尚未登记", "not yet recorded at the as-of date"),
    "unknown-benefit": Text("待遇表中没有这个待遇代码", "no benefit has this code"),
    "negative-amount": Text("金额小于 0", "the amount is below 0"),
    "ended-before-started": Text("结束日期早于开始日期", "it ended before it started"),
    "unknown-outcome": Text(
        "走访结果不是 alive、dead、moved_away、not_found 之一",
        "the outcome is not one of alive, dead, moved_away, not_found",
    ),
    "bad-cycle": Text("认证周期不是大于 0 的月数", "the cycle is not a number of months above 0"),
} | {"id-" + problem.name.lower().replace("_", "-"): text for problem, text in PROBLEM_TEXTS.items()}


def id_code(problem: IdProblem) -> str:
    """The code of an ID number's problem; a sound number that still leads nowhere is an unknown person's."""
    return "unknown-person" if problem is IdProblem.OK else "id-" + problem.name.lower().replace("_", "-")


class RejectLog:
    """Collects rows set aside, and counts them; beyond a million the details are left out."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.details = 0
        self._tables: list[pa.Table] = []

    def add(
        self,
        resource: str,
        file: Path,
        field: str,
        code: str,
        row_numbers: Int64Array,
        values: pa.Array | None = None,
        *,
        lines: Int64Array | None = None,
    ) -> None:
        """Set rows aside for one reason.

        Args:
            resource: the resource they came in.
            file: the file they stand in.
            field: the column at fault; may be empty.
            code: one of `REASONS`.
            row_numbers: (n,) data rows of the file, from 1; 0 where only the line is known.
            values: (n,) what stands in the column; ID numbers are masked here.
            lines: (n,) lines of a CSV file, else computed by the caller or unknown.
        """
        count = len(row_numbers)
        if not count:
            return
        self.counts[resource, code] += count
        room = min(count, max(0, MOST_DETAILS - self.details))
        self.details += room
        if room:
            self._tables.append(_detail(resource, file, field, code, row_numbers, values, lines, room))

    def total(self) -> int:
        """How many rows were set aside in all."""
        return sum(self.counts.values())

    def to_table(self) -> pa.Table:
        """All details, by resource, file, row and field."""
        if not self._tables:
            return SCHEMA.empty_table()
        keys = [
            (name, "ascending") for name in ("resource", "file", "row_number", "line_number", "field", "code")
        ]
        return pa.concat_tables(self._tables).sort_by(keys)

    def first(self, count: int) -> str:
        """The first few in words, for an error message."""
        rows: Iterable[dict[str, object]] = self.to_table().slice(0, count).to_pylist()
        return "; ".join(
            f"{row['file']}:{row['row_number']} {row['field']}: {row['code']} ({row['value'] or ''})"
            for row in rows
        )


def _detail(
    resource: str,
    file: Path,
    field: str,
    code: str,
    rows: Int64Array,
    values: pa.Array | None,
    lines: Int64Array | None,
    count: int,
) -> pa.Table:
    def same(text: str) -> pa.Array:
        return pa.repeat(pa.scalar(text), count)

    row_numbers = pa.array(rows[:count], mask=rows[:count] == 0)
    line_numbers = pa.nulls(count, pa.int64()) if lines is None else pa.array(lines[:count], pa.int64())
    shown = pa.nulls(count, pa.string()) if values is None else show(field, values.slice(0, count))
    reason = REASONS[code]
    return pa.table(
        [
            same(resource),
            same(file.name),
            row_numbers,
            line_numbers,
            same(field),
            same(code),
            same(reason.zh),
            same(reason.en),
            shown,
        ],
        schema=SCHEMA,
    )


def show(field: str, values: pa.Array) -> pa.Array:
    """Values as they may be kept: ID numbers masked, all cut to length."""
    texts = values.cast(pa.string())
    return mask(texts) if field == _ID_FIELD else pc.utf8_slice_codeunits(texts, 0, _LONGEST_VALUE)


def mask(ids: pa.Array) -> pa.Array:
    """ID numbers with only four characters left at each end; short ones wholly hidden.

    >>> mask(pa.array(["37131119491231123X", "123"])).to_pylist()
    ['3713**********123X', '***']
    """
    length = pc.utf8_length(ids)
    inner = pc.max_element_wise(pc.subtract(length, 2 * _MASK_ENDS), 0)
    masked = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(ids, 0, _MASK_ENDS),
        pc.binary_repeat("*", inner),
        pc.utf8_slice_codeunits(ids, -_MASK_ENDS),
        "",
    )
    is_long = pc.greater_equal(length, _MASK_FROM)
    return pc.utf8_slice_codeunits(
        pc.if_else(is_long, masked, pc.binary_repeat("*", length)), 0, _LONGEST_VALUE
    )
