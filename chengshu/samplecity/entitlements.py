"""Who has which subsidy since when."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.samplecity.benefits import AMOUNT_NOTE, BENEFITS, Trait
from chengshu.samplecity.mortality import Deaths
from chengshu.samplecity.people import BoolArray, FloatArray, Int64Array, People
from chengshu.samplecity.window import DAYS_A_YEAR, EPOCH, Window

_MOST = 3
_LONGEST_YEARS = 12
_ENDED_SHARE, _ENDED_AFTER_DEATH_SHARE = 0.03, 0.9
_DEFAULTS = ((0, 18, "left_behind_child"), (18, 60, "minimum_living"), (60, 150, "resident_pension"))
_CODES = [benefit.code for benefit in BENEFITS]


def benefits_table() -> pa.Table:
    """The `benefits` resource."""
    return pa.table(
        {
            "benefit_code": _CODES,
            "name": [benefit.name for benefit in BENEFITS],
            "department": [benefit.department for benefit in BENEFITS],
            "monthly_amount": pa.array([benefit.amount for benefit in BENEFITS], pa.float64()),
            "needs_survival": [benefit.needs_survival for benefit in BENEFITS],
            "cycle_months": pa.array([benefit.cycle_months for benefit in BENEFITS], pa.int16()),
            "note": [AMOUNT_NOTE] * len(BENEFITS),
        }
    )


def draw_entitlements(
    random: np.random.Generator, ids: pa.StringArray, people: People, deaths: Deaths, window: Window
) -> pa.Table:
    """The `entitlements` of one chunk of people, one to three each.

    Args:
        random: where chance comes from.
        ids: (n,) their ID numbers.
        people: who they are.
        deaths: recorded deaths end most of their entitlements.
        window: `as_of` is the day on which the list is made.
    """
    person, item = np.nonzero(_draw_items(random, people))
    amounts = np.array([benefit.amount for benefit in BENEFITS])[item]
    started = _draw_starts(random, people, person, item, window)
    ended, is_ended = _draw_ends(random, deaths, person, started, window)
    return pa.table(
        {
            "id_number": ids.take(pa.array(person)),
            "benefit_code": pa.array(_CODES).take(pa.array(item)),
            "started_on": as_dates(started),
            "monthly_amount": np.round(amounts * random.choice([1.0, 1.0, 1.0, 1.1, 1.25], len(person)), 2),
            "ended_on": as_dates(ended, is_ended),
        }
    )


def as_dates(epoch_days: Int64Array, is_known: BoolArray | None = None) -> pa.Array:
    """(n,) days since 1970 as Arrow dates, null where not known."""
    mask = None if is_known is None else ~is_known
    return pa.array(epoch_days.astype(np.int32), pa.int32(), mask=mask).cast(pa.date32())


def _draw_items(random: np.random.Generator, people: People) -> BoolArray:
    """(n, benefits) who has what: at most three, at least one."""
    has: BoolArray = np.stack(
        [
            _has_trait(benefit.trait, people)
            & (people.age >= benefit.ages[0])
            & (people.age < benefit.ages[1])
            & (random.random(len(people)) < benefit.share)
            for benefit in BENEFITS
        ],
        axis=1,
    )
    has &= np.cumsum(has, axis=1) <= _MOST
    has_none = ~has.any(axis=1)
    for youngest, oldest, code in _DEFAULTS:
        has[:, _CODES.index(code)] |= has_none & (people.age >= youngest) & (people.age < oldest)
    return np.asarray(has)


def _has_trait(trait: Trait, people: People) -> BoolArray:
    """(n,) who is of the kind that a benefit asks for."""
    kinds: dict[Trait, BoolArray] = {
        "any": np.ones(len(people), dtype=np.bool_),
        "disabled": people.is_disabled,
        "severe": people.is_severe,
        "poor": people.is_poor,
        "poor_disabled": people.is_poor & people.is_disabled,
        "veteran": people.is_veteran,
        "rural": ~people.is_urban,
        "woman": people.sex != 1,
    }
    return kinds[trait]


def _draw_starts(
    random: np.random.Generator, people: People, person: Int64Array, item: Int64Array, window: Window
) -> Int64Array:
    """(rows,) days since 1970: within the last twelve years, not before the age that the item asks for."""
    today = window.as_of.toordinal() - EPOCH
    random_day = today - random.integers(60, int(_LONGEST_YEARS * DAYS_A_YEAR), len(person))
    first_age: FloatArray = np.array([float(benefit.ages[0]) for benefit in BENEFITS])
    old_enough = people.born[person] + np.ceil(first_age[item] * DAYS_A_YEAR).astype(np.int64)
    return np.minimum(np.maximum(random_day, old_enough), today)


def _draw_ends(
    random: np.random.Generator, deaths: Deaths, person: Int64Array, started: Int64Array, window: Window
) -> tuple[npt.NDArray[np.int64], BoolArray]:
    """(rows,) last days since 1970, and whether there is one: at a recorded death, or for other reasons."""
    n = len(person)
    recorded = deaths.are_recorded(window)[person] & (random.random(n) < _ENDED_AFTER_DEATH_SHARE)
    is_other = random.random(n) < _ENDED_SHARE
    today = window.as_of.toordinal() - EPOCH
    other = started + (random.random(n) * (today - started)).astype(np.int64)
    ended = np.where(recorded, deaths.recorded[person] + window.epoch_day, other)
    return np.maximum(ended, started), recorded | is_other
