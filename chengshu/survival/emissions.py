"""What each month's traces and silence say for each state, relative to being present."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray, either, running_sum
from chengshu.survival.evidence import Cells, LastMonths, last_months, totals
from chengshu.survival.parameters import Parameters
from chengshu.survival.rates import (
    RateLaw,
    activity,
    keeps_habit,
    posterior_rates,
    thinned,
    user_given_events,
)

# exp() of more than this says no more than "certain", and overflows.
LOG_LIMIT = 600.0
MOST_NEGATIVE_SILENCE = -0.95
LEAST_FACTOR = 1e-3
# log(1 + u) / u for u = hazard / shape, to be inverted
_BENDS = np.geomspace(1e-4, 1e4, 400)
_RATIOS = np.log1p(_BENDS) / _BENDS
# Gauss-Hermite quadrature over the logarithm of people's activity
_NODES, _NODE_WEIGHTS = np.polynomial.hermite.hermgauss(5)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True)
class Habits:
    """Sources that people have used, one entry per person and source with events.

    Attributes:
        pair: person * sources + source.
        kept: probability that the source was still in use at the person's last event anywhere.
        cost: nats that the silence since that event costs.
        until: exposure in months until it was given up, if it was.
        stops: (sources,) expected number of habits given up until then.
        months: (sources,) months of use until then.
    """

    pair: IntArray
    kept: FloatArray
    cost: FloatArray
    until: FloatArray
    stops: FloatArray
    months: FloatArray


_NO_HABITS = Habits(np.empty(0, dtype=np.int64), *(np.empty(0) for _ in range(5)))


@dataclass(frozen=True)
class Emissions:
    """Likelihoods of each month's evidence relative to being present all month, each (months, people).

    Attributes:
        away: of being away.
        failing: of the last illness.
        relative: of being dead while a relative uses cards.
        dead: of being dead with nothing but strangers' events.
        dies_silent: of dying within the month with nothing used after it.
        dies_used: of dying within the month with cards used after it.
        rates: (people, sources) posterior mean rates a month at the last event.
        silence: (months, people) what a month's silence costs somebody who is present, nats.
        shape: (people,) gamma shape of the sum of a person's rates.
        silent_since: (people,) cost of the silence since the last event, nats, before the shape is allowed for.
        last_month: (people,) month of the last event, -1 for none.
        usual: (people, sources) posterior mean rates a month over all the time until the last event.
        habits: what became of the sources that people have used.
    """

    away: FloatArray
    failing: FloatArray
    relative: FloatArray
    dead: FloatArray
    dies_silent: FloatArray
    dies_used: FloatArray
    rates: FloatArray
    silence: FloatArray
    shape: FloatArray
    silent_since: FloatArray
    last_month: IntArray
    usual: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    habits: Habits = _NO_HABITS


def silence_cost(hazard: FloatArray, shape: FloatArray) -> FloatArray:
    """Nats that silence costs somebody whose summed rate is gamma with this shape and mean hazard/time.

    The gamma-Poisson predictive of no event: ``shape * log(1 + hazard / shape)``. Negative hazard stands for silence
    that a death in the past explains, among events that went into the rate.
    """
    return shape * np.log1p(np.maximum(hazard / shape, MOST_NEGATIVE_SILENCE))


def _increments(grown: FloatArray, last: IntArray, shape: FloatArray) -> FloatArray:
    """Cost of each month, from hazard (months, people) summed up, counted from the last event.

    ``shape`` is (people,), or (months, people) with the shape that holds in each month.
    """
    at_last = _at(grown, last)
    cost = silence_cost(grown - at_last, shape)
    at_start = silence_cost(-at_last, shape if shape.ndim == 1 else shape[0])
    cost[1:] -= cost[:-1].copy()
    cost[0] -= at_start
    return cost


def _at(grown: FloatArray, last: IntArray) -> FloatArray:
    """Value of (months, people) sums at each one's last event, 0 for those without any."""
    people = len(last)
    found = grown.take(np.maximum(last, 0) * people + np.arange(people))
    found *= last >= 0
    return np.asarray(found)


def _past_shape(rates: FloatArray, variances: FloatArray, exposure: FloatArray) -> FloatArray:
    """Gamma shape of the sum of each person's rates by matched moments, (people,)."""
    typical = exposure.mean(axis=1)
    return np.asarray(np.maximum((rates @ typical) ** 2 / np.maximum(variances @ typical**2, 1e-12), 0.05))


