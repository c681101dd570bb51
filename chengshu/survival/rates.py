"""Monthly rates of people at sources: a zero-inflated gamma per stratum, and what a person's own events make of it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, polygamma

from chengshu.survival.arrays import FloatArray, IntArray

# Pseudo-people with the pooled law of the source that every stratum is given, so that small strata stay sane.
PRIOR_PEOPLE = 8.0


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
    variance = mean / reach
    silent = totals < 0.5
    user = user_given_silence(law.user_share[silent], law.shape[silent], law.rate[silent], seen[silent])
    own = mean[silent]
    variance[silent] = user * variance[silent] + user * (1 - user) * own**2
    mean[silent] = user * own
    return mean, variance


def user_given_silence(
    user_share: FloatArray, shape: FloatArray, rate: FloatArray, seen: FloatArray
) -> FloatArray:
    """Probability that somebody without any event at a source is a user all the same; any shape."""
    quiet = user_share * np.exp(-shape * np.log1p(seen / rate))
    return quiet / (quiet + 1 - user_share)


def fit_rate_law(
    totals: FloatArray, seen: FloatArray, stratum: IntArray, law: RateLaw, *, rounds: int = 3
) -> RateLaw:
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
    for _ in range(rounds):
        law = _em_step(totals, seen, stratum, law)
    return law


def _em_step(totals: FloatArray, seen: FloatArray, stratum: IntArray, law: RateLaw) -> RateLaw:
    a, b, z = law.shape[stratum], law.rate[stratum], law.user_share[stratum]
    user = np.where(totals >= 0.5, 1.0, user_given_silence(z, a, b, seen))
    mean = (a + totals) / (b + seen)
    log_mean = digamma(a + totals) - np.log(b + seen)
    sums = [
        _by_stratum(x, stratum, len(law.shape))
        for x in (np.ones_like(user), user, user * mean, user * log_mean)
    ]
    people, users, rates, logs = (_shrunk(x, sums[0]) for x in sums)
    share = np.clip(users / people, 1e-4, 1 - 1e-4)
    average = rates / users
    shape = _gamma_shape(np.log(average) - logs / users)
    return RateLaw(share, shape, shape / average)


def _shrunk(sums: FloatArray, people: FloatArray) -> FloatArray:
    """Add PRIOR_PEOPLE of the average person to each stratum's sums, (strata, sources)."""
    return sums + PRIOR_PEOPLE * sums.sum(axis=0) / people.sum(axis=0)


def _by_stratum(values: FloatArray, stratum: IntArray, strata: int) -> FloatArray:
    """Sums of (people, sources) by stratum, (strata, sources)."""
    order = np.argsort(stratum, kind="stable")
    numbers, starts = np.unique(stratum[order], return_index=True)
    out = np.zeros((strata, values.shape[1]))
    out[numbers] = np.add.reduceat(values[order], starts, axis=0)
    return out


def _gamma_shape(gap: FloatArray) -> FloatArray:
    """Shape of a gamma law from log of mean less mean of log (Minka 2002), any shape; within [0.05, 50]."""
    gap = np.maximum(gap, 1e-3)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(4):
        step = (np.log(shape) - digamma(shape) - gap) / (1 / shape - polygamma(1, shape))
        shape = np.clip(shape - step, 0.05, 50.0)
    return shape
