"""Accuracy: how many are certified silently at the 90-day rule's share of dead, against an exact filter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import pandas as pd

from benchmarks.bench import Bench
from benchmarks.cities import foreign_city
from benchmarks.foreign.score import Beliefs, compare, largest_set
from benchmarks.intervals import Rows, resampled, spread
from benchmarks.judgement import judge
from benchmarks.results import Bar, Interval, Json, Row

_BAR = Bar(at_least=0.96)
_WORLDS = ("base", "lognormal", "drift", "poor")


def cities(bench: Bench) -> dict[str, list[tuple[str, Path]]]:
    """The foreign cities of each world, with their names; each world is drawn several times."""
    seeds = {world: (bench.sizes.base_seeds if world == "base" else bench.sizes.other_seeds) for world in _WORLDS}
    return {
        world: [(f"{world}-{seed}", foreign_city(bench, world, seed)) for seed in of_world]
        for world, of_world in seeds.items()
    }


def measure(bench: Bench) -> list[Row]:
    """Three rows per world: the run's, the rule's and the crude filter's silent rate over the oracle's."""
    rows = []
    for world, drawn in cities(bench).items():
        rows += _rows_of_world(bench, world, drawn)
    return rows


def _rows_of_world(bench: Bench, world: str, drawn: Sequence[tuple[str, Path]]) -> list[Row]:
    reports, people = [], []
    for name, city in drawn:
        run = bench.certify(city, f"{name}-0.003", max_dead_share=0.003)
        crude = compare(Beliefs.read(city / "plug-in.parquet"), city)
        reports.append(compare(Beliefs.read(run.decisions), city) | {"plug_in": crude["model_to_oracle"]})
        people.append(judge(run, city))
    model, rule, plug_in = (
        [float(report[of]) for report in reports] for of in ("model_to_oracle", "rule_to_oracle", "plug_in")
    )
    place = f"{world}, {len(drawn)} cities" if len(drawn) > 1 else world
    return [
        _row(f"accuracy.{world}", f"{place}: silent rate over the oracle's", model, people, _facts(reports)),
        Row(f"accuracy.{world}.rule", f"{place}: the 90-day rule's", fmean(rule), interval=spread(rule)),
        Row(
            f"accuracy.{world}.plug-in",
            f"{place}: a crude filter's",
            fmean(plug_in),
            interval=spread(plug_in),
        ),
    ]


def _row(key: str, what: str, model: Sequence[float], people: Sequence[pd.DataFrame], facts: Json) -> Row:
    return Row(key, what, fmean(model), bar=_BAR, interval=_interval(model, people), facts=facts)


def _interval(model: Sequence[float], people: Sequence[pd.DataFrame]) -> Interval | None:
    """Of the mean over cities: each city's people are drawn anew."""
    if len(people) == 1:
        return resampled(lambda rows: _ratio(people[0], rows), len(people[0]))
    ends = [resampled(lambda rows, of=of: _ratio(of, rows), len(of)) for of in people]  # type: ignore[misc]
    width = np.sqrt(np.sum([((end.high - end.low) / 2) ** 2 for end in ends if end])) / len(ends)
    return Interval(fmean(model) - float(width), fmean(model) + float(width))


def _ratio(people: pd.DataFrame, rows: Rows) -> float:
    """Model over oracle at the rule's dead share, among the people drawn."""
    dead = ~people["alive"].to_numpy(bool)[rows]
    seen = people["seen"].to_numpy(bool)[rows]
    if not seen.any():
        return float("nan")
    rule_dead = float(dead[seen].mean())
    model, oracle = (
        largest_set(people[of].to_numpy(np.float64)[rows], dead, rule_dead) for of in ("p_alive", "p_oracle")
    )
    return model / oracle if oracle else float("nan")


def _facts(reports: Sequence[Json]) -> Json:
    """What the ratio is made of, city by city."""
    return {
        "cities": [
            {
                "people": report["people"],
                "missing": report["missing"],
                "dead": report["truly_dead"],
                "rule_silent": report["rule"]["silent"],
                "rule_dead_share": report["rule"]["dead_share"],
                "oracle_silent": report["oracle"]["silent"],
                "silent": report["model"]["silent"],
                "to_oracle": report["model_to_oracle"],
                "log_loss": report["log_loss"],
                "oracle_log_loss": report["oracle_log_loss"],
            }
            for report in reports
        ]
    }
