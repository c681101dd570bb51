"""One foreign city: build it, and ask the oracle about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.foreign import plug_in
from benchmarks.foreign.feeds import Calendar, Sources, draw_intensity, draw_sources, lay_out_calendar
from benchmarks.foreign.lives import Lives, live
from benchmarks.foreign.oracle import posterior
from benchmarks.foreign.people import People, scale_rates, settle
from benchmarks.foreign.traces import Traces, leave_traces, stray_intensity
from benchmarks.foreign.worlds import World

Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """All that is true of a city, and all that has reached us of it."""

    world: World
    calendar: Calendar
    sources: Sources
    people: People
    lives: Lives
    traces: Traces
    intensity: Singles


def build(world: World, *, people: int, seed: int, as_of: date) -> City:
    """Draw a city and simulate its window; the same arguments give the same city."""
    structure, events = np.random.default_rng(seed).spawn(2)
    calendar = lay_out_calendar(as_of, world.months)
    sources = draw_sources(structure, world)
    intensity = draw_intensity(structure, world, calendar, sources)
    residents = settle(structure, people, world, calendar, sources)
    scale_rates(residents, world, calendar, intensity)
    if world.bursts:
        residents.rate[:, sources.bursts] *= np.float32(0.5)
    lives = live(events, residents, world, calendar)
    traces = leave_traces(
        events,
        people=residents,
        lives=lives,
        world=world,
        calendar=calendar,
        sources=sources,
        intensity=intensity,
    )
    return City(world, calendar, sources, residents, lives, traces, intensity)


def without_county(city: City, county: int, months: int) -> City:
    """The same city, had none of the county's feeds delivered in the last months."""
    first = int(city.calendar.month_starts[-1 - months])
    intensity = city.intensity.copy()
    intensity[county, :, first:] = 0
    lost = (city.people.county[city.traces.person] == county) & (city.traces.day >= first)
    return replace(city, traces=city.traces.select(~lost), intensity=intensity)


def without_source(city: City, source: int) -> City:
    """The same city, had one source never delivered."""
    intensity = city.intensity.copy()
    intensity[:, source] = 0
    return replace(city, traces=city.traces.select(city.traces.source != source), intensity=intensity)


def ask_oracle(city: City) -> Floats:
    """The exact posterior: (people, 5); see `oracle.posterior`."""
    return posterior(
        people=city.people,
        traces=city.traces,
        world=city.world,
        calendar=city.calendar,
        sources=city.sources,
        intensity=city.intensity,
        stray=stray_intensity(city.people, city.world, city.calendar, city.intensity),
    )


def ask_plug_in(city: City) -> Floats:
    """A crude filter's posterior: (people, 5)."""
    guess = plug_in.guess_rates(city.people, city.traces, city.calendar, city.sources)
    return posterior(
        people=guess,
        traces=replace(city.traces, follows=np.zeros_like(city.traces.follows)),
        world=plug_in.default_world(city.world),
        calendar=city.calendar,
        sources=plug_in.default_sources(city.sources),
        intensity=plug_in.even_intensity(city.intensity),
        stray=plug_in.even_stray(guess.rate, city.intensity),
    )
