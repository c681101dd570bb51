"""Lists of the site over the whole city: how long the server takes, and in how many queries."""

from __future__ import annotations

import json
import shutil
import sys
from statistics import median

from benchmarks import process
from benchmarks.bench import AS_OF, Bench, command
from benchmarks.results import Bar, Interval, Json, Row
from benchmarks.whole_city import whole_city

_MOST_MILLISECONDS = 300.0
PAGES = {
    "handler": (
        "/",
        "/certification/runs",
        "/certification/people",
        "/certification/people?decision=visit&order=doubt",
        "/certification/people?region=379001&page=40",
        "/certification/deaths",
        "/certification/self-checks",
        "/certification/coverage",
        "/certification/feeds",
        "/certification/figures",
        "/certification/runs/1/audit",
    ),
    "county": ("/certification/people", "/certification/worklist", "/certification/deaths", "/certification/coverage"),
    "worker": ("/", "/certification/worklist"),
}


def measure(bench: Bench) -> list[Row]:
    """Certify the whole city on a site, publish it, and ask for each list as those whose work it is."""
    var = bench.folder / "site"
    shutil.rmtree(var, ignore_errors=True)
    where = {"CHENGSHU_VAR": str(var), "DATABASE_URL": "", "CHENGSHU_LANG": "en"}
    city = whole_city(bench)
    lake = ["--lake", str(var / "lake")]
    certified = command("certify", str(city.folder), "--as-of", AS_OF.isoformat(), "--out", str(var / "out"), *lake)
    steps = (
        certified,
        command("database", "prepare"),
        command("sample-organisations"),
        command("sample-certification"),
    )
    for step in steps:
        cost = process.measure(step, where)
        bench.say(f"  {step[1]}: {cost.seconds:.1f} s")
    rows = [row for user in PAGES for row in _rows(user, _times(user, where), city.people)]
    bench.forget(var)
    return rows


def _times(user: str, where: dict[str, str]) -> Json:
    program = [sys.executable, "-m", "benchmarks.page_times", user, *PAGES[user]]
    found: Json = json.loads(process.measure(program, where).output.splitlines()[-1])
    return found


def _rows(user: str, found: Json, people: int) -> list[Row]:
    rows = []
    for path, told in found.items():
        times = sorted(told["milliseconds"])
        what = f"{people:,} people: {path} as {user}, {told['queries']} queries, status {told['status']}"
        rows.append(
            Row(
                f"pages.{user}.{path}",
                what,
                median(times) if told["status"] == 200 else None,
                "ms",
                Bar(at_most=_MOST_MILLISECONDS),
                Interval(times[0], times[-1]),
                facts={"queries": told["queries"], "status": told["status"]},
            )
        )
    return rows
