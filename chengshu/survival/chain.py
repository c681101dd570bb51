"""The hidden chain: present, away, failing, dead with cards in use, dead in silence; forward and backward."""

from dataclasses import dataclass

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.emissions import Emissions
from chengshu.survival.evidence import Visits
from chengshu.survival.parameters import FAILING_EXIT

PRESENT, AWAY, FAILING, USED, SILENT = range(5)
STATES = 5
# A state that the past all but rules out may fit the future by any factor; beyond this the product is no number.
MOST_EVIDENCE = 1e200
LARGEST = 1e300
# Thousands of events a month can speak for a relative at first and against one in the end: being present must not
# underflow in between.
LEAST_CHANCE = 1e-300


@dataclass(frozen=True)
class Dynamics:
    """How states change.

    Attributes:
        hazard: (months, people) probability of falling fatally ill within the month, in [0, 1).
        unrecorded: probability that a death in that month is still off the records; (months,) where nobody's death
            is known, else (months, people).
        away_start: (people,) monthly.
        away_return: monthly.
        relative_share: probability that cards are used after a death.
        relative_stop: monthly.
        start_dead: (people,) probability of having been dead before the window.
        lengths: (months,) length of the steps in months.
        death_month: (people,) month of a recorded death, after which nobody lives; -1 for none.
    """

    hazard: FloatArray
    unrecorded: FloatArray
    away_start: FloatArray
    away_return: float
    relative_share: float
    relative_stop: float
    start_dead: FloatArray
    lengths: FloatArray
    death_month: IntArray


@dataclass(frozen=True)
class Filtered:
    """The forward pass.

    Attributes:
        last: (5, people) probabilities of the states at the last month's end, summing to 1.
        death_month: (people,) likeliest month of death, given death; -1 before the window.
        path: (months + 1, 5, people) the same after every month, or None when it was not kept.
        log_likelihood: (people,) relative to being present throughout, nats.
        scales: (months, people) normalisers, when the path was kept.
    """

    last: FloatArray
    death_month: IntArray
    log_likelihood: FloatArray
    path: FloatArray | None = None
    scales: FloatArray | None = None


def start(dynamics: Dynamics) -> FloatArray:
    """States before the first month, (5, people)."""
    away = dynamics.away_start / (dynamics.away_start + dynamics.away_return)
    failing = dynamics.hazard[0] / (dynamics.hazard[0] + FAILING_EXIT)
    alive = 1 - dynamics.start_dead
    used = 0.5 * dynamics.relative_share
    return np.stack(
        [
            alive * (1 - away) * (1 - failing),
            alive * away,
            alive * (1 - away) * failing,
            dynamics.start_dead * used,
            dynamics.start_dead * (1 - used),
        ]
    )


def forward(e: Emissions, dynamics: Dynamics, visits: Visits | None = None, *, keep: bool = False) -> Filtered:
    """Filter everyone through the window.

    Args:
        e: likelihoods, (months, people) each.
        dynamics: transition probabilities.
        visits: what visitors found, or None; its months count from the chain's first.
        keep: keep every month's states for smoothing.

    Returns:
        States at the end and the likeliest month of death.

    Source:
        Forward algorithm; docs/algorithms/survival.md.
    """
    months, people = e.away.shape
    state = start(dynamics)
    best = state[USED:].copy()
    death_month = np.full(people, -1, dtype=np.int64)
    path = np.empty((months + 1, STATES, people)) if keep else None
    scales = np.empty((months, people))
    visited = set() if visits is None else set(np.unique(visits.month).tolist())
    if path is not None:
        path[0] = state
    least = np.where(dynamics.death_month < 0, LEAST_CHANCE, 0.0)
    known_months = set(np.unique(dynamics.death_month).tolist())
    for m in range(months):
        state, entered = _step(state, m, e, dynamics)
        best = _go_on(best, m, e, dynamics)
        if m in known_months:
            state[:USED, dynamics.death_month == m] = 0.0
        if visits is not None and m in visited:
            found = visits.month == m
            likelihood = np.exp(visits.log_likelihood[found])
            np.multiply.at(state.T, visits.person[found], likelihood)
            for dead in (best, entered):
                np.multiply.at(dead.T, visits.person[found], likelihood[:, USED:])
        scale = state.sum(axis=0, out=scales[m])
        state /= scale
        np.maximum(state[PRESENT], least, out=state[PRESENT])
        entered /= scale
        best /= scale
        newer = entered[0] + entered[1] > best[0] + best[1]
        entered -= best
        entered *= newer
        best += entered
        death_month += newer * (m - death_month)
        if path is not None:
            path[m + 1] = state
    return Filtered(state, death_month, np.log(scales).sum(axis=0), path, scales if keep else None)


def transitions(m: int, dynamics: Dynamics) -> tuple[FloatArray, FloatArray, FloatArray, float, float, float]:
    """Chances of month m: falling ill, going away, death while away, return, end of illness, end of use."""
    length = float(dynamics.lengths[m])
    hazard = dynamics.hazard[m]
    return (
        hazard,
        dynamics.away_start * length,
        hazard,
        dynamics.away_return * length,
        FAILING_EXIT * length,
        dynamics.relative_stop * length,
    )


