import math
import os
import subprocess
import sys
import time

import psutil
import pytest

from chengshu.kernel.workers import open_workers


def test_results_come_in_the_order_of_the_tasks():
    with open_workers(2, preload=["math"]) as workers:
        assert list(workers.map(math.sqrt, range(50))) == [math.sqrt(n) for n in range(50)]


def test_one_worker_is_this_process():
    with open_workers(1, preload=[]) as workers:
        assert list(workers.map(lambda _: os.getpid(), range(3))) == [os.getpid()] * 3


def test_tasks_are_drawn_as_they_are_needed():
    drawn = []

    def tasks():
        for number in range(50):
            drawn.append(number)
            yield number

    with open_workers(2, preload=["math"]) as workers:
        results = workers.map(math.sqrt, tasks())
        next(results)
        assert len(drawn) < 10
        assert len(list(results)) == 49


def test_a_task_that_fails_fails_here():
    with open_workers(2, preload=["math"]) as workers, pytest.raises(ValueError, match="math domain"):
        list(workers.map(math.sqrt, [1, -1]))


KILLED = """
import sys, time
from chengshu.kernel.workers import open_workers
if __name__ == "__main__":
    with open_workers(2, preload=["math"]) as workers:
        list(workers.map(abs, range(4)))
        print("ready", flush=True)
        time.sleep(600)
"""


def test_workers_end_when_their_process_is_killed(tmp_path):
    script = tmp_path / "work.py"
    script.write_text(KILLED)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        children = psutil.Process(run.pid).children(recursive=True)
        assert len(children) >= 2
        run.kill()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def _interrupted():
    yield 30.0
    yield 30.0
    time.sleep(1)
    raise KeyboardInterrupt


def test_nobody_waits_for_work_that_was_interrupted():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), open_workers(2, preload=["math"]) as workers:
        list(workers.map(time.sleep, _interrupted()))
    assert time.monotonic() - began < 25
