"""What the report shows, computed from a run."""

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from chengshu.certification.domain import Decision
from chengshu.certification.feeds import feeds_found
from chengshu.certification.groups import Groups, by_benefit, by_county, count_groups
from chengshu.certification.report.data import (
    AgeRow,
    BandRow,
    BenefitRow,
    Calibration,
    CountyRow,
    DecisionCounts,
    Estimate,
    Funnel,
    LapseMonth,
    LateDeathPoint,
    RejectRow,
    ReportData,
    RunFacts,
    Safety,
    SourceRow,
    StageRow,
    Totals,
)
from chengshu.certification.writing import Certified
from chengshu.kernel import clock
from chengshu.kernel.texts import Text
from chengshu.lake import Load
from chengshu.survival.parameters import PRIOR_AWAY_FACTOR, Parameters
from chengshu.survival.posterior import bits_per_event

BANDS = (0.0, 0.1, 0.5, 0.8, 0.9, 0.97, 0.99, 0.999, 1.0)
AGES = ((0, 17), (18, 59), (60, 69), (70, 79), (80, 89), (90, None))
# Of a run, until the page with their times is written.
STAGE_NAMES = {
    "gather": Text("归集", "Gather"),
    "count": Text("按月汇总", "Monthly counts"),
    "fit": Text("拟合模型", "Fit the model"),
    "certify": Text("逐人判断", "Judge everybody"),
    "write": Text("写出决定", "Write decisions"),
}
_LATE_MONTHS = 24
_Z95 = 1.959964


def report_data(
    load: Load,
    all_of: Certified,
    model: Parameters,
    hidden: npt.NDArray[np.float64],
    summary: dict[str, Any],
    names: dict[str, str],
) -> ReportData:
    """Everything on the page.

    Args:
        load: what was certified.
        all_of: decisions and what they rest on.
        model: fitted.
        hidden: (people,) chances of being alive that held-out people with a recorded death got, the record
            hidden; NaN for everybody else.
        summary: of the run.
        names: of counties by code.
    """
    stages = {name: seconds for name, seconds in summary["seconds"].items() if name in STAGE_NAMES}
    return ReportData(
        run=_run_facts(all_of, summary),
        totals=_totals(load, summary),
        funnel=_funnel(all_of, summary["certified_unseen"]),
        safety=_safety(all_of, summary["max_dead_share"]),
        counties=_counties(all_of, names),
        ages=_ages(all_of),
        benefits=_benefits(all_of),
        calibration=Calibration(bands=_bands(all_of), late_deaths=_late_deaths(all_of, hidden)),
        sources=_sources(all_of, model),
        feeds=feeds_found(all_of, model, names),
        lapses=_lapses(all_of),
        rejects=_rejects(load),
        stages=tuple(
            StageRow(name=STAGE_NAMES[name], seconds=seconds, rows=summary["rows_by_stage"].get(name))
            for name, seconds in stages.items()
        ),
        warnings=tuple(load.warnings),
    )


def _run_facts(all_of: Certified, summary: dict[str, Any]) -> RunFacts:
    return RunFacts(
        city_name=summary["city"],
        as_of=all_of.window.as_of,
        generated_at=clock.now(),
        version=summary["version"],
        engine=summary["engine"],
        is_simulated=summary["is_simulated"],
        peak_memory_bytes=summary["peak_memory_bytes"],
    )


def _totals(load: Load, summary: dict[str, Any]) -> Totals:
    return Totals(
        people=summary["people"],
        entitlements=summary["entitlements"],
        events_read=summary["events_read"],
        rows_set_aside=load.rejects().num_rows,
    )


def _funnel(all_of: Certified, certified_unseen: int) -> Funnel:
    outcome = all_of.outcome
    return Funnel(
        residents=len(all_of.population.keys),
        people=_counts(outcome.decision[outcome.is_eligible]),
        benefit_rows=_counts(outcome.decision[outcome.rows.person]),
        certified_unseen=certified_unseen,
    )


def _safety(all_of: Certified, max_dead_share: float) -> Safety:
    outcome = all_of.outcome
    everybody = np.flatnonzero(outcome.is_eligible)
    return Safety(
        max_dead_share=max_dead_share,
        expected_dead_share=_dead_share(count_groups(outcome, everybody, np.zeros_like(everybody), 1), 0),
        p_alive_threshold=1 - outcome.cut.p_dead if outcome.cut.certified else None,
    )


def _counts(decisions: npt.NDArray[np.int8]) -> DecisionCounts:
    return _decision_counts(np.bincount(decisions, minlength=len(Decision)))


def _decision_counts(counts: npt.NDArray[np.int64]) -> DecisionCounts:
    return DecisionCounts(**{decision.code: int(counts[decision]) for decision in Decision})


def _dead_share(groups: Groups, number: int) -> Estimate | None:
    """Expected share of dead with the spread of a sum of independent chances."""
    certified = int(groups.certified[number])
    if not certified:
        return None
    mean = float(groups.expected_dead[number]) / certified
    spread = _Z95 * float(np.sqrt(groups.variance[number])) / certified
    return Estimate(value=mean, low=max(0.0, mean - spread), high=min(1.0, mean + spread))


