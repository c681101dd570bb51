"""kill -9 of site, worker and command line at random moments: no recorded visit is lost, nothing is half-published."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from benchmarks import process
from benchmarks.bench import AS_OF, Bench, command
from benchmarks.results import Bar, Row

PEOPLE = 400
_LONGEST_SECONDS = 3.0
_CLIENT_SIGNS = 36  # of a UUID; a line that was cut off has fewer
_RECORD = """
import sys
from uuid import UUID
from chengshu.accounts.actor import person
from chengshu.accounts.models import User
from chengshu.certification import visit_actions
from chengshu.certification.models import WorkItem
from chengshu.kernel import clock
by = person(User.objects.get(username="handler"))
for line in sys.stdin:
    client = UUID(line.strip())
    item = WorkItem.objects.filter(state="open").exclude(kind="self_check").order_by("?").first()
    if item is None:
        break
    visit_actions.record_visit(by=by, item=item, client_id=client, visited_on=clock.today(), outcome="alive", note="")
    print(client, flush=True)
"""
_PUBLISH = """
from chengshu.accounts.actor import person
from chengshu.accounts.models import User
from chengshu.certification import run_actions
from chengshu.certification.models import Run
by, other = (person(User.objects.get(username=name)) for name in ("handler", "approver"))
run = Run.objects.filter(status__in=["finished", "proposed"]).order_by("-pk").first()
if run is not None:
    if run.status == "finished":
        run = run_actions.propose_run(by=by, run=run)
    print("proposed", flush=True)
    run_actions.publish_run(by=other, run=run)
"""
_ASK = """
from chengshu.accounts.actor import person
from chengshu.accounts.models import User
from chengshu.certification import run_actions
run_actions.start_run(by=person(User.objects.get(username="handler")))
"""
_CHECK = """
import json, sys
from chengshu.certification.models import Run, Visit, WorkItem
kept = {str(one) for one in Visit.objects.values_list("client_id", flat=True)}
told = set(json.load(sys.stdin))
half = [
    run.pk for run in Run.objects.filter(status="published")
    if not run.items.exists() or not (run.folder / "people.parquet").exists()
]
in_force = Run.objects.filter(is_in_force=True).count()
orphans = WorkItem.objects.exclude(run__status="published").count()
print(json.dumps({"lost": len(told - kept), "half": len(half) + orphans + (in_force != 1), "visits": len(kept)}))
"""


@dataclass
class Scene:
    """An installation that is being killed.

    Attributes:
        var: its folder.
        chance: of what happens, and when.
        told: visits of which somebody was told that they are recorded.
        kills: how many there were.
    """

    var: Path
    chance: random.Random
    told: set[str] = field(default_factory=set)
    kills: int = 0

    @property
    def where(self) -> dict[str, str]:
        """Variables of its processes."""
        return {"CHENGSHU_VAR": str(self.var), "DATABASE_URL": "", "CHENGSHU_LANG": "en"}

    def prepare(self, city: Path) -> None:
        """A small city, certified and published."""
        for step in (
            command("sample-city", str(city), "--people", str(PEOPLE), "--seed", "4"),
            command(
                "certify", str(city), "--as-of", AS_OF.isoformat(), "--out", str(city / "out"), "--lake",
                str(self.var / "lake"),
            ),
            command("database", "prepare"),
            command("sample-organisations"),
            command("sample-certification"),
        ):  # fmt: skip
            process.measure(step, self.where)

    def start(
        self, arguments: list[str], *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        """A process in a group of its own, so that what it starts is killed with it."""
        return subprocess.Popen(  # noqa: S603
            arguments,
            env=os.environ | self.where,
            text=True,
            start_new_session=True,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )

    def python(self, program: str) -> list[str]:
        """A program that may use Django at once."""
        begin = "from chengshu.web.django_start import start_django; start_django()\n"
        return [sys.executable, "-c", begin + program]

    def kill(self, child: subprocess.Popen[str]) -> None:
        """Wait for a random moment, then kill it and all that it started."""
        time.sleep(self.chance.uniform(0.05, _LONGEST_SECONDS))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        self.kills += 1

    def ask(self, program: str, sent: str = "") -> str:
        """What a program prints, run to its end."""
        done = subprocess.run(  # noqa: S603
            self.python(program), env=os.environ | self.where, input=sent, capture_output=True, text=True, check=True
        )
        return done.stdout


def kill_recording(scene: Scene) -> None:
    """Somebody records visits; whatever is told as recorded counts."""
    child = scene.start(scene.python(_RECORD), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    clients = "\n".join(str(_client(scene)) for _ in range(40)) + "\n"
    if child.stdin is not None:
        child.stdin.write(clients)
        child.stdin.close()
    scene.kill(child)
    if child.stdout is not None:
        with child.stdout as told:
            scene.told |= {line.strip() for line in told if len(line.strip()) == _CLIENT_SIGNS}
    child.wait()


def kill_command_line(scene: Scene) -> None:
    """A run on the command line."""
    child = scene.start(command("certification", "run"))
    scene.kill(child)
    child.wait()


def kill_worker(scene: Scene) -> None:
    """A worker with a run to do."""
    scene.ask(_ASK)
    child = scene.start(command("worker"))
    scene.kill(child)
    child.wait()


def kill_publishing(scene: Scene) -> None:
    """Somebody proposes and somebody else publishes."""
    child = scene.start(scene.python(_PUBLISH))
    scene.kill(child)
    child.wait()


KILLS: tuple[Callable[[Scene], None], ...] = (kill_recording, kill_command_line, kill_worker, kill_publishing)


def killed(folder: Path, times: int, seed: int = 1) -> dict[str, int]:
    """Kill so many times; gives visits lost, things half-published, visits kept, and kills.

    Afterwards a worker takes up what was left, and the audit trail is verified.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scene = Scene(folder / "var", random.Random(seed))  # noqa: S311 - moments, not secrets
    scene.prepare(folder / "city")
    for number in range(times):
        KILLS[number % len(KILLS)](scene)
    process.measure(command("worker", "--batch"), scene.where)
    process.measure(command("audit", "verify"), scene.where)
    found: dict[str, int] = json.loads(scene.ask(_CHECK, json.dumps(sorted(scene.told))))
    return {**found, "told": len(scene.told), "kills": scene.kills}


def measure(bench: Bench) -> list[Row]:
    """Fifty kills, and what they cost: nothing."""
    found = killed(bench.folder / "kills", bench.sizes.kills)
    bench.say(f"  {found}")
    bench.forget(bench.folder / "kills")
    what = f"{found['kills']} kills at random moments"
    lost = f"{what}: visits lost of {found['told']} told as recorded"
    return [
        Row("kills.lost", lost, found["lost"], "visits", Bar(at_most=0), facts=found),
        Row("kills.half", f"{what}: things half-published", found["half"], "", Bar(at_most=0), facts=found),
    ]


def _client(scene: Scene) -> UUID:
    return UUID(int=scene.chance.getrandbits(128), version=4)
