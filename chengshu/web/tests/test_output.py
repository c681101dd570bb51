"""Where the output goes may take no Chinese, be full, or be closed: none of it ends in a Python error."""

import json
import os
import subprocess
import sys

import pytest

from chengshu.lake.tests.small_city import small_city

MAIN = [sys.executable, "-c", "from chengshu.web.command_line import main; main()"]


@pytest.fixture
def folder(tmp_path):
    city = small_city().write(tmp_path / "城")
    (city / "datapackage.json").unlink()
    return city


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def buffering(request, monkeypatch):
    """Python writes at once or at its end."""
    monkeypatch.setenv("PYTHONUNBUFFERED", request.param)


def run(*arguments, stdout=subprocess.PIPE, **environment):
    return subprocess.run(
        [*MAIN, *map(str, arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )


@pytest.mark.usefixtures("buffering")
@pytest.mark.parametrize("command", [["describe"], ["describe", "--json"], ["--help"], ["--version"]])
def test_a_full_disk_behind_the_output_is_named(folder, command):
    arguments = [*command, folder] if "describe" in command else command
    with open("/dev/full", "w") as full:
        done = run(*arguments, "--lang", "en", stdout=full)
    said = done.stderr.decode()
    assert (done.returncode, said.splitlines()[0]) == (
        4,
        "[output.not-writable] Standard output cannot be written: No space left on device.",
    )
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.usefixtures("buffering")
@pytest.mark.parametrize("command", [["describe"], ["describe", "--json"], ["--help"], ["--version"]])
def test_a_reader_who_has_seen_enough_is_left_quietly(folder, command):
    arguments = [*command, folder] if "describe" in command else command
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*arguments, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("command", [["describe"], ["--help"], ["describe", "nowhere"]])
def test_an_output_without_chinese_shows_question_marks(folder, command):
    arguments = [*command, folder] if command == ["describe"] else command
    done = run(*arguments, PYTHONIOENCODING="ascii")
    assert b"?" in done.stdout + done.stderr
    assert b"UnicodeEncodeError" not in done.stderr


def test_json_loses_nothing_there(folder):
    done = run("describe", folder, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout) == json.loads(run("describe", folder, "--json", PYTHONIOENCODING="utf-8").stdout)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("command", "code"), [("describe", 0), ("certify", 3)])
def test_closed_streams_change_neither_the_work_nor_its_code(folder, tmp_path, closed, command, code):
    arguments = [command, str(folder)]
    if command == "certify":
        arguments = [command, "nowhere", "--as-of", "2025-12-31", "--out", str(tmp_path / "out")]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *MAIN, *arguments]
    done = subprocess.run(shell, capture_output=True, check=False, timeout=60)
    assert done.returncode == code
    assert b"Traceback" not in done.stdout + done.stderr


def test_no_file_takes_the_place_of_a_closed_stream(folder):
    program = (
        "import os; from chengshu.web import output; output.stand_in_for_closed(); "
        f"raise SystemExit(os.open({str(folder)!r}, os.O_RDONLY) < 3)"
    )
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", program]
    assert subprocess.run(shell, check=False, timeout=60).returncode == 0
