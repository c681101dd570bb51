"""The site and its worker in one command: both end with it."""

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import uvicorn
from django.core.management import call_command

from chengshu.kernel.texts import Text
from chengshu.web.language import spoken_language


def collect_static() -> None:
    """Put what browsers fetch in one place, under names that carry a digest."""
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)


def serve(host: str, port: int, *, has_worker: bool = True) -> None:
    """Answer requests until the process is told to stop.

    Args:
        host: to listen on.
        port: to listen on; 0 for one that is free.
        has_worker: start a worker beside the site.
    """
    # Of WhiteNoise's files, which are small; exports come in pieces.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    with _worker() if has_worker else nullcontext():
        _tell(host, port)
        uvicorn.run(
            "chengshu.web.asgi:application", host=host, port=port, log_level="warning", lifespan="off", workers=1
        )


def _tell(host: str, port: int) -> None:
    text = Text(
        "城枢在 http://{host}:{port} ，按 Ctrl-C 停止。", "Chengshu is at http://{host}:{port}; Ctrl-C stops it."
    )
    sys.stdout.write(text.format(host=host, port=port).get(spoken_language()) + "\n")
    sys.stdout.flush()


@contextmanager
def _worker() -> Iterator[None]:
    """A worker in a process of its own, for the length of the block."""
    command = [sys.executable, "-m", "chengshu.web.worker", "--until-parent-ends"]
    child = subprocess.Popen(command, env=os.environ.copy(), start_new_session=True)  # noqa: S603 - ours alone
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
