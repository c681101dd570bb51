"""Ctrl-C that is never lost.

Python raises KeyboardInterrupt wherever the main thread happens to be. In a destructor or in a callback of a weak
reference the exception is printed and forgotten, and the work goes on to its end. So the signal is remembered too, and
whoever reports progress asks for it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

_asked = Event()


@contextmanager
def remembered() -> Iterator[None]:
    """Remember Ctrl-C for the length of a block."""
    _asked.clear()
    before = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt


def check() -> None:
    """Stop here if the user has asked for it.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed and got lost on its way.
    """
    if _asked.is_set():
        _asked.clear()
        raise KeyboardInterrupt
