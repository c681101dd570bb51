"""The oracle of a sample city: the exact filter, told the rates and the world that lie beside the truth."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import ndtr

from chengshu.lake import Engine, Load, open_engine
from chengshu.survival.arrays import BoolArray, FloatArray, IntArray
from chengshu.survival.oracle import KnownPeople, KnownWorld, SeenEvents, SeenVisits, p_alive

RATES, WORLD = "truth-rates.parquet", "truth-world.json"
STEPS_A_MONTH = 3
_DAYS_A_YEAR = 365.2425
_DAYS_A_MONTH = _DAYS_A_YEAR / 12
_WORKING_AGES = (18.0, 60.0)
_DEAD_BEFORE_DAYS, _DEAD_BEFORE_AGE = 720, 60.0
_BLOCK_PEOPLE = 8192
_FITS = {"alive": (True, True, False), "moved_away": (False, True, False), "dead": (False, False, True)}


@dataclass(frozen=True)
class Grid:
    """The window cut into steps: three parts of each month.

    Attributes:
        first_days: (steps,) first day of each step, as proleptic ordinals.
        ends: (steps,) day after its last.
        month: (steps,) to which month it belongs.
    """

    first_days: IntArray
    ends: IntArray
    month: IntArray

    @classmethod
    def of_window(cls, first_month: date, as_of: date) -> "Grid":
        """Steps from the first of a month up to and with a day."""
        starts, month = [], []
        day, number = first_month, 0
        while day <= as_of:
            starts += [day.toordinal(), day.toordinal() + 10, day.toordinal() + 20]
            month += [number] * STEPS_A_MONTH
            day, number = (day + timedelta(days=31)).replace(day=1), number + 1
        last = as_of.toordinal() + 1
        inside = np.array(starts) < last
        first_days = np.array(starts)[inside]
        return cls(first_days, np.append(first_days[1:], last), np.array(month)[inside])

    @property
    def days(self) -> IntArray:
        """(steps,) length of each step."""
        return np.asarray(self.ends - self.first_days)

    def steps_of(self, ordinals: IntArray) -> IntArray:
        """The step of each day; -1 before the first."""
        return np.asarray(np.searchsorted(self.first_days, ordinals, side="right") - 1)


def has_rates(truth: Path) -> bool:
    """Whether the true rates and the world lie beside the truth file."""
    return (truth.parent / RATES).is_file() and (truth.parent / WORLD).is_file()


def oracle_p_alive(truth: Path, load: Load, person_keys: IntArray) -> FloatArray:
    """What one who knows the rates would believe of people without a recorded death.

    Args:
        truth: the truth file, beside which rates and world lie.
        load: the events, as the run read them.
        person_keys: (people,) ascending keys.

    Returns:
        (people,) probabilities; NaN for those without true rates.
    """
    world = json.loads((truth.parent / WORLD).read_text(encoding="utf-8"))
    grid = Grid.of_window(date.fromisoformat(world["first_month"]), date.fromisoformat(world["as_of"]))
    crowd = _Crowd.read(truth.parent / RATES, load, person_keys, world)
    with open_engine("duckdb") as engine:
        known = _known_world(world, grid, _stray(engine, load, grid, world))
        seen = _seen_events(engine, load, grid, crowd.keys, world)
    visits = _seen_visits(load, grid, crowd.keys)
    believed = np.full(len(person_keys), np.nan)
    for county, rows in crowd.blocks():
        people = crowd.known(rows, grid, known, world)
        believed[crowd.place[rows]] = p_alive(people, county, _events_of(seen, rows), known, _visits_of(visits, rows))
    return believed


def _known_world(world: dict[str, Any], grid: Grid, stray: FloatArray) -> KnownWorld:
    """The truth of `truth-world.json` on the grid."""
    days = np.bincount(grid.month, grid.days)
    part = grid.days / days[grid.month]
    season = np.array(world["season"])[:, grid.month] * part
    reached = np.array(world["exposure"])[:, grid.month]
    stop_rate = -np.log1p(-world["relatives_stop_rate"]) / _DAYS_A_MONTH
    return KnownWorld(
        exposure=np.moveaxis(season[:, :, None] * reached, 2, 0),
        stray=stray,
        away_factor=np.array(world["phi"]),
        terminal_factor=np.array(world["terminal"]),
        relative_factor=np.array(world["rho"]),
        unrecorded=_unrecorded(world, grid),
        terminal_steps=max(1, round(world["terminal_days"] / _DAYS_A_MONTH * STEPS_A_MONTH)),
        away_moves=np.append(False, np.diff(grid.month) > 0),
        away_return=world["away_return"],
        relative_share=world["relatives_share"],
        relative_stop=-np.expm1(-stop_rate * grid.days),
    )


def _unrecorded(world: dict[str, Any], grid: Grid) -> FloatArray:
    """(steps,) chance that a death in the step has no record yet: late, or never to come."""
    last = date.fromisoformat(world["as_of"]).toordinal()
    late = np.empty(len(grid.days))
    for step, (start, end) in enumerate(zip(grid.first_days, grid.ends, strict=True)):
        waited = np.maximum(last - np.arange(start, end), 1e-9)
        late[step] = ndtr(-np.log(waited / world["delay_median_days"]) / world["delay_sigma"]).mean()
    never = world["never_registered_share"]
    return np.asarray(never + (1 - never) * late)


@dataclass(frozen=True)
class _Crowd:
    """People with known rates, ordered by county; `place` is where they stood in what was asked for."""

    keys: IntArray
    place: IntArray
    county: IntArray
    rates: FloatArray
    multiplier: FloatArray
    sex: IntArray
    age: FloatArray

    @classmethod
    def read(cls, path: Path, load: Load, person_keys: IntArray, world: dict[str, Any]) -> "_Crowd":
        """Join rates, residents and keys."""
        identities = load.identities().select(["person_key", "id_number"])
        residents = load.residents().append_column("id_number", identities.column("id_number"))
        asked = pa.table({"person_key": person_keys, "place": np.arange(len(person_keys))})
        rates = pq.read_table(path, partitioning=None)
        people = asked.join(residents, "person_key", join_type="inner")
        people = people.join(rates, "id_number", join_type="inner")
        codes = pc.utf8_slice_codeunits(people["region_code"], 0, 6)
        county = pc.index_in(codes, pa.array(world["counties"]))
        people = people.append_column("county", county).filter(pc.is_valid(county))
        people = people.sort_by([("county", "ascending"), ("place", "ascending")])
        as_of = date.fromisoformat(world["as_of"]).toordinal() - _EPOCH
        born = people["birth_date"].cast(pa.int32()).to_numpy()
        return cls(
            keys=people["person_key"].to_numpy(),
            place=people["place"].to_numpy(),
            county=people["county"].to_numpy(),
            rates=np.stack([people[code].to_numpy() for code in world["sources"]], axis=1),
            multiplier=people["hazard_multiplier"].to_numpy().astype(float),
            sex=people["sex"].to_numpy(),
            age=(as_of - born) / _DAYS_A_YEAR,
        )

    def blocks(self) -> Iterator[tuple[int, slice]]:
        """Rows of one county at a time, few enough for the memory."""
        for county in np.unique(self.county):
            start, stop = np.searchsorted(self.county, [county, county + 1])
            for first in range(start, stop, _BLOCK_PEOPLE):
                yield int(county), slice(first, min(first + _BLOCK_PEOPLE, stop))

    def known(self, rows: slice, grid: Grid, known: KnownWorld, world: dict[str, Any]) -> KnownPeople:
        """Their rates, hazards and habits."""
        age = self.age[rows]
        is_working = (age >= _WORKING_AGES[0]) & (age < _WORKING_AGES[1])
        leave = np.where(is_working, world["away_start_young"], world["away_start_old"])
        age_at_start = age - grid.days.sum() / _DAYS_A_YEAR
        before = np.where(age_at_start > _DEAD_BEFORE_AGE, world["dead_before_share"], 0.0)
        stop = -np.log1p(-world["relatives_stop_rate"]) / _DAYS_A_MONTH
        used_before = -np.expm1(-stop * _DEAD_BEFORE_DAYS) / (stop * _DEAD_BEFORE_DAYS)
        hazard = self._hazard(rows, grid, known.terminal_steps, world["hazard"])
        return KnownPeople(self.rates[rows].astype(float), hazard, leave, before, float(used_before))

    def _hazard(self, rows: slice, grid: Grid, terminal_steps: int, law: dict[str, Any]) -> FloatArray:
        """(people, steps + terminal_steps) by the city's law of mortality."""
        days = np.append(grid.days, np.full(terminal_steps, _DAYS_A_MONTH / STEPS_A_MONTH))
        middle = np.cumsum(days) - days / 2 - grid.days.sum()
        level, rise, accidents = (
            np.where(self.sex[rows] == 1, law[name]["1"], law[name]["2"])[:, None]
            for name in ("level_at_60", "rise", "accidents")
        )
        age = self.age[rows][:, None] + middle / _DAYS_A_YEAR
        yearly = self.multiplier[rows][:, None] * (accidents + level * np.exp(rise * (age - 60)))
        return np.asarray(-np.expm1(-yearly * days / _DAYS_A_YEAR))


