"""Engines: DuckDB, Sail and, where there is one, Apache Spark on the same package."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager

from benchmarks.bench import Bench, Run
from benchmarks.cities import SampleCity, sample_city
from benchmarks.judgement import differing_decisions
from benchmarks.results import Bar, Row
from benchmarks.servers import Server, apache_spark, find_apache_spark, sail


def measure(bench: Bench) -> list[Row]:
    """Seconds on each engine, and how many decisions differ from DuckDB's."""
    city = sample_city(bench, bench.sizes.engine_people)
    reference = bench.certify(city.folder, "engine-duckdb")
    rows = [_seconds_row("duckdb", "DuckDB", city, reference)]
    rows += _server_rows(bench, city, reference, "sail", "Sail", sail())
    home = find_apache_spark()
    if home is None:
        what = "Apache Spark: package to decisions"
        return [
            *rows,
            Row("engines.spark.seconds", what, None, "s", note=_missing_spark()),
        ]
    return rows + _server_rows(bench, city, reference, "spark", "Apache Spark", apache_spark(home))


def _missing_spark() -> str:
    """What is wanting: a Java alone does not do, for Spark reads the lake by Delta's jar, which PyPI does not hold."""
    java = "a Java is here" if shutil.which("java") else "no Java"
    return f"{java}; needs SPARK_HOME of a Spark with Delta's jar"


def _server_rows(
    bench: Bench,
    city: SampleCity,
    reference: Run,
    key: str,
    name: str,
    serving: AbstractContextManager[Server],
) -> list[Row]:
    with serving as server:
        run = bench.certify(city.folder, f"engine-{key}", engine=server.url)
        peak = server.memory.stop()
    differing, gap = differing_decisions(reference.decisions, run.decisions)
    return [
        _seconds_row(key, name, city, run, server_peak_gb=peak / 1e9),
        Row(
            f"engines.{key}.differing",
            f"{name}: decisions that differ from DuckDB's",
            differing,
            "rows",
            Bar(at_most=0),
            facts={
                "largest_gap_p_alive": gap,
                "is_byte_identical": reference.decisions.read_bytes() == run.decisions.read_bytes(),
            },
        ),
    ]


def _seconds_row(key: str, name: str, city: SampleCity, run: Run, **facts: float) -> Row:
    return Row(
        f"engines.{key}.seconds",
        f"{name}: {city.people:,} people, {city.events:,} events, package to decisions",
        run.seconds,
        "s",
        facts={"peak_gb": run.peak_bytes / 1e9, "stages": run.summary["seconds"]} | facts,
    )
