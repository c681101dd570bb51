"""Delta tables of the lake: files are written first, and become part of a version by one commit."""

import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, CommitProperties, RemoveAction, create_table_with_add_actions

_CONFIGURATION = {
    # Earlier loads stay readable: versions are never thrown away behind the user's back.
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}
ROW_GROUP_ROWS = 1 << 18
_COMPRESSION: dict[str, Any] = {"compression": "zstd", "compression_level": 1}


def is_table(folder: Path) -> bool:
    """Whether a folder is a Delta table, ours or anybody's."""
    return (folder / "_delta_log").is_dir()


class TableWriter:
    """Writes the files of one table's next version."""

    def __init__(self, folder: Path, schema: pa.Schema, stem: str) -> None:
        self.folder = folder
        self.schema = schema
        self._stem = stem
        self._actions: dict[int, AddAction] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def write(
        self, pieces: Iterable[pa.Table], *, number: int = 0, schema: pa.Schema | None = None, **options: Any
    ) -> None:
        """Write one file from tables of the schema, in their order. Safe from several threads.

        Args:
            pieces: tables of the schema.
            number: place of the file among the table's files; distinct for each.
            schema: of the pieces, where they hold the same columns in another form, as dictionaries of texts.
            options: for `pyarrow.parquet.ParquetWriter`.
        """
        path = self.folder / f"{self._stem}-{number:04d}.parquet"
        with pq.ParquetWriter(path, schema or self.schema, **(_COMPRESSION | options)) as sink:
            for piece in pieces:
                sink.write_table(piece, row_group_size=ROW_GROUP_ROWS)
        self._actions[number] = add_action(path)

    def discard(self) -> None:
        """Delete the files written."""
        for file in self.folder.glob(f"{self._stem}-*.parquet"):
            file.unlink(missing_ok=True)

    def rows(self) -> int:
        """Rows written so far."""
        return sum(int(json.loads(action.stats)["numRecords"]) for action in self._actions.values())

    def commit(self) -> int:
        """Make the files the table's only content; returns the version."""
        if not self._actions:
            self.write([])  # every version has a file, which shows its columns
        schema = Schema.from_arrow(self.schema)
        actions = [action for _, action in sorted(self._actions.items())]
        if not DeltaTable.is_deltatable(str(self.folder)):
            create_table_with_add_actions(str(self.folder), schema, actions, mode="error", configuration=_CONFIGURATION)
            return 0
        table = DeltaTable(self.folder)
        table.create_write_transaction(
            list[AddAction | RemoveAction](actions),
            mode="overwrite",
            schema=schema,
            commit_properties=CommitProperties(max_commit_retries=0),
        )
        table.update_incremental()
        return int(table.version())


def add_action(path: Path) -> AddAction:
    """The log entry by which a written file becomes part of a table."""
    stats = json.dumps(_stats(pq.read_metadata(path)))
    facts = path.stat()
    return AddAction(path.name, facts.st_size, {}, int(facts.st_mtime * 1000), data_change=True, stats=stats)


def _stats(metadata: pq.FileMetaData) -> dict[str, object]:
    """Delta's statistics of a file: rows, and the range of every whole-number column."""
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    for column in range(metadata.num_columns):
        found = [metadata.row_group(group).column(column).statistics for group in range(metadata.num_row_groups)]
        if not found or any(one is None or not one.has_min_max for one in found):
            continue
        if isinstance(found[0].min, int):
            name = metadata.schema.column(column).name
            least[name], most[name] = min(one.min for one in found), max(one.max for one in found)
    return {"numRecords": metadata.num_rows, "minValues": least, "maxValues": most, "nullCount": {}}


def files_of_version(folder: Path, version: int) -> list[str]:
    """The Parquet files of one version, in the order of their names."""
    # by their paths in the log: Delta's own URIs are percent-encoded, and a folder may be called anything
    return sorted(str(folder / path) for path in _files_in_log(folder, version).column("path").to_pylist())


def can_hold_tables(folder: Path) -> bool:
    """Whether Delta's library finds its way to a folder of this name: it takes brackets and escapes for its own."""
    return re.search(r"%[0-9A-Fa-f]{2}|[\[\]\\]", str(folder.absolute())) is None


def spans_of_version(folder: Path, version: int, column: str) -> list[tuple[str, range]]:
    """Each Parquet file of one version with the whole numbers that a column holds in it, by Delta's statistics."""
    actions = _files_in_log(folder, version)
    names = ("path", f"min.{column}", f"max.{column}")
    if names[1] not in actions.schema.names:  # a table without rows
        return []
    rows = zip(*(actions.column(name).to_pylist() for name in names), strict=True)
    return sorted((str(folder / path), range(least, most + 1)) for path, least, most in rows if least is not None)


def _files_in_log(folder: Path, version: int) -> pa.Table:
    """A row for each file of one version: its path and its statistics."""
    return pa.table(DeltaTable(folder, version=version).get_add_actions(flatten=True))


def read_version(
    folder: Path, version: int, columns: list[str] | None = None, dictionaries: list[str] | None = None
) -> pa.Table:
    """One version of a table; some columns of texts as dictionaries, if so wished, one for the whole column."""
    files = files_of_version(folder, version)
    tables = [pq.read_table(file, columns=columns, partitioning=None, read_dictionary=dictionaries) for file in files]
    return pa.concat_tables(tables).unify_dictionaries()


def append_row(folder: Path, row: pa.Table) -> None:
    """Add one row to a table: the only commit by which a load becomes visible."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"row-{time.time_ns()}.parquet"
    pq.write_table(row, path)
    schema, action = Schema.from_arrow(row.schema), add_action(path)
    if DeltaTable.is_deltatable(str(folder)):
        DeltaTable(folder).create_write_transaction([action], mode="append", schema=schema)
    else:
        create_table_with_add_actions(str(folder), schema, [action], mode="error", configuration=_CONFIGURATION)
