"""A folder for unfinished work beside its results, so that a killed run leaves nothing half-done."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".unfinished-"
"""How the names of such folders begin; the number of their process follows."""


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises:
        PermissionError: also where no disk takes it: below /proc, say, or by a name that is too long.
        OSError: for any other reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ELOOP):
            raise PermissionError(errno.EACCES, error.strerror, str(folder)) from error
        raise


@contextmanager
def workplace(out: Path) -> Iterator[Path]:
    """A folder of one's own within `out`, gone afterwards; those of killed runs are removed too."""
    for left in out.glob(f"{UNFINISHED}*"):
        if not _is_running(left.name.removeprefix(UNFINISHED)):
            shutil.rmtree(left, ignore_errors=True)
    place = out / f"{UNFINISHED}{os.getpid()}"
    place.mkdir(exist_ok=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _is_running(process: str) -> bool:
    return process.isdigit() and Path(f"/proc/{process}").exists()
