"""The exact filter for one who knows every rate, hazard and habit: the bound that no estimate can beat.

It shares nothing with the fitted model but its array types, so that it can be held against it. Steps may be
months or parts of months; all likelihoods are relative to being present and well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chengshu.kernel.errors import ShapeMismatch
from chengshu.kernel.texts import Text
from chengshu.survival.arrays import BoolArray, FloatArray, IntArray

LOCATIONS = 2
_CONTRADICTION = 1e-6
_LARGEST_EXPONENT = 600.0


@dataclass(frozen=True)
class KnownWorld:
    """What holds for the whole city.

    Attributes:
        exposure: (counties, sources, steps) season times the share that reached us times the step's length,
            months.
        stray: (sources, steps) strangers' events expected on one person.
        away_factor: (sources,) rate while away relative to present.
        terminal_factor: (sources,) rate in the last months of life relative to before.
        relative_factor: (sources,) rate after death while a relative goes on.
        unrecorded: (steps,) probability that a death in the step has no record by the last day.
        terminal_steps: length of the last phase of life, steps; >= 1.
        away_moves: (steps,) whether people may leave or return at the start of the step.
        away_return: probability at each such step.
        relative_share: probability that a relative goes on after a death.
        relative_stop: (steps,) probability that the relative stops within the step.
    """

    exposure: FloatArray
    stray: FloatArray
    away_factor: FloatArray
    terminal_factor: FloatArray
    relative_factor: FloatArray
    unrecorded: FloatArray
    terminal_steps: int
    away_moves: BoolArray
    away_return: float
    relative_share: float
    relative_stop: FloatArray


@dataclass(frozen=True)
class KnownPeople:
    """What is known of n people of one county.

    Attributes:
        rates: (people, sources) events a month while present and well; >= 0.
        hazard: (people, steps + terminal_steps) probability of dying within the step, in [0, 1).
        away_start: (people,) probability of leaving at a step that allows it.
        dead_before: (people,) probability of having died unrecorded before the first step.
        used_before: share of those whose cards a relative still uses at the first step.
    """

    rates: FloatArray
    hazard: FloatArray
    away_start: FloatArray
    dead_before: FloatArray
    used_before: float


@dataclass(frozen=True)
class SeenEvents:
    """Events seen, one entry per person, step and source: (entries,) each; `events` >= 1."""

    person: IntArray
    step: IntArray
    source: IntArray
    events: IntArray


@dataclass(frozen=True)
class SeenVisits:
    """What visitors found.

    Attributes:
        person: (visits,).
        step: (visits,).
        is_possible: (visits, 3) whether the finding fits someone present, away, dead.
    """

    person: IntArray
    step: IntArray
    is_possible: BoolArray


def p_alive(
    people: KnownPeople, county: int, seen: SeenEvents, world: KnownWorld, visits: SeenVisits | None = None
) -> FloatArray:
    """Probability of being alive after the last step, no death being on record.

    Args:
        people: of one county.
        county: its place in `world.exposure`.
        seen: their events.
        world: everything else.
        visits: what was found at the door.

    Returns:
        (people,), in [0, 1].

    Raises:
        ShapeMismatch: names the two arrays and their shapes.

    Source:
        Forward algorithm of a hidden Markov model with a last phase of fixed length;
        docs/algorithms/survival.md.
    """
    _check(people, world)
    alive, dead = _start(people, world)
    for step, weights in enumerate(_weights(people, county, seen, world)):
        if world.away_moves[step]:
            alive = _move(alive, people.away_start, world.away_return)
        alive, dead = _pass_step(alive, dead, step, weights, people, world)
        _apply_visits(alive, dead, step, visits)
        total = alive.sum(axis=(0, 1)) + dead.sum(axis=0)
        alive, dead = alive / total, dead / total
    return np.asarray(alive.sum(axis=(0, 1)))


def _check(people: KnownPeople, world: KnownWorld) -> None:
    n, (_, sources, steps) = len(people.rates), world.exposure.shape
    _require("rates", people.rates, (n, sources))
    _require("hazard", people.hazard, (n, steps + world.terminal_steps))
    _require("stray", world.stray, (sources, steps))


def _require(name: str, array: FloatArray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ShapeMismatch(
            "survival.shape-mismatch",
            Text(
                f"数组 {name} 的形状为 {array.shape}，按 exposure 应为 {shape}。",
                f"The array {name} has the shape {array.shape}; exposure asks for {shape}.",
            ),
            Text("请检查传入的数组。", "Check the arrays passed in."),
        )


def _start(people: KnownPeople, world: KnownWorld) -> tuple[FloatArray, FloatArray]:
    """Masses before the first step: alive (location, steps left or well, people), dead (used?, people)."""
    n, last = len(people.rates), world.terminal_steps
    away = people.away_start / (people.away_start + world.away_return)
    doomed = people.hazard[:, :last].T
    phase = np.concatenate([[1 - doomed.sum(axis=0)], doomed])
    alive = np.stack([phase * (1 - away), phase * away]) * (1 - people.dead_before)
    used = world.relative_share * people.used_before
    dead = np.empty((2, n))
    dead[0], dead[1] = people.dead_before * used, people.dead_before * (1 - used)
    return alive, dead


def _move(alive: FloatArray, leave: FloatArray, back: float) -> FloatArray:
    """Some leave, some come back."""
    here, gone = alive
    return np.stack([here * (1 - leave) + gone * back, gone * (1 - back) + here * leave])


def _pass_step(
    alive: FloatArray,
    dead: FloatArray,
    step: int,
    weights: FloatArray,
    people: KnownPeople,
    world: KnownWorld,
) -> tuple[FloatArray, FloatArray]:
    """One step of ageing and dying, weighed by what was seen in it.

    Somebody who is to die in this step has 1 step left; who is well may enter the last phase at its end.
    `weights` is (states of `_factors`, people).
    """
    well, ill = weights[:LOCATIONS], weights[LOCATIONS : 2 * LOCATIONS]
    dies_used, dies_silent, used, silent = weights[2 * LOCATIONS :]
    dying = (alive[:, 1]).sum(axis=0) * world.unrecorded[step]
    following = np.zeros_like(alive)
    following[:, 0] = alive[:, 0] * well
    following[:, 1:-1] = alive[:, 2:] * ill[:, None]
    enters = people.hazard[:, step + world.terminal_steps]
    following[:, -1] = following[:, 0] * enters
    following[:, 0] *= 1 - enters
    stop = world.relative_stop[step]
    share = world.relative_share
    new_dead = np.stack(
        [
            dead[0] * (1 - stop) * used + dying * share * dies_used,
            (dead[1] + dead[0] * stop) * silent + dying * (1 - share) * dies_silent,
        ]
    )
    return following, new_dead


def _factors(world: KnownWorld) -> FloatArray:
    """Rates by state relative to present and well, (states, sources).

    States: well and ill, each present and away; dying within the step (half of it ill, half after) with and
    without a relative; dead with and without.
    """
    present, phi = np.ones_like(world.away_factor), world.away_factor
    ill, used, silent = world.terminal_factor, world.relative_factor, np.zeros_like(phi)
    dies_used, dies_silent = (ill + used) / 2, ill / 2
    return np.stack([present, phi, ill, ill * phi, dies_used, dies_silent, used, silent])


def _weights(people: KnownPeople, county: int, seen: SeenEvents, world: KnownWorld) -> Iterator[FloatArray]:
    """For each step (states, people): likelihood of what was seen relative to present and well."""
    factors, exposure = _factors(world), world.exposure[county]
    order = np.argsort(seen.step, kind="stable")
    bounds = np.searchsorted(seen.step[order], np.arange(exposure.shape[1] + 1))
    for step in range(exposure.shape[1]):
        log_weight = ((1 - factors) * exposure[:, step]) @ people.rates.T
        here = order[bounds[step] : bounds[step + 1]]
        person, source = seen.person[here], seen.source[here]
        stray = world.stray[source, step] + 1e-12
        expected = people.rates[person, source] * exposure[source, step]
        ratios = np.log((factors[:, source] * expected + stray) / (expected + stray)) * seen.events[here]
        for state, ratio in enumerate(ratios):
            log_weight[state] += np.bincount(person, ratio, minlength=len(people.rates))
        yield np.exp(np.clip(log_weight, -_LARGEST_EXPONENT, _LARGEST_EXPONENT))


def _apply_visits(alive: FloatArray, dead: FloatArray, step: int, visits: SeenVisits | None) -> None:
    """Take mass, in place, from states that a visit rules out."""
    if visits is None:
        return
    for at in np.flatnonzero(visits.step == step):
        person = visits.person[at]
        fits = np.where(visits.is_possible[at], 1.0, _CONTRADICTION)
        alive[0, :, person] *= fits[0]
        alive[1, :, person] *= fits[1]
        dead[:, person] *= fits[2]
