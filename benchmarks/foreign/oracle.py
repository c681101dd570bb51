"""The exact filter: P(alive) for one who knows every rate, hazard and habit of this world, day by day.

States: at home, away (by elapsed months), in the terminal phase, dead and silent, dead with a relative who
goes on. A day's silence and a day's events are weighed against what each state would have produced; mass
enters the dead states only together with the chance that the death has no record yet. All masses are
relative to the likelihood of being at home, so that only differences between states are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.foreign.feeds import Calendar, Sources
from benchmarks.foreign.lives import (
    away_at_start,
    chance_unrecorded,
    daily_relative_stop,
    return_chances,
    step_away,
)
from benchmarks.foreign.traces import Traces
from benchmarks.foreign.worlds import World

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

HOME, AWAY, ILL, SILENT, USED = range(5)
_STATES = 5


class Knowledge(Protocol):
    """What the filter is told of people: the truth for the oracle, an estimate for the plug-in filter."""

    county: Ints

    def rates_in(self, month: int, rows: slice) -> Singles:
        """Events a month while at home: (rows, sources)."""

    def daily_hazard(self, month: int, rows: slice) -> Floats:
        """Probability of dying on a day of the month: (rows,)."""


@dataclass
class Evidence:
    """One county's events, by person and day: how much likelier each state made them than being at home."""

    day_bounds: Ints
    person: Ints
    factor: Floats
    """(states, person-days)"""


def posterior(
    *,
    people: Knowledge,
    traces: Traces,
    world: World,
    calendar: Calendar,
    sources: Sources,
    intensity: Singles,
    stray: Singles,
) -> Floats:
    """P(state) on the last day, given all events and that no death record has come: (people, 5).

    `intensity` is (counties, sources, days): what share of a month's rate falls on a day and reaches us;
    `stray` has the same shape: strangers' events expected on one person.
    """
    result = np.empty((len(people.county), _STATES))
    bounds = np.searchsorted(people.county, np.arange(len(intensity) + 1))
    order = np.argsort(people.county[traces.person], kind="stable")
    of_county = np.searchsorted(people.county[traces.person][order], np.arange(len(intensity) + 1))
    for county, (start, stop) in enumerate(pairwise(bounds)):
        chosen = order[of_county[county] : of_county[county + 1]]
        local = traces.select(chosen)
        rows = slice(int(start), int(stop))
        evidence = _weigh_events(people, rows, local, calendar, sources, intensity[county], stray[county])
        result[rows] = _filter_county(people, rows, evidence, world, calendar, sources, intensity[county])
    return result


def _state_rates(sources: Sources) -> Floats:
    """Factor on the rate at home by state and source: (states, sources)."""
    ones = np.ones(len(sources.phi))
    return np.stack([ones, sources.phi, sources.terminal, 0 * ones, sources.rho])


def _weigh_events(
    people: Knowledge,
    rows: slice,
    traces: Traces,
    calendar: Calendar,
    sources: Sources,
    intensity: Singles,
    stray: Singles,
) -> Evidence:
    person = traces.person - rows.start
    at_home = np.empty(len(person))
    month = calendar.month_of_day()[traces.day]
    for number in range(calendar.months):
        here = np.flatnonzero(month == number)
        rates = people.rates_in(number, rows)
        at_home[here] = rates[person[here], traces.source[here]]
    at_home *= intensity[traces.source, traces.day]
    strangers = stray[traces.source, traces.day] + 1e-12
    factor = (_state_rates(sources)[:, traces.source] * at_home + strangers) / (at_home + strangers)
    factor[:, traces.follows] = np.array([1.0, 1.0, 1.0, 1e-3, 1.0])[:, None]
    return _gather_by_day(person, traces.day, factor, rows.stop - rows.start, calendar.days)


def _gather_by_day(person: Ints, day: Ints, factor: Floats, people: int, days: int) -> Evidence:
    """Multiply the factors of one person's events on one day."""
    if len(person) == 0:
        return Evidence(np.zeros(days + 1, dtype=np.int64), person, factor)
    key = day * people + person
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.r_[0, np.flatnonzero(np.diff(key)) + 1]
    product = np.multiply.reduceat(factor[:, order], first, axis=1)
    bounds = np.searchsorted(key[first], np.arange(days + 1) * people)
    return Evidence(bounds, key[first] % people, product)


def _silence(rates: Singles, sources: Sources, by_day: Singles) -> Floats:
    """How much likelier each state makes a day's silence than being at home does: (states, days, people)."""
    missing = (1 - _state_rates(sources)).astype(np.float32)
    return np.stack([np.exp((by_day.T * lack) @ rates.T) for lack in missing]).astype(np.float64)


def _filter_county(
    people: Knowledge,
    rows: slice,
    evidence: Evidence,
    world: World,
    calendar: Calendar,
    sources: Sources,
    intensity: Singles,
) -> Floats:
    number = rows.stop - rows.start
    chances = return_chances(world)
    home, away = away_at_start(world)
    by_elapsed = np.repeat(away[:, None], number, axis=1)
    mass = np.zeros((_STATES, number))
    mass[HOME] = home
    unrecorded = chance_unrecorded(world, calendar)
    for month in range(calendar.months):
        mass[HOME], by_elapsed = step_away(world, chances, mass[HOME], by_elapsed)
        mass[AWAY] = by_elapsed.sum(axis=0)
        share = by_elapsed / np.maximum(mass[AWAY], 1e-300)
        days = range(calendar.month_starts[month], calendar.month_starts[month + 1])
        silence = _silence(people.rates_in(month, rows), sources, intensity[:, days.start : days.stop])
        hazard = people.daily_hazard(month, rows)
        for day in days:
            _pass_day(mass, hazard, world, float(unrecorded[day]))
            mass *= silence[:, day - days.start]
            events = slice(evidence.day_bounds[day], evidence.day_bounds[day + 1])
            mass[:, evidence.person[events]] *= evidence.factor[:, events]
        mass /= mass.sum(axis=0)
        by_elapsed = share * mass[AWAY]
    return mass.T


def _pass_day(mass: Floats, hazard: Floats, world: World, unrecorded: float) -> None:
    """Move a day's mass between the states, in place."""
    stop = daily_relative_stop(world)
    struck = (mass[HOME] + mass[AWAY]) * hazard
    mass[HOME] *= 1 - hazard
    mass[AWAY] *= 1 - hazard
    dying = struck * (1 - world.terminal_share)
    if world.terminal_share:
        leaving = mass[ILL] / world.terminal_days
        mass[ILL] += struck * world.terminal_share - leaving
        dying = dying + leaving
    dying = dying * unrecorded
    mass[SILENT] += mass[USED] * stop + dying * (1 - world.relatives)
    mass[USED] *= 1 - stop
    mass[USED] += dying * world.relatives
