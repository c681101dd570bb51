"""Monthly rates of people at sources: a zero-inflated gamma per stratum, and what a person's own events make of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.special import digamma, polygamma

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.evidence import Cells

# Pseudo-people with the pooled law of the source that every stratum is given, so that small strata stay sane.
PRIOR_PEOPLE = 8.0
# Sums are added in the order of strata and counties, so that their number decides nothing.
THREADS = 2
# Pairs of sources' worth of belief that people differ source by source only.
PRIOR_PAIRS = 100.0
LEAST_SPREAD, MOST_SPREAD = 1e-3, 2.0
LEAST_ACTIVITY = 0.05
LEAST_EXCESS = 0.02
# Months. Where a feed all but never arrived, the mean rate of its few users would grow without bound.
LEAST_RATE = 1e-4
NEVER = -690.0  # nats
# Bursts are learned from people with so many events at a source over so many months, if there are so many of them.
BURST_EVENTS, BURST_MONTHS, BURST_PAIRS = 4, 6, 30
MOST_BURST = 10.0


@dataclass(frozen=True)
class RateLaw:
    """Zero-inflated gamma, each (strata, sources) or, gathered for people, (people, sources)."""

    user_share: FloatArray
    shape: FloatArray
    rate: FloatArray


def posterior_rates(totals: FloatArray, seen: FloatArray, law: RateLaw) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of people's rates given their events.

    Args:
        totals: (people, sources) events.
        seen: (people, sources) exposure in months over which they were seen; >= 0.
        law: of each person's stratum, (people, sources) each.

    Returns:
        Two (people, sources) arrays: events a month, and its variance.

    Source:
        Gamma-Poisson conjugacy (Fader, Hardie and Lee 2005) with a mass at zero.
    """
    reach = law.rate + seen
    mean = (law.shape + totals) / reach
    user = user_given_events(totals, seen, law)
    variance = user * (mean / reach + (1 - user) * mean**2)
    mean *= user
    return mean, variance


def user_given_silence(user_share: FloatArray, shape: FloatArray, rate: FloatArray, seen: FloatArray) -> FloatArray:
    """Probability that somebody without any event at a source is a user all the same; any shape."""
    quiet = user_share * np.exp(-shape * np.log1p(seen / rate))
    return quiet / (quiet + 1 - user_share)


def user_given_events(totals: FloatArray, seen: FloatArray, law: RateLaw) -> FloatArray:
    """Probability that somebody uses a source at all, (people, sources): 1 where there are events."""
    without = user_given_silence(law.user_share, law.shape, law.rate, seen)
    # not by a mask: all of it at once is quicker than picking the silent ones out
    without -= 1.0
    without *= totals < 0.5
    without += 1.0
    return without


def activity(totals: FloatArray, seen: FloatArray, law: RateLaw, spread: float) -> tuple[FloatArray, FloatArray]:
    """How much more than usual people do everywhere, given their events.

    Args:
        totals: (people, sources) events.
        seen: (people, sources) exposure in months over which they were seen.
        law: of each person's stratum, (people, sources) each.
        spread: variance of people's activity around 1.

    Returns:
        Mean, about 1, and precision (inverse relative variance), (people,) each.

    Source:
        Linear credibility (Buehlmann) on the scores of the sources; docs/algorithms/survival.md, "Activity".
    """
    scores, weights = _activity_scores(totals, seen, law)
    precision = 1 / max(spread, LEAST_SPREAD) + weights.sum(axis=1)
    return np.maximum(1 + scores.sum(axis=1) / precision, LEAST_ACTIVITY), precision


def fit_spread(totals: FloatArray, seen: FloatArray, stratum: IntArray, law: RateLaw) -> float:
    """Variance of people's activity, from how their scores at different sources go together.

    Args:
        totals: (people, sources) events while present.
        seen: (people, sources) exposure in months while present.
        stratum: (people,) stratum numbers.
        law: by stratum.

    Returns:
        Variance of a factor with mean 1 that a person has in common at all sources; >= 0.
    """
    own = RateLaw(law.user_share[stratum], law.shape[stratum], law.rate[stratum])
    scores, weights = _activity_scores(totals, seen, own)
    together = float((scores.sum(axis=1) ** 2).sum() - (scores**2).sum())
    due = float((weights.sum(axis=1) ** 2).sum() - (weights**2).sum())
    return float(np.clip(together / (due + PRIOR_PAIRS), LEAST_SPREAD, MOST_SPREAD))


def _activity_scores(totals: FloatArray, seen: FloatArray, law: RateLaw) -> tuple[FloatArray, FloatArray]:
    """Score and information of log activity at 1, (people, sources) each."""
    a, b = law.shape, law.rate
    user = user_given_events(totals, seen, law)
    heard = user / (b + seen)
    return heard * (b * totals - a * seen), heard * (a * seen)


