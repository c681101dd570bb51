"""Rows set aside: where, why, and what stood there."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.kernel.texts import Text
from chengshu.lake.reject_reasons import BAD_ENCODING, BROKEN, NEXT_STEPS, REASONS

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
        ("next_step_zh", pa.string()),
        ("next_step_en", pa.string()),
    ]
)
LATER = ("after-as-of", "not-yet-known", "future-birth")
"""Codes of rows that a later as-of date would keep, if their date is right."""
MOST_DETAILS = 1_000_000
_MASK_ENDS, _MASK_FROM, _LONGEST_VALUE = 4, 12, 60
_ID_FIELD = "id_number"
_LINE = Text(
    "{file} 第 {row_number} 行，列 {field}：{code}。{next_step_zh}。",
    "{file}, row {row_number}, column {field}: {code}. {next_step_en}.",
)


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
        file: str,
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
            file: the file they stand in, as a path within the package.
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
            self._entries.append(_Entry(resource, file, field, code, row_numbers[:room], shown, is_csv))

    def add_broken(self, resource: str, file: str, lines: Mapping[int, str]) -> None:
        """Set aside lines of a CSV that do not split; their text may hold an ID number, so it is not kept.

        Args:
            resource: the resource they came in.
            file: the file they stand in, as a path within the package.
            lines: ascending, from 1, which is the header; and the code of each.
        """
        for code in dict.fromkeys(lines.values()):
            rows = np.array([line for line, why in lines.items() if why == code], np.int64) - 1
            self.add(resource, file, "", code, rows, None, is_csv=True)
        if lines:
            self._broken[resource, file] = np.array([*lines], np.int64) - 1

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

    def count_of(self, resource: str, *, but: str) -> int:
        """How many rows of a resource were set aside for any reason but one."""
        return sum(count for (name, code), count in self.counts.items() if name == resource and code != but)

    def commonest(self) -> str:
        """The code of which there are most; of equals the first met."""
        codes: Counter[str] = Counter()
        for (_, code), count in self.counts.items():
            codes[code] += count
        return codes.most_common(1)[0][0]

    def to_table(self) -> pa.Table:
        """All details, by resource, file, row and field."""
        if not self._entries:
            return SCHEMA.empty_table()
        whole = pa.concat_tables([self._table_of(entry) for entry in self._entries])
        return whole.sort_by([(name, "ascending") for name in ("resource", "file", "row_number", "field", "code")])

    def _table_of(self, entry: _Entry) -> pa.Table:
        count, reason, step = len(entry.row_numbers), REASONS[entry.code], NEXT_STEPS[entry.code]
        rows = self._true_rows(entry)
        columns = {
            "row_number": pa.array(rows),
            "line_number": pa.array(rows + 1) if entry.is_csv else pa.nulls(count, pa.int64()),
            "value": pa.nulls(count, pa.string()) if entry.values is None else entry.values,
        }
        same = entry._asdict() | {"reason_zh": reason.zh, "reason_en": reason.en}
        same |= {"next_step_zh": step.zh, "next_step_en": step.en}
        return pa.table(
            [columns[name] if name in columns else pa.repeat(same[name], count) for name in SCHEMA.names],
            schema=SCHEMA,
        )

    def _true_rows(self, entry: _Entry) -> Int64Array:
        """Row numbers with broken lines counted, which the reader had left out."""
        broken = self._broken.get((entry.resource, entry.file))
        if broken is None or entry.code in (BROKEN, BAD_ENCODING):
            return entry.row_numbers
        good_before = broken - np.arange(len(broken))
        return np.asarray(entry.row_numbers + np.searchsorted(good_before, entry.row_numbers, side="right"))


def faults_of(rejects: pa.Table, today: int) -> pa.Table:
    """The rejects without those that are only dated after the as-of date.

    Args:
        rejects: of `SCHEMA`.
        today: days since 1970; a day after it has not happened yet, and is a fault whatever the as-of date.
    """
    last = (date(1970, 1, 1) + timedelta(today)).isoformat()
    is_later = pc.and_(pc.is_in(rejects["code"], pa.array(LATER)), pc.less_equal(rejects["value"], last))
    return rejects.filter(pc.invert(pc.fill_null(is_later, False)))


def first_of(rejects: pa.Table, count: int) -> Text:
    """The first few rejects in words, a line each: file, row, column, code, what stands there, what to do."""
    rows: list[dict[str, object]] = rejects.slice(0, count).to_pylist()
    return Text("".join(_line(row, _LINE.zh) for row in rows), "".join(_line(row, _LINE.en) for row in rows))


def _line(row: dict[str, object], form: str) -> str:
    code = f"{row['code']} ({row['value']})" if row["value"] else str(row["code"])
    return "\n  " + form.format(**row | {"code": code, "field": row["field"] or "-"})


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
