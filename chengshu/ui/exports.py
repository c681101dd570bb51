"""Lists to take along: CSV that spreadsheets read, and XLSX."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, cast

from asgiref.sync import sync_to_async
from django.http import FileResponse, StreamingHttpResponse
from openpyxl import Workbook

FORMATS = ("xlsx", "csv")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_SHEET_ROWS = 1_048_000
# What a spreadsheet would take for a formula, and run.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def export(name: str, kind: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A file to download.

    Args:
        name: of the file, without its ending.
        kind: of `FORMATS`.
        heads: of the columns.
        rows: drawn once, in constant memory.
    """
    if kind == "csv":
        answer = _Lines(_csv_lines(heads, rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    return _File(_workbook(heads, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)


class _InPieces(StreamingHttpResponse):
    """Handed over piece by piece under ASGI too, where Django would first gather all of them in memory."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, each made in the request's own thread."""
        pieces = cast("Iterator[bytes]", self.streaming_content)  # set from a plain iterator
        following = sync_to_async(lambda: next(pieces, None))
        while (piece := await following()) is not None:
            yield piece


class _Lines(_InPieces):
    """Text, line by line."""


class _File(_InPieces, FileResponse):
    """A file, block by block."""


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def _csv_lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # tells Excel that it is UTF-8
    yield writer.writerow(heads)
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row])


def _workbook(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(heads))
    for number, row in enumerate(rows):
        if number == _MOST_SHEET_ROWS:
            sheet = book.create_sheet()
            sheet.append(list(heads))
        sheet.append([_harmless(cell) for cell in row])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; numbers and days stay what they are."""
    if cell is None or isinstance(cell, (int, float)):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
