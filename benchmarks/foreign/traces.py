"""What people leave behind: events by person, source and day, as they reach the platform."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.foreign.feeds import Calendar, Sources
from benchmarks.foreign.lives import Lives
from benchmarks.foreign.people import People
from benchmarks.foreign.worlds import World

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_FOLLOW_UP_CHANCE = (0.6, 0.4)
_FOLLOW_UP_DAYS = 4


@dataclass
class Traces:
    """One entry per event."""

    person: Ints
    source: Ints
    day: Ints
    follows: Bools
    """Whether it is a repeat visit within a burst: it tells nothing new except that somebody came back."""

    def select(self, keep: Bools | Ints) -> Traces:
        """The events for which `keep` holds, or that it numbers."""
        return Traces(self.person[keep], self.source[keep], self.day[keep], self.follows[keep])


def leave_traces(
    rng: np.random.Generator,
    *,
    people: People,
    lives: Lives,
    world: World,
    calendar: Calendar,
    sources: Sources,
    intensity: Singles,
) -> Traces:
    """Simulate all events of the window."""
    parts = [
        _traces_of_month(rng, month, people, lives, calendar, sources, intensity) for month in range(calendar.months)
    ]
    person, source, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    follows = np.zeros(len(person), dtype=np.bool_)
    traces = _mistype(rng, Traces(person, source, day, follows), people, world)
    if world.bursts:
        traces = _follow_up(rng, traces, lives, calendar, sources, intensity, people)
    return traces


def stray_intensity(people: People, world: World, calendar: Calendar, intensity: Singles) -> Singles:
    """Expected strangers' events on one person: (counties, sources, days)."""
    stray = np.zeros_like(intensity)
    bounds = np.searchsorted(people.county, np.arange(len(intensity) + 1))
    for county, (start, stop) in enumerate(pairwise(bounds)):
        for month in range(calendar.months):
            mean = people.rates_in(month, slice(start, stop)).mean(axis=0)
            days = slice(*calendar.month_starts[month : month + 2])
            stray[county, :, days] = world.stray * mean[:, None] * intensity[county, :, days]
    return stray


def _traces_of_month(
    rng: np.random.Generator,
    month: int,
    people: People,
    lives: Lives,
    calendar: Calendar,
    sources: Sources,
    intensity: Singles,
) -> tuple[Ints, Ints, Ints]:
    """Draw as if everybody were at home and well, then keep what each one's state that day lets happen."""
    first, after = calendar.month_starts[month : month + 2]
    by_day = intensity[:, :, first:after]
    expected = people.rates_in(month, slice(None)) * by_day.sum(axis=2)[people.county]
    ill = (lives.terminal_from < after) & (lives.died > first)
    boost = np.maximum(sources.terminal, 1.0)
    expected[ill] *= boost.astype(np.float32)
    number = rng.poisson(expected)
    person, source = np.nonzero(number)
    person, source = (np.repeat(x, number[person, source]) for x in (person, source))
    day = first + _draw_days(rng, by_day, people.county[person], source)
    chance = _state_factor(person, source, day, month, lives, sources)
    chance[ill[person]] /= boost[source[ill[person]]]
    kept = rng.random(len(person)) < chance
    return person[kept], source[kept], day[kept]


def _draw_days(rng: np.random.Generator, by_day: Singles, county: Ints, source: Ints) -> Ints:
    """Days within the month, in proportion to the intensity of the county's source."""
    upto = np.cumsum(by_day, axis=2, dtype=np.float64)
    mark = rng.random(len(county)) * upto[county, source, -1]
    passed: Ints = np.zeros(len(county), dtype=np.int64)
    for day in range(upto.shape[2] - 1):
        passed += mark >= upto[county, source, day]
    return passed


def _state_factor(person: Ints, source: Ints, day: Ints, month: int, lives: Lives, sources: Sources) -> Floats:
    """Factor on the rate at home, from what the person is on that day."""
    factor = np.where(lives.away[person, month], sources.phi[source], 1.0)
    factor = np.where(day >= lives.terminal_from[person], sources.terminal[source], factor)
    after = np.where(day < lives.relative_until[person], sources.rho[source], 0.0)
    return np.where(day >= lives.died[person], after, factor)


def _mistype(rng: np.random.Generator, traces: Traces, people: People, world: World) -> Traces:
    """Put a few events on somebody else of the same county."""
    wrong = np.flatnonzero(rng.random(len(traces.person)) < world.stray)
    county = people.county[traces.person[wrong]]
    bounds = np.searchsorted(people.county, np.arange(people.county.max() + 2))
    traces.person[wrong] = rng.integers(bounds[county], bounds[county + 1])
    return traces


def _follow_up(
    rng: np.random.Generator,
    traces: Traces,
    lives: Lives,
    calendar: Calendar,
    sources: Sources,
    intensity: Singles,
    people: People,
) -> Traces:
    """Add one or two repeat visits within days to the visits of sources that come in bursts."""
    starts = traces.select(sources.bursts[traces.source])
    repeats = np.where(rng.random(len(starts.person)) < _FOLLOW_UP_CHANCE[0], 1, 2)
    person, source, day = (np.repeat(x, repeats) for x in (starts.person, starts.source, starts.day))
    began_after = day >= lives.died[person]
    day = day + rng.integers(1, _FOLLOW_UP_DAYS + 1, len(day))
    still = np.where(began_after, day < lives.relative_until[person], day < lives.died[person])
    still &= day < calendar.days
    person, source, day = person[still], source[still], day[still]
    arrives = intensity[people.county[person], source, day] > 0
    person, source, day = person[arrives], source[arrives], day[arrives]
    return Traces(
        np.r_[traces.person, person],
        np.r_[traces.source, source],
        np.r_[traces.day, day],
        np.r_[traces.follows, np.ones(len(person), dtype=np.bool_)],
    )
