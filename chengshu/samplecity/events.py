"""Events of one source for one chunk of people, drawn in time that grows with their number only.

A Poisson total over the window is split by season into months; what death, absence and broken feeds take away
is then thinned out event by event. This gives the same law as month-by-month draws, without a cell per
person, source and month.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chengshu.samplecity.lives import Lives, months_of_days
from chengshu.samplecity.sources import Source
from chengshu.samplecity.window import Window
from chengshu.samplecity.world import SEASON_STEPS, World

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]
UInt64Array = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Events:
    """(events,) whose (a position in the chunk) and when (days from the window's first), in order of day."""

    person: Int32Array
    day: npt.NDArray[np.int16]


def draw_events(random: np.random.Generator, place: int, lives: Lives, world: World, window: Window) -> Events:
    """The events of source number `place` that reached us."""
    usual = _draw_usual(random, place, lives, world, window)
    person, day = usual
    if world.sources[place].terminal > 1:
        more = _draw_terminal(random, place, lives, world, window)
        person, day = np.concatenate([person, more[0]]), np.concatenate([day, more[1]])
    order = np.argsort(day, kind="stable")
    return Events(person[order], day[order])


_Drawn = tuple[Int32Array, npt.NDArray[np.int16]]


def _draw_usual(random: np.random.Generator, place: int, lives: Lives, world: World, window: Window) -> _Drawn:
    """Events at the usual rate, thinned by whatever keeps them from happening or from reaching us."""
    users = np.flatnonzero(lives.rates[place]).astype(np.int32)
    counts = random.poisson(lives.rates[place][users] * world.season[place].sum())
    person = np.repeat(users, counts)
    bits = random.integers(0, 2**64, len(person), dtype=np.uint64)
    month = world.season_table[place][(bits & np.uint64(SEASON_STEPS - 1)).astype(np.int16)]
    within = ((bits >> np.uint64(16)).astype(np.uint16).astype(np.int32) * window.lengths.astype(np.int32)[month]) >> 16
    day = (window.starts.astype(np.int32)[month] + within).astype(np.int16)
    share = _share_reached(place, person, month, lives, world)
    _apply_death(share, person, day, world.sources[place], lives, world)
    is_kept = (bits >> np.uint64(32)).astype(np.float32) < share * np.float32(2**32)
    return person[is_kept], day[is_kept]


def _share_reached(
    place: int, person: Int32Array, month: npt.NDArray[np.uint8], lives: Lives, world: World
) -> Float32Array:
    """(events,) the chance that an event of a living person happens here and reaches us."""
    exposure = world.exposure[place].astype(np.float32)
    if (exposure == 1).all():
        share = np.ones(len(person), np.float32)
    else:
        share = exposure.ravel()[month * np.int32(exposure.shape[1]) + lives.people.county[person]]
    is_away = (lives.away[person] >> month.astype(np.uint64)) & np.uint64(1)
    share *= np.array([1, world.sources[place].away], np.float32)[is_away.astype(np.int8)]
    return share


def _apply_death(
    share: Float32Array,
    person: Int32Array,
    day: npt.NDArray[np.int16],
    source: Source,
    lives: Lives,
    world: World,
) -> None:
    """Thin, in place, the last months of life, and after death all but what relatives do."""
    since = day - lives.deaths.day.astype(np.int32)[person]
    near = np.flatnonzero(since > -world.terminal_days)
    is_after = since[near] > 0
    is_used = day[near] <= lives.deaths.relatives_until[person[near]]
    after = np.where(is_used, source.relatives, 0.0)
    share[near] *= np.where(is_after, after, min(source.terminal, 1.0)).astype(np.float32)


def _draw_terminal(random: np.random.Generator, place: int, lives: Lives, world: World, window: Window) -> _Drawn:
    """The events by which the last months of life exceed the usual rate."""
    died = lives.deaths.day
    near = (died >= 0) & (died < window.last_day + world.terminal_days) & (lives.rates[place] > 0)
    dying = np.flatnonzero(near).astype(np.int32)
    peak = world.season[place].max()
    extra = (world.sources[place].terminal - 1) * months_of_days(world.terminal_days) * peak
    person = np.repeat(dying, random.poisson(lives.rates[place][dying] * extra))
    day = died[person] - random.integers(0, world.terminal_days, len(person))
    is_inside = (day >= 0) & (day <= window.last_day)
    person, day = person[is_inside], day[is_inside].astype(np.int16)
    month = (np.searchsorted(window.starts, day, side="right") - 1).astype(np.uint8)
    share = _share_reached(place, person, month, lives, world) * world.season[place][month] / peak
    is_kept = random.random(len(person)) < share
    return person[is_kept], day[is_kept]
