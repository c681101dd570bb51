"""One resource being read: its columns as arrays, and which of its rows still stand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.backends.duckdb import Backend

from chengshu.kernel.identifiers import IdProblem
from chengshu.kernel.texts import Text
from chengshu.lake import readers, row_messages
from chengshu.lake.person_index import UNKNOWN, Found, PersonIndex
from chengshu.lake.readers import Piece, TableFile
from chengshu.lake.reject_reasons import id_code
from chengshu.lake.rejects import RejectLog
from chengshu.lake.resources import ID_NUMBER, NEEDED, Column, Kind
from chengshu.lake.typed import RAW

BoolArray = npt.NDArray[np.bool_]
Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

_EPOCH = date(1970, 1, 1)
_BAD_VALUE = {
    Kind.DATE: "bad-date",
    Kind.NUMBER: "bad-number",
    Kind.FLAG: "bad-flag",
    Kind.TEXT: "missing-value",
}


class Days(NamedTuple):
    """Days since 1970: nothing later than the first is known, nothing later than the second has happened yet."""

    as_of: int
    today: int

    @classmethod
    def until(cls, as_of: date, today: date) -> "Days":
        """Of a gathering made on a day; where the rows come from, the next may have begun."""
        return cls((as_of - _EPOCH).days, (today - _EPOCH).days + 1)


@dataclass
class ReadContext:
    """What the gathering of resources shares. Only one thread uses it, so that nothing depends on them."""

    backend: Backend
    spill: Path
    log: RejectLog
    rows_read: dict[str, int] = field(default_factory=dict)
    normalised: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    """What the user should know beside the rows set aside."""

    def absorb(self, other: "ReadContext") -> None:
        """Add what was found in another thread, once that is done."""
        self.log.absorb(other.log)
        self.rows_read |= other.rows_read
        self.normalised |= other.normalised
        self.later |= other.later
        self.notes += other.notes

    def pieces(self, file: TableFile, columns: tuple[Column, ...]) -> Iterator[Piece]:
        """The rows of a file; its broken lines are set aside at the end."""
        name = file.resource.name
        read = 0
        for piece in readers.read_pieces(self.backend, file, columns, self.spill):
            read += piece.batch.num_rows
            yield piece
        lines = readers.broken_lines(self.backend) if file.format == "csv" else {}
        self.log.add_broken(name, file.place, lines)
        self.rows_read[name] = self.rows_read.get(name, 0) + read + len(lines)

    def tables(self, files: list[TableFile], columns: tuple[Column, ...]) -> list["Rows"]:
        """Each file of a resource as a whole.

        Raises:
            PackageError: of a table that every city needs, no file has any row.
        """
        found = []
        for file in files:
            batches = [piece.batch for piece in self.pieces(file, columns)]
            if batches:
                found.append(Rows(file, pa.Table.from_batches(batches)))
        if files and files[0].resource.name in NEEDED and not self.rows_read[files[0].resource.name]:
            raise row_messages.no_rows(files[0].path, files[0].resource.name)
        return found

    def report(self, rows: "Rows") -> None:
        """Write down what was found of rows that are done with."""
        for aside in rows.asides:
            self.log.add(rows.resource, rows.file.place, *aside, is_csv=rows.file.format == "csv")
        if rows.later:
            self.later[rows.resource] = self.later.get(rows.resource, 0) + rows.later
        if rows.normalised:
            self.normalised[rows.resource] = self.normalised.get(rows.resource, 0) + rows.normalised


class Aside(NamedTuple):
    """Rows set aside for one reason: field, code, numbers of the rows, what stands there."""

    field: str
    code: str
    row_numbers: Int64Array
    values: pa.Array | None


class Rows:
    """Rows of one file under examination. A row is set aside once, for the first thing found wrong."""

    def __init__(self, file: TableFile, table: pa.Table | pa.RecordBatch, first_row: int = 1) -> None:
        self.file = file
        self.table = table
        self.first_row = first_row
        self.stands: BoolArray = np.ones(table.num_rows, np.bool_)
        self.asides: list[Aside] = []
        self.normalised = 0
        self.later = 0
        self._whole: dict[str, pa.Array] = {}

    def __len__(self) -> int:
        return len(self.stands)

    @property
    def resource(self) -> str:
        """The name of the resource."""
        return self.file.resource.name

    def texts(self, name: str) -> pa.Array:
        """A column in one piece."""
        column = self.table.column(name)
        if not isinstance(column, pa.ChunkedArray):
            return column
        if name not in self._whole:
            self._whole[name] = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        return self._whole[name]

    def days(self, name: str) -> Int32Array:
        """A date column as days since 1970; 0 where null."""
        column = self.texts(name)
        return np.asarray(column.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False))

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """A number column; 0 where null."""
        return np.asarray(self.texts(name).fill_null(0.0).to_numpy(zero_copy_only=False))

    def set_aside(self, is_bad: BoolArray, name: str, code: str, values: pa.Array | None = None) -> None:
        """Set those rows aside that still stood; `values`, if given, are what stood in the column."""
        places = np.flatnonzero(is_bad & self.stands)
        if not len(places):
            return
        self.stands[places] = False
        shown = (self.texts(name) if values is None else values).take(pa.array(places))
        self.asides.append(Aside(name, code, places + self.first_row, shown))

    def set_aside_later(self, name: str, code: str, days: Days, among: BoolArray | bool = True) -> None:
        """Set rows aside that are dated after the as-of date; those not after today are no faults, and counted so."""
        day = self.days(name)
        is_later = (day > days.as_of) & among
        if is_later.any():
            self.later += int(np.count_nonzero(is_later & self.stands & (day <= days.today)))
            self.set_aside(is_later, name, code)

    def aside_for(self, code: str) -> Int64Array:
        """Places, from 0, of the rows set aside for one reason."""
        found = [aside.row_numbers - self.first_row for aside in self.asides if aside.code == code]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def check_values(self, columns: tuple[Column, ...]) -> None:
        """Set aside rows with values that could not be read, or that lack though they must not."""
        for column in columns:
            raw = RAW + column.name
            if raw in self.table.schema.names:
                texts = self.texts(raw)
                if texts.null_count < len(texts):
                    self.set_aside(~np.asarray(texts.is_null()), column.name, _BAD_VALUE[column.kind], texts)
            if column.is_filled:
                values = self.texts(column.name)
                if values.null_count:
                    self.set_aside(np.asarray(values.is_null()), column.name, "missing-value")

    def find_people(self, index: PersonIndex, aside: PersonIndex) -> Int32Array:
        """(n,) ranks of the rows' ID numbers; rows of nobody known are set aside."""
        found = index.find(self.texts(ID_NUMBER.name))
        self.note_people(found, aside)
        return found.rank

    def note_people(self, found: Found, aside: PersonIndex) -> None:
        """Set rows of nobody known aside, and apart from them those of people who were set aside themselves."""
        self.normalised += found.normalised
        is_lost = found.rank == UNKNOWN
        if is_lost.any():
            if aside.people:
                places = np.flatnonzero(is_lost & (found.problem == IdProblem.OK))
                is_aside = np.zeros(len(self), np.bool_)
                is_aside[places] = aside.find(self.texts(ID_NUMBER.name).take(pa.array(places))).rank != UNKNOWN
                self.set_aside(is_aside, ID_NUMBER.name, "person-set-aside")
            for problem in np.unique(found.problem[is_lost]):
                code = id_code(IdProblem(problem))
                self.set_aside(is_lost & (found.problem == problem), ID_NUMBER.name, code)


def set_aside_in(parts: list[Rows], is_bad: BoolArray, name: str, code: str) -> None:
    """Set rows aside that are marked over all parts together."""
    start = 0
    for rows in parts:
        rows.set_aside(is_bad[start : start + len(rows)], name, code)
        start += len(rows)
