"""Where each person is, month by month, and how busy with each source."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chengshu.samplecity.mortality import Deaths, draw_deaths
from chengshu.samplecity.people import BoolArray, FloatArray, People
from chengshu.samplecity.randomness import stream
from chengshu.samplecity.sources import Group, Source
from chengshu.samplecity.window import DAYS_A_MONTH, Window
from chengshu.samplecity.world import World

Float32Array = npt.NDArray[np.float32]
ACTIVITY_SHAPE = 3.0
_ANCHOR_AGES = (20.0, 50.0, 70.0, 90.0)
_WORKING_AGE = (18.0, 60.0)


@dataclass(frozen=True)
class Lives:
    """The hidden lives of n people.

    Attributes:
        people: who they are.
        deaths: how they end.
        away: (n,) one bit a month, the lowest the first: set while away.
        activity: (n,) frailty shared by all sources, mean 1.
        rates: (sources, n) events a month while present; 0 for those who never use a source.
    """

    people: People
    deaths: Deaths
    away: npt.NDArray[np.uint64]
    activity: FloatArray
    rates: Float32Array

    def are_away_at_end(self, window: Window) -> BoolArray:
        """(n,) whether they live, but not here, at `as_of`."""
        is_set = (self.away >> np.uint64(window.months - 1)) & np.uint64(1) > 0
        return np.asarray(is_set & (self.deaths.day > window.last_day))


def draw_lives(seed: int, chunk: int, people: People, world: World, window: Window) -> Lives:
    """The lives of one chunk of people; rates before the city-wide scale."""
    deaths = draw_deaths(stream(seed, "deaths", chunk), people, world, window)
    away = _draw_away(stream(seed, "away", chunk), people, world, window) & _months_alive(deaths, window)
    activity = stream(seed, "activity", chunk).gamma(ACTIVITY_SHAPE, 1 / ACTIVITY_SHAPE, len(people))
    rates = np.stack(
        [
            _draw_rates(stream(seed, "rates", chunk, place), source, people) * activity
            for place, source in enumerate(world.sources)
        ]
    )
    return Lives(people, deaths, away, activity, rates.astype(np.float32))


def expected_events(lives: Lives, world: World, window: Window) -> float:
    """Mean events a person that these lives lead to (the last months' own rates apart)."""
    first, last = window.starts, window.starts + window.lengths
    day = lives.deaths.day[:, None]
    present = np.clip((day - first) / (last - first), 0, 1)
    bits = (lives.away[:, None] >> np.arange(window.months, dtype=np.uint64)) & np.uint64(1)
    total = 0.0
    for place, source in enumerate(world.sources):
        reached = world.season[place] * world.exposure[place].mean(axis=1)
        total += float(lives.rates[place] @ ((present * np.where(bits, source.away, 1.0)) @ reached))
    return total / max(len(lives.people), 1)


def _draw_away(random: np.random.Generator, people: People, world: World, window: Window) -> npt.NDArray[np.uint64]:
    """(n,) months away as bits: a chain of leaving and coming back, in its long-run state at the start."""
    is_working = (people.age >= _WORKING_AGE[0]) & (people.age < _WORKING_AGE[1]) & ~people.is_severe
    leave = np.where(is_working, world.away_start_young, world.away_start_old).astype(np.float32)
    is_away = random.random(len(people), np.float32) < leave / (leave + np.float32(world.away_return))
    away = np.zeros(len(people), np.uint64)
    for month in range(window.months):
        away |= is_away.astype(np.uint64) << np.uint64(month)
        chance = random.random(len(people), np.float32)
        is_away = np.where(is_away, chance >= world.away_return, chance < leave)
    return away


def _months_alive(deaths: Deaths, window: Window) -> npt.NDArray[np.uint64]:
    """(n,) bits of the months up to that of death."""
    lived = np.searchsorted(window.starts, deaths.day, side="right").astype(np.uint64)
    return (np.uint64(1) << lived) - np.uint64(1)


def _draw_rates(random: np.random.Generator, source: Source, people: People) -> FloatArray:
    """(n,) events a month of one source for an activity of 1; 0 where not a user."""
    users = source.users * np.where(people.is_urban, 1.0, source.rural) * _may_use(source, people)
    place = np.flatnonzero(random.random(len(people)) < users)
    by_age = np.interp(people.age[place], _ANCHOR_AGES, source.ages)
    by_sex = np.where(people.sex[place] == 1, 1.0, source.woman)
    rates = np.zeros(len(people))
    rates[place] = source.rate * by_age * by_sex * random.gamma(source.shape, 1 / source.shape, len(place))
    return rates


def _may_use(source: Source, people: People) -> BoolArray:
    """(n,) who belongs to the group that a source serves."""
    groups: dict[Group, BoolArray] = {
        "all": np.ones(len(people), dtype=np.bool_),
        "disabled": people.is_disabled,
        "veteran": people.is_veteran,
        "rural": ~people.is_urban,
    }
    return groups[source.group]


def months_of_days(days: float) -> float:
    """Days as months of mean length."""
    return days / DAYS_A_MONTH
