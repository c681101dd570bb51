"""Write a foreign city: `python -m benchmarks.foreign OUT --people N --seed S --world NAME`."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.foreign.city import City, ask_oracle, ask_plug_in, build, without_county, without_source
from benchmarks.foreign.identity import COUNTY_CODES
from benchmarks.foreign.oracle import AWAY, HOME, ILL
from benchmarks.foreign.package import window_note, write_package
from benchmarks.foreign.score import Beliefs, compare, render
from benchmarks.foreign.worlds import WORLDS

_CUT_MONTHS = 4


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.foreign", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write the package to")
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=sorted(WORLDS), default="base")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2025, 12, 31))
    parser.add_argument("--months", type=int, help="length of the window (default: the world's own)")
    parser.add_argument("--cut-county", nargs="?", const="largest", metavar="CODE", help="also write OUT-cut")
    parser.add_argument("--cut-source", metavar="CODE", help="also write OUT-without-CODE")
    parser.add_argument("--plug-in", action="store_true", help="also score the crude plug-in filter")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=NUMBER", help="change the world")
    return parser.parse_args(arguments)


def _write(city: City, out: Path, arguments: argparse.Namespace, **notes: object) -> None:
    """Ask the oracle, write the package, print what rule and oracle reach."""
    began = time.perf_counter()
    posterior = ask_oracle(city)
    write_package(city, out, posterior, seed=arguments.seed, notes=window_note(city) | notes)
    beliefs = {"oracle": Beliefs.of_oracle(out)}
    if arguments.plug_in:
        p_alive = ask_plug_in(city)[:, [HOME, AWAY, ILL]].sum(axis=1)
        beliefs["plug-in"] = replace(beliefs["oracle"], p_alive=p_alive)
    sys.stdout.write(f"{out}: {len(city.people)} people, {len(city.traces.person)} events\n")
    for name, belief in beliefs.items():
        sys.stdout.write(render(compare(belief, out), title=name))
    sys.stdout.write(f"{time.perf_counter() - began:.1f} s\n")


def main(arguments: list[str] | None = None) -> None:
    """Write the city and the twins that were asked for."""
    asked = _parse(sys.argv[1:] if arguments is None else arguments)
    world = WORLDS[asked.world]
    changes = {field: float(value) for field, value in (change.split("=") for change in asked.set)}
    world = replace(world, months=asked.months or world.months, **changes)  # type: ignore[arg-type]
    city = build(world, people=asked.people, seed=asked.seed, as_of=asked.as_of)
    _write(city, asked.out, asked)
    if asked.cut_county:
        largest = int(np.argmax(np.bincount(city.people.county)))
        county = largest if asked.cut_county == "largest" else COUNTY_CODES.index(asked.cut_county)
        twin = asked.out.with_name(asked.out.name + "-cut")
        _write(without_county(city, county, _CUT_MONTHS), twin, asked, cut_county=COUNTY_CODES[county])
    if asked.cut_source:
        twin = asked.out.with_name(f"{asked.out.name}-without-{asked.cut_source}")
        source = city.sources.code.index(asked.cut_source)
        _write(without_source(city, source), twin, asked, cut_source=asked.cut_source)


if __name__ == "__main__":
    with threadpool_limits(1):  # the products are small: threads that wait for each other cost more than they bring
        main()
