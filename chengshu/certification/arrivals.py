"""Which months of a feed did not arrive: told from seasons, and from the chance of small numbers. Pure: arrays only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, pdtr

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BROKEN_BELOW = 0.5
"""A month with less than this share of what was due may have broken."""
# Without the same month of another year nobody can tell a season from a fault: then only next to nothing counts.
SEASONLESS_BELOW = 0.1
# So improbable that chance would call hardly one month of a large city broken: 30 feeds, 60 months, 50 counties.
LEAST_CHANCE = 1e-6
# Events' worth of belief that an unbroken month brought what was due.
PRIOR_EVENTS = 30.0
_YEAR = 12
_ROUNDS = 5


@dataclass(frozen=True)
class Arrivals:
    """What came of each feed.

    Attributes:
        city: (sources, months) share of what was due that came; counties that broke do not count.
        city_broken: (sources, months) where the whole city's feed broke.
        county: (counties, sources, months) share that came of what the city's month lets expect.
        county_broken: (counties, sources, months) where a county's feed broke and the city's did not.
    """

    city: Floats
    city_broken: Bools
    county: Floats
    county_broken: Bools


def find_arrivals(arrived: Floats, burst: Floats, lengths: Floats) -> Arrivals:
    """Hold every month against the same month of other years, and every county against the city.

    Args:
        arrived: (counties, sources, months) events that came.
        burst: (sources,) mean events of a visit: so many come together, and say no more than one.
        lengths: (months,) length of each month, 1 but for one cut short.
    """
    burst = np.maximum(burst, 1.0)[:, None]
    due, county_broken = _due_in_counties(arrived, burst)
    whole = due.sum(axis=0) / lengths
    city_broken = _has_broken(whole, burst, lengths)
    usual = _usual(whole, city_broken)
    city = _share(whole, usual, city_broken)
    return Arrivals(city, city_broken, _share(arrived, due, county_broken), county_broken)


def _due_in_counties(arrived: Floats, burst: Floats) -> tuple[Floats, Bools]:
    """What each county's share of the city's month would be, and where far less came; both as arrived."""
    broken = np.zeros(arrived.shape, dtype=bool)
    share = _divided(arrived.sum(axis=2), arrived.sum(axis=(0, 2)))
    for _ in range(_ROUNDS):
        counted = ~broken | broken.all(axis=0)
        month = _divided((arrived * counted).sum(axis=0), (share[:, :, None] * counted).sum(axis=0))
        due = share[:, :, None] * month
        broken = (arrived < BROKEN_BELOW * due) & (pdtr(np.floor(arrived / burst), due / burst) < LEAST_CHANCE)
        share = _divided((arrived * ~broken).sum(axis=2), (month * ~broken).sum(axis=2))
        share = _divided(share, share.sum(axis=0))
    return due, broken


def _has_broken(whole: Floats, burst: Floats, lengths: Floats) -> Bools:
    """Months (sources, months) far below the best of the same month in other years; all as long as a whole one."""
    best = _best_other_year(whole)
    has_other = np.isfinite(best)
    reference = np.where(has_other, best, np.median(whole, axis=1)[:, None])
    below = np.where(has_other, BROKEN_BELOW, SEASONLESS_BELOW)
    seen, other = np.floor(whole * lengths / burst), np.ceil(reference / burst)
    # of the events of two months with one rate, each falls to either by its length
    chance = bdtr(seen, (seen + other).astype(np.int64), lengths / (1 + lengths))
    return np.asarray((whole < below * reference) & (chance < LEAST_CHANCE))


def _best_other_year(whole: Floats) -> Floats:
    """The greatest count of the same calendar month in another year, (sources, months); -inf where there is none."""
    months = whole.shape[1]
    best = np.full(whole.shape, -np.inf)
    for back in range(_YEAR, months, _YEAR):
        np.maximum(best[:, back:], whole[:, :-back], out=best[:, back:])
        np.maximum(best[:, :-back], whole[:, back:], out=best[:, :-back])
    return best


def _usual(whole: Floats, broken: Bools) -> Floats:
    """What each month would bring: the mean of its calendar month over years that did not break, (sources, months)."""
    months = whole.shape[1]
    usual, typical = np.empty_like(whole), np.median(whole, axis=1)
    for month in range(min(_YEAR, months)):
        same = slice(month, months, _YEAR)
        counted = ~broken[:, same]
        mean = _divided((whole[:, same] * counted).sum(axis=1), counted.sum(axis=1))
        usual[:, same] = np.where(counted.any(axis=1), mean, typical)[:, None]
    return usual


def _share(seen: Floats, due: Floats, broken: Bools) -> Floats:
    """Share of what was due that came; drawn towards 1 where few were due, unless the month broke."""
    prior = np.where(broken, 0.0, PRIOR_EVENTS)
    return _divided(seen + prior, due + prior)


def _divided(part: Floats, whole: Floats) -> Floats:
    """Part by whole; 0 where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part, dtype=float), where=whole > 0))
