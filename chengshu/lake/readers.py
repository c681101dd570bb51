"""Files of any allowed format as typed Arrow batches with row numbers."""

import codecs
import csv
import gzip
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from chengshu.kernel.errors import ChengshuError
from chengshu.lake import file_messages, storage_messages
from chengshu.lake.descriptor import Format, Resource
from chengshu.lake.reject_reasons import BAD_ENCODING, BROKEN
from chengshu.lake.resources import Column
from chengshu.lake.session import stream
from chengshu.lake.typed import typed

if TYPE_CHECKING:
    from openpyxl import Workbook

BATCH_ROWS = 122_880  # a row group of DuckDB, the most that it hands over at once
_UTF8 = {"utf-8", "utf8", "utf_8", "utf-8-sig", "ascii", "us-ascii"}


_FIRST_LINES = 100
_GZIP_MAGIC = b"\x1f\x8b"
_COPIES = itertools.count(1)
_NO_TEXT, _MARKED = "\udcff", "chengshu-marked"
codecs.register_error(_MARKED, lambda error: (_NO_TEXT, getattr(error, "end", 0)))


class Piece(NamedTuple):
    """Some rows of one file.

    Attributes:
        first_row: number of the first of them among the data rows of the file, from 1.
        batch: the declared columns, typed, and `raw:NAME` for what could not be read.
    """

    file: "TableFile"
    first_row: int
    batch: pa.RecordBatch


@dataclass(frozen=True)
class TableFile:
    """One file of a resource, checked to be there and to have its columns."""

    resource: Resource
    path: Path
    place: str
    """Its path within the package."""
    format: Format
    names: tuple[str, ...]
    rows: int | None
    """Data rows where the format tells them beforehand (Parquet)."""
    has_mixed_ends: bool = False
    """Whether some lines of a CSV end in CR LF and others in LF."""

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB reads the file as it stands: over lines that end in two ways it fails, or loses rows."""
        return self.resource.encoding.lower() in _UTF8 and not self.has_mixed_ends


def has_rows(file: TableFile) -> bool:
    """Whether a file has anything below its header; of a spreadsheet, nobody knows before it is read."""
    if file.rows is not None:
        return file.rows > 0
    if file.format == "xlsx":
        return True
    with open_bytes(file.path) as content:
        return sum(1 for line in itertools.islice(content, _FIRST_LINES) if line.strip()) > 1


def read_pieces(backend: Backend, file: TableFile, columns: tuple[Column, ...], spill: Path) -> Iterator[Piece]:
    """All rows of a file in their order. Broken lines of a CSV are left out: see `broken_lines`."""
    first_row = 1
    try:
        table = _open_table(backend, file, spill)
        for batch in stream(backend, typed(table, columns), BATCH_ROWS):
            yield Piece(file, first_row, batch)
            first_row += batch.num_rows
    except (duckdb.Error, OSError, pa.ArrowException) as error:  # the last two of files with holes in them
        raise _reading_failed(file, str(error)) from error


def _reading_failed(file: TableFile, problem: str) -> ChengshuError:
    if "No space left" in problem:
        return storage_messages.disk_full(file.path)
    return file_messages.unreadable(file.path, file.resource.name, problem.splitlines()[0])


def _open_table(backend: Backend, file: TableFile, spill: Path) -> Table:
    if file.format == "parquet":
        return backend.read_parquet(file.path)
    if file.format == "xlsx":
        copy = _place_of_copy(spill, ".parquet")
        pq.write_table(read_sheet(file), copy)
        return backend.read_parquet(copy)
    path = file.path if file.is_plain else transcode(file, spill)
    dialect = file.resource.dialect
    return backend.read_csv(
        path,
        columns=dict.fromkeys(file.names, "VARCHAR"),
        header=True,
        auto_detect=False,
        delim=dialect.delimiter,
        quote=dialect.quote_char,
        escape=dialect.quote_char,
        null_padding=False,
        store_rejects=True,
        compression="gzip" if is_gzip(path) else "none",
    )


def _place_of_copy(spill: Path, suffix: str) -> Path:
    """Where a copy may lie; numbered, for a resource's name may hold signs that no file's name may."""
    return spill / f"copy-{next(_COPIES)}{suffix}"


def broken_lines(backend: Backend) -> dict[int, str]:
    """Lines, from 1, that the CSV just read to its end was broken at, and the code of each; asks once, forgets them.

    DuckDB keeps them in a temporary table of its own, for which Ibis has no expression.
    """
    cursor = backend.con
    found = cursor.execute(
        "SELECT line, bool_and(error_type = 'INVALID ENCODING') FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    cursor.execute("DELETE FROM reject_errors")
    cursor.execute("DELETE FROM reject_scans")
    return {int(line): BAD_ENCODING if is_encoding else BROKEN for line, is_encoding in found}


def open_text(file_path: Path, encoding: str, newline: str | None = "") -> IO[str]:
    """A text file, decompressed, its BOM left out; `_NO_TEXT` stands for what cannot be decoded."""
    raw = open_bytes(file_path)
    name = "utf-8-sig" if encoding.lower() in _UTF8 else encoding
    return io.TextIOWrapper(raw, encoding=name, newline=newline, errors=_MARKED)


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of a file, decompressed."""
    return gzip.open(path, "rb") if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def is_gzip(path: Path) -> bool:
    """Whether a file's name says that it is compressed."""
    return path.suffix.lower() == ".gz"


