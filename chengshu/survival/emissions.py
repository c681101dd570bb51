"""What each month's traces and silence say for each state, relative to being present."""

from dataclasses import dataclass, field

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray, either
from chengshu.survival.evidence import Cells, LastMonths, last_months
from chengshu.survival.habits import NO_HABITS, Habits
from chengshu.survival.parameters import Parameters
from chengshu.survival.personal import Personal, learn
from chengshu.survival.rates import thinned, user_given_events
from chengshu.survival.silence import LOG_LIMIT, silences

LEAST_FACTOR = 1e-3


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
    habits: Habits = NO_HABITS


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
    own = learn(cells, last, stratum, model.exposure[county], model)
    weights = _event_weights(cells, first, people, model, _stray_logs(own, model))
    last, before = np.maximum(last - first, -1), np.maximum(before - first, -1)
    expected = _expected(own.rates, model, model.exposure[county][:, first:])
    quiet = silences(own, expected, last, model.exposure[county][:, first:])
    present = quiet.present
    relative = _likelihood(weights[2] + quiet.used)
    # silence before the last event diluted the rates that it is judged by, whether it was absence or death
    absent = present if is_fitting else either(_lies_between(before, last, len(present)), quiet.gone, present)
    absent_share = 1 - expected[1] / np.maximum(expected[0], 1e-12)
    return Emissions(
        away=_likelihood(weights[0] + either(quiet.is_tail, quiet.away, absent * absent_share)),
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


def _lies_between(before: IntArray, last: IntArray, months: int) -> BoolArray:
    """Months after the last but one with events and before the last, (months, people)."""
    month = np.arange(months)[:, None]
    return np.asarray((month > before) & (month < last))


def _likelihood(log_likelihood: FloatArray) -> FloatArray:
    """In double precision, whose range the chain needs: a busy person's silence of years is worth hundreds of nats."""
    return np.exp(np.clip(log_likelihood, -LOG_LIMIT, LOG_LIMIT), dtype=float)


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


def _stray_logs(events: Personal, model: Parameters) -> FloatArray:
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
