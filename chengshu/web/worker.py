"""Background jobs: `chengshu worker`. What a killed worker had begun is taken up again.

A worker is known by its machine and its process; one that is gone leaves jobs that are running and nobody's.
"""

import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from chengshu.kernel.errors import ChengshuError

_LOOK_SECONDS, _DUE_SECONDS = 5.0, 3600.0


def worker_id() -> str:
    """This process: its machine, its number, and the moment at which it began, for numbers come again."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{_began(os.getpid())}"


def is_gone(worker: str) -> bool:
    """Whether a worker of this machine runs no more; of another machine, nobody here can tell."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    began = worker.rpartition(":")[2]
    return host == socket.gethostname()[:32] and rest.isdigit() and _began(int(rest)) != began


def _began(process: int) -> str:
    """The clock ticks since boot at which a process began; nothing for none."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def take_up_again() -> int:
    """Put jobs back whose worker is gone; returns how many."""
    from django_tasks.base import TaskResultStatus  # noqa: PLC0415 - only after Django has started
    from django_tasks_db.models import DBTaskResult  # noqa: PLC0415

    count = 0
    with transaction.atomic():
        for job in DBTaskResult.objects.select_for_update().filter(status=TaskResultStatus.RUNNING):
            if not job.worker_ids or is_gone(job.worker_ids[-1]):
                job.status, job.started_at, job.run_after = TaskResultStatus.READY, None, timezone.now()
                job.save(update_fields=["status", "started_at", "run_after"])
                count += 1
    return count


def work(*, batch: bool = False, until_parent_ends: bool = False) -> None:
    """Do jobs as they come.

    Args:
        batch: end when there are none left.
        until_parent_ends: end with the process that started this one, however that ends.
    """
    from django_tasks_db.management.commands.db_worker import Worker  # noqa: PLC0415 - only after Django has started

    if until_parent_ends:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    take_up_again()
    worker = Worker(
        queue_names=["default"],
        interval=1.0,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id(),
        excluded_queue_names=[],
    )
    worker.configure_signals()
    threading.Thread(target=_look_for_lost, daemon=True).start()
    worker.run()


def _look_for_lost() -> None:
    """Every few seconds: what a killed worker left; every hour: whether the run of this month is due."""
    from django.db import close_old_connections  # noqa: PLC0415

    asked = 0.0
    while True:
        time.sleep(_LOOK_SECONDS)
        try:
            take_up_again()
            if time.monotonic() - asked > _DUE_SECONDS:
                asked = time.monotonic()
                _start_due_run()
        finally:
            close_old_connections()


def _start_due_run() -> None:
    """Ask for the run of this month where the installation wants it by itself (CHENGSHU_MONTHLY=1)."""
    from django.conf import settings  # noqa: PLC0415

    from chengshu.accounts import actor  # noqa: PLC0415
    from chengshu.certification import run_actions  # noqa: PLC0415

    if settings.IS_MONTHLY:
        with contextlib.suppress(ChengshuError):  # nothing gathered yet
            run_actions.start_due_run(by=actor.machine())


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    from chengshu.web.django_start import start_django

    start_django()
    work(until_parent_ends="--until-parent-ends" in sys.argv)
