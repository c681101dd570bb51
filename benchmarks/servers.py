"""Spark Connect servers for the length of a measurement: Sail, and Apache Spark where one is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.process import MemoryWatch, ProcessFailed, stop

_PATIENCE_SECONDS = 90.0
_SPARK_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass(frozen=True)
class Server:
    """A running server.

    Args:
        url: for `--engine`.
        memory: of its process tree.
    """

    url: str
    memory: MemoryWatch


@contextmanager
def sail() -> Iterator[Server]:
    """Sail on loopback, in a process of its own."""
    command = "import sys; from pysail.cli import main; sys.exit(main())"
    arguments = ["spark", "server", "--ip", "127.0.0.1", "--port"]
    with _serve([sys.executable, "-c", command, *arguments], port_last=True) as server:
        yield server


@contextmanager
def apache_spark(home: Path) -> Iterator[Server]:
    """Apache Spark's Connect server on loopback, in local mode with two cores."""
    submit = [str(home / "bin" / "spark-submit"), "--master", "local[2]", "--class", _SPARK_CLASS]
    options = ["--conf", "spark.connect.grpc.binding.address=127.0.0.1", "--conf", "spark.ui.enabled=false"]
    with _serve([*submit, *options, "--driver-memory", "4g"], port_last=False) as server:
        yield server


def find_apache_spark() -> Path | None:
    """Home of an Apache Spark with Delta's jar, and a Java to run it; None where any of them is missing.

    `SPARK_HOME` goes first, then the `pyspark` package (`pyspark-client`, which only calls servers, is none).
    """
    if shutil.which("java") is None:
        return None
    package = find_spec("pyspark")
    places = [os.environ.get("SPARK_HOME"), *(package.submodule_search_locations or [] if package else [])]
    homes = (Path(place) for place in places if place)
    return next((home for home in homes if any((home / "jars").glob("delta-*.jar"))), None)


@contextmanager
def _serve(command: Sequence[str], *, port_last: bool) -> Iterator[Server]:
    """A server on a port that was free, once it answers; stopped by its own process when the block ends."""
    port = _free_port()
    place = [str(port)] if port_last else ["--conf", f"spark.connect.grpc.binding.port={port}", "spark-internal"]
    silence = subprocess.DEVNULL
    child = subprocess.Popen([*command, *place], stdin=silence, stdout=silence, stderr=silence)  # noqa: S603
    try:
        memory = MemoryWatch(child.pid)
        _wait_for(child, port)
        yield Server(f"sc://127.0.0.1:{port}", memory)
        memory.stop()
    finally:
        stop(child)


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(child: subprocess.Popen[bytes], port: int) -> None:
    """Until the port answers.

    Raises:
        ProcessFailed: the server ended, or is not there in time.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if child.poll() is not None:
            raise ProcessFailed(f"the server ended with exit code {child.returncode}")
        with closing(socket.socket()) as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise ProcessFailed(f"the server did not answer within {_PATIENCE_SECONDS:.0f} s")
