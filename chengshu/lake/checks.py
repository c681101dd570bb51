"""One resource being read: its columns as arrays, and which of its rows still stand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.backends.duckdb import Backend

from chengshu.kernel.identifiers import IdProblem
from chengshu.lake import readers
from chengshu.lake.person_index import UNKNOWN, PersonIndex
from chengshu.lake.readers import BrokenLine, Piece, TableFile
from chengshu.lake.rejects import RejectLog, id_code
from chengshu.lake.resources import Column, Kind
from chengshu.lake.typed import RAW

BoolArray = npt.NDArray[np.bool_]
Int32Array = npt.NDArray[np.int32]

_BAD_VALUE = {
    Kind.DATE: "bad-date",
    Kind.NUMBER: "bad-number",
    Kind.FLAG: "bad-flag",
    Kind.TEXT: "missing-value",
}


@dataclass
class ReadContext:
    """What every resource's gathering shares."""

    backend: Backend
    spill: Path
    log: RejectLog
    rows_read: dict[str, int] = field(default_factory=dict)
    normalised: dict[str, int] = field(default_factory=dict)

    def pieces(self, file: TableFile, columns: tuple[Column, ...]) -> Iterator[Piece]:
        """The rows of a file; its broken lines are set aside at the end."""
        name = file.resource.name
        read = 0
        for piece in readers.read_pieces(self.backend, file, columns, self.spill):
            read += piece.batch.num_rows
            yield piece
        broken = readers.broken_lines(self.backend) if file.format == "csv" else []
        self._set_aside_broken(file, broken)
        self.rows_read[name] = self.rows_read.get(name, 0) + read + len(broken)

    def _set_aside_broken(self, file: TableFile, broken: list[BrokenLine]) -> None:
        lines = np.array([line.line for line in broken], np.int64)
        # The text of a broken line may hold a whole ID number anywhere, so it is not kept.
        self.log.add(file.resource.name, file.path, "", "broken-row", lines - 1, lines=lines)

    def table(self, files: list[TableFile], columns: tuple[Column, ...]) -> Iterator["Rows"]:
        """Each file of a resource as a whole."""
        for file in files:
            batches = [piece.batch for piece in self.pieces(file, columns)]
            if batches:
                yield Rows(self, file, pa.Table.from_batches(batches).combine_chunks(), 1)

    def note_normalised(self, resource: str, count: int) -> None:
        """Count ID numbers that were understood only after tidying."""
        if count:
            self.normalised[resource] = self.normalised.get(resource, 0) + count


class Rows:
    """Rows of one file under examination. A row is set aside once, for the first thing found wrong."""

    def __init__(
        self, context: ReadContext, file: TableFile, table: pa.Table | pa.RecordBatch, first: int
    ) -> None:
        self.context = context
        self.file = file
        self.table = table
        self.first_row = first
        self.stands: BoolArray = np.ones(table.num_rows, np.bool_)

    def __len__(self) -> int:
        return len(self.stands)

    @property
    def resource(self) -> str:
        """The name of the resource."""
        return self.file.resource.name

    def texts(self, name: str) -> pa.StringArray:
        """A text column in one piece."""
        column = self.table.column(name)
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

    def days(self, name: str) -> Int32Array:
        """A date column as days since 1970; 0 where null."""
        column = self.texts(name)
        return np.asarray(column.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False))

    def set_aside(self, is_bad: BoolArray, name: str, code: str, values: pa.Array | None = None) -> None:
        """Set those rows aside that still stood."""
        places = np.flatnonzero(is_bad & self.stands)
        if not len(places):
            return
        self.stands[places] = False
        if values is None and name:
            values = self.texts(name)
        shown = None if values is None else values.take(pa.array(places))
        rows = places + self.first_row
        lines = rows + 1 if self.file.format == "csv" else None
        self.context.log.add(self.resource, self.file.path, name, code, rows, shown, lines=lines)

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

    def find_people(self, index: PersonIndex) -> Int32Array:
        """(n,) ranks of the rows' ID numbers; rows of nobody known are set aside."""
        found = index.find(self.texts("id_number"))
        self.context.note_normalised(self.resource, found.normalised)
        is_lost = found.rank == UNKNOWN
        if is_lost.any():
            for problem in np.unique(found.problem[is_lost]):
                self.set_aside(is_lost & (found.problem == problem), "id_number", id_code(IdProblem(problem)))
        return found.rank

    def kept(self, name: str) -> pa.Array:
        """A column of the rows that stand."""
        return self.texts(name).filter(pa.array(self.stands))
