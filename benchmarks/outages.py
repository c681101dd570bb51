"""Outages: feeds that break or never come must not send anybody to a living person's door."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from benchmarks.bench import Bench, Run
from benchmarks.cities import cut_city, deaf_city, foreign_city, without_resource
from benchmarks.intervals import scaled, share_interval
from benchmarks.judgement import differing_decisions, judge
from benchmarks.results import Bar, Row

_SEED = 4
_SOURCE = "bus_card"
_NONE = Bar(at_most=0)


def measure(bench: Bench) -> list[Row]:
    """A county cut off for four months; a feed that is announced and never arrives."""
    city = foreign_city(bench, "outage", _SEED)
    before = bench.certify(city, "outage-whole")
    return [_county_row(bench, city, before), *_absent_feed_rows(bench, city, before)]


def _county_row(bench: Bench, city: Path, before: Run) -> Row:
    twin = cut_city(bench, "outage", _SEED)
    county = str(json.loads((twin / "world.json").read_text(encoding="utf-8"))["cut_county"])
    after = bench.certify(twin, "outage-cut")
    people = _living_certified(before, after, city)
    return _moved_row(
        "outages.county",
        "a county without feeds for 4 months: its living certified people moved to visit",
        people[people["county"] == county],
        Bar(at_most=2.0),
    )


def _absent_feed_rows(bench: Bench, city: Path, before: Run) -> list[Row]:
    """Against the same package that has never heard of the feed."""
    empty = deaf_city(bench, "outage", _SEED, _SOURCE)
    places = bench.folder / "cities"
    unknown = without_resource(empty, _SOURCE, places / "outage-unknown-feed", announced=False)
    missing = without_resource(empty, _SOURCE, places / "outage-missing-feed", announced=True)
    without = bench.certify(unknown, "outage-unknown-feed")
    announced = {
        "empty": ("an announced feed with an empty file", bench.certify(empty, "outage-empty-feed")),
        "missing": ("an announced feed without a file", bench.certify(missing, "outage-missing-feed")),
    }
    rows = [_feed_row(name, what, run, without) for name, (what, run) in announced.items()]
    for twin in (unknown, missing):
        bench.forget(twin)
    lost = _living_certified(before, without, city)
    what = "one feed of 26 taken away: living certified people moved to visit"
    return [*rows, _moved_row("outages.feed.lost", what, lost, Bar())]


def _feed_row(name: str, what: str, run: Run, without: Run) -> Row:
    differing, gap = differing_decisions(run.decisions, without.decisions)
    told, others = (len(each.summary["warnings"]) for each in (run, without))
    return Row(
        f"outages.feed.{name}",
        f"{what}: decisions that differ from those without it",
        differing,
        "rows",
        _NONE,
        note=f"{told} warnings against {others}",
        facts={"warnings": told, "warnings_without": others, "largest_gap_p_alive": gap},
    )


def _living_certified(before: Run, after: Run, city: Path) -> pd.DataFrame:
    """Living people certified before: `visit_after`, whether they are to be visited for some benefit now."""
    first, second = judge(before, city), judge(after, city)
    joined = first.join(second[["visit"]].rename(columns={"visit": "visit_after"}), validate="one_to_one")
    return joined[joined["alive"] & joined["certified"] & ~joined["visit"]]


def _moved_row(key: str, what: str, people: pd.DataFrame, bar: Bar) -> Row:
    moved = int(people["visit_after"].fillna(value=True).sum())
    share = 100 * moved / len(people) if len(people) else float("nan")
    return Row(
        key,
        what,
        share,
        "%",
        bar,
        scaled(share_interval(moved, len(people)), 100),
        facts={"people": len(people), "moved": moved},
    )
