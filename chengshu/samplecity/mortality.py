"""When people die and when that is registered: Gompertz and Makeham's law near recent Chinese life tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chengshu.samplecity.people import BoolArray, FloatArray, Int64Array, People
from chengshu.samplecity.window import DAYS_A_MONTH, DAYS_A_YEAR, Window
from chengshu.samplecity.world import World

AGE_OF_LEVEL = 60.0
LEVEL_AT_60 = {1: 0.0105, 2: 0.0056}
RISE_A_YEAR = {1: 0.096, 2: 0.110}
ACCIDENTS_A_YEAR = {1: 0.0006, 2: 0.0003}
FRAILTY_SHAPE = 4.0
DISABLED_MULTIPLE, SEVERE_MULTIPLE = 1.3, 1.9
OLDEST_AGE = 110
_DAYS_DEAD_BEFORE = 720


@dataclass(frozen=True)
class Deaths:
    """How n lives end; days count from the window's first.

    Attributes:
        multiplier: (n,) of the hazard: frailty and disability.
        day: (n,) of death, many of them after the window.
        relatives_until: (n,) last day on which a relative uses the cards; the day of death where none does.
        recorded: (n,) day of registration; past the window where never.
    """

    multiplier: FloatArray
    day: Int64Array
    relatives_until: Int64Array
    recorded: Int64Array

    def are_recorded(self, window: Window) -> BoolArray:
        """(n,) whether a record exists at `as_of`."""
        return self.recorded <= window.last_day


def draw_deaths(random: np.random.Generator, people: People, world: World, window: Window) -> Deaths:
    """Deaths of some people."""
    n = len(people)
    disability = np.where(people.is_severe, SEVERE_MULTIPLE, np.where(people.is_disabled, DISABLED_MULTIPLE, 1.0))
    multiplier = random.gamma(FRAILTY_SHAPE, 1 / FRAILTY_SHAPE, n) * disability
    age = people.age - window.last_day / DAYS_A_YEAR
    day = (_draw_years(random, age, people.sex, multiplier) * DAYS_A_YEAR).astype(np.int64)
    is_before = random.random(n) < world.dead_before_share
    day = np.where(is_before & (age > AGE_OF_LEVEL), -random.integers(1, _DAYS_DEAD_BEFORE, n), day)
    months_used = random.exponential(-1 / np.log1p(-world.relatives_stop_rate), n)
    is_used = random.random(n) < world.relatives_share
    until = day + np.where(is_used, months_used * DAYS_A_MONTH, 0).astype(np.int64)
    delay = world.delay_median_days * np.exp(world.delay_sigma * random.standard_normal(n))
    is_never = (random.random(n) < world.never_registered_share) | (day < 0)
    recorded = np.where(is_never, window.last_day + 10**6, day + 1 + delay.astype(np.int64))
    return Deaths(multiplier, day, until, recorded)


def _draw_years(
    random: np.random.Generator, age: FloatArray, sex: npt.NDArray[np.int8], multiplier: FloatArray
) -> FloatArray:
    """(n,) years left from an age: the earlier of ageing (Gompertz) and accident (Makeham)."""
    level, rise, accidents = (_by_sex(law, sex) for law in (LEVEL_AT_60, RISE_A_YEAR, ACCIDENTS_A_YEAR))
    now = multiplier * level * np.exp(rise * (age - AGE_OF_LEVEL))
    ageing = np.log1p(rise * random.standard_exponential(len(age)) / now) / rise
    accident = random.standard_exponential(len(age)) / (multiplier * accidents)
    return np.minimum(ageing, accident)


def _by_sex(law: dict[int, float], sex: npt.NDArray[np.int8]) -> FloatArray:
    return np.where(sex == 1, law[1], law[2])


def annual_death_probability(sex: int) -> FloatArray:
    """(111,) probability of dying within a year at ages 0 to 110 for a multiplier of 1."""
    age = np.arange(OLDEST_AGE + 1)
    rise = RISE_A_YEAR[sex]
    ageing = LEVEL_AT_60[sex] * np.exp(rise * (age - AGE_OF_LEVEL)) * np.expm1(rise) / rise
    return np.asarray(-np.expm1(-ageing - ACCIDENTS_A_YEAR[sex]))


def described_law() -> dict[str, Any]:
    """The law as plain values."""
    return {
        "law": "hazard a year = multiplier * (accidents + level_at_60 * exp(rise * (age - 60)))",
        "level_at_60": {str(sex): value for sex, value in LEVEL_AT_60.items()},
        "rise": {str(sex): value for sex, value in RISE_A_YEAR.items()},
        "accidents": {str(sex): value for sex, value in ACCIDENTS_A_YEAR.items()},
        "frailty_shape": FRAILTY_SHAPE,
        "disabled_multiple": DISABLED_MULTIPLE,
        "severe_multiple": SEVERE_MULTIPLE,
        "annual_death_probability": {str(sex): annual_death_probability(sex).round(6).tolist() for sex in (1, 2)},
    }
