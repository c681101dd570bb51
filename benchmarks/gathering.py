"""Gathering CSV: event rows that come into the lake in a second."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.cities import SampleCity, sample_city
from benchmarks.results import Bar, Row

_STAGE = "gather"


def measure(bench: Bench) -> list[Row]:
    """Rows a second over the whole stage, residents and entitlements included; as Parquet too."""
    rows = []
    for file_format, bar in (("csv", Bar(at_least=1e6)), ("parquet", Bar())):
        city = sample_city(bench, bench.sizes.csv_people, file_format=file_format)
        rows.append(_row(bench, city, file_format, bar))
        bench.forget(city.folder)
    return rows


def _row(bench: Bench, city: SampleCity, file_format: str, bar: Bar) -> Row:
    run = bench.certify(city.folder, f"gathering-{file_format}")
    seconds = float(run.summary["seconds"][_STAGE])
    return Row(
        f"gathering.{file_format}",
        f"{file_format.upper()}: event rows gathered a second",
        city.events / seconds,
        "rows/s",
        bar,
        note=f"{city.events:,} rows in {seconds:.1f} s",
        facts={"people": city.people, "events": city.events, "seconds": seconds, "run_seconds": run.seconds},
    )
