from dataclasses import replace

import numpy as np
import pytest

from chengshu.kernel.errors import ShapeMismatch
from chengshu.survival.oracle import KnownPeople, KnownWorld, SeenEvents, SeenVisits, p_alive

MONTHS, SOURCES, TERMINAL = 24, 3, 2
RHO = np.array([0.0, 0.2, 0.9])


def make_world(**changes):
    world = KnownWorld(
        exposure=np.ones((1, SOURCES, MONTHS)),
        stray=np.full((SOURCES, MONTHS), 1e-4),
        away_factor=np.full(SOURCES, 0.05),
        terminal_factor=np.array([2.0, 0.5, 1.0]),
        relative_factor=RHO,
        unrecorded=np.linspace(0.08, 1.0, MONTHS),
        terminal_steps=TERMINAL,
        away_moves=np.arange(MONTHS) > 0,
        away_return=0.15,
        relative_share=0.15,
        relative_stop=np.full(MONTHS, 0.12),
    )
    return replace(world, **changes)


def make_people(n, rate=0.6, hazard=0.01):
    return KnownPeople(
        rates=np.full((n, SOURCES), rate),
        hazard=np.full((n, MONTHS + TERMINAL), hazard),
        away_start=np.full(n, 0.01),
        dead_before=np.zeros(n),
        used_before=0.0,
    )


def seen(*entries):
    columns = np.array(entries, dtype=np.int64).reshape(-1, 4).T
    return SeenEvents(*columns)


def simulate(n, rng):
    """People drawn by the very world that the filter is told of; only those without a record stay."""
    world, people = make_world(), make_people(n)
    died = rng.geometric(0.01, n) - 1
    is_recorded = (died < MONTHS) & (rng.random(n) > world.unrecorded[np.minimum(died, MONTHS - 1)])
    until = died + np.where(rng.random(n) < world.relative_share, rng.geometric(0.12, n), 0)
    is_away = rng.random(n) < 0.01 / 0.16
    entries = []
    for month in range(MONTHS):
        if month:
            chance = rng.random(n)
            is_away = np.where(is_away, chance >= world.away_return, chance < 0.01)
        ill = (died >= month) & (died < month + TERMINAL)
        factor = np.where(is_away, 0.05, 1.0)[:, None] * np.where(ill[:, None], world.terminal_factor, 1.0)
        after = np.where((until > month)[:, None], RHO, 0.0)
        factor = np.where((died < month)[:, None], after, factor)
        is_dying = (died == month)[:, None]
        factor = np.where(is_dying, factor / 2 + after / 2, factor)
        counts = rng.poisson(0.6 * factor + 1e-4)
        person, source = np.nonzero(counts)
        entries.append(np.stack([person, np.full(len(person), month), source, counts[person, source]]))
    alive = died >= MONTHS
    return world, people, SeenEvents(*np.concatenate(entries, axis=1)), alive, ~is_recorded


def test_it_is_calibrated_where_its_own_world_draws_the_people():
    world, people, events, alive, is_unrecorded = simulate(40_000, np.random.default_rng(5))
    p = p_alive(people, 0, events, world)[is_unrecorded]
    lives = alive[is_unrecorded]
    assert (1 - p).sum() == pytest.approx((~lives).sum(), rel=0.1)
    for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 0.97), (0.97, 1.01)):
        band = (p >= low) & (p < high)
        spread = np.sqrt((p[band] * (1 - p[band])).sum()) / band.sum()
        assert lives[band].mean() == pytest.approx(p[band].mean(), abs=4 * spread)


def test_silence_of_a_busy_person_says_more():
    p = [p_alive(make_people(1, rate), 0, seen(), make_world())[0] for rate in (0.02, 0.2, 2.0)]
    assert p[0] > p[1] > p[2]


def test_an_event_that_a_relative_may_have_left_proves_less():
    world = make_world(terminal_factor=np.ones(SOURCES))
    entries = [seen(), seen((0, MONTHS - 1, 2, 1)), seen((0, MONTHS - 1, 0, 1))]
    nothing, weak, strong = (p_alive(make_people(1), 0, events, world)[0] for events in entries)
    assert nothing < weak < strong
    assert strong > 0.95


def test_an_outage_does_not_count_as_silence():
    broken = make_world(exposure=np.zeros((1, SOURCES, MONTHS)))
    assert p_alive(make_people(1), 0, seen(), broken)[0] > 0.85
    assert p_alive(make_people(1), 0, seen(), make_world())[0] < 0.5


def test_without_mortality_everybody_lives():
    p = p_alive(make_people(3, hazard=0.0), 0, seen((1, 3, 0, 2)), make_world())
    assert p == pytest.approx(np.ones(3))


def test_what_was_found_at_the_door_counts():
    last = np.array([MONTHS - 1, MONTHS - 1])
    found = np.array([[True, True, False], [False, False, True]])
    visits = SeenVisits(np.array([0, 1]), last, found)
    p = p_alive(make_people(3), 0, seen(), make_world(), visits)
    assert p[0] > 0.999 > p[2] > 0.001 > p[1]


def test_shapes_that_do_not_fit_are_named():
    people = replace(make_people(2), hazard=np.zeros((2, MONTHS)))
    with pytest.raises(ShapeMismatch, match="hazard"):
        p_alive(people, 0, seen(), make_world())
