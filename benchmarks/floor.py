"""The floor: what DuckDB alone needs for a city's events: `python -m benchmarks.floor CITY OUT --threads 2`.

It reads the files, joins the ids to person numbers, groups to monthly counts per person, source and month and
writes them, checking nothing. Nothing that gives an answer about people can cost less.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from benchmarks.package import event_files

_MEMORY_LIMIT = "5GB"


def group_by_month(city: Path, out: Path, *, threads: int) -> int:
    """Write `person, source, month, events` to one Parquet file.

    Args:
        city: a package of Parquet files.
        out: the file.
        threads: of DuckDB.

    Returns:
        Rows written.
    """
    with duckdb.connect() as session:
        session.execute(f"SET threads = {threads}; SET memory_limit = '{_MEMORY_LIMIT}'")
        session.execute("SET preserve_insertion_order = false; SET temp_directory = ?", [f"{out}.spill"])
        session.execute(f"CREATE TABLE people AS {_NUMBERED}", [str(city / "residents.parquet")])
        session.execute(f"CREATE VIEW events AS {_all_events(city)}")
        written = session.execute(f"COPY ({_COUNTS}) TO {_quoted(out)} (FORMAT parquet)").fetchone()
    return int(written[0]) if written else 0


_NUMBERED = """
    SELECT id_number, (row_number() OVER ())::INTEGER AS person
    FROM (SELECT DISTINCT id_number FROM read_parquet(?))
"""
_COUNTS = """
    SELECT person, source, month, count(*)::INTEGER AS events
    FROM events JOIN people USING (id_number)
    GROUP BY person, source, month
"""


def _all_events(city: Path) -> str:
    return " UNION ALL ".join(
        f"SELECT id_number, {number}::TINYINT AS source, "  # noqa: S608
        "(year(occurred_on) * 12 + month(occurred_on))::SMALLINT AS month "
        f"FROM read_parquet({_quoted(path)})"
        for number, path in enumerate(event_files(city).values())
    )


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"


def main(arguments: list[str] | None = None) -> None:
    """Do it once; who wants to know what it costs measures the process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args(arguments)
    group_by_month(asked.city, asked.out, threads=asked.threads)


if __name__ == "__main__":
    main()
