"""Measure everything: `python -m benchmarks [--only accuracy,growth] [--people N] [--quick] [--keep]`.

Writes a table to the terminal and every figure of it to `benchmarks/results.json`. Cities are made under
`var/bench`. With `--only`, the file keeps what earlier runs found of the others.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.console import Console

from benchmarks import (
    accuracy,
    audit,
    calibration,
    determinism,
    engines,
    gathering,
    growth,
    kills,
    no_labels,
    outages,
    pages,
    whole_city,
)
from benchmarks.bench import QUICK, ROOT, Bench, Sizes, without_paths
from benchmarks.machine import describe_machine
from benchmarks.results import Outcome, Row, read_outcomes, write_outcomes
from benchmarks.table import make_table

BENCHMARKS: Mapping[str, Callable[[Bench], list[Row]]] = {
    "accuracy": accuracy.measure,
    "calibration": calibration.measure,
    "outages": outages.measure,
    "no-labels": no_labels.measure,
    "whole-city": whole_city.measure,
    "growth": growth.measure_larger,
    "density": growth.measure_busier,
    "engines": engines.measure,
    "gathering": gathering.measure,
    "determinism": determinism.measure,
    "audit": audit.measure,
    "pages": pages.measure,
    "kills": kills.measure,
}
RESULTS = Path(__file__).with_name("results.json")
_FOLDER = ROOT / "var" / "bench"
_WIDTH = 160


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    return names


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(BENCHMARKS), metavar="NAME,NAME")
    parser.add_argument("--people", type=int, metavar="N", help="no city larger than this")
    parser.add_argument("--quick", action="store_true", help="tiny cities: tries the benchmarks, measures nothing")
    parser.add_argument("--keep", action="store_true", help="leave cities and runs in the folder")
    parser.add_argument("--folder", type=Path, help="for cities and runs (default: var/bench)")
    parser.add_argument("--out", type=Path, help="the results (default: benchmarks/results.json)")
    return parser.parse_args(arguments)


def measure_one(bench: Bench, name: str, benchmark: Callable[[Bench], list[Row]]) -> Outcome:
    """Run a benchmark; whatever goes wrong in it is its outcome, and the others go on."""
    bench.say(name)
    began = time.perf_counter()
    rows, error = [], None
    try:
        rows = benchmark(bench)
    except Exception as failure:  # a benchmark may fail in any way; the other figures are still wanted
        error = without_paths(f"{type(failure).__name__}: {failure}", bench.folder)
        bench.say(f"  FAILED: {error}")
    return Outcome(rows, time.perf_counter() - began, date.today(), error)


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 1 if a benchmark failed to run, 0 else, whether or not its bars were met."""
    asked = _parse(sys.argv[1:] if arguments is None else arguments)
    sizes = QUICK if asked.quick else Sizes()
    sizes = sizes.at_most(asked.people) if asked.people else sizes
    bench = Bench(sizes, (asked.folder or _folder_for(asked)).resolve(), keep=asked.keep)
    # Tiny cities say nothing: their figures must not end up among the measured ones by accident.
    results = asked.out or (bench.folder / "results.json" if asked.quick or asked.people else RESULTS)
    settings = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(sizes).items()}
    outcomes, machine = read_outcomes(results), describe_machine()
    for name in asked.only:
        outcomes[name] = measure_one(bench, name, BENCHMARKS[name])
        outcomes = {known: outcomes[known] for known in BENCHMARKS if known in outcomes}
        write_outcomes(results, outcomes, machine=machine, settings=settings)
    for place in ("cities", "runs"):
        bench.forget(bench.folder / place)
    _show({name: outcomes[name] for name in asked.only}, results)
    return 1 if any(outcomes[name].error for name in asked.only) else 0


def _folder_for(asked: argparse.Namespace) -> Path:
    return _FOLDER / "quick" if asked.quick else _FOLDER


def _show(outcomes: Mapping[str, Outcome], results: Path) -> None:
    """The table; wide enough for its figures where it does not go to a terminal."""
    console = Console() if sys.stdout.isatty() else Console(width=max(_WIDTH, shutil.get_terminal_size().columns))
    console.print(make_table(outcomes))
    console.print(f"{results}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
