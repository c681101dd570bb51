"""The DuckDB connection with which packages are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

_MEMORY_LIMIT = "1500MB"
_BUFFER = "32MB"


@contextmanager
def open_session(spill: Path, *, threads: int | None = None) -> Iterator[Backend]:
    """A DuckDB connection of its own that downloads nothing and spills into the folder given."""
    settings: dict[str, object] = {
        "memory_limit": _MEMORY_LIMIT,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Rows are numbered by their order, so it has to be kept.
        "preserve_insertion_order": True,
    }
    if threads is not None:
        settings["threads"] = threads
    backend = ibis.duckdb.connect(**settings)
    # A setting of the connection, which Ibis's connect cannot pass on.
    backend.con.execute(f"SET streaming_buffer_size = '{_BUFFER}'")
    try:
        yield backend
    finally:
        backend.disconnect()


def stream(backend: Backend, expr: Table, rows: int) -> pa.RecordBatchReader:
    """The result in batches, in order, while DuckDB goes on reading.

    Ibis's own `to_pyarrow_batches` goes through DuckDB's DB-API result, which copies every row once more.
    """
    return backend.con.sql(backend.compile(expr)).to_arrow_reader(rows)
