"""Files that tables are appended to, chunk after chunk."""

from pathlib import Path
from types import TracebackType
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

FileFormat = Literal["csv", "parquet"]


class TableFile:
    """One table's file, opened by the first chunk that comes.

    Args:
        path: without the ending that the format gives it.
        file_format: "csv" or "parquet"; each chunk becomes a row group of the latter.
    """

    def __init__(self, path: Path, file_format: FileFormat) -> None:
        self.path = path.with_name(f"{path.name}.{file_format}")
        self.rows = 0
        self._format = file_format
        self._writer: pq.ParquetWriter | pa_csv.CSVWriter | None = None

    def append(self, table: pa.Table) -> None:
        """Write a chunk; all chunks have one schema.

        Raises:
            OSError: the disk is full, or the folder may not be written.
        """
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._opened(table.schema)
        self._writer.write_table(table)
        self.rows += len(table)

    def _opened(self, schema: pa.Schema) -> pq.ParquetWriter | pa_csv.CSVWriter:
        if self._format == "parquet":
            return pq.ParquetWriter(self.path, schema)
        return pa_csv.CSVWriter(self.path, schema, write_options=pa_csv.WriteOptions(quoting_style="needed"))

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()
