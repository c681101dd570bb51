"""Processes that work beside this one.

Two threads that make many short NumPy calls hand the interpreter's lock to and fro at every one of them: measured on
two cores, two such threads took longer than one after the other. Processes do not share a lock.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """Some processes, or this one alone."""

    def __init__(self, pool: ProcessPoolExecutor | None, count: int) -> None:
        self._pool, self.count = pool, count

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Results in the order of the tasks.

        Args:
            function: of a module, as it is sent by its name.
            tasks: drawn as they are needed, so that hardly more of them than there are workers wait.
        """
        if self._pool is None:
            yield from map(function, tasks)
            return
        waiting: deque[Future[Result]] = deque()
        for task in tasks:
            waiting.append(self._pool.submit(function, task))
            if len(waiting) > self.count + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def open_workers(count: int, *, preload: list[str]) -> Iterator[Workers]:
    """Start processes for a block; one is this process itself.

    They end with the block, and when this process is killed.

    Args:
        count: how many.
        preload: modules that the work needs, imported while this process goes on.
    """
    if count <= 1:
        yield Workers(None, 1)
        return
    # A fork of this process would copy locks that its threads hold; a fork of a server that has none is safe.
    context = get_context("forkserver")
    context.set_forkserver_preload(preload)
    pool = ProcessPoolExecutor(count, context, initializer=_settle)
    for _ in range(count):
        pool.submit(os.getpid)  # starts one
    try:
        yield Workers(pool, count)
    except BaseException:
        _end(pool)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end(pool: ProcessPoolExecutor) -> None:
    """End workers in the midst of their work: nobody waits for it any more."""
    # Private, for the pool's own terminate_workers comes only with Python 3.14, and shutdown waits for work begun.
    for process in list((pool._processes or {}).values()):
        process.terminate()


def _settle() -> None:
    """What a worker does first: leave Ctrl-C to the process that it works for, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