def _step(state: FloatArray, m: int, e: Emissions, dynamics: Dynamics) -> tuple[FloatArray, FloatArray]:
    """One month: new states (5, people), not normalised, and what died in it, used and silent (2, people)."""
    ill, leave, lost, back, end, stop = transitions(m, dynamics)
    unrecorded = dynamics.unrecorded[m]
    present, away, failing, used, silent = state
    dying = (failing * end + away * lost) * unrecorded
    entered = np.empty_like(state[USED:])
    np.multiply(dying * dynamics.relative_share, e.dies_used[m], out=entered[0])
    np.multiply(dying * (1 - dynamics.relative_share), e.dies_silent[m], out=entered[1])
    new = np.empty_like(state)
    np.add(present * (1 - ill - leave), away * back, out=new[PRESENT])
    np.multiply(away * (1 - lost - back) + present * leave, e.away[m], out=new[AWAY])
    np.multiply(failing * (1 - end) + present * ill, e.failing[m], out=new[FAILING])
    np.add(used * (1 - stop) * e.relative[m], entered[0], out=new[USED])
    np.add((silent + used * stop) * e.dead[m], entered[1], out=new[SILENT])
    return new, entered


def _go_on(dead: FloatArray, m: int, e: Emissions, dynamics: Dynamics) -> FloatArray:
    """What one more month of evidence makes of deaths before it, used and silent (2, people)."""
    stop = dynamics.relative_stop * float(dynamics.lengths[m])
    used, silent = dead
    gone_on = np.empty_like(dead)
    np.multiply(used * (1 - stop), e.relative[m], out=gone_on[0])
    np.multiply(silent + used * stop, e.dead[m], out=gone_on[1])
    return gone_on


@dataclass(frozen=True)
class Smoothed:
    """What the whole window says of every month.

    Attributes:
        states: (months + 1, 5, people) posterior of the states; index 0 is before the first month.
        leaves: (people,) expected number of departures.
        returns: expected number of returns, summed over people.
        deaths_used: (months, people) posterior of a death within the month with use after it.
        deaths_silent: (months, people) the same with silence after it.
        stops: (months, people) posterior of an end of use within the month.
    """

    states: FloatArray
    leaves: FloatArray
    returns: float
    deaths_used: FloatArray
    deaths_silent: FloatArray
    stops: FloatArray


def _times(beta: FloatArray, likelihood: FloatArray) -> FloatArray:
    """The product, bounded: two numbers that are each within bounds may together be beyond every number."""
    return np.asarray(np.minimum(beta, LARGEST / np.maximum(likelihood, 1.0)) * likelihood)


def smooth(filtered: Filtered, e: Emissions, dynamics: Dynamics) -> Smoothed:
    """Backward pass.

    Args:
        filtered: a forward pass with its path kept.
        e: the likelihoods that it used.
        dynamics: the transitions that it used.

    Returns:
        Posteriors of states and of the changes that the fitting counts.

    Raises:
        ValueError: the forward pass did not keep its path.
    """
    path, scales = filtered.path, filtered.scales
    if path is None or scales is None:
        raise ValueError("smooth() needs forward(keep=True)")
    months, people = e.away.shape
    states = np.empty_like(path)
    beta = np.ones((STATES, people))
    beta[:USED, dynamics.death_month >= 0] = 0.0
    states[-1] = path[-1]
    deaths_used, deaths_silent = np.empty((months, people)), np.empty((months, people))
    stops = np.empty((months, people))
    leaves, returns = np.zeros(people), 0.0
    for m in range(months - 1, -1, -1):
        with np.errstate(over="ignore"):  # beyond every number it is bounded all the same
            beta = np.minimum(beta / scales[m], MOST_EVIDENCE)
        ill, leave, lost, back, end, stop = transitions(m, dynamics)
        unrecorded = dynamics.unrecorded[m]
        present, away, failing, used, _ = path[m]
        to_used = unrecorded * dynamics.relative_share * e.dies_used[m] * beta[USED]
        to_silent = unrecorded * (1 - dynamics.relative_share) * e.dies_silent[m] * beta[SILENT]
        dying = failing * end + away * lost
        deaths_used[m], deaths_silent[m] = dying * to_used, dying * to_silent
        b_away, b_failing = _times(beta[AWAY], e.away[m]), _times(beta[FAILING], e.failing[m])
        b_used, b_silent = _times(beta[USED], e.relative[m]), _times(beta[SILENT], e.dead[m])
        leaves += present * leave * b_away
        returns += float((away * back * beta[PRESENT]).sum())
        stops[m] = used * stop * b_silent
        dies = to_used + to_silent
        beta = np.stack(
            [
                (1 - ill - leave) * beta[PRESENT] + leave * b_away + ill * b_failing,
                (1 - lost - back) * b_away + back * beta[PRESENT] + lost * dies,
                (1 - end) * b_failing + end * dies,
                (1 - stop) * b_used + stop * b_silent,
                b_silent,
            ]
        )
        states[m] = path[m] * beta
    return Smoothed(states, leaves, returns, deaths_used, deaths_silent, stops)
