"""What happens to people: going away, dying, being registered, a relative keeping the card."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.foreign.feeds import DAYS_PER_MONTH, Calendar
from benchmarks.foreign.people import NEVER, People
from benchmarks.foreign.worlds import World

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_BURN_IN_MONTHS = 48


@dataclass
class Lives:
    """One entry per person; days count from the window's first day, `NEVER` if it does not happen."""

    away: Bools
    """(people, months)"""
    died: Ints
    terminal_from: Ints
    recorded: Ints
    relative_until: Ints


def return_chances(world: World) -> Floats:
    """Chance to come home at the end of the j-th month away: (longest,); the last one holds from then on."""
    if world.away_law == "geometric":
        return np.array([1 / world.away_mean_months])
    months = np.arange(25)
    centre = log(world.away_mean_months) - world.away_sigma**2 / 2
    with np.errstate(divide="ignore"):
        survival = 1 - ndtr((np.log(months) - centre) / world.away_sigma)
    chances: Floats = 1 - survival[1:] / survival[:-1]
    return chances


def daily_relative_stop(world: World) -> float:
    """Chance that a relative gives up the card on a day."""
    return float(1 - (1 - world.relative_stop) ** (1 / DAYS_PER_MONTH))


def chance_unrecorded(world: World, calendar: Calendar) -> Floats:
    """Probability that a death on each day has no record by the last day: (days,)."""
    if not world.death_feed:
        return np.ones(calendar.days)
    since = calendar.days - 1 - np.arange(calendar.days)
    with np.errstate(divide="ignore"):
        known = ndtr((np.log(since) - log(world.delay_median_days)) / world.delay_sigma)
    return np.asarray(1 - (1 - world.never_registered) * known)


def live(rng: np.random.Generator, people: People, world: World, calendar: Calendar) -> Lives:
    """Simulate everybody's life through the window."""
    died, terminal_from = _draw_deaths(rng, people, world, calendar)
    delay = np.ceil(world.delay_median_days * np.exp(world.delay_sigma * rng.standard_normal(len(people))))
    registered = (rng.random(len(people)) >= world.never_registered) & (died < NEVER)
    recorded = np.where(registered, died + delay.astype(np.int64), NEVER)
    keeps = rng.random(len(people)) < world.relatives
    until = died + np.where(keeps, rng.geometric(daily_relative_stop(world), len(people)), 0)
    if world.relatives_stop_at_registration:
        until = np.maximum(np.minimum(until, recorded), died)
    if not world.death_feed:
        recorded = np.full(len(people), NEVER, dtype=np.int64)
    return Lives(_draw_away(rng, people, world, calendar), died, terminal_from, recorded, until)


def _draw_deaths(rng: np.random.Generator, people: People, world: World, calendar: Calendar) -> tuple[Ints, Ints]:
    """Day of death and first day of the terminal phase."""
    budget = rng.standard_exponential(len(people))
    onset = np.full(len(people), NEVER, dtype=np.int64)
    for month in range(calendar.months):
        first, after = calendar.month_starts[month : month + 2]
        daily = -np.log1p(-people.daily_hazard(month, slice(None)))
        day = np.floor(budget / daily)
        here = (onset == NEVER) & (day < after - first)
        onset[here] = first + day[here].astype(np.int64)
        budget = budget - daily * (after - first)
    lingers = (rng.random(len(people)) < world.terminal_share) & (onset < NEVER)
    died = onset + np.where(lingers, rng.geometric(1 / world.terminal_days, len(people)), 0)
    died[died >= calendar.days] = NEVER
    return died, np.where(lingers, onset, NEVER)


def _draw_away(rng: np.random.Generator, people: People, world: World, calendar: Calendar) -> Bools:
    """Who is away in which month; spells begin and end with months."""
    chances = return_chances(world)
    months_away = np.zeros(len(people), dtype=np.int64)
    away = np.zeros((len(people), calendar.months), dtype=np.bool_)
    for month in range(-_BURN_IN_MONTHS, calendar.months):
        draw = rng.random(len(people))
        at_home = months_away == 0
        back = draw < chances[np.minimum(months_away, len(chances)) - 1]
        leaves = draw < world.away_start
        months_away = np.where(at_home, leaves.astype(np.int64), np.where(back, 0, months_away + 1))
        if month >= 0:
            away[:, month] = months_away > 0
    return away


def away_at_start(world: World) -> tuple[float, Floats]:
    """Distribution of the state before the window: share at home, shares away by elapsed months."""
    chances = return_chances(world)
    home, away = 1.0, np.zeros(len(chances))
    for _ in range(_BURN_IN_MONTHS):
        at_home, elapsed = step_away(world, chances, np.array([home]), away[:, None])
        home, away = float(at_home[0]), elapsed[:, 0]
    return home, away


def step_away(world: World, chances: Floats, home: Floats, away: Floats) -> tuple[Floats, Floats]:
    """One month's change between home and away.

    Args:
        world: gives the chance to leave.
        chances: (longest,) from `return_chances`.
        home: (people,) mass at home.
        away: (longest, people) mass away by elapsed months.

    Returns:
        The two masses in the next month.
    """
    back = chances[:, None] * away
    stays = away - back
    onward = np.empty_like(away)
    onward[0] = home * world.away_start
    onward[1:] = stays[:-1]
    if len(chances) == 1:
        onward[0] += stays[0]
    else:
        onward[-1] += stays[-1]
    return home * (1 - world.away_start) + back.sum(axis=0), onward
