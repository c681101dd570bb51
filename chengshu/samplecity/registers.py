"""Registers of people: residents, recorded deaths, visits, and the truth that no office has."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.samplecity import mortality
from chengshu.samplecity.counties import COUNTIES, draw_region_codes
from chengshu.samplecity.entitlements import as_dates
from chengshu.samplecity.lives import ACTIVITY_SHAPE, Lives
from chengshu.samplecity.mortality import Deaths
from chengshu.samplecity.names import draw_names
from chengshu.samplecity.people import People
from chengshu.samplecity.sources import SOURCES
from chengshu.samplecity.window import Window
from chengshu.samplecity.world import World

_RECORDERS = ("殡仪馆火化登记", "医学死亡证明", "公安户籍注销")
_TWICE_SHARE = 0.01
_VISITED_SHARE = 0.003
_NOT_FOUND_SHARE = 0.06
_NO_PHONE_SHARE = 0.15
_FIRST_PHONE = 12 * 10**9
_WORLD_ARRAYS = ("season", "season_table", "exposure", "sources")


def sources_table() -> pa.Table:
    """The `sources` resource."""
    return pa.table(
        {
            "source_code": [source.code for source in SOURCES],
            "name": [source.name for source in SOURCES],
            "department": [source.department for source in SOURCES],
        }
    )


def draw_residents(random: np.random.Generator, ids: pa.StringArray, people: People) -> pa.Table:
    """The `residents` of one chunk."""
    return pa.table(
        {
            "id_number": ids,
            "name": draw_names(random, people.sex),
            "sex": pa.array(people.sex),
            "birth_date": as_dates(people.born),
            "region_code": draw_region_codes(random, people.county),
            "phone": _draw_phones(random, len(people)),
        }
    )


def _draw_phones(random: np.random.Generator, count: int) -> pa.Array:
    """(n,) phone numbers, which some have not; no operator gives out numbers that begin with 12."""
    numbers = pa.array(random.integers(0, 10**9, count) + _FIRST_PHONE, mask=random.random(count) < _NO_PHONE_SHARE)
    return numbers.cast(pa.string())


def draw_recorded_deaths(random: np.random.Generator, ids: pa.StringArray, deaths: Deaths, window: Window) -> pa.Table:
    """The `deaths` on record at `as_of`; a few stand in two registers, with days that differ."""
    person = np.flatnonzero(deaths.are_recorded(window))
    person = np.concatenate([person, person[random.random(len(person)) < _TWICE_SHARE]])
    is_second = np.arange(len(person)) >= deaths.are_recorded(window).sum()
    died = deaths.day[person] + np.where(is_second, random.integers(-2, 3, len(person)), 0)
    recorder = random.choice(len(_RECORDERS), len(person), p=[0.5, 0.3, 0.2])
    return pa.table(
        {
            "id_number": ids.take(pa.array(person)),
            "died_on": as_dates(np.minimum(died, deaths.recorded[person]) + window.epoch_day),
            "recorded_on": as_dates(deaths.recorded[person] + window.epoch_day),
            "record_source": pa.array(_RECORDERS).take(pa.array(recorder)),
        }
    )


def draw_visits(random: np.random.Generator, ids: pa.StringArray, lives: Lives, window: Window) -> pa.Table:
    """The `visits` that were paid to a few, and what was found at the door."""
    person = np.flatnonzero(random.random(len(lives.people)) < _VISITED_SHARE)
    day = random.integers(0, window.last_day + 1, len(person))
    month = (np.searchsorted(window.starts, day, side="right") - 1).astype(np.uint64)
    is_away = (lives.away[person] >> month) & np.uint64(1) > 0
    is_missed = random.random(len(person)) < _NOT_FOUND_SHARE
    is_dead = lives.deaths.day[person] < day
    outcome = np.select([is_missed, is_dead, is_away], ["not_found", "dead", "moved_away"], "alive")
    return pa.table(
        {
            "id_number": ids.take(pa.array(person)),
            "visited_on": as_dates(day + window.epoch_day),
            "outcome": pa.array(outcome.astype(object), pa.string()),
        }
    )


def truth_table(ids: pa.StringArray, lives: Lives, window: Window) -> pa.Table:
    """What became of each person of a chunk by `as_of`."""
    is_dead = lives.deaths.day <= window.last_day
    return pa.table(
        {
            "id_number": ids,
            "alive": ~is_dead,
            "died_on": as_dates(lives.deaths.day + window.epoch_day, is_dead),
            "away": lives.are_away_at_end(window),
        }
    )


def true_rates_table(ids: pa.StringArray, lives: Lives) -> pa.Table:
    """Each person's own truth: hazard multiple, activity, events a month of each source while present."""
    columns: dict[str, Any] = {
        "id_number": ids,
        "hazard_multiplier": lives.deaths.multiplier.astype(np.float32),
        "activity": lives.activity.astype(np.float32),
    }
    return pa.table(columns | dict(zip((source.code for source in SOURCES), lives.rates, strict=True)))


def described_world(world: World, window: Window, rate_scale: float) -> dict[str, Any]:
    """The city-wide truth as plain values for `truth-world.json`."""
    figures = {name: value for name, value in asdict(world).items() if name not in _WORLD_ARRAYS}
    return figures | {
        "first_month": window.first_day.isoformat(),
        "as_of": window.as_of.isoformat(),
        "months": window.months,
        "sources": [source.code for source in world.sources],
        "counties": [str(county.code) for county in COUNTIES],
        "season": np.round(world.season, 6).tolist(),
        "exposure": world.exposure.tolist(),
        "phi": [source.away for source in world.sources],
        "rho": [source.relatives for source in world.sources],
        "terminal": [source.terminal for source in world.sources],
        "activity_shape": ACTIVITY_SHAPE,
        "rate_scale": rate_scale,
        "hazard": mortality.described_law(),
    }


def first_rows_twice(table: pa.Table, count: int) -> pa.Table:
    """A table whose first rows are entered a second time, spelled as some offices spell them."""
    again = table.slice(0, count)
    spelled = pc.utf8_lower(again["id_number"])
    return pa.concat_tables([table, again.set_column(0, "id_number", spelled)])
