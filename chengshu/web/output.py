"""Standard output that takes not every sign, is full, or has nobody left who reads it."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator

from chengshu.kernel.errors import StorageError
from chengshu.kernel.texts import Text

_STANDARD_ERROR = 2


def stand_in_for_closed() -> None:
    """Let streams that were closed lead nowhere.

    Python has None for them, which cannot be written to; and the next file that is opened would get their number, so
    that whatever a library has to say on standard error would be written into it.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(number, True)  # for the processes that work for this one
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process lasts
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the same


def take_any_sign() -> None:
    """Print a question mark for what a terminal's encoding lacks, such as Chinese in ASCII, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def takes(text: str) -> bool:
    """Whether standard output can show all signs of a text."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Print all that a block has to say.

    Raises:
        StorageError: `output.not-writable`.
        SystemExit: 1, without a word: whoever read the output, such as `head`, has seen enough.
    """
    try:
        yield
        sys.stdout.flush()  # at Python's end it would be too late to say that it fails
    except BrokenPipeError:
        _give_up()
        raise SystemExit(1) from None
    except OSError as error:
        if not _fails("\n"):
            raise
        _give_up()
        raise _not_writable(error.strerror or str(error)) from error


def finish() -> None:
    """Print what is left after a failure that has been told; a second one is not worth telling."""
    if _fails(""):
        _give_up()


def _fails(text: str) -> bool:
    """Whether standard output takes no text."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        return True
    return False


def _give_up() -> None:
    """Let go of what could not be written: Python would try again at its end, and complain."""
    with contextlib.suppress(OSError, ValueError):  # of a stream without a file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _not_writable(problem: str) -> StorageError:
    """Standard output leads to a full disk, or to nowhere."""
    return StorageError(
        "output.not-writable",
        Text(f"标准输出无法写入：{problem}。", f"Standard output cannot be written: {problem}."),
        Text(
            "请腾出空间，或把输出改到别处；已写入结果文件夹的文件不受影响。",
            "Make room, or send the output elsewhere; files already in the results folder are whole.",
        ),
    )