def _habits(
    cells: Cells,
    counts: FloatArray,
    seen: FloatArray,
    left: FloatArray,
    exposure: FloatArray,
    law: RateLaw,
    model: Parameters,
) -> Habits:
    """What silence at sources that a person has used says of each habit."""
    latest = np.full(counts.size, -1, dtype=np.int64)
    # months ascend: the last one stays
    latest[cells.person.astype(np.int64) * model.sources + cells.source] = cells.month
    pair = np.flatnonzero(latest >= 0)
    source = pair % model.sources
    grown = grown_exposure(exposure)
    heard = grown.take(source * grown.shape[1] + latest.take(pair) + 1)
    reach = law.rate.take(pair) + heard
    shape = law.shape.take(pair) + counts.take(pair)
    gap, stop = seen.take(pair) - heard, model.habit_stop.take(source)
    kept, silent = keeps_habit(shape, reach, gap, stop)
    _, silent_since = keeps_habit(shape, reach, gap + left.take(pair), stop)
    still = np.exp(kept - silent)
    until = heard + np.minimum(gap, reach / shape) / 2
    months = still * (heard + gap) + (1 - still) * until
    return Habits(
        pair,
        still,
        silent - silent_since,
        until,
        stops=np.bincount(source, weights=1 - still, minlength=model.sources).astype(float),
        months=np.bincount(source, weights=months, minlength=model.sources).astype(float),
    )


def habits_seen(habits: Habits, seen: FloatArray) -> FloatArray:
    """Exposure (people, sources) without the time after habits were given up, same shape."""
    out = seen.copy()
    pair, kept = habits.pair, habits.kept
    whole = seen.ravel()[pair]
    out.ravel()[pair] = kept * whole + (1 - kept) * np.minimum(whole, habits.until)
    return out


def _tail_cost(counts: FloatArray, seen: FloatArray, left: FloatArray, law: RateLaw) -> FloatArray:
    """Nats that the silence since the last event costs at sources without any event, exactly, (people,)."""
    a, b, z = law.shape, law.rate, law.user_share
    before = b + seen
    quiet = a * np.log(b / before)
    cost = np.log1p(z * np.expm1(quiet))
    quiet -= a * np.log1p(left / before)
    cost -= np.log1p(z * np.expm1(quiet))
    # all of it at once is quicker than picking the sources without events out
    cost *= counts == 0
    return np.asarray(cost.sum(axis=1))


def _share_unknown(rates: FloatArray, seen: FloatArray, law: RateLaw) -> FloatArray:
    """Share of people's rates that rests on their activity and not on events of their own, (people,)."""
    resting = (rates * (law.rate / (law.rate + seen))).sum(axis=1)
    return np.asarray(resting / np.maximum(rates.sum(axis=1), 1e-12))


def _activity_unknown(hazard: FloatArray, shape: FloatArray, variance: FloatArray) -> FloatArray:
    """Nats that silence costs if all rates share one more factor, of mean 1 and this variance; (people,)."""
    spread = np.log1p(variance)
    nodes, weights = (values.astype(hazard.dtype) for values in (_NODES, _NODE_WEIGHTS))
    factors = np.exp(np.sqrt(2 * spread) * nodes[:, None] - spread / 2)
    costs = shape * np.log1p(factors * (hazard / shape))
    least = costs.min(axis=0)  # taken out, for thousands of nats underflow
    return np.asarray(least - np.log(weights @ np.exp(least - costs)))


def _shape_for(hazard: FloatArray, cost: FloatArray) -> FloatArray:
    """Gamma shape with which silence under this hazard has this cost, (people,)."""
    ratio = np.clip(cost / np.maximum(hazard, 1e-12), _RATIOS[-1], _RATIOS[0])
    bend = np.interp(-ratio, -_RATIOS, _BENDS).astype(hazard.dtype)
    return np.asarray(np.maximum(hazard, 1e-9) / bend)


@dataclass(frozen=True)
class _Own:
    """What people's events say of their rates, (people, sources), and of the silence since the last, (people,)."""

    counts: FloatArray
    seen: FloatArray
    law: RateLaw
    usual: FloatArray
    rates: FloatArray
    variances: FloatArray
    habits: Habits
    tail_cost: FloatArray
    unknown: FloatArray


