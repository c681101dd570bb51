"""The figures of a run: summary.json."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from chengshu.certification.domain import Decision
from chengshu.certification.groups import Groups, by_benefit, by_county, count_groups
from chengshu.certification.outcome import certified_unseen
from chengshu.certification.people import benefits_of, departments_of
from chengshu.certification.writing import Certified
from chengshu.kernel.texts import Text
from chengshu.lake import Load


def decision_counts(decisions: npt.NDArray[np.int8]) -> dict[str, int]:
    """How many of each decision, by its code."""
    counts = np.bincount(decisions, minlength=len(Decision))
    return {decision.code: int(counts[decision]) for decision in Decision}


def _figures(groups: Groups, number: int) -> dict[str, Any]:
    """Figures of one group: counts, silent rate, expected share of dead among the certified."""
    decisions = groups.decisions[number]
    people, certified = int(groups.people[number]), int(groups.certified[number])
    return {
        "people": people,
        **{decision.code: int(decisions[decision]) for decision in Decision},
        "silent_rate": _share(certified, people),
        "expected_dead_share": _share(float(groups.expected_dead[number]), certified),
    }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def summarise(
    load: Load,
    all_of: Certified,
    engine: str,
    seed: int,
    max_dead_share: float,
    rows: int,
    stage_rows: dict[str, int],
    seconds: dict[str, float],
) -> dict[str, Any]:
    """All figures of a run.

    Args:
        load: what was certified.
        all_of: decisions and what they rest on.
        engine: that counted the events.
        seed: of the sample.
        max_dead_share: the limit asked for.
        rows: written to decisions.parquet.
        stage_rows: how many rows each stage worked on.
        seconds: by stage so far.

    Returns:
        Ready for JSON. Silent rate = certified / all who get a benefit that needs survival, those with a
        recorded death included.
    """
    outcome = all_of.outcome
    everybody = np.flatnonzero(eligible := outcome.is_eligible)
    all_people = _figures(count_groups(outcome, everybody, np.zeros_like(everybody), 1), 0)
    gather_seconds = max(seconds.get("gather", 0.0), 1e-9)
    return {
        "as_of": all_of.window.as_of.isoformat(),
        "months": all_of.window.months,
        **_bits(all_of),
        "engine": engine,
        "version": version("chengshu"),
        "load_id": load.load_id,
        "seed": seed,
        **_sizes(load, all_of, rows),
        "silent_rate": all_people["silent_rate"],
        "decisions": decision_counts(outcome.decision[eligible]),
        "certified_unseen": certified_unseen(outcome, all_of.population, all_of.answers),
        "decision_rows": decision_counts(outcome.decision[outcome.rows.person]),
        "max_dead_share": max_dead_share,
        "expected_dead_share": all_people["expected_dead_share"] or 0.0,
        "expected_dead_certified": round(outcome.cut.expected_dead_share * outcome.cut.certified, 2),
        "p_dead_threshold": outcome.cut.p_dead if outcome.cut.certified else None,
        "worklist": all_people["self_check"] + all_people["visit"],
        "by_benefit": _by_benefit(all_of),
        "by_region": _by_region(all_of),
        "rows_by_stage": stage_rows,
        "rows_per_second": {"gathered": round(load.event_count / gather_seconds)},
        "warnings": [{"zh": text.zh, "en": text.en} for text in (*load.warnings, *_doubts(load, all_of))],
    }


def _sizes(load: Load, all_of: Certified, rows: int) -> dict[str, Any]:
    """How many people, benefits and events there are."""
    return {
        "people": len(all_of.population.keys),
        "people_certifiable": int(all_of.outcome.is_eligible.sum()),
        "entitlements": rows,
        "events": load.event_count,
        "events_read": sum(c["read"] for name, c in load.counts.items() if name.startswith("events")),
        "rows": load.counts,
    }


def _bits(all_of: Certified) -> dict[str, Any]:
    """What the bits of people.parquet stand for."""
    rows = all_of.outcome.rows
    return {"departments": departments_of(rows), "benefits": benefits_of(rows)}


_NO_EVENTS = Text(
    "没有任何数据源的记录：认证只凭年龄、性别和死亡登记，没有人被看见过。",
    "There is no event of any source: people are certified by age, sex and death records alone, and nobody was seen.",
)
_MANY_COUNTIES = Text(
    "区划代码中出现了 {count} 个县（市、区）：可能混入了户籍地或错误的代码，拟合会很慢。"
    "请检查 residents 的 region_code。",
    "The region codes name {count} counties: they may be places of registration or mistakes, and fitting will be slow."
    " Check region_code in residents.",
)
_USUAL_COUNTIES = 100


def _doubts(load: Load, all_of: Certified) -> Iterator[Text]:
    """What makes the whole run doubtful, though no row is at fault."""
    if not load.event_count:
        yield _NO_EVENTS
    if (count := len(all_of.population.counties)) > _USUAL_COUNTIES:
        yield _MANY_COUNTIES.format(count=count)


def _by_region(all_of: Certified) -> dict[str, Any]:
    """Figures by county of residence."""
    names = all_of.population.counties
    groups = by_county(all_of.outcome, all_of.population.people.county, len(names))
    return {code: _figures(groups, number) for number, code in enumerate(names)}


def _by_benefit(all_of: Certified) -> dict[str, Any]:
    """Figures by benefit, people who get several counted in each."""
    groups = by_benefit(all_of.outcome)
    benefits = all_of.outcome.rows.benefits.select(["benefit_code", "name"]).to_pylist()
    return {
        benefit["benefit_code"]: {"name": benefit["name"], **_figures(groups, number)}
        for number, benefit in enumerate(benefits)
        if groups.people[number]
    }
