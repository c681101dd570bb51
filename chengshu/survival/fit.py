"""Fitting: EM over a sample of people, with the whole population's monthly totals beside it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.evidence import Cells, People, county_blocks, last_months, totals
from chengshu.survival.expectation import Expected, counties_of, expect
from chengshu.survival.exposure import exposure_seen, fit_exposure
from chengshu.survival.parameters import (
    PRIOR_ACTIVITY_SPREAD,
    PRIOR_AWAY_FACTOR,
    PRIOR_AWAY_RETURN,
    PRIOR_AWAY_START,
    PRIOR_BACKLOG_YEARS,
    PRIOR_HABIT_STOP,
    PRIOR_RELATIVE_FACTOR,
    PRIOR_RELATIVE_SHARE,
    PRIOR_RELATIVE_STOP,
    PRIOR_STRAY_SHARE,
    Parameters,
)
from chengshu.survival.rates import RateLaw, activity, fit_burst, fit_rate_law, fit_spread, thinned
from chengshu.survival.registration import fit_never_registered, off_the_records

ROUNDS = 10
# Months' worth of belief in the prior chance that a habit is given up.
PRIOR_HABITS = 300.0
# Away means that little is seen; a state that sees half of everything would only explain unsteady habits.
MOST_AWAY_FACTOR = 0.15
# A feed with more strangers' events than this would not be worth gathering; the bound keeps the fitting from
# calling busy people dead.
MOST_STRAY_SHARE = 0.01


@dataclass(frozen=True)
class Sample:
    """What the fitting sees.

    Attributes:
        people: a random sample of the population, ordered by county.
        cells: their events.
        arrived: (counties, sources, months) events of the whole population, people with a recorded death included.
        backlog_years: years of unregistered deaths that lay in the files when the window opened.
    """

    people: People
    cells: Cells
    arrived: FloatArray
    backlog_years: float = PRIOR_BACKLOG_YEARS


def fit(
    sample: Sample,
    model: Parameters,
    *,
    rounds: int = ROUNDS,
    progress: Callable[[float], None] | None = None,
) -> Parameters:
    """Fit all parameters by EM.

    Args:
        sample: people, their events and the population's totals.
        model: where to start; its delay law is kept.
        rounds: EM steps.
        progress: told the share done after each step.

    Returns:
        The fitted parameters with the log likelihood of each step in ``history``.

    Source:
        docs/algorithms/survival.md, "Fitting".
    """
    burst = fit_burst(sample.cells, model.sources)
    sample = replace(sample, cells=thinned(sample.cells, burst))
    model = replace(
        model,
        habit_stop=model.habit_stop + PRIOR_HABIT_STOP,
        activity_spread=PRIOR_ACTIVITY_SPREAD,
        backlog_years=sample.backlog_years,
    )
    model = _first_guess(sample, model)
    counties = counties_of(sample.people, sample.cells)
    for step in range(rounds):
        model = _maximise(sample, model, expect(counties, model))
        if progress is not None:
            progress((step + 1) / rounds)
    return replace(model, burst=burst)


def _first_guess(sample: Sample, model: Parameters) -> Parameters:
    """Rates and exposures from counts alone, everybody taken for present until the last event."""
    people, cells = sample.people, sample.cells
    counts = totals(cells, len(people), model.sources)
    last, _, _ = last_months(cells, len(people))
    law = RateLaw(model.user_share, model.shape, model.rate)
    for _ in range(3):
        seen = np.empty_like(counts)
        due = np.zeros(model.exposure.shape)
        for county, a, b in county_blocks(people.county):
            seen[a:b] = exposure_seen(model.exposure[county], last[a:b])
        law = fit_rate_law(counts, seen, people.stratum, law, rounds=5)
        mean = (law.shape[people.stratum] + counts) / (law.rate[people.stratum] + seen)
        mean *= np.where(counts > 0, 1.0, 0.0)
        for county, a, b in county_blocks(people.county):
            until = np.arange(model.months)[:, None] <= last[a:b]
            due[county] = (until @ mean[a:b]).T
        exposure, _ = fit_exposure(sample.arrived, _by_county(counts, people.county, len(due)), due)
        model = replace(model, exposure=exposure, user_share=law.user_share, shape=law.shape, rate=law.rate)
    return model


def _by_county(values: FloatArray, county: IntArray, counties: int) -> FloatArray:
    out = np.zeros((counties, values.shape[1]))
    for c, a, b in county_blocks(county):
        out[c] = values[a:b].sum(axis=0)
    return out


def _factor(events: FloatArray, due: FloatArray, prior: float | FloatArray, strength: float) -> FloatArray:
    """Rate ratio by source under a gamma prior worth ``strength`` events due."""
    return np.asarray((events + prior * strength) / (due + strength))


def _maximise(sample: Sample, model: Parameters, found: Expected) -> Parameters:
    """M step."""
    people, sums = sample.people, found.sums
    law = RateLaw(model.user_share, model.shape, model.rate)
    spread = fit_spread(found.own, found.seen, people.stratum, law)
    own_law = RateLaw(law.user_share[people.stratum], law.shape[people.stratum], law.rate[people.stratum])
    active, precision = activity(found.own, found.seen, own_law, spread)
    active /= np.average(active, weights=precision - precision.min() + 1e-9)
    law = fit_rate_law(found.own, found.seen * active[:, None], people.stratum, law, rounds=2)
    sampled = _by_county(found.own, people.county, len(model.exposure))
    exposure, broken = fit_exposure(sample.arrived, sampled, found.present_due)
    usual = sampled.sum(axis=0) / (len(people) * model.months)
    stray_share = (sums.stray + PRIOR_STRAY_SHARE * 2000) / (sums.silent_months * usual.sum() + 2000)
    stray_share = min(stray_share, MOST_STRAY_SHARE)
    relative_mean = (sums.events[3].sum() + PRIOR_RELATIVE_FACTOR * 20) / (sums.due[3].sum() + 20)
    away_mean = min((sums.events[1].sum() + PRIOR_AWAY_FACTOR * 200) / (sums.due[1].sum() + 200), MOST_AWAY_FACTOR)
    away_share = (sums.leaves.sum() + 50 * PRIOR_AWAY_START) / (sums.at_home.sum() + 50)
    months_lived = max(float(sums.at_home.sum()), 1.0)
    never = fit_never_registered(sums.recorded, sums.unrecorded, model.delay_cdf, model.month_lengths)
    # the records alone say how many die, wherever there are any: believed deaths would feed on themselves
    on_record = sums.alive @ (1 - off_the_records(never, model.delay_cdf, model.month_lengths))
    return replace(
        model,
        user_share=law.user_share,
        shape=law.shape,
        rate=law.rate,
        exposure=exposure,
        broken=broken,
        relative_evidence=sums.due[3] + 5.0,
        ahead=np.repeat(exposure.mean(axis=2)[:, :, None], 12, axis=2),
        away_factor=np.clip(_factor(sums.events[1], sums.due[1], away_mean, 50.0), 1e-3, MOST_AWAY_FACTOR),
        failing_factor=np.clip(_factor(sums.events[2], sums.due[2], 1.0, 20.0), 0.2, 5.0),
        relative_factor=np.clip(_factor(sums.events[3], sums.due[3], relative_mean, 5.0), 1e-3, 2.0),
        stray_rate=np.maximum(stray_share * usual, 1e-8),
        away_start=(sums.leaves + 500 * away_share) / (sums.at_home + 500),
        away_return=(sums.returns + 10 * PRIOR_AWAY_RETURN) / (sums.away_months + 10),
        hazard_multiplier=(sums.deaths + 15) / (on_record + 15),
        relative_share=float((sums.entered[0] + 10 * PRIOR_RELATIVE_SHARE) / (sums.entered.sum() + 10)),
        relative_stop=(sums.stops + 10 * PRIOR_RELATIVE_STOP) / (sums.used_months + 10),
        activity_spread=spread,
        habit_stop=(sums.habit_stops + PRIOR_HABITS * PRIOR_HABIT_STOP) / (sums.habit_months + PRIOR_HABITS),
        never_registered=never,
        history=(*model.history, {"log_likelihood": sums.log_likelihood, "months_lived": months_lived}),
    )
