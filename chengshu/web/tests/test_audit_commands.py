"""The commands on real databases, in processes of their own, as an operator types them."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest

from chengshu.web.failures import DAMAGED, OK, STORAGE, USAGE

WRITE = """
import sys
from chengshu.accounts import actions, actor
for number in range({count}):
    actions.create_user(by=actor.machine(), username=f"{name}-{{number}}", name="某人")
"""


def write(installation, count, name="u"):
    assert installation.start_python(WRITE.format(count=count, name=name)).wait(120) == 0


def execute(installation, *statements):
    """As the owner of the database, without Chengshu."""
    if installation.database_url:
        with psycopg.connect(installation.database_url) as database:
            for statement in statements:
                database.execute(statement)
        return
    with closing(sqlite3.connect(installation.var / "chengshu.sqlite3")) as file, file:
        for statement in statements:
            file.execute(statement)


def disarm(installation):
    if installation.database_url:
        return "ALTER TABLE accounts_auditevent DISABLE TRIGGER USER"
    return "DROP TRIGGER audit_event_no_update"


def test_an_intact_trail(installation):
    write(installation, 3)
    verified = installation.run("audit", "verify")
    assert (verified.returncode, verified.stdout) == (OK, "The audit trail is intact: 3 events.\n")
    document = json.loads(installation.run("audit", "verify", "--json").stdout)
    assert (document["intact"], document["events"], document["findings"]) == (True, 3, [])


def test_a_damaged_trail_is_named_and_leaves_its_own_exit_code(installation):
    write(installation, 3)
    execute(installation, disarm(installation), "UPDATE accounts_auditevent SET verb = 'x' WHERE number = 2")
    verified = installation.run("audit", "verify", "--json")
    assert verified.returncode == DAMAGED
    assert json.loads(verified.stdout)["findings"] == [{"damage": "changed", "first": 2, "last": 2}]
    assert "[audit.damaged] The audit trail is damaged in 1 places." in verified.stderr
    assert "Event 2: changed" in installation.run("audit", "verify").stdout


def test_writers_in_many_processes_make_one_chain(installation):
    writers = [installation.start_python(WRITE.format(count=25, name=f"w{writer}")) for writer in range(4)]
    while any(writer.poll() is None for writer in writers):
        assert installation.run("audit", "verify").returncode == OK
    assert [writer.returncode for writer in writers] == [0] * 4
    document = json.loads(installation.run("audit", "verify", "--json").stdout)
    assert (document["intact"], document["events"], document["head"]["number"]) == (True, 100, 100)


def test_a_killed_writer_leaves_a_chain_that_goes_on(installation):
    writer = installation.start_python(WRITE.format(count=100_000, name="k"))
    while json.loads(installation.run("audit", "verify", "--json").stdout)["events"] < 5:
        assert writer.poll() is None
    writer.kill()
    writer.wait()
    before = json.loads(installation.run("audit", "verify", "--json").stdout)
    write(installation, 1, "after")
    after = json.loads(installation.run("audit", "verify", "--json").stdout)
    assert before["intact"] and after["intact"]
    assert after["events"] == before["events"] + 1


def test_an_anchor_finds_what_the_database_alone_cannot(installation, tmp_path):
    write(installation, 4)
    anchors = tmp_path / "elsewhere" / "anchors.jsonl"
    assert installation.run("audit", "anchor", "--to", anchors).stdout.startswith("Anchor  4  ")
    write(installation, 1, "later")
    assert installation.run("audit", "verify", "--anchors", anchors).returncode == OK
    forged = anchors.read_text().replace('"hash": "', '"hash": "x')
    anchors.write_text(forged)
    verified = installation.run("audit", "verify", "--anchors", anchors)
    assert verified.returncode == DAMAGED
    assert "Event 4: rewritten" in verified.stdout


def test_preparing_again_does_nothing(installation):
    assert installation.run("database", "prepare").stdout == "The database is ready (0 steps taken).\n"


def test_a_database_that_was_not_prepared_is_no_trace_but_a_next_step(installation, tmp_path):
    if installation.database_url:
        execute(installation, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    else:
        (installation.var / "chengshu.sqlite3").unlink()
    verified = installation.run("audit", "verify")
    assert verified.returncode == STORAGE
    assert "[database.not-prepared]" in verified.stderr
    assert "Run chengshu database prepare." in verified.stderr


@pytest.mark.parametrize(
    ("url", "code", "exit_code"),
    [
        ("postgres://127.0.0.1:1/nothing", "database.unreachable", STORAGE),
        ("nonsense://x", "usage.database-url", USAGE),
        ("sqlite:////nowhere/at/all.sqlite3", "database.unreachable", STORAGE),
    ],
)
def test_a_database_that_cannot_be_used_is_named(tmp_path, url, code, exit_code):
    from chengshu.web.tests.databases import Installation

    verified = Installation(tmp_path / "var", url).run("audit", "verify")
    assert verified.returncode == exit_code
    assert f"[{code}]" in verified.stderr
    assert "Traceback" not in verified.stderr


def test_help_loads_no_django():
    ask = "import sys, chengshu.web.command_line; print([m for m in sys.modules if m.partition('.')[0] == 'django'])"
    assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout == "[]\n"
