"""The audit trail: how long 100,000 events take to verify, the program's start included, and in how much memory."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import process
from benchmarks.bench import Bench, command
from benchmarks.results import Bar, Interval, Row
from chengshu.accounts import chain

_MOST_SECONDS = 2.0
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def measure(bench: Bench) -> list[Row]:
    """Verify a trail of one size, and one of a quarter, whose memory should be the same."""
    events = bench.sizes.audit_events
    small, large = (_verified(bench, count) for count in (events // 4, events))
    seconds = [run.seconds for run in large]
    memory = [max(run.peak_bytes for run in runs) for runs in (small, large)]
    return [
        Row(
            "audit.seconds",
            f"{events:,} events: chengshu audit verify on SQLite",
            min(seconds),
            "s",
            Bar(at_most=_MOST_SECONDS),
            Interval(min(seconds), max(seconds)),
            facts={"events": events, "of_bar": min(seconds) / _MOST_SECONDS, "function": chain.preferred_function()},
        ),
        Row(
            "audit.memory",
            f"memory for {events:,} events, of that for {events // 4:,}",
            memory[1] / memory[0],
            bar=Bar(at_most=1.1),
            facts={"peak_bytes": memory[1]},
        ),
    ]


def _verified(bench: Bench, events: int) -> list[process.Measured]:
    var = bench.folder / f"audit-{events}"
    shutil.rmtree(var, ignore_errors=True)
    where = {"CHENGSHU_VAR": str(var), "DATABASE_URL": "", "CHENGSHU_LANG": "en"}
    process.measure(command("database", "prepare"), where)
    _fill(var / "chengshu.sqlite3", events)
    runs = [process.measure(command("audit", "verify"), where) for _ in range(bench.sizes.repeats + 1)]
    bench.say(f"  verified {events:,} events: {min(run.seconds for run in runs):.2f} s")
    bench.forget(var)
    return runs[1:]  # the first one reads the file from the disk


def _fill(file: Path, events: int) -> None:
    """Write a chain by SQL: one by one, as actions do, takes minutes."""
    with sqlite3.connect(file) as database:
        for trigger in ("audit_event_follows", "audit_head_begins"):
            database.execute(f"DROP TRIGGER {trigger}")
        head = chain.GENESIS
        for row in _events(events):
            head = str(row[-1])
            database.execute("INSERT INTO accounts_auditevent VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
        database.execute("INSERT INTO accounts_audithead (id, number, hash) VALUES (1, ?, ?)", (events, head))
    database.close()


def _events(count: int) -> Iterator[tuple[object, ...]]:
    previous, function = chain.GENESIS, chain.preferred_function()
    for number in range(1, count + 1):
        at = chain.instant(_BEGIN + timedelta(seconds=number))
        payload = chain.canonical_payload({"entitlement": number * 7, "fields": ["name", "id_number", "region"]})
        place = f"{number % 97}"
        link = chain.Link(
            number, at, 12, "王芳 (steward)", "people.read", "certification.person", place, "核实高龄补贴", payload
        )
        hashed = chain.digest(link, previous, function)
        yield (*link, previous, hashed)
        previous = hashed
