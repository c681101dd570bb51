"""The people on the subsidy lists: mostly old, some children and disabled adults."""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import numpy.typing as npt

from chengshu.samplecity.counties import COUNTY_CODES, COUNTY_IS_URBAN, COUNTY_WEIGHTS
from chengshu.samplecity.randomness import stream
from chengshu.samplecity.window import DAYS_A_YEAR, EPOCH

Int8Array = npt.NDArray[np.int8]
Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_CHILD_SHARE, _ADULT_SHARE = 0.04, 0.10
_YOUNGEST, _GROWN, _OLD, _OLDEST = 6.0, 18.0, 60.0, 103.0
_OLD_SCALE_YEARS = 15.5
_MOVED_SHARE = 0.08
_OTHER_PLACES = np.array([370102, 320311, 410105, 130502, 340103, 210211, 420106])


@dataclass(frozen=True)
class People:
    """n people.

    Attributes:
        base: (n,) first 17 digits of the ID number, unique.
        born: (n,) days since 1970-01-01.
        sex: (n,) 1 male, 2 female.
        county: (n,) positions in `COUNTIES`.
        age: (n,) years at `as_of`.
        is_disabled, is_severe, is_poor, is_veteran: (n,) what subsidies ask for.
    """

    base: Int64Array
    born: Int64Array
    sex: Int8Array
    county: Int8Array
    age: FloatArray
    is_disabled: BoolArray
    is_severe: BoolArray
    is_poor: BoolArray
    is_veteran: BoolArray

    def __len__(self) -> int:
        """How many."""
        return len(self.base)

    @property
    def is_urban(self) -> BoolArray:
        """(n,) whether they live in a district."""
        return COUNTY_IS_URBAN[self.county]

    def part(self, start: int, stop: int) -> "People":
        """The people from one position up to another."""
        return People(*(getattr(self, field.name)[start:stop] for field in fields(self)))


def draw_people(seed: int, n: int, as_of: date) -> People:
    """So many people as they stand on a day."""
    random = stream(seed, "people")
    age = _draw_ages(random, n)
    today = as_of.toordinal() - EPOCH
    born = today - np.ceil(age * DAYS_A_YEAR).astype(np.int64)
    female_share = np.clip(0.5 + 0.004 * (age - _OLD), 0.46, 0.66)
    sex = np.where(random.random(n) < female_share, 2, 1).astype(np.int8)
    county = random.choice(len(COUNTY_CODES), n, p=COUNTY_WEIGHTS).astype(np.int8)
    base = _draw_id_bases(random, born, sex, county)
    disabled = random.random(n) < np.where(age < _GROWN, 0.5, np.where(age < _OLD, 0.75, 0.09))
    severe = disabled & (random.random(n) < 0.45)
    poor = random.random(n) < np.where(age < _OLD, 0.5, 0.13)
    veteran = (sex == 1) & (age > _OLD) & (random.random(n) < 0.07)
    return People(base, born, sex, county, age, disabled, severe, poor, veteran)


def _draw_ages(random: np.random.Generator, n: int) -> FloatArray:
    """(n,) years: above 60 each further year is less common."""
    kind, place = random.random(n), random.random(n)
    child = _YOUNGEST + place * (_GROWN - _YOUNGEST)
    adult = _GROWN + np.sqrt(place) * (_OLD - _GROWN)
    reach = 1 - np.exp(-(_OLDEST - _OLD) / _OLD_SCALE_YEARS)
    old = _OLD - _OLD_SCALE_YEARS * np.log1p(-place * reach)
    return np.where(kind < _CHILD_SHARE, child, np.where(kind < _CHILD_SHARE + _ADULT_SHARE, adult, old))


def _draw_id_bases(random: np.random.Generator, born: Int64Array, sex: Int8Array, county: Int8Array) -> Int64Array:
    """(n,) unique first 17 digits: place of first registration, birth date, sequence that is odd for men."""
    n = len(born)
    place = np.where(random.random(n) < _MOVED_SHARE, random.choice(_OTHER_PLACES, n), COUNTY_CODES[county])
    stem = place * 10**11 + _as_numbers(born) * 1000
    base = stem + _draw_sequences(random, sex)
    while len(again := _repeated(base)):
        base[again] = stem[again] + _draw_sequences(random, sex[again])
    return base


def _draw_sequences(random: np.random.Generator, sex: Int8Array) -> Int64Array:
    return np.asarray(random.integers(0, 500, len(sex)) * 2 + (sex == 1))


def _repeated(base: Int64Array) -> Int64Array:
    """Positions of all but the first of equal values."""
    order = np.argsort(base, kind="stable")
    ordered = base[order]
    return np.asarray(order[1:][ordered[1:] == ordered[:-1]])


def _as_numbers(days: Int64Array) -> Int64Array:
    """Days since 1970 as yyyymmdd."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    months = month.astype(np.int64)
    day_of_month = (day - month).astype(np.int64) + 1
    return np.asarray((1970 + months // 12) * 10_000 + (months % 12 + 1) * 100 + day_of_month)
