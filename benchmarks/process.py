"""A measured process: its seconds and its memory as seen from outside."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

_SAMPLE_SECONDS = 0.02
_FAMILY_SECONDS = 0.5


class ProcessFailed(Exception):
    """A measured process ended with an error; says how, with the last lines that it wrote."""


@dataclass(frozen=True)
class Measured:
    """Wall-clock seconds from start to end, and the greatest resident memory of the process tree."""

    seconds: float
    peak_bytes: int
    output: str


class MemoryWatch:
    """Samples the resident memory of a process and its descendants until it is stopped.

    Pages that two of them share count twice, so the figure errs on the safe side.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._family: list[psutil.Process] = []
        self._family_known_at = float("-inf")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.peak_bytes = 0
        self._thread.start()

    def stop(self) -> int:
        """The peak in bytes."""
        self._stopped.set()
        self._thread.join()
        return self.peak_bytes

    def _sample(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self.peak_bytes = max(self.peak_bytes, self._resident())

    def _resident(self) -> int:
        return sum(_resident_bytes(member) for member in [self._root, *self._descendants()])

    def _descendants(self) -> list[psutil.Process]:
        """Looked up now and then only: it reads every process of the machine."""
        if time.monotonic() - self._family_known_at > _FAMILY_SECONDS:
            self._family = _children(self._root)
            self._family_known_at = time.monotonic()
        return self._family


def _resident_bytes(member: psutil.Process) -> int:
    try:
        return int(member.memory_info().rss)
    except psutil.Error:
        return 0


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


def measure(command: Sequence[str], variables: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end.

    Args:
        command: and its arguments.
        variables: of the environment, beside those that are set already.

    Raises:
        ProcessFailed: it ended with another code than 0.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        with _child(command, {**os.environ, **(variables or {})}, output.fileno(), errors.fileno()) as child:
            watch = MemoryWatch(child.pid)
            code = child.wait()
            seconds = time.perf_counter() - began
            peak = watch.stop()
        output.seek(0)
        errors.seek(0)
        said = output.read().decode("utf-8", "replace")
        if code != 0:
            complaint = errors.read().decode("utf-8", "replace") or said
            raise ProcessFailed(f"exit code {code}: " + " | ".join(complaint.strip().splitlines()[-3:]))
    return Measured(seconds, peak, said)


@contextmanager
def _child(
    command: Sequence[str], variables: Mapping[str, str], output: int, errors: int
) -> Iterator[subprocess.Popen[bytes]]:
    """The process for a block; whatever ends the block ends it and what it started."""
    child = subprocess.Popen(  # noqa: S603
        command, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
    )
    try:
        yield child
    finally:
        stop(child)


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a process that was started here, with its descendants, if it still runs."""
    if child.poll() is not None:
        return
    family = [psutil.Process(child.pid), *_children(psutil.Process(child.pid))]
    for member in family:
        _quietly(member.terminate)
    _, alive = psutil.wait_procs(family, timeout=5)
    for member in alive:
        _quietly(member.kill)
    child.wait()


def _quietly(act: Callable[[], None]) -> None:
    """Ask a process to end; it may have ended by itself meanwhile."""
    try:
        act()
    except psutil.Error:
        return
