"""Query engines over a load: DuckDB in the process, or a Spark Connect server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from chengshu.lake import messages
from chengshu.lake.loads import Load
from chengshu.lake.session import stream

_BATCH_ROWS = 1 << 20


class Engine(Protocol):
    """Reads the tables of loads, and computes Ibis expressions over them."""

    name: str

    def read(self, load: Load, table: str) -> Table:
        """A table of a load as an Ibis expression."""

    def events(self, load: Load, *, people: range | None = None) -> Table:
        """person_key int64, person_no int32, source_no int8, occurred_on date, region_code string.

        With `people`, their numbers, at least the events of these.
        """

    def batches(self, expr: Table, *, rows: int = _BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The result in batches, without ever holding all of it."""

    def table(self, expr: Table) -> pa.Table:
        """The result as a whole."""

    def close(self) -> None:
        """Let go of the connection."""


class DuckDBEngine:
    """DuckDB in this process, over the live files of the Delta tables."""

    name = "duckdb"

    def __init__(self, *, threads: int | None = None, memory_limit: str = "2GB") -> None:
        settings: dict[str, object] = {
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if threads is not None:
            settings["threads"] = threads
        self._backend = ibis.duckdb.connect(**settings)

    def read(self, load: Load, table: str) -> Table:
        """A table of a load."""
        return self._backend.read_parquet(load.files(table))

    def events(self, load: Load, *, people: range | None = None) -> Table:
        """The events of a load; of the files that hold some people, not even the footers of the others are read."""
        return self._backend.read_parquet(load.files("events") if people is None else load.event_files(people))

    def batches(self, expr: Table, *, rows: int = _BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The result in batches, in no particular order unless the expression asks for one."""
        yield from stream(self._backend, expr, rows)

    def table(self, expr: Table) -> pa.Table:
        """The result as a whole."""
        result = self._backend.con.sql(self._backend.compile(expr)).to_arrow_table()
        return result.cast(expr.schema().to_pyarrow())

    def close(self) -> None:
        """Close the connection."""
        self._backend.disconnect()


@contextmanager
def open_engine(url: str = "duckdb", *, threads: int | None = None) -> Iterator[Engine]:
    """Open an engine for a block.

    Args:
        url: `duckdb`, or `sc://host:port` of a Spark Connect server (Apache Spark or Sail).
        threads: of DuckDB; all cores if not given.

    Raises:
        EngineError: unknown, not installed or unreachable.
    """
    engine = DuckDBEngine(threads=threads) if url == "duckdb" else _spark_engine(url)
    try:
        yield engine
    finally:
        engine.close()


def _spark_engine(url: str) -> Engine:
    if not url.startswith("sc://"):
        raise messages.engine_unknown(url)
    try:
        # An extra that a city on one machine does without.
        from chengshu.lake.spark import SparkEngine  # noqa: PLC0415
    except ImportError as error:
        raise messages.engine_not_installed() from error
    return SparkEngine(url)
