"""No labels: a city without one recorded death."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.calibration import limit_row
from benchmarks.cities import foreign_city
from benchmarks.foreign.score import LIMITS
from benchmarks.judgement import judge
from benchmarks.results import Bar, Row

_WITHIN = Bar(at_least=0.5, at_most=2.0)


def measure(bench: Bench) -> list[Row]:
    """A row per limit: true share of dead over the limit."""
    city = foreign_city(bench, "nolabels", 1)
    rows = []
    for limit in LIMITS:
        people = judge(bench.certify(city, f"nolabels-1-{limit:g}", max_dead_share=limit), city)
        rows.append(limit_row(f"no-labels.limit-{limit:g}", "no recorded death", people, limit, _WITHIN))
    return rows
