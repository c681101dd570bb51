"""The engine on a Spark Connect server; needs the extra `spark`, see `engine.open_engine`."""

import contextlib
import importlib
import re
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import grpc
import ibis
import pyarrow as pa
from ibis.expr.types import Table
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from chengshu.kernel.errors import EngineError
from chengshu.lake import engine_messages
from chengshu.lake.engine import GroupFunction
from chengshu.lake.loads import Load

if TYPE_CHECKING:
    from pyspark.sql.connect.client.retries import RetryPolicy

_DEFAULT_PORT = 15002
_PATIENCE_SECONDS = 5
_LACKING = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_RAISED = re.compile(r"^(?:\w+\.)*\w+(?:Error|Exception): (?!Traceback).+$", re.MULTILINE)


class SparkEngine:
    """Apache Spark or Sail, reading the Delta tables themselves: they must see the lake's folder."""

    is_remote = True

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            EngineError: `engine.unreachable`.
        """
        self.name = url
        _check_reachable(url)
        _import_client()
        try:
            self._session = SparkSession.builder.remote(url).create()
            self._session.client.set_retry_policies(_patience())
            self._backend = ibis.pyspark.connect(self._session)
        except (PySparkException, OSError) as error:
            raise engine_messages.engine_unreachable(url, _first_line(error)) from error

    def events(self, load: Load, *, people: range | None = None) -> Table:
        """The events of a load: the server itself leaves out files that do not hold the people asked for."""
        reader = self._session.read.format("delta").option("versionAsOf", str(load.versions["events"]))
        view = f"{load.load_id}_events".replace("-", "_")
        with self._failures_told():
            reader.load(str(load.folder("events").resolve())).createOrReplaceTempView(view)
            rows = self._backend.table(view)
        return load.standing(rows, people)

    def table(self, expr: Table) -> pa.Table:
        """The result as a whole.

        Raises:
            EngineError: `engine.failed`.
        """
        return self._fetch(lambda: self._frame(expr), expr.schema().to_pyarrow())

    def map_groups(
        self, expr: Table, sent: pa.Table, *, by: str, function: GroupFunction, schema: pa.Schema
    ) -> pa.Table:
        """What a function makes of each group, in the server's Python workers.

        Raises:
            EngineError: `engine.failed`, `engine.worker-lacks` a module that the function needs.
        """

        # Spark asks for a plain function; what a partial holds goes along with it.
        def of_group(left: pa.Table, right: pa.Table) -> pa.Table:
            return function(left, right)

        def frame() -> DataFrame:
            pairs = self._session.createDataFrame(sent).groupBy(by).cogroup(self._frame(expr).groupBy(by))
            return pairs.applyInArrow(of_group, from_arrow_schema(schema))

        return self._fetch(frame, schema)

    def _frame(self, expr: Table) -> DataFrame:
        return self._session.sql(self._backend.compile(expr))

    def _fetch(self, frame: Callable[[], DataFrame], schema: pa.Schema) -> pa.Table:
        with self._failures_told():
            result = frame().toArrow()
        return result.cast(schema)

    @contextlib.contextmanager
    def _failures_told(self) -> Iterator[None]:
        try:
            with _without_warnings():
                yield
        except (PySparkException, grpc.RpcError) as error:
            raise _failure(self.name, error) from error

    def close(self) -> None:
        """End the session on the server, if it is still there."""
        with contextlib.suppress(PySparkException, grpc.RpcError), _without_warnings():
            self._session.stop()


def _import_client() -> None:
    """Import the client, which takes a program without a file for its own doctests and then ends it.

    Such programs are `python -c`, embedded interpreters, and workers of process pools.
    """
    main = sys.modules["__main__"]
    has_file = hasattr(main, "__file__")
    if not has_file:
        main.__file__ = __file__
    try:
        importlib.import_module("pyspark.sql.connect.session")
    finally:
        if not has_file:
            del main.__file__


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """What the client warns of, that it has given up, is told by its error too."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*RETRIES_EXCEEDED")
        yield


def _patience() -> "list[RetryPolicy]":
    """How long to try again where the server is gone: some seconds. The client's own are ten minutes, in silence."""
    # Only after `_import_client`.
    from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415

    return [DefaultPolicy(max_retries=5, max_backoff=2000, max_server_retry_delay=2000)]


def _check_reachable(url: str) -> None:
    """Knock at the door first: the client itself would go on trying for ten minutes."""
    parts = urlsplit(url)
    try:
        address = (parts.hostname or "localhost", parts.port or _DEFAULT_PORT)
        socket.create_connection(address, timeout=_PATIENCE_SECONDS).close()
    except (OSError, ValueError) as error:
        raise engine_messages.engine_unreachable(url, _first_line(error)) from error


def _failure(url: str, error: Exception) -> EngineError:
    """What the user should know of a failed query; of a function's traceback, the line that tells the error."""
    told = str(error).split("JVM stacktrace")[0]
    lacking = _LACKING.search(told)
    if lacking:
        return engine_messages.engine_worker_lacks(url, lacking[1])
    raised = _RAISED.findall(told)
    return engine_messages.engine_failed(url, raised[-1] if raised else _first_line(error))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
