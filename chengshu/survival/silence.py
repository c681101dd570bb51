"""What months without events say: what they cost somebody who is present, away, or who was dead already."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray, either, running_sum
from chengshu.survival.personal import Personal

# exp() of more than this says no more than "certain", and overflows.
LOG_LIMIT = 600.0
MOST_NEGATIVE_SILENCE = -0.999


class _Curve(NamedTuple):
    """What a silence costs over its hazard, ascending, and hazard / shape where it costs that."""

    ratios: FloatArray
    bends: FloatArray


def _curve_ahead() -> _Curve:
    """Of silence after the last event: log(1 + u) / u for u = hazard / shape."""
    bends = np.geomspace(1e4, 1e-4, 400)
    return _Curve(np.log1p(bends) / bends, bends)


def _curve_past() -> _Curve:
    """Of silence before it, the negative side: -log(1 - u) / u."""
    bends = 1 - np.geomspace(1 - 1e-4, 1 + MOST_NEGATIVE_SILENCE, 400)
    return _Curve(-np.log1p(-bends) / bends, bends)


_AHEAD, _PAST = _curve_ahead(), _curve_past()
# Gauss-Hermite quadrature over the logarithm of people's activity
_NODES, _NODE_WEIGHTS = np.polynomial.hermite.hermgauss(5)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True)
class Silences:
    """Nats by which each month's silence, (months, people), speaks against being present.

    Attributes:
        present: what it costs somebody who is present.
        gone: the same for months in which somebody was dead before the last event, whose rates it diluted.
        away: what it costs against being away, for months after the last event.
        used: what it costs against a relative with the card.
        is_tail: which months lie after the last event.
        ahead: (people,) events due since the last one.
        shape: (people,) gamma shape of the sum of rates that the silence since then is judged by.
    """

    present: FloatArray
    gone: FloatArray
    away: FloatArray
    used: FloatArray
    is_tail: BoolArray
    ahead: FloatArray
    shape: FloatArray


def silences(own: Personal, expected: FloatArray, last: IntArray, exposure: FloatArray) -> Silences:
    """What silence says of people of one county.

    Args:
        own: what their events say.
        expected: (4, months, people) events due when present, away, failing, used by a relative.
        last: (people,) month of the last event, counted like `expected`; -1 for before it, or none.
        exposure: (sources, months) of the county, for the same months.

    Source:
        docs/algorithms/survival.md, "What silence says".
    """
    due = expected[0]
    grown = running_sum(due)
    ahead = grown[-1] - _at(grown, last)
    tail_cost = _activity_unknown(ahead, _shape_for(ahead, own.tail_cost, _AHEAD), own.unknown)
    tail_shape = _shape_for(ahead, tail_cost, _AHEAD)
    is_tail = np.arange(len(due))[:, None] > last
    # without the last month's events, for a death before it means that they were strangers'
    strays = np.ascontiguousarray(exposure.T) @ own.strays.rates.T
    stray_shape = _shape_for((own.strays.rates * own.seen).sum(axis=1), own.strays.cost, _PAST)
    gone = _steps(either(is_tail, due, strays), last, _both(is_tail, tail_shape, stray_shape))
    gone = np.clip(gone, 1e-9, LOG_LIMIT / 2)
    # on the same curve: of somebody who would be seen daily at home, something is seen even from away
    away = gone - _steps(expected[1], last, tail_shape)
    past_shape = _past_shape(own.rates, own.variances, exposure)
    used = _steps(either(is_tail, expected[3], due - expected[3]), last, _both(is_tail, tail_shape, past_shape))
    present = either(is_tail, gone, np.clip(due, 1e-9, LOG_LIMIT / 2))
    return Silences(present, gone, away, either(is_tail, gone - used, used), is_tail, ahead, tail_shape)


def _both(is_tail: BoolArray, tail: FloatArray, past: FloatArray) -> FloatArray:
    """Two shapes a person as one a month, (months, people)."""
    return either(is_tail, np.broadcast_to(tail, is_tail.shape), np.broadcast_to(past, is_tail.shape))


def silence_cost(hazard: FloatArray, shape: FloatArray) -> FloatArray:
    """Nats that silence costs somebody whose summed rate is gamma with this shape and mean hazard/time.

    The gamma-Poisson predictive of no event: ``shape * log(1 + hazard / shape)``. Negative hazard stands for silence
    that a death in the past explains, among events that went into the rate.
    """
    return shape * np.log1p(np.maximum(hazard / shape, MOST_NEGATIVE_SILENCE))


def _steps(due: FloatArray, last: IntArray, shape: FloatArray) -> FloatArray:
    """Cost of each month, (months, people), with events due in each, on a curve that is 0 at the last event.

    ``shape`` is (people,), or (months, people) with the shape that holds in each month.
    """
    grown = running_sum(due)
    at_last = _at(grown, last)
    grown -= at_last
    cost = silence_cost(grown, shape)
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
    # row by row: a matrix times a vector adds up in another order at its edges, and who stands there is chance
    mean, variance = (rates * typical).sum(axis=1), (variances * typical**2).sum(axis=1)
    return np.asarray(np.maximum(mean**2 / np.maximum(variance, 1e-12), 0.05))


def _activity_unknown(hazard: FloatArray, shape: FloatArray, variance: FloatArray) -> FloatArray:
    """Nats that silence costs if all rates share one more factor, of mean 1 and this variance; (people,)."""
    spread = np.log1p(variance)
    nodes, weights = (values.astype(hazard.dtype) for values in (_NODES, _NODE_WEIGHTS))
    factors = np.exp(np.sqrt(2 * spread) * nodes[:, None] - spread / 2)
    costs = shape * np.log1p(factors * (hazard / shape))
    least = costs.min(axis=0)  # taken out, for thousands of nats underflow
    return np.asarray(least - np.log((weights[:, None] * np.exp(least - costs)).sum(axis=0)))


def _shape_for(hazard: FloatArray, cost: FloatArray, curve: _Curve) -> FloatArray:
    """Gamma shape with which silence under this hazard has this cost, (people,)."""
    ratios, bends = curve
    ratio = np.clip(cost / np.maximum(hazard, 1e-12), ratios[0], ratios[-1])
    bend = np.interp(ratio, ratios, bends).astype(hazard.dtype)
    return np.asarray(np.maximum(hazard, 1e-9) / bend)
