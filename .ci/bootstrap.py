"""Install the pinned uv into `.bootstrap`, with nothing but the machine's own Python 3.11.

Usage: `python3 .ci/bootstrap.py UV_VERSION`. Debian keeps pip and `ensurepip` in packages of their own
(`python3-pip`, `python3-venv`). Where they are missing, pip comes from the Python Package Index as one wheel,
checked against the digest below, and runs from that file.
"""

import hashlib
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / ".bootstrap"
OLDEST_PYTHON = (3, 11)
PIP_WHEEL = (
    "https://files.pythonhosted.org/packages/07/25/ee8c38ae72d66b844ce8eb9711ba905dba21ca1a8a0c960057c41cd23337/"
    "pip-26.3-py3-none-any.whl"
)
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def main(uv_version: str) -> None:
    """Leave `.bootstrap/bin/uv` at the version asked for."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Chengshu needs Python 3.11 or newer; {sys.executable} is {found}. Try: make PYTHON=python3.11 …")
    venv.create(TARGET, with_pip=False, clear=True)
    install(uv_version, pip=_own_pip())


def install(uv_version: str, *, pip: list[str]) -> None:
    """Run `pip install` for uv inside `.bootstrap`; a failure ends the program with what to do next."""
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", f"uv=={uv_version}"]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - a fixed command
        sys.exit(f"uv {uv_version} was not installed: see the lines above. Is https://pypi.org reachable?")


def _own_pip() -> list[str]:
    python = str(TARGET / "bin" / "python")
    ensured = subprocess.run(  # noqa: S603 - a fixed command
        [python, "-m", "ensurepip", "--default-pip"], check=False, capture_output=True
    )
    if ensured.returncode == 0:
        return [python, "-m", "pip"]
    return [python, str(_fetched_wheel() / "pip")]


def _fetched_wheel() -> Path:
    wheel = TARGET / Path(PIP_WHEEL).name
    try:
        with urllib.request.urlopen(PIP_WHEEL, timeout=60) as answer:
            content = answer.read()
    except urllib.error.URLError as error:
        sys.exit(f"No pip here, and {PIP_WHEEL} fails: {error}. Try: apt-get install python3-venv")
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP_WHEEL} is not the file that was expected. Try: apt-get install python3-venv")
    wheel.write_bytes(content)
    return wheel


if __name__ == "__main__":
    main(sys.argv[1])