def _counties(all_of: Certified, names: dict[str, str]) -> tuple[CountyRow, ...]:
    codes = all_of.population.counties
    groups = by_county(all_of.outcome, all_of.population.people.county, len(codes))
    return tuple(
        CountyRow(
            code=code,
            name=names.get(code, code),
            decisions=_decision_counts(groups.decisions[number]),
            expected_dead_share=_dead_share(groups, number),
        )
        for number, code in enumerate(codes)
        if groups.people[number]
    )


def _ages(all_of: Certified) -> tuple[AgeRow, ...]:
    outcome = all_of.outcome
    who = np.flatnonzero(outcome.is_eligible)
    band = np.searchsorted([low for low, _ in AGES], all_of.population.age_years[who], side="right") - 1
    groups = count_groups(outcome, who, np.maximum(band, 0), len(AGES))
    return tuple(
        AgeRow(age_from=low, age_to=high, decisions=_decision_counts(groups.decisions[number]))
        for number, (low, high) in enumerate(AGES)
    )


def _benefits(all_of: Certified) -> tuple[BenefitRow, ...]:
    rows, groups = all_of.outcome.rows, by_benefit(all_of.outcome)
    yuan = np.bincount(rows.benefit, weights=rows.monthly_yuan, minlength=rows.benefits.num_rows)
    return tuple(
        BenefitRow(
            code=benefit["benefit_code"],
            name=benefit["name"],
            department=benefit["department"] or "",
            people=int(groups.people[number]),
            certified=int(groups.certified[number]),
            monthly_yuan=float(yuan[number]),
        )
        for number, benefit in enumerate(rows.benefits.to_pylist())
        if groups.people[number]
    )


def _bands(all_of: Certified) -> tuple[BandRow, ...]:
    """People without a recorded death by their chance of being alive."""
    outcome = all_of.outcome
    p_alive = 1 - outcome.p_dead[outcome.is_eligible & ~outcome.has_record]
    # the last band is closed at 1
    band = np.minimum(np.searchsorted(BANDS, p_alive, side="right"), len(BANDS) - 1) - 1
    people = np.bincount(band, minlength=len(BANDS) - 1)
    sums = np.bincount(band, weights=p_alive, minlength=len(BANDS) - 1)
    return tuple(
        BandRow(p_low=low, p_high=high, people=int(n), mean_p_alive=float(total / n) if n else (low + high) / 2)
        for (low, high), n, total in zip(pairwise(BANDS), people, sums, strict=True)
    )


def _late_deaths(all_of: Certified, hidden: npt.NDArray[np.float64]) -> tuple[LateDeathPoint, ...]:
    """What people who had died were given, by months since their death."""
    since = all_of.window.months - 1 - all_of.population.people.death_month
    points = []
    for months in range(_LATE_MONTHS + 1):
        p = hidden[(since == months) & ~np.isnan(hidden)]
        if len(p) >= 5:
            mean, spread = float(p.mean()), _Z95 * float(p.std(ddof=1)) / np.sqrt(len(p))
            estimate = Estimate(value=mean, low=max(0.0, mean - spread), high=min(1.0, mean + spread))
            points.append(LateDeathPoint(months_since_death=months, people=len(p), p_alive=estimate))
    return tuple(points)


def _sources(all_of: Certified, model: Parameters) -> tuple[SourceRow, ...]:
    bits = bits_per_event(model)
    seen = all_of.counted.arrived.sum(axis=(0, 2))
    rows = []
    for number, source in enumerate(all_of.sources.to_pylist()):
        events = int(seen[number]) if number < len(seen) else 0
        rows.append(
            SourceRow(
                code=source["source_code"],
                name=source["name"],
                department=source["department"] or "",
                events=events,
                people=int(all_of.counted.people_seen[number]) if events else 0,
                bits_per_event=float(bits[number]) if events else None,
                use_after_death=_use_after_death(model, number) if events else None,
                use_while_away=float(model.away_factor[number]) if events else PRIOR_AWAY_FACTOR,
            )
        )
    return tuple(rows)


def _use_after_death(model: Parameters, source: int) -> Estimate | None:
    """Rate after a death relative to before, with the spread of a Poisson count of what taught it."""
    value = float(model.relative_factor[source])
    taught = float(model.relative_evidence[source])
    spread = _Z95 * np.sqrt(max(value, 1e-9) / max(taught, 1e-9))
    return Estimate(value=value, low=max(0.0, value - spread), high=value + float(spread))


def _lapses(all_of: Certified) -> tuple[LapseMonth, ...]:
    until = all_of.outcome.valid_until
    until = until[~np.isnat(until)].astype("datetime64[M]")
    months, counts = np.unique(until, return_counts=True)
    return tuple(
        LapseMonth(month=month.astype(date), certificates=int(count))
        for month, count in zip(months, counts, strict=True)
    )


def _rejects(load: Load) -> tuple[RejectRow, ...]:
    rejects = load.rejects().select(["resource", "code", "reason_zh", "reason_en"])
    groups = rejects.group_by(["resource", "code"]).aggregate(
        [("reason_zh", "min"), ("reason_en", "min"), ("code", "count")]
    )
    rows = sorted(groups.to_pylist(), key=lambda row: (-row["code_count"], row["resource"], row["code"]))
    return tuple(
        RejectRow(
            resource=row["resource"],
            code=row["code"],
            reason=Text(row["reason_zh_min"], row["reason_en_min"]),
            rows=row["code_count"],
        )
        for row in rows
    )