def keeps_habit(
    shape: FloatArray, reach: FloatArray, more: FloatArray, stop: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log likelihood of no further event from somebody who may give a source up.

    Args:
        shape: gamma shape of the rate given the events; > 1.
        reach: gamma rate of the rate given the events, months up to the last of them.
        more: exposure of the silence since then, months.
        stop: monthly chance to give the source up.

    Returns:
        Of the silence with the habit kept to its end, and of the silence however it came, same shape.

    Source:
        Pareto/NBD (Schmittlein, Morrison and Colombo 1987), giving up being rare:
        its chance is taken as linear in time.
    """
    log_growth = np.log1p(more / reach)
    rarely = stop * reach / np.maximum(shape - 1, LEAST_EXCESS)
    given_up = rarely * -np.expm1((1 - shape) * log_growth)
    kept = -shape * log_growth - stop * more
    log_given_up = np.log(np.maximum(given_up, np.finfo(given_up.dtype).tiny))
    log_given_up[given_up == 0] = NEVER
    return kept, _log_of_sum(kept, log_given_up)


def _log_of_sum(one: FloatArray, other: FloatArray) -> FloatArray:
    """What `np.logaddexp` gives, in a tenth of its time."""
    apart = np.abs(one - other)
    return np.maximum(one, other) + np.log1p(np.exp(-apart))


def fit_rate_law(totals: FloatArray, seen: FloatArray, stratum: IntArray, law: RateLaw, *, rounds: int = 3) -> RateLaw:
    """Maximum-likelihood zero-inflated gamma per stratum and source, by EM.

    Args:
        totals: (people, sources) events while present.
        seen: (people, sources) exposure in months while present; >= 0.
        stratum: (people,) stratum numbers.
        law: where to start.
        rounds: EM steps.

    Returns:
        The law after these steps, shrunk towards each source's law over all strata.
    """
    order = np.argsort(stratum, kind="stable")
    totals, seen = totals[order], seen[order]
    edges = np.searchsorted(stratum[order], np.arange(len(law.shape) + 1))
    blocks = [slice(int(start), int(stop)) for start, stop in pairwise(edges)]
    for _ in range(rounds):
        law = _em_step(totals, seen, blocks, law)
    return law


def _em_step(totals: FloatArray, seen: FloatArray, blocks: list[slice], law: RateLaw) -> RateLaw:
    """One EM step; people stand stratum by stratum, and each block fits the processor's cache."""

    def work(stratum: int) -> FloatArray:
        block = blocks[stratum]
        own = RateLaw(law.user_share[stratum], law.shape[stratum], law.rate[stratum])
        return _expected_logs(totals[block], seen[block], own)

    with ThreadPoolExecutor(THREADS) as pool:
        sums = np.stack(list(pool.map(work, range(len(blocks)))))
    people, users, rates, logs = (_shrunk(sums[:, kind], sums[:, 0]) for kind in range(4))
    share = np.clip(users / people, 1e-4, 1 - 1e-4)
    average = rates / users
    shape = _gamma_shape(np.log(average) - logs / users)
    return RateLaw(share, shape, np.maximum(shape / average, LEAST_RATE))


def _expected_logs(totals: FloatArray, seen: FloatArray, law: RateLaw) -> FloatArray:
    """People, users, their rates and the logarithms of these, summed over one stratum, (4, sources)."""
    user = user_given_events(totals, seen, law)
    shape, reach = law.shape + totals, law.rate + seen
    log_mean = digamma(shape) - np.log(reach)
    count = np.full(totals.shape[1], float(len(totals)))
    return np.stack([count, user.sum(axis=0), (user * (shape / reach)).sum(axis=0), (user * log_mean).sum(axis=0)])


def _shrunk(sums: FloatArray, people: FloatArray) -> FloatArray:
    """Add PRIOR_PEOPLE of the average person to each stratum's sums, (strata, sources)."""
    return np.asarray(sums + PRIOR_PEOPLE * sums.sum(axis=0) / people.sum(axis=0))


def _gamma_shape(gap: FloatArray) -> FloatArray:
    """Shape of a gamma law from log of mean less mean of log (Minka 2002), any shape; within [0.05, 50]."""
    gap = np.maximum(gap, 1e-3)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(4):
        step = (np.log(shape) - digamma(shape) - gap) / (1 / shape - polygamma(1, shape))
        shape = np.clip(shape - step, 0.05, 50.0)
    return shape


def thinned(cells: Cells, burst: FloatArray) -> Cells:
    """Visits for events: a month's events over each source's mean burst (sources,), at least one."""
    return replace(cells, events=np.maximum(cells.events / burst[cells.source], 1.0))


def fit_burst(cells: Cells, sources: int) -> FloatArray:
    """Mean events of a visit at each source: how much fewer months have events than even chance would fill.

    Args:
        cells: events of a sample, sorted by person and month.
        sources: number of sources.

    Returns:
        (sources,), from 1 (every event a visit of its own) to MOST_BURST.
    """
    if not len(cells.person):
        return np.ones(sources)
    pair = cells.person.astype(np.int64) * sources + cells.source
    order = np.argsort(pair, kind="stable")
    pair, month = pair[order], cells.month[order]
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    stops = np.append(starts[1:], len(pair))
    events = np.add.reduceat(cells.events[order], starts)
    span = month[stops - 1] - month[starts] + 1
    chosen = (events >= BURST_EVENTS) & (span >= BURST_MONTHS)
    source, events, span, filled = (x[chosen] for x in (pair[starts] % sources, events, span, stops - starts))
    low, high = np.ones(sources), np.full(sources, MOST_BURST)
    for _ in range(12):
        middle = (low + high) / 2
        others = np.maximum(events / middle[source] - 2, 0)
        even = 2 + (span - 2) * -np.expm1(others * np.log1p(-1 / span))
        too_full = np.bincount(source, weights=even - filled, minlength=sources) > 0
        low, high = np.where(too_full, middle, low), np.where(too_full, high, middle)
    return np.where(np.bincount(source, minlength=sources) < BURST_PAIRS, 1.0, low)
