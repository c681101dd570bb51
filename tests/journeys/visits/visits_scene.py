"""A served site with two people to visit, for browsers; processes of their own ask for what is in its database."""

import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from chengshu.web.tests.databases import Installation
from tests.journeys.site import free_port

_CITY = """
from pathlib import Path
from chengshu.accounts.domain import Role
from chengshu.accounts.tests.factories import make_post, make_tree, make_user
from chengshu.certification.models import Run
from chengshu.certification.tests.visit_factories import run_in_force
from chengshu.lake.tests.small_city import gathered, small_city
east = make_tree()["east"]
for name in ("韩雪", "杜康"):
    user = make_user(name)
    make_post(east, Role.GRASSROOTS_WORKER, user)
    make_post(east, Role.DEPARTMENT_OFFICER, user)
run_in_force()
Run.objects.update(load_id=gathered(Path({var!r}), small_city()).load_id)
"""
_SCENE = """
import json
from pathlib import Path
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from chengshu.accounts.models import User
from chengshu.certification import queries
from chengshu.certification.models import Run, WorkItem
from chengshu.certification.tests.visit_factories import NEXT_DOOR, OTHER_TOWN, make_item
def signed_in(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key
WorkItem.objects.filter(state="open").update(state="withdrawn")
run = Run.objects.get()
near, far = queries.load_of(run).identities()["person_key"].to_pylist()[:2]
items = [
    make_item(run, near, NEXT_DOOR, name="甲*", value=1).pk,
    make_item(run, far, OTHER_TOWN, name="丁*", value=9).pk,
]
found = {{"items": items, "sessions": [signed_in(user) for user in User.objects.order_by("pk")]}}
Path({out!r}).write_text(json.dumps(found))
"""
_VISITS = """
import json
from pathlib import Path
from chengshu.certification.models import Visit
rows = Visit.objects.filter(item__in={items}).order_by("pk")
columns = ("item_id", "outcome", "note", "photo", "recorded_by__name")
Path({out!r}).write_text(json.dumps(list(rows.values(*columns))))
"""
_QUICKER = """
from chengshu.accounts.actor import person
from chengshu.accounts.models import User
from chengshu.certification.models import WorkItem
from chengshu.certification.tests.visit_factories import record
record(person(User.objects.get(name="杜康")), WorkItem.objects.get(pk={item}))
"""


@dataclass
class Scene:
    """A site, and what is new in it for one test.

    Attributes:
        url: of the site.
        near: number of the item next door, of 甲*.
        far: of that in another town, of 丁*.
        sessions: of two visitors of the county, 韩雪 and 杜康, who answer for it too.
    """

    site: "VisitsSite"
    near: int
    far: int
    sessions: list[str]

    @property
    def url(self) -> str:
        return self.site.url

    def visits(self):
        """What has been recorded."""
        return self.site.answer(_VISITS, items=[self.near, self.far])

    def let_another_be_quicker(self):
        """杜康 records a visit next door."""
        self.site.run(_QUICKER.format(item=self.near))


class VisitsSite:
    """`chengshu serve` on a port of its own."""

    def __init__(self, var: Path, prepared: Path):
        self.installation = Installation(var / "var", "")
        self.installation.var.mkdir()
        self.installation.file.write_bytes(prepared.read_bytes())
        self.out = var / "out.json"
        self.run(_CITY.format(var=str(self.installation.var)))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [str(Path(sys.executable).with_name("chengshu")), "serve", "--no-worker", "--port", str(port)]
        self.process = subprocess.Popen(command, env=self.installation.environment, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self):
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310 - ours alone
                    return
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.25)
        raise AssertionError("the site did not start")

    def run(self, program):
        """Do something with its database."""
        assert self.installation.start_python(program).wait(120) == 0

    def answer(self, program, **facts):
        """What a program writes."""
        self.run(program.format(out=str(self.out), **facts))
        return json.loads(self.out.read_text())

    def scene(self) -> Scene:
        """Two new people to visit, and nobody else."""
        found = self.answer(_SCENE)
        near, far = found["items"]
        return Scene(self, near, far, found["sessions"])

    def stop(self):
        """End it."""
        self.process.terminate()
        self.process.wait(30)
