"""The whole city: 4.14 million people and 100 million events from package to decisions, against a floor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import fmean

from benchmarks.bench import Bench, Run
from benchmarks.cities import SampleCity, sample_city
from benchmarks.intervals import spread
from benchmarks.process import Measured
from benchmarks.results import Bar, Row

_THREADS = 2


def whole_city(bench: Bench) -> SampleCity:
    """The city of full size."""
    return sample_city(bench, bench.sizes.city_people, events=bench.sizes.city_events)


def measure(bench: Bench) -> list[Row]:
    """Seconds, memory and the ratio to the floor; floor and run take turns."""
    city = whole_city(bench)
    floors, runs = [], []
    for turn in range(bench.sizes.repeats):
        floors.append(measure_floor(bench, city))
        runs.append(bench.certify(city.folder, f"whole-city-{turn}"))
        bench.forget(runs[-1].out)
    return _rows(city, floors, runs)


def measure_floor(bench: Bench, city: SampleCity) -> Measured:
    """DuckDB alone on the city, in a process of its own."""
    out = bench.folder / "runs" / "floor.parquet"
    out.parent.mkdir(parents=True, exist_ok=True)
    arguments = [str(city.folder), str(out), "--threads", str(_THREADS)]
    cost = bench.run([sys.executable, "-m", "benchmarks.floor", *arguments])
    out.unlink()
    bench.say(f"  floor: {cost.seconds:.1f} s, {cost.peak_bytes / 1e9:.2f} GB")
    return cost


def _rows(city: SampleCity, floors: Sequence[Measured], runs: Sequence[Run]) -> list[Row]:
    seconds, floor = [run.seconds for run in runs], [each.seconds for each in floors]
    peaks, floor_peaks = ([each.peak_bytes / 1e9 for each in costs] for costs in (runs, floors))
    ratios = [above / below for above, below in zip(seconds, floor, strict=True)]
    size = f"{city.people:,} people, {city.events:,} events"
    facts = {"people": city.people, "events": city.events, "stages": runs[-1].summary["seconds"]}
    return [
        _mean_row("seconds", f"{size}: package to decisions", seconds, "s", Bar(at_most=60), facts),
        _mean_row("memory", "peak of the process tree", peaks, "GB", Bar(at_most=6)),
        _mean_row("to-floor", "time over DuckDB's alone", ratios, "", Bar(at_most=4)),
        _mean_row("floor.seconds", "DuckDB alone: read, join, group, write", floor, "s"),
        _mean_row("floor.memory", "DuckDB alone: peak", floor_peaks, "GB"),
    ]


def _mean_row(
    key: str, what: str, figures: Sequence[float], unit: str, bar: Bar | None = None, facts: object = None
) -> Row:
    return Row(
        f"whole-city.{key}",
        what,
        fmean(figures),
        unit,
        bar or Bar(),
        spread(figures),
        facts=facts if isinstance(facts, dict) else {},
    )
