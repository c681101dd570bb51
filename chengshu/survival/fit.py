"""Fitting: EM over a sample of people, with the whole population's monthly totals beside it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.chain import (
    AWAY,
    FAILING,
    PRESENT,
    SILENT,
    USED,
    Dynamics,
    Smoothed,
    forward,
    smooth,
)
from chengshu.survival.emissions import Emissions, emissions
from chengshu.survival.evidence import NO_RECORD, Cells, People, county_blocks, last_months, totals
from chengshu.survival.exposure import exposure_seen, fit_exposure
from chengshu.survival.habits import habits_given_up, habits_seen
from chengshu.survival.lifetable import monthly_hazards
from chengshu.survival.parameters import (
    AGE_BANDS,
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
    age_band,
)
from chengshu.survival.rates import THREADS, RateLaw, activity, fit_burst, fit_rate_law, fit_spread, thinned
from chengshu.survival.registration import fit_never_registered, off_the_records

EVENT_STATES = (PRESENT, AWAY, FAILING, USED)
ROUNDS = 10
# The share never registered is learned from people with so many events: they are missed when these end.
PLAIN_EVENTS = 12.0
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


@dataclass
class Sums:
    """Expected counts of one E step; see _accumulate for what each holds."""

    events: FloatArray  # (4, sources) events by state
    due: FloatArray  # (4, sources) events due at the present rate by state
    present_due: FloatArray  # (counties, sources, months) events due without season and outage
    seen: FloatArray  # (people, sources) exposure towards people's own rates
    own: FloatArray  # (people, sources) events towards people's own rates
    alive: FloatArray  # (2, bands, months) hazard at risk by the life table
    deaths: FloatArray  # (2, bands)
    recorded: FloatArray  # (months,)
    unrecorded: FloatArray  # (months,)
    entered: FloatArray  # (2,) deaths with use, with silence
    at_home: FloatArray  # (strata,)
    leaves: FloatArray  # (strata,)
    away_months: float
    returns: float
    used_months: float
    stops: float
    stray: float
    silent_months: float
    habit_stops: FloatArray  # (sources,); months in which they could be, the same
    habit_months: FloatArray
    log_likelihood: float


_ADDED = tuple(name for name in Sums.__dataclass_fields__ if name not in ("seen", "own"))


def dynamics(people: People, model: Parameters, *, first: int = 0) -> Dynamics:
    """Transition probabilities from month ``first`` on of people, who may have a recorded death."""
    lengths = model.month_lengths[first:]
    hazard = monthly_hazards(people.sex, people.age_months + first, len(lengths)).astype(model.rate.dtype)
    band = age_band((people.age_months + model.months) / 12.0)
    multiplier = model.hazard_multiplier[(people.sex == 2).astype(int), band] * people.risk
    hazard *= multiplier
    hazard *= lengths[:, None]
    np.clip(hazard, 1e-9, 0.5, out=hazard)
    off = off_the_records(model.never_registered, model.delay_cdf, lengths).astype(hazard.dtype)
    known = np.flatnonzero(people.death_month != NO_RECORD)
    unrecorded = off
    if len(known):
        unrecorded = np.repeat(off[:, None], len(people), axis=1)
        unrecorded[:, known] = 0.0
        unrecorded[np.clip(people.death_month[known] - first, 0, None), known] = 1.0
    start_dead = model.never_registered * (model.backlog_years + first / 12) * hazard[0] * 12
    start_dead[known] = 0.0
    return Dynamics(
        hazard=hazard,
        unrecorded=unrecorded,
        away_start=model.away_start[people.stratum],
        away_return=model.away_return,
        relative_share=model.relative_share,
        relative_stop=model.relative_stop,
        start_dead=np.minimum(start_dead, 0.5),
        lengths=lengths,
        death_month=np.where(people.death_month == NO_RECORD, NO_RECORD, people.death_month - first),
    )


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
    for step in range(rounds):
        sums = _expect(sample, model)
        model = _maximise(sample, model, sums)
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


def _expect(sample: Sample, model: Parameters) -> Sums:
    """E step over all counties, two at a time; their sums are added in order, so that no thread decides anything."""
    people = sample.people
    sums = _no_sums(len(people), model)

    def work(block: tuple[int, int, int]) -> Sums:
        county, a, b = block
        own = replace(_no_sums(0, model), seen=sums.seen, own=sums.own)
        _expect_block(people.take(slice(a, b)), sample.cells.of_people(a, b), county, a, model, own)
        return own

    with ThreadPoolExecutor(THREADS) as pool:
        for part in pool.map(work, county_blocks(people.county)):
            for name in _ADDED:
                setattr(sums, name, getattr(sums, name) + getattr(part, name))
    return sums


def _expect_block(people: People, cells: Cells, county: int, first: int, model: Parameters, sums: Sums) -> None:
    e = emissions(cells, people.stratum, county, model.in_single_precision(), is_fitting=True)
    heard = np.ones((model.months, len(people)), dtype=bool)
    known = people.death_month != NO_RECORD
    if model.use_stops_at_record:
        heard = ~(known & (np.arange(model.months)[:, None] > people.record_month))
        e.relative[~heard] = 1.0
        e.dead[~heard] = 1.0
    moves = dynamics(people, model)
    filtered = forward(e, moves, keep=True)
    smoothed = smooth(filtered, e, moves)
    _accumulate(sums, people, cells, county, first, model, e, smoothed, heard)
    _accumulate_lives(sums, people, first, model, smoothed, heard, moves)
    sums.log_likelihood += float(filtered.log_likelihood.sum())


def _no_sums(people: int, model: Parameters) -> Sums:
    k, g = model.sources, len(model.shape)
    return Sums(
        events=np.zeros((4, k)),
        due=np.zeros((4, k)),
        present_due=np.zeros(model.exposure.shape),
        seen=np.zeros((people, k)),
        own=np.zeros((people, k)),
        alive=np.zeros((2, AGE_BANDS, model.months)),
        deaths=np.zeros((2, AGE_BANDS)),
        recorded=np.zeros(model.months),
        unrecorded=np.zeros(model.months),
        entered=np.zeros(2),
        at_home=np.zeros(g),
        leaves=np.zeros(g),
        away_months=0.0,
        returns=0.0,
        used_months=0.0,
        stops=0.0,
        stray=0.0,
        silent_months=0.0,
        habit_stops=np.zeros(k),
        habit_months=np.zeros(k),
        log_likelihood=0.0,
    )


def _accumulate(
    sums: Sums,
    people: People,
    cells: Cells,
    county: int,
    first: int,
    model: Parameters,
    e: Emissions,
    smoothed: Smoothed,
    heard: FloatArray,
) -> None:
    """Add a county's expected events."""
    after = smoothed.states[1:].copy()
    deaths = smoothed.deaths_used + smoothed.deaths_silent
    # a month of death is half a month of illness, and all that was seen in it was seen in that half
    after[:, SILENT] -= smoothed.deaths_silent
    after[:, USED] -= smoothed.deaths_used
    exposure = model.exposure[county]
    factors = np.stack([np.ones(model.sources), model.away_factor, model.failing_factor, model.relative_factor])
    known = people.death_month != NO_RECORD
    rates = (e.usual, e.usual, e.rates, e.rates)
    stops, months = habits_given_up(e.habits, cells, exposure_seen(exposure, e.last_month), exposure)
    sums.habit_stops += stops
    sums.habit_months += months
    for row, state in enumerate(EVENT_STATES):
        share = after[:, state] * heard
        seen_share = share
        if state == FAILING:
            share, seen_share = share + 0.5 * deaths, share + deaths
        due = (share @ rates[row]).T
        weight = seen_share[cells.month, cells.person] * cells.events
        # only known deaths teach what surrounds a death: believed ones would make the model believe itself
        teaches = known | (state not in (FAILING, USED))
        taught_due = ((share * teaches) @ rates[row]).T
        sums.due[row] += (taught_due * exposure).sum(axis=1)
        taught = weight * teaches[cells.person]
        sums.events[row] += np.bincount(cells.source, weights=taught, minlength=model.sources)
        sums.present_due[county] += due * factors[row][:, None]
        part = slice(first, first + len(people))
        flat = cells.person.astype(np.int64) * model.sources + cells.source
        own = np.bincount(flat, weights=weight, minlength=len(people) * model.sources)
        sums.own[part] += own.reshape(len(people), -1)
        sums.seen[part] += ((factors[row][:, None] * exposure) @ share).T
    sums.seen[part] = habits_seen(e.habits, sums.seen[part])
    silent = after[:, SILENT] * heard * known
    sums.silent_months += float(silent.sum())
    sums.stray += float(silent[cells.month, cells.person] @ cells.events)


