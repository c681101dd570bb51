"""Query engines over a load: DuckDB in the process, or a Spark Connect server."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

from chengshu.lake import engine_messages
from chengshu.lake.loads import Load

GroupFunction = Callable[[pa.Table, pa.Table], pa.Table]
"""From the rows of one group to rows: rows sent, rows of an expression."""


class Engine(Protocol):
    """Reads the events of loads, and computes Ibis expressions over them."""

    name: str
    is_remote: bool
    """Whether its rows are with a server, which had better work on them itself than send them."""

    def events(self, load: Load, *, people: range | None = None) -> Table:
        """person_key int64, person_no int32, source_no int8, occurred_on date, region_code string.

        With `people`, their numbers, at least the events of these. Without what the load has disproved.
        """

    def table(self, expr: Table) -> pa.Table:
        """The result as a whole."""

    def map_groups(
        self, expr: Table, sent: pa.Table, *, by: str, function: GroupFunction, schema: pa.Schema
    ) -> pa.Table:
        """What a function makes of each group of rows, computed where the rows of the expression are.

        Args:
            expr: rows of the engine.
            sent: rows of this process, which go along with the function.
            by: a whole number in both, by which their rows are grouped; ``sent`` has rows of every group.
            function: from a group's rows of ``sent`` and of ``expr``, in no particular order, to rows of ``schema``.
                One that a server's Python can import by name, or a partial of it.
            schema: of the result.

        Returns:
            The rows of all groups, in no particular order.
        """

    def close(self) -> None:
        """Let go of the connection."""


class DuckDBEngine:
    """DuckDB in this process, over the live files of the Delta tables."""

    name = "duckdb"
    is_remote = False

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

    def events(self, load: Load, *, people: range | None = None) -> Table:
        """The events of a load; of the files that hold some people, not even the footers of the others are read."""
        rows = self._backend.read_parquet(load.files("events") if people is None else load.event_files(people))
        return load.standing(rows, people)

    def parquet(self, path: Path, **options: bool) -> Table:
        """The rows of one file; options are DuckDB's own."""
        return self._backend.read_parquet(str(path), **options)

    def table(self, expr: Table) -> pa.Table:
        """The result as a whole."""
        result = self._backend.con.sql(self._backend.compile(expr)).to_arrow_table()
        return result.cast(expr.schema().to_pyarrow())

    def map_groups(
        self, expr: Table, sent: pa.Table, *, by: str, function: GroupFunction, schema: pa.Schema
    ) -> pa.Table:
        """What a function makes of each group, one after the other in this thread."""
        rows = self.table(expr)
        groups = pc.unique(sent[by]).to_pylist()
        made = [function(*(one.filter(pc.equal(one[by], group)) for one in (sent, rows))) for group in groups]
        return pa.concat_tables([schema.empty_table(), *made]).cast(schema)

    def close(self) -> None:
        """Close the connection."""
        self._backend.disconnect()


@contextmanager
def open_parquet(path: Path, *, threads: int = 2) -> Iterator[tuple[Engine, Table]]:
    """One Parquet file for a block, with the engine that reads it: a page of a list in some 50 ms.

    Raises:
        FileNotFoundError: it is not there.
    """
    with _reading([path], threads) as engine:
        yield engine, engine.parquet(path)


@contextmanager
def open_parquets(paths: Sequence[Path], *, threads: int = 2) -> Iterator[tuple[Engine, list[Table]]]:
    """Several Parquet files for a block, with one engine; each with its rows' places, `file_row_number`.

    Raises:
        FileNotFoundError: one is not there.
    """
    with _reading(paths, threads) as engine:
        yield engine, [engine.parquet(path, file_row_number=True) for path in paths]


@contextmanager
def _reading(paths: Sequence[Path], threads: int) -> Iterator[DuckDBEngine]:
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(path)
    engine = DuckDBEngine(threads=threads)
    try:
        yield engine
    finally:
        engine.close()


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
        raise engine_messages.engine_unknown(url)
    try:
        # An extra that a city on one machine does without.
        from chengshu.lake.spark import SparkEngine  # noqa: PLC0415
    except ImportError as error:
        raise engine_messages.engine_not_installed() from error
    return SparkEngine(url)