def _seen_events(engine: Engine, load: Load, grid: Grid, keys: IntArray, world: dict[str, Any]) -> SeenEvents:
    """The events of these people by step, ordered by person (a position in `keys`)."""
    table = engine.table(_daily_counts(engine, load, grid))
    order = np.argsort(keys)
    place = np.searchsorted(keys, table["person_key"].to_numpy(), sorter=order)
    found = order[np.minimum(place, len(keys) - 1)]
    is_asked = keys[found] == table["person_key"].to_numpy()
    sources = _source_places(load, world)[table["source_no"].to_numpy()]
    step = grid.steps_of(table["day"].to_numpy() + _EPOCH)
    chosen = np.flatnonzero(is_asked & (sources >= 0) & (step >= 0))
    chosen = chosen[np.argsort(found[chosen], kind="stable")]
    events = table["events"].to_numpy()[chosen]
    return SeenEvents(found[chosen], step[chosen], sources[chosen], events)


def _daily_counts(engine: Engine, load: Load, grid: Grid) -> ibis.Table:
    """Grain: person_key, source_no, day (since 1970); `events` of it."""
    events = engine.events(load)
    first = date.fromordinal(int(grid.first_days[0]))
    events = events.filter(events.occurred_on >= ibis.date(first))
    rows = events.select("person_key", "source_no", day=events.occurred_on)
    counted = rows.group_by("person_key", "source_no", "day").agg(events=rows.count())
    return counted.mutate(day=counted.day.epoch_seconds() // 86_400)


def _stray(engine: Engine, load: Load, grid: Grid, world: dict[str, Any]) -> FloatArray:
    """(sources, steps) strangers' events expected on one resident."""
    events = engine.events(load)
    rows = events.select("source_no", day=events.occurred_on)
    totals = engine.table(rows.group_by("source_no", "day").agg(events=rows.count()))
    step = grid.steps_of(totals["day"].cast(pa.int32()).to_numpy() + _EPOCH)
    place = _source_places(load, world)[totals["source_no"].to_numpy()]
    stray = np.zeros((len(world["sources"]), len(grid.days)))
    inside = (step >= 0) & (place >= 0)
    np.add.at(stray, (place[inside], step[inside]), totals["events"].to_numpy()[inside])
    return np.asarray(stray * world["misattributed_share"] / max(load.residents().num_rows, 1))


def _source_places(load: Load, world: dict[str, Any]) -> IntArray:
    """(source numbers,) place of each source in the truth; -1 for one that it does not know."""
    table = load.sources()
    places = np.full(max(table["source_no"].to_pylist(), default=0) + 1, -1)
    for number, code in zip(table["source_no"].to_pylist(), table["source_code"].to_pylist(), strict=True):
        if code in world["sources"]:
            places[number] = world["sources"].index(code)
    return places


def _seen_visits(load: Load, grid: Grid, keys: IntArray) -> SeenVisits:
    """Findings that rule something out; nobody at home says nothing."""
    table = load.visits()
    table = table.filter(pc.is_in(table["outcome"], pa.array(list(_FITS))))
    order = np.argsort(keys)
    asked = table["person_key"].to_numpy()
    place = order[np.minimum(np.searchsorted(keys, asked, sorter=order), len(keys) - 1)]
    step = grid.steps_of(table["visited_on"].cast(pa.int32()).to_numpy() + _EPOCH)
    fits = np.array([_FITS[outcome] for outcome in table["outcome"].to_pylist()], dtype=np.bool_)
    is_asked = (keys[place] == asked) & (step >= 0)
    return SeenVisits(place[is_asked], step[is_asked], fits.reshape(-1, 3)[is_asked])


def _events_of(seen: SeenEvents, rows: slice) -> SeenEvents:
    start, stop = np.searchsorted(seen.person, [rows.start, rows.stop])
    part = slice(start, stop)
    return SeenEvents(seen.person[part] - rows.start, seen.step[part], seen.source[part], seen.events[part])


def _visits_of(visits: SeenVisits, rows: slice) -> SeenVisits:
    is_here: BoolArray = (visits.person >= rows.start) & (visits.person < rows.stop)
    return SeenVisits(visits.person[is_here] - rows.start, visits.step[is_here], visits.is_possible[is_here])


_EPOCH = date(1970, 1, 1).toordinal()
