"""Determinism: the same package and seed give the same bytes, however many threads work on it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.cities import sample_city
from benchmarks.judgement import differing_decisions
from benchmarks.results import Bar, Row


def measure(bench: Bench) -> list[Row]:
    """Two threads, two threads again, one thread: how many different files come out?"""
    city = sample_city(bench, bench.sizes.determinism_people)
    first, again, single = (
        bench.certify(city.folder, f"determinism-{name}", threads=threads).decisions
        for name, threads in (("first", 2), ("again", 2), ("single", 1))
    )
    return [
        _row("runs", "two runs: different decisions.parquet", first, again),
        _row("threads", "one thread and two: different decisions.parquet", first, single),
    ]


def _row(key: str, what: str, one: Path, other: Path) -> Row:
    is_same = _digest(one) == _digest(other)
    differing, gap = (0, 0.0) if is_same else differing_decisions(one, other)
    return Row(
        f"determinism.{key}",
        what,
        0 if is_same else 1,
        "files",
        Bar(at_most=0),
        note="byte-identical" if is_same else f"{differing} decisions differ",
        facts={"differing_decisions": differing, "largest_gap_p_alive": gap},
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
