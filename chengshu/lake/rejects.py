"""Rows set aside: where, why, and what stood there."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.kernel.identifiers import PROBLEM_TEXTS, IdProblem
from chengshu.kernel.texts import Text

Int64Array = npt.NDArray[np.int64]

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
_BROKEN = "broken-row"

REASONS: dict[str, Text] = {
    _BROKEN: Text("该行的列数与表头不符或引号不成对", "the line does not split into the header's columns"),
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


class _Entry(NamedTuple):
    """Rows of one file, set aside for one reason."""

    resource: str
    file: str
    field: str
    code: str
    row_numbers: Int64Array
    values: pa.Array | None
    is_csv: bool


class RejectLog:
    """Collects rows set aside, and counts them; beyond a million the details are left out."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.details = 0
        self._entries: list[_Entry] = []
        self._broken: dict[tuple[str, str], Int64Array] = {}

    def add(
        self,
        resource: str,
        file: Path,
        field: str,
        code: str,
        row_numbers: Int64Array,
        values: pa.Array | None,
        *,
        is_csv: bool = False,
    ) -> None:
        """Set rows aside for one reason.

        Args:
            resource: the resource they came in.
            file: the file they stand in.
            field: the column at fault; may be empty.
            code: one of `REASONS`.
            row_numbers: (n,) data rows of the file, from 1; of a CSV, broken lines not counted.
            values: (n,) what stands in the column; ID numbers are masked here.
            is_csv: rows have a line number.
        """
        self.counts[resource, code] += len(row_numbers)
        room = min(len(row_numbers), max(0, MOST_DETAILS - self.details))
        if room:
            self.details += room
            shown = None if values is None else show(field, values.slice(0, room))
            self._entries.append(_Entry(resource, file.name, field, code, row_numbers[:room], shown, is_csv))

    def add_broken(self, resource: str, file: Path, lines: list[int]) -> None:
        """Set aside lines of a CSV that do not split; their text may hold an ID number, so it is not kept."""
        if lines:
            rows = np.array(lines, np.int64) - 1  # the header is line 1
            self._broken[resource, file.name] = rows
            self.add(resource, file, "", _BROKEN, rows, None, is_csv=True)

    def absorb(self, other: "RejectLog") -> None:
        """Add what another log collected, as if it had been added here now."""
        self.counts.update(other.counts)
        self._broken.update(other._broken)
        for entry in other._entries:
            room = min(len(entry.row_numbers), max(0, MOST_DETAILS - self.details))
            if room:
                self.details += room
                values = None if entry.values is None else entry.values.slice(0, room)
                self._entries.append(entry._replace(row_numbers=entry.row_numbers[:room], values=values))

    def total(self) -> int:
        """How many rows were set aside in all."""
        return sum(self.counts.values())

    def to_table(self) -> pa.Table:
        """All details, by resource, file, row and field."""
        if not self._entries:
            return SCHEMA.empty_table()
        whole = pa.concat_tables([self._table_of(entry) for entry in self._entries])
        return whole.sort_by([(name, "ascending") for name in ("resource", "file", "row_number", "field", "code")])

    def _table_of(self, entry: _Entry) -> pa.Table:
        count, reason = len(entry.row_numbers), REASONS[entry.code]
        rows = self._true_rows(entry)
        columns = {
            "row_number": pa.array(rows),
            "line_number": pa.array(rows + 1) if entry.is_csv else pa.nulls(count, pa.int64()),
            "value": pa.nulls(count, pa.string()) if entry.values is None else entry.values,
        }
        same = entry._asdict() | {"reason_zh": reason.zh, "reason_en": reason.en}
        return pa.table(
            [columns[name] if name in columns else pa.repeat(same[name], count) for name in SCHEMA.names],
            schema=SCHEMA,
        )

    def _true_rows(self, entry: _Entry) -> Int64Array:
        """Row numbers with broken lines counted, which the reader had left out."""
        broken = self._broken.get((entry.resource, entry.file))
        if broken is None or entry.code == _BROKEN:
            return entry.row_numbers
        good_before = broken - np.arange(len(broken))
        return np.asarray(entry.row_numbers + np.searchsorted(good_before, entry.row_numbers, side="right"))

    def first(self, count: int) -> str:
        """The first few in words, for an error message."""
        return first_of(self.to_table(), count)


def first_of(rejects: pa.Table, count: int) -> str:
    """The first few rejects in words."""
    rows: list[dict[str, object]] = rejects.slice(0, count).to_pylist()
    return "; ".join(
        f"{row['file']}:{row['row_number']} {row['field']}: {row['code']} ({row['value'] or ''})" for row in rows
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
    return pc.utf8_slice_codeunits(pc.if_else(is_long, masked, pc.binary_repeat("*", length)), 0, _LONGEST_VALUE)
