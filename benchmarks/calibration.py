"""Calibration: is the share of dead what was allowed, and is a belief of 0.95 right 95 times in 100?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import accuracy
from benchmarks.bench import Bench
from benchmarks.foreign.score import AGE_BANDS, LIMITS, Floats
from benchmarks.intervals import scaled, share_interval
from benchmarks.judgement import judge
from benchmarks.results import Bar, Interval, Row

WITHIN = Bar(at_least=0.7, at_most=1.3)
_HALF_WIDTH = 1.5
_POINTS = Bar(at_least=-_HALF_WIDTH, at_most=_HALF_WIDTH)
_TWO_SIDED_95 = 1.96
_BELIEF = (0.9, 0.97)


def measure(bench: Bench) -> list[Row]:
    """Per world, over its cities together: a row per limit, and a row per age band."""
    rows = []
    for world, drawn in accuracy.cities(bench).items():
        judged = {limit: _judge_all(bench, drawn, limit) for limit in LIMITS}
        rows += [
            limit_row(f"calibration.{world}.limit-{limit:g}", world, people, limit, WITHIN)
            for limit, people in judged.items()
        ]
        rows += _belief_rows(world, judged[LIMITS[0]])
    return rows


def _judge_all(bench: Bench, drawn: Sequence[tuple[str, Path]], limit: float) -> pd.DataFrame:
    """The people of all cities, certified under one limit."""
    return pd.concat(
        [judge(bench.certify(city, f"{name}-{limit:g}", max_dead_share=limit), city) for name, city in drawn]
    )


def limit_row(key: str, where: str, people: pd.DataFrame, limit: float, bar: Bar) -> Row:
    """True share of dead among the certified, over the limit that was asked for.

    Args:
        key: of the row.
        where: the city or world, for the reader.
        people: as `judge` gives them.
        limit: what `--max-dead-share` was.
        bar: for the ratio.
    """
    certified = people[people["certified"]]
    dead = int((~certified["alive"]).sum())
    share = dead / len(certified) if len(certified) else float("nan")
    hoped = float((1 - certified["p_alive"]).mean())
    return Row(
        key,
        f"{where}, --max-dead-share {limit:g}: true share over the limit",
        share / limit,
        bar=bar,
        interval=scaled(share_interval(dead, len(certified)), 1 / limit),
        note="everybody is certified: the limit does not bind" if len(certified) == len(people) else "",
        facts={
            "people": len(people),
            "certified": len(certified),
            "dead": dead,
            "silent": len(certified) / len(people) if len(people) else None,
            "dead_share": share,
            "expected_dead_share": hoped,
            "dead_of_all": int((~people["alive"]).sum()),
        },
    )


def _belief_rows(world: str, people: pd.DataFrame) -> list[Row]:
    """Of people given 0.9 to 0.97: share alive less mean belief, in points; over all and per age band."""
    low, high = _BELIEF
    chosen = people[(people["p_alive"] >= low) & (people["p_alive"] < high)]
    bands = [("all", 0, 200), *AGE_BANDS]
    return [
        _belief_row(world, name, chosen[(chosen["age"] >= youngest) & (chosen["age"] < oldest)])
        for name, youngest, oldest in bands
    ]


def _belief_row(world: str, band: str, people: pd.DataFrame) -> Row:
    """Judged only where chance alone would not break the bar, or where the interval lies wholly beyond it."""
    key = band.replace("<", "under-").replace("+", "-and-over")
    ages = "all ages" if band == "all" else f"age {band}"
    what = f"{world}, P(alive) in [0.9, 0.97), {ages}: share alive less mean P"
    if people.empty:
        return Row(f"calibration.{world}.belief.{key}", what, None, "points", note="nobody there")
    believed, alive = float(people["p_alive"].mean()), int(people["alive"].sum())
    low, high = share_interval(alive, len(people)) or (0.0, 1.0)
    around = Interval(100 * (low - believed), 100 * (high - believed))
    chance = _chance(people["p_alive"].to_numpy(np.float64))
    can_tell = _TWO_SIDED_95 * chance <= _HALF_WIDTH or around.low > _HALF_WIDTH or around.high < -_HALF_WIDTH
    return Row(
        f"calibration.{world}.belief.{key}",
        what,
        100 * (alive / len(people) - believed),
        "points",
        _POINTS if can_tell else Bar(),
        around,
        note=f"{len(people)} people" + ("" if can_tell else ": too few to tell by ±1.5 points"),
        facts={
            "people": len(people),
            "alive": alive,
            "mean_belief": believed,
            "chance_points": chance,
        },
    )


def _chance(p_alive: Floats) -> float:
    """Standard error in points, were every belief exactly right."""
    return 100 * float(np.sqrt(np.sum(p_alive * (1 - p_alive)))) / len(p_alive)
