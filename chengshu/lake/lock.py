"""One gathering at a time in a lake, and room for its temporary files."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chengshu.lake import storage_messages

_LOCK = "gather.lock"
_SPILL = "spill-"


@contextmanager
def gathering_lock(lake_dir: Path) -> Iterator[None]:
    """Hold the lake for one gathering. The system lets go of the lock when the process dies.

    Raises:
        StorageError: `lake.locked`, naming the process that holds it.
    """
    handle = os.open(lake_dir / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise storage_messages.locked(lake_dir, int(os.read(handle, 20) or b"0")) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def is_lake(folder: Path) -> bool:
    """Whether anything was ever gathered into this folder: its lock stays."""
    return (folder / _LOCK).is_file()


@contextmanager
def spill_folder(lake_dir: Path) -> Iterator[Path]:
    """A folder for temporary files, gone at the end; what killed runs left goes too. Needs the lock."""
    for left in lake_dir.glob(_SPILL + "*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_SPILL, dir=lake_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