def _learn(cells: Cells, last: IntArray, stratum: IntArray, exposure: FloatArray, model: Parameters) -> _Own:
    """People's rates, by the law of their stratum, their activity and their own events."""
    people = len(stratum)
    counts = totals(cells, people, model.sources).astype(model.rate.dtype)
    seen = exposure_seen(exposure, last)
    law = RateLaw(*(values.take(stratum, axis=0) for values in (model.user_share, model.shape, model.rate)))
    active, precision = activity(counts, seen, law, model.activity_spread)
    law = RateLaw(law.user_share, law.shape, law.rate / active[:, None])
    usual, variances = posterior_rates(counts, seen, law)
    left = grown_exposure(exposure)[:, -1] - seen
    habits = _habits(cells, counts, seen, left, exposure, law, model)
    rates = usual.copy()
    np.put(rates, habits.pair, rates.take(habits.pair) * habits.kept)
    np.put(variances, habits.pair, variances.take(habits.pair) * habits.kept)
    tail_cost = _tail_cost(counts, seen, left, law)
    silent = np.bincount(habits.pair // model.sources, weights=habits.cost, minlength=people)
    tail_cost += silent.astype(tail_cost.dtype)
    unknown = _share_unknown(rates, seen, law) ** 2 / precision
    return _Own(counts, seen, law, usual, rates, variances, habits, tail_cost, unknown)


def emissions(
    cells: Cells,
    stratum: IntArray,
    county: int,
    model: Parameters,
    *,
    first: int = 0,
    seen: LastMonths | None = None,
    is_fitting: bool = False,
) -> Emissions:
    """Evidence of people of one county.

    Args:
        cells: their events, of the whole window.
        stratum: (people,) stratum numbers.
        county: number of their county.
        model: the fitted parameters.
        first: month with which the chain begins; what was before still counts towards people's rates.
        seen: when they were last seen, if that is known already.
        is_fitting: every month of absence counts alike, as the counting of departures and returns supposes.

    Returns:
        Likelihoods for the chain, (months - first, people).

    Source:
        docs/algorithms/survival.md, "What silence says".
    """
    people = len(stratum)
    cells = thinned(cells, model.burst)
    last, part, before = seen or last_months(cells, people)
    own = _learn(cells, last, stratum, model.exposure[county], model)
    weights = _event_weights(cells, first, people, model, _stray_logs(own, model))
    last, before = np.maximum(last - first, -1), np.maximum(before - first, -1)
    expected = _expected(own.rates, model, model.exposure[county][:, first:])
    quiet = _silences(own, expected, last, model.exposure[county][:, first:])
    present = quiet.present
    relative = _likelihood(weights[2] + quiet.used)
    # silence before the last event diluted the rates that it is judged by, whether it was absence or death
    absent = present if is_fitting else either(_lies_between(before, last, len(present)), quiet.gone, present)
    absent_share = 1 - expected[1] / np.maximum(expected[0], 1e-12)
    return Emissions(
        away=_likelihood(weights[0] + absent * absent_share),
        failing=_likelihood(weights[1] + present - expected[2] * (present / np.maximum(expected[0], 1e-12))),
        relative=relative,
        dead=_likelihood(weights[3] + quiet.gone),
        dies_silent=_dies_silent(present, weights[3], last, part),
        dies_used=np.sqrt(relative),
        rates=own.rates,
        silence=present,
        shape=quiet.shape,
        silent_since=quiet.ahead,
        last_month=last,
        usual=own.usual,
        habits=own.habits,
    )


class _Silences(NamedTuple):
    """Nats by which each month's silence, (months, people), speaks against being present.

    Attributes:
        present: what it costs somebody who is present.
        gone: the same for months in which somebody was dead before the last event, whose rates it diluted.
        used: what it costs against a relative with the card.
        ahead: (people,) events due since the last one.
        shape: (people,) gamma shape of the sum of rates that the silence since then is judged by.
    """

    present: FloatArray
    gone: FloatArray
    used: FloatArray
    ahead: FloatArray
    shape: FloatArray


def _silences(own: _Own, expected: FloatArray, last: IntArray, exposure: FloatArray) -> _Silences:
    due = expected[0]
    grown = running_sum(due)
    ahead = grown[-1] - _at(grown, last)
    tail_cost = _activity_unknown(ahead, _shape_for(ahead, own.tail_cost), own.unknown)
    tail_shape = _shape_for(ahead, tail_cost)
    past_shape = _past_shape(own.rates, own.variances, exposure)
    is_tail = np.arange(len(due))[:, None] > last
    shapes = either(is_tail, np.broadcast_to(tail_shape, due.shape), np.broadcast_to(past_shape, due.shape))
    gone = np.clip(_increments(grown, last, shapes), 1e-9, LOG_LIMIT / 2)
    present = either(is_tail, gone, np.clip(due, 1e-9, LOG_LIMIT / 2))
    used_tail = present - expected[3] * (present / np.maximum(due, 1e-12))
    used_past = _increments(running_sum(due - expected[3]), last, past_shape)
    return _Silences(present, gone, either(is_tail, used_tail, used_past), ahead, tail_shape)


def _lies_between(before: IntArray, last: IntArray, months: int) -> BoolArray:
    """Months after the last but one with events and before the last, (months, people)."""
    month = np.arange(months)[:, None]
    return np.asarray((month > before) & (month < last))


def _likelihood(log_likelihood: FloatArray) -> FloatArray:
    """In double precision, whose range the chain needs: a busy person's silence of years is worth hundreds of nats."""
    return np.exp(np.clip(log_likelihood, -LOG_LIMIT, LOG_LIMIT), dtype=float)


def exposure_seen(exposure: FloatArray, last: IntArray) -> FloatArray:
    """Exposure (sources, months) of each person until the last event's month, (people, sources); 0 without events."""
    return np.ascontiguousarray(grown_exposure(exposure).T).take(last + 1, axis=0)


def grown_exposure(exposure: FloatArray) -> FloatArray:
    """Exposure (sources, months) summed up before each month and at the end, (sources, months + 1)."""
    return np.hstack([np.zeros((len(exposure), 1), exposure.dtype), np.cumsum(exposure, axis=1)])


def _expected(rates: FloatArray, model: Parameters, exposure: FloatArray) -> FloatArray:
    """Events expected when present, away, failing, used by a relative: (4, months, people)."""
    usual = np.ones_like(model.away_factor)
    factors = np.stack([usual, model.away_factor, model.failing_factor, model.relative_factor])
    sources, months = exposure.shape
    stacked = (factors[:, :, None] * exposure[None, :, :]).transpose(1, 0, 2).reshape(sources, -1)
    return np.asarray((stacked.T @ rates.T).reshape(len(factors), months, len(rates)))


def _event_weights(cells: Cells, first: int, people: int, model: Parameters, stray: FloatArray) -> FloatArray:
    """Log likelihood of each month's events when away, failing, used by a relative, stray; (4, months, people)."""
    months = model.months - first
    if first:
        cells = cells.select(cells.month >= first)
    flat = (cells.month - first).astype(np.int64) * people + cells.person
    sums = np.empty((4, months * people), dtype=stray.dtype)
    for row, factor in enumerate((model.away_factor, model.failing_factor, model.relative_factor)):
        logs = np.log(np.maximum(factor, LEAST_FACTOR)).astype(float).take(cells.source)
        sums[row] = np.bincount(flat, weights=logs * cells.events, minlength=people * months)
    logs = stray.take(cells.person.astype(np.int64) * model.sources + cells.source)
    sums[3] = np.bincount(flat, weights=logs * cells.events, minlength=people * months)
    return sums.reshape(4, months, people)


def _stray_logs(events: _Own, model: Parameters) -> FloatArray:
    """Log of a stranger's rate over the person's own without one event of it, (people, sources)."""
    counts, seen, law = events.counts, events.seen, events.law
    own = (law.shape + np.maximum(counts - 1, 0)) / (law.rate + seen)
    own *= user_given_events(counts - 1, seen, law)
    own = np.log(np.maximum(own, np.finfo(own.dtype).tiny))
    return np.minimum(np.log(model.stray_rate) - own, 0.0)


def _dies_silent(silence: FloatArray, stray: FloatArray, last: IntArray, part: FloatArray) -> FloatArray:
    """Death at an even moment of the month, everything seen before it, silence after it; relative to present."""
    silence = silence.astype(float)
    out = either(stray < 0, np.ones_like(silence), np.expm1(silence) / silence)
    who = np.flatnonzero(last >= 0)
    month = last[who]
    cost, rest = silence[month, who], 1 - part[who]
    out[month, who] = np.maximum(np.expm1(cost * rest) / cost, 1e-6)
    return out