def _accumulate_lives(
    sums: Sums,
    people: People,
    first: int,
    model: Parameters,
    smoothed: Smoothed,
    heard: FloatArray,
    moves: Dynamics,
) -> None:
    """Add a county's expected deaths, departures and ends of use."""
    known = people.death_month != NO_RECORD
    deaths = smoothed.deaths_used + smoothed.deaths_silent
    sex = (people.sex == 2).astype(int)
    band = age_band((people.age_months + model.months) / 12.0)
    table = moves.hazard / model.hazard_multiplier[sex, band]
    at_risk = (smoothed.states[:-1, PRESENT] + smoothed.states[:-1, AWAY] + smoothed.states[:-1, FAILING]) * table
    np.add.at(sums.alive, (sex, band), at_risk.T)
    np.add.at(sums.deaths, (sex, band), np.where(known, deaths.sum(axis=0), 0.0))
    plain = sums.own[first : first + len(people)].sum(axis=1) >= PLAIN_EVENTS
    sums.recorded += deaths[:, known & plain].sum(axis=1)
    sums.unrecorded += deaths[:, ~known & plain].sum(axis=1)
    sums.entered += [smoothed.deaths_used[:, known].sum(), smoothed.deaths_silent[:, known].sum()]
    np.add.at(sums.at_home, people.stratum, smoothed.states[:-1, PRESENT].sum(axis=0))
    np.add.at(sums.leaves, people.stratum, smoothed.leaves)
    sums.away_months += float(smoothed.states[:-1, AWAY].sum())
    sums.returns += smoothed.returns
    sums.used_months += float((smoothed.states[:-1, USED] * heard)[:, known].sum())
    sums.stops += float((smoothed.stops * heard)[:, known].sum())


def _factor(events: FloatArray, due: FloatArray, prior: float | FloatArray, strength: float) -> FloatArray:
    """Rate ratio by source under a gamma prior worth ``strength`` events due."""
    return np.asarray((events + prior * strength) / (due + strength))


def _maximise(sample: Sample, model: Parameters, sums: Sums) -> Parameters:
    """M step."""
    people = sample.people
    law = RateLaw(model.user_share, model.shape, model.rate)
    spread = fit_spread(sums.own, sums.seen, people.stratum, law)
    own_law = RateLaw(law.user_share[people.stratum], law.shape[people.stratum], law.rate[people.stratum])
    active, precision = activity(sums.own, sums.seen, own_law, spread)
    active /= np.average(active, weights=precision - precision.min() + 1e-9)
    law = fit_rate_law(sums.own, sums.seen * active[:, None], people.stratum, law, rounds=2)
    sampled = _by_county(sums.own, people.county, len(model.exposure))
    exposure, broken = fit_exposure(sample.arrived, sampled, sums.present_due)
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
