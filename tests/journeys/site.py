"""A whole site for journeys: a city made up, certified and published, served on loopback by processes of its own."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

_COMMAND = Path(sys.executable).with_name("chengshu")
_PATIENCE_SECONDS = 60.0
AS_OF = "2025-12-31"


@dataclass
class Site:
    """One installation with its server.

    Attributes:
        folder: of its own.
        people: of the city.
    """

    folder: Path
    people: int = 2000
    port: int = 0
    server: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def var(self) -> Path:
        """What the installation writes."""
        return self.folder / "var"

    @property
    def password(self) -> str:
        """Of the demonstration accounts."""
        return (self.var / "demonstration-password").read_text(encoding="utf-8").strip()

    @property
    def environment(self) -> dict[str, str]:
        """For its processes."""
        return os.environ | {"CHENGSHU_VAR": str(self.var), "DATABASE_URL": "", "CHENGSHU_LANG": "zh"}

    def command(self, *arguments: object) -> None:
        """Run `chengshu` to its end."""
        done = subprocess.run(
            [str(_COMMAND), *map(str, arguments)], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def prepare(self) -> None:
        """Make the city, certify it, and publish the run."""
        city, out = self.folder / "city", self.folder / "out"
        self.command("sample-city", city, "--people", self.people, "--seed", 3)
        self.command("certify", city, "--as-of", AS_OF, "--out", out, "--lake", self.var / "lake")
        self.command("database", "prepare")
        self.command("sample-organisations")
        self.command("sample-certification")

    def start(self) -> None:
        """Serve, with a worker beside."""
        self.port = free_port()
        self.server = subprocess.Popen(
            [str(_COMMAND), "serve", "--port", str(self.port)], env=self.environment, stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                with urlopen(f"{self.url}/healthz") as answer:  # noqa: S310 - our own
                    if answer.status == 200:
                        return
            except URLError:
                time.sleep(0.2)
        raise TimeoutError(self.url)

    def stop(self) -> None:
        """End the server by its own process id."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(timeout=30)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def axe_problems(page: object, script: Path) -> list[str]:
    """What axe finds on a page, of WCAG 2.2 AA: rule, and the first element that breaks it."""
    evaluate = page.evaluate  # type: ignore[attr-defined]
    evaluate(script.read_text(encoding="utf-8"))
    found = evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [_told(one) for one in found["violations"]]


def _told(one: dict[str, Any]) -> str:
    html = re.sub(r"\s+", " ", one["nodes"][0]["html"])[:160]
    return f"{one['id']}: {html}"
