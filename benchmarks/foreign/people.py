"""Who lives in a foreign city, what they use and how often: the structure, drawn before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.foreign.feeds import Calendar, Sources
from benchmarks.foreign.identity import COUNTY_CODES, REGISTRY_CODES, invent_names, number_people
from benchmarks.foreign.worlds import COUNTIES, World

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_AGE_BANDS = ((22, 60, 0.10), (60, 70, 0.36), (70, 80, 0.33), (80, 99, 0.21))
NEVER = 1_000_000


@dataclass
class People:
    """Residents sorted by county; all arrays have one entry, or row, per person."""

    id_number: NDArray[np.str_]
    name: NDArray[np.str_]
    male: Bools
    birth: NDArray[np.datetime64]
    county: Ints
    age_at_start: Floats
    frailty: Floats
    rate: Singles
    """(people, sources) events a month while at home, at the start of the window."""
    active_from: NDArray[np.int16]
    active_until: NDArray[np.int16]
    """(people, sources) first month in which the source is used, and the first in which it no longer is."""
    age_decline: bool
    hazard_multiplier: float

    def __len__(self) -> int:
        """How many residents there are."""
        return len(self.county)

    def rates_in(self, month: int, rows: slice) -> Singles:
        """True rates in one month: (rows, sources) events a month while at home."""
        rate = self.rate[rows]
        using = (self.active_from[rows] <= month) & (month < self.active_until[rows])
        rate = np.where(using, rate, np.float32(0))
        if self.age_decline:
            age = self.age_at_start[rows] + month / 12
            decline = 0.5 ** (np.maximum(age - 60, 0) / 18)
            rate = rate * decline[:, None].astype(np.float32)
        return rate

    def daily_hazard(self, month: int, rows: slice) -> Floats:
        """Probability of dying on one day of the month: (rows,)."""
        age = self.age_at_start[rows] + month / 12
        yearly = np.where(self.male[rows], 0.0104 * np.exp(0.0995 * (age - 60)), 0.0055 * np.exp(0.111 * (age - 60)))
        yearly = np.maximum(yearly, 0.0006) * self.frailty[rows] * self.hazard_multiplier
        return -np.expm1(-yearly / 365.25)


def settle(rng: np.random.Generator, people: int, world: World, calendar: Calendar, sources: Sources) -> People:
    """Draw the residents and everything about them that does not happen but is."""
    size = rng.dirichlet(np.full(COUNTIES, 8.0))
    county = np.sort(rng.choice(COUNTIES, people, p=size)).astype(np.int64)
    male = rng.random(people) < 0.48
    age = _draw_ages(rng, people)
    as_of = np.datetime64(calendar.as_of, "D")
    birth = as_of - np.ceil(age * 365.25).astype("timedelta64[D]")
    elsewhere = rng.random(people) < 0.15
    registered = np.where(elsewhere, rng.integers(0, COUNTIES, people), county)
    codes = np.array([int(code) for code in REGISTRY_CODES], dtype=np.int64)
    rate = _draw_rates(rng, world, sources, male, age, county)
    active_from, active_until = _draw_turnover(rng, world, rate)
    return People(
        id_number=number_people(codes[registered], _as_digits(birth), male),
        name=invent_names(rng, people),
        male=male,
        birth=birth,
        county=county,
        age_at_start=age - calendar.days / 365.25,
        frailty=np.exp(world.frailty_sigma * rng.standard_normal(people) - world.frailty_sigma**2 / 2),
        rate=rate,
        active_from=active_from,
        active_until=active_until,
        age_decline=world.age_decline,
        hazard_multiplier=world.hazard_multiplier,
    )


def scale_rates(people: People, world: World, calendar: Calendar, intensity: Singles) -> None:
    """Scale all rates so that the world's share of people at home is seen within the last 90 days.

    `intensity` is (counties, sources, days): what share of a month's rate falls on a day and reaches us.
    """
    recent = intensity[:, :, -90:].sum(axis=2)
    last = people.rates_in(calendar.months - 1, slice(None))
    expected = np.einsum("nk,nk->n", last, recent[people.county]).astype(np.float64)
    low, high = 0.01, 100.0
    for _ in range(50):
        middle = (low * high) ** 0.5
        seen = 1 - np.exp(-expected * middle).mean()
        low, high = (middle, high) if seen < world.seen_in_90_days else (low, middle)
    people.rate *= np.float32(low)


def _draw_ages(rng: np.random.Generator, people: int) -> Floats:
    shares = np.array([share for _, _, share in _AGE_BANDS])
    band = rng.choice(len(_AGE_BANDS), people, p=shares)
    start = np.array([first for first, _, _ in _AGE_BANDS])[band]
    width = np.array([last - first for first, last, _ in _AGE_BANDS])[band]
    skew = np.where(band == len(_AGE_BANDS) - 1, 2.2, 1.0)
    return start + width * rng.random(people) ** skew


def _as_digits(birth: NDArray[np.datetime64]) -> Ints:
    year = birth.astype("datetime64[Y]")
    month = birth.astype("datetime64[M]")
    digits = (year.astype(np.int64) + 1970) * 10_000
    digits += (month - year.astype("datetime64[M]")).astype(np.int64) * 100 + 100
    return np.asarray(digits + (birth - month.astype("datetime64[D]")).astype(np.int64) + 1)


def is_urban(county: Ints) -> Bools:
    """Whether the county is an urban district by its code."""
    urban = np.array([1 <= int(code[4:]) <= 20 for code in COUNTY_CODES])
    return np.asarray(urban[county])


def _draw_rates(
    rng: np.random.Generator, world: World, sources: Sources, male: Bools, age: Floats, county: Ints
) -> Singles:
    """Zero-inflated rates around the mean of a stratum (age band, sex, region kind)."""
    band = np.digitize(age, [60, 70, 80])
    stratum = (band * 2 + male) * 2 + is_urban(county)
    people, kinds = len(male), len(sources.rate)
    tilt = np.exp(0.25 * rng.standard_normal((16, kinds)))
    kind = np.arange(16)
    retreat = world.retreat * ((kind // 4 - 1.5) + 0.8 * (0.5 - kind % 2))
    odds = np.exp(0.4 * rng.standard_normal((16, kinds)) - retreat[:, None])
    share = sources.share * odds / (1 - sources.share + sources.share * odds)
    uses = rng.random((people, kinds)) < share[stratum]
    if world.rate_law == "gamma":
        around = rng.standard_gamma(world.rate_shape, (people, kinds)) / world.rate_shape
    else:
        around = np.exp(world.rate_shape * rng.standard_normal((people, kinds)) - world.rate_shape**2 / 2)
    activity = np.exp(world.activity_sigma * rng.standard_normal(people))
    rate = np.where(uses, around * (sources.rate * tilt)[stratum] * activity[:, None], 0.0)
    return rate.astype(np.float32)


def _draw_turnover(
    rng: np.random.Generator, world: World, rate: Singles
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """When each use of a source begins and ends; far outside the window where nothing changes."""
    active_from = np.full(rate.shape, -1, dtype=np.int16)
    active_until = np.full(rate.shape, 10_000, dtype=np.int16)
    if world.turnover:
        changes = rng.geometric(world.turnover, rate.shape).astype(np.int64)
        inside = changes < world.months
        stops = rng.random(rate.shape) < 0.5
        active_until[inside & stops] = changes[inside & stops]
        active_from[inside & ~stops] = changes[inside & ~stops]
    return active_from, active_until