def holds_gzip(path: Path) -> bool:
    """Whether a file is compressed, whatever its name says."""
    with path.open("rb") as content:
        return content.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC


def transcode(file: TableFile, spill: Path) -> Path:
    """A UTF-8 copy of a file, all lines ending in LF; what cannot be decoded is no UTF-8 there either.

    DuckDB's own decoders would be a download.
    """
    target = _place_of_copy(spill, ".csv")
    with open_text(file.path, file.resource.encoding, newline=None) as source, target.open("wb") as sink:
        while chunk := source.read(1 << 22):
            sink.write(chunk.encode("utf-8", "surrogateescape"))
    return target


def header_of(path: Path, resource: Resource) -> tuple[str, ...]:
    """The column names of a CSV."""
    with open_text(path, resource.encoding) as text:
        reader = csv.reader(text, delimiter=resource.dialect.delimiter, quotechar=resource.dialect.quote_char)
        return tuple(name.strip() for name in next(reader, []))


def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names as they are; one that is empty or comes again is named by its place, and so never read.

    Capitals make no other name: they make none for DuckDB.

    >>> distinct(("id_number", "", "note", "Note"))
    ('id_number', 'column 2', 'note', 'column 4')
    """
    folded = [name.casefold() for name in names]
    return tuple(
        name if name and folded[place] not in folded[:place] else f"column {place + 1}"
        for place, name in enumerate(names)
    )


def parquet_facts(path: Path) -> tuple[tuple[str, ...], int]:
    """Column names and number of rows, from the footer.

    Raises:
        pa.ArrowInvalid, OSError: not a whole Parquet file.
    """
    with pq.ParquetFile(path) as file:
        return tuple(file.schema_arrow.names), file.metadata.num_rows


def _open_book(path: Path) -> "Workbook":
    """Open a workbook for reading its values.

    Raises:
        OSError, zipfile.BadZipFile, KeyError: not a workbook, or one of charts alone.
    """
    # Takes a third of a second, and most cities hand over no spreadsheet.
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except InvalidFileException as error:
        raise OSError(str(error)) from error
    if not book.worksheets:
        book.close()
        raise OSError("there is no sheet of cells in the workbook")
    return book


def first_sheet(path: Path) -> str:
    """The name of the sheet that is read: the first of cells; those of charts do not count."""
    book = _open_book(path)
    try:
        return str(book.worksheets[0].title)
    finally:
        book.close()


def sheet_header(path: Path) -> tuple[str, ...]:
    """The column names in the first row of the first sheet."""
    book = _open_book(path)
    try:
        first = next(book.worksheets[0].iter_rows(max_row=1, values_only=True), ())
        return tuple("" if value is None else str(value).strip() for value in first)
    finally:
        book.close()


def read_sheet(file: TableFile) -> pa.Table:
    """The first sheet, every cell as text, so that the declared types alone decide."""
    book = _open_book(file.path)
    try:
        rows = book.worksheets[0].iter_rows(min_row=2, max_col=len(file.names), values_only=True)
        cells = [[_cell_text(value) for value in row] for row in rows]
    finally:
        book.close()
    while cells and not any(cells[-1]):  # sheets often end in rows that were once filled
        cells.pop()
    by_column = {
        name: pa.array([row[place] if place < len(row) else None for row in cells], pa.string())
        for place, name in enumerate(file.names)
    }
    return pa.table(by_column)


def _cell_text(value: object) -> str | None:
    """A cell as a person would type it: whole numbers without a point."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None
