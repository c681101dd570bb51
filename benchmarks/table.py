"""The table that a benchmark run ends with."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.table import Table

from benchmarks.results import Outcome, Row

_VERDICTS = {True: "[green]met[/]", False: "[bold red]NOT MET[/]", None: ""}


def make_table(outcomes: Mapping[str, Outcome]) -> Table:
    """One section per benchmark, one line per figure; a failed benchmark shows its error."""
    table = Table(title="Chengshu 城枢: benchmarks", title_justify="left", pad_edge=False)
    for column in ("benchmark", "what"):
        table.add_column(column, overflow="fold")
    for column in ("figure", "95% or range", "bar"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for name, outcome in outcomes.items():
        for row in outcome.rows:
            table.add_row(name, *_cells(row))
        if outcome.error:
            table.add_row(name, outcome.error, "", "", "", "[bold red]FAILED[/]")
        table.add_section()
    return table


def _cells(row: Row) -> tuple[str, ...]:
    """What stands in the columns after the benchmark's name."""
    what = f"{row.what} ({row.note})" if row.note else row.what
    interval = "" if row.interval is None else " … ".join(_number(end) for end in row.interval)
    figure = "–" if row.figure is None else f"{_number(row.figure)} {row.unit}".rstrip()
    return what, figure, interval, str(row.bar), _VERDICTS[row.is_met]


def _number(value: float) -> str:
    """Four significant digits; whole numbers with their thousands apart."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
