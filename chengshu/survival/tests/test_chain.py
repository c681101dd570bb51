from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from chengshu.survival.chain import (
    AWAY,
    FAILING,
    PRESENT,
    SILENT,
    STATES,
    USED,
    Dynamics,
    forward,
    smooth,
    start,
)
from chengshu.survival.emissions import Emissions
from chengshu.survival.evidence import Visits
from chengshu.survival.parameters import FAILING_EXIT

MONTHS, PEOPLE = 4, 3


def make_emissions(rng, months=MONTHS, people=PEOPLE):
    def some():
        return rng.uniform(0.2, 3.0, (months, people))

    nothing = np.zeros(people)
    return Emissions(
        away=some(),
        failing=some(),
        relative=some(),
        dead=some(),
        dies_silent=some(),
        dies_used=some(),
        rates=np.ones((people, 1)),
        silence=some(),
        shape=np.ones(people),
        silent_since=nothing,
        last_month=nothing.astype(int),
    )


def make_dynamics(rng, months=MONTHS, people=PEOPLE, death_month=-1):
    """Of people who may all have a recorded death in one month: then they died in it and in no other."""
    is_known = death_month >= 0
    unrecorded = rng.uniform(0.2, 1.0, (months, people))
    return Dynamics(
        hazard=rng.uniform(0.01, 0.2, (months, people)),
        unrecorded=np.eye(months)[death_month][:, None] * np.ones(people) if is_known else unrecorded,
        away_start=rng.uniform(0.02, 0.2, people),
        away_return=0.25,
        relative_share=0.3,
        relative_stop=0.2,
        start_dead=np.zeros(people) if is_known else rng.uniform(0.01, 0.1, people),
        lengths=np.append(np.ones(months - 1), 0.5),
        death_month=np.full(people, death_month),
    )


def month_matrix(m, person, e, moves):
    """(from, to) chance of the move times the likelihood of what was seen in the month."""
    ill, length = moves.hazard[m, person], moves.lengths[m]
    leave, back = moves.away_start[person] * length, moves.away_return * length
    end, stop = FAILING_EXIT * length, moves.relative_stop * length
    off, share = moves.unrecorded[m, person], moves.relative_share
    used, silent = share * e.dies_used[m, person], (1 - share) * e.dies_silent[m, person]
    away, failing = e.away[m, person], e.failing[m, person]
    relative, dead = e.relative[m, person], e.dead[m, person]
    matrix = np.zeros((STATES, STATES))
    matrix[PRESENT, [PRESENT, AWAY, FAILING]] = 1 - ill - leave, leave * away, ill * failing
    matrix[AWAY, [PRESENT, AWAY]] = back, (1 - ill - back) * away
    matrix[AWAY, [USED, SILENT]] = ill * off * used, ill * off * silent
    matrix[FAILING, FAILING] = (1 - end) * failing
    matrix[FAILING, [USED, SILENT]] = end * off * used, end * off * silent
    matrix[USED, [USED, SILENT]] = (1 - stop) * relative, stop * dead
    matrix[SILENT, SILENT] = dead
    if moves.death_month[person] == m:
        matrix[:, :USED] = 0
    return matrix


def all_paths(person, e, moves, visit=None):
    """Every path of states with its weight: [(states, weight)]."""
    first = start(moves)[:, person]
    months = [month_matrix(m, person, e, moves) for m in range(len(e.away))]
    if visit is not None:
        months[visit[0]] = months[visit[0]] * np.exp(visit[1])
    paths = []
    for states in product(range(STATES), repeat=len(months) + 1):
        weight = first[states[0]]
        for matrix, came, went in zip(months, states[:-1], states[1:], strict=True):
            weight *= matrix[came, went]
        if weight:
            paths.append((states, weight))
    return paths


def shares(paths, place):
    """Posterior of the states at one place of the path, (5,)."""
    found = np.zeros(STATES)
    for states, weight in paths:
        found[states[place]] += weight
    return found / found.sum()


def is_dead(state):
    return state >= USED


def is_alive(state):
    return state < USED


@pytest.mark.parametrize("death_month", [-1, 2])
def test_forward_agrees_with_every_path_counted(death_month):
    rng = np.random.default_rng(1)
    e, moves = make_emissions(rng), make_dynamics(rng, death_month=death_month)
    filtered = forward(e, moves)
    for person in range(PEOPLE):
        paths = all_paths(person, e, moves)
        np.testing.assert_allclose(filtered.last[:, person], shares(paths, -1), rtol=1e-9, atol=1e-12)
        whole = sum(weight for _, weight in paths)
        assert filtered.log_likelihood[person] == pytest.approx(np.log(whole))


def test_forward_weighs_what_a_visitor_found():
    rng = np.random.default_rng(2)
    e, moves = make_emissions(rng), make_dynamics(rng)
    logs = np.log([0.98, 0.1, 0.98, 0.002, 0.002])
    visits = Visits(np.array([1]), np.array([2]), logs[None])
    filtered = forward(e, moves, visits)
    np.testing.assert_allclose(filtered.last[:, 1], shares(all_paths(1, e, moves, (2, logs)), -1), rtol=1e-9)
    np.testing.assert_allclose(filtered.last[:, 0], shares(all_paths(0, e, moves), -1), rtol=1e-9)


def test_two_visits_to_one_person_in_a_month_both_count():
    rng = np.random.default_rng(2)
    e, moves = make_emissions(rng), make_dynamics(rng)
    logs = np.log([0.15, 0.9, 0.15, 0.5, 0.5])
    both = forward(e, moves, Visits(np.array([1, 1]), np.array([2, 2]), np.stack([logs, logs])))
    one = forward(e, moves, Visits(np.array([1]), np.array([2]), 2 * logs[None]))
    np.testing.assert_allclose(both.last, one.last)


@pytest.mark.parametrize("death_month", [-1, 2])
def test_smoothing_agrees_with_every_path_counted(death_month):
    rng = np.random.default_rng(3)
    e, moves = make_emissions(rng), make_dynamics(rng, death_month=death_month)
    smoothed = smooth(forward(e, moves, keep=True), e, moves)
    np.testing.assert_allclose(smoothed.states.sum(axis=1), 1.0)
    returns = 0.0
    for person in range(PEOPLE):
        paths = all_paths(person, e, moves)
        whole = sum(weight for _, weight in paths)

        def expected(count, paths=paths, whole=whole):
            return sum(weight * count(states) for states, weight in paths) / whole

        def moved(came, went, m):
            return lambda states: came(states[m]) and went(states[m + 1])

        for place in range(MONTHS + 1):
            np.testing.assert_allclose(smoothed.states[place, :, person], shares(paths, place), rtol=1e-9, atol=1e-12)
        for m in range(MONTHS):
            dies_used = expected(moved(is_alive, USED.__eq__, m))
            dies_silent = expected(moved(is_alive, SILENT.__eq__, m))
            stops = expected(moved(USED.__eq__, SILENT.__eq__, m))
            found = [x[m, person] for x in (smoothed.deaths_used, smoothed.deaths_silent, smoothed.stops)]
            np.testing.assert_allclose(found, [dies_used, dies_silent, stops], rtol=1e-9, atol=1e-12)
        leaves = sum(expected(moved(PRESENT.__eq__, AWAY.__eq__, m)) for m in range(MONTHS))
        returns += sum(expected(moved(AWAY.__eq__, PRESENT.__eq__, m)) for m in range(MONTHS))
        assert smoothed.leaves[person] == pytest.approx(leaves)
    assert smoothed.returns == pytest.approx(returns)


def mass_by_month_of_death(paths):
    """Weight of the paths that end dead, by month of death; first those dead before the window."""
    mass = np.zeros(MONTHS + 1)
    for states, weight in paths:
        if is_dead(states[-1]):
            mass[next(place for place, state in enumerate(states) if is_dead(state))] += weight
    return mass


def test_likeliest_month_of_death_is_the_one_with_most_paths():
    rng = np.random.default_rng(4)
    e, moves = make_emissions(rng, people=40), replace(make_dynamics(rng, people=40), relative_share=0.0)
    expected = [int(mass_by_month_of_death(all_paths(p, e, moves)).argmax()) - 1 for p in range(40)]
    np.testing.assert_array_equal(forward(e, moves).death_month, expected)


def test_likeliest_month_of_death_is_at_worst_a_near_miss_where_cards_are_used():
    rng = np.random.default_rng(7)
    e, moves = make_emissions(rng, people=40), make_dynamics(rng, people=40)
    for person, month in enumerate(forward(e, moves).death_month):
        mass = mass_by_month_of_death(all_paths(person, e, moves))
        assert mass[month + 1] > 0.4 * mass.max()


def test_a_visit_that_found_somebody_dead_dates_the_death_before_it():
    rng = np.random.default_rng(8)
    e, moves = make_emissions(rng, people=40), replace(make_dynamics(rng, people=40), relative_share=0.0)
    logs = np.log([1e-6, 1e-6, 1e-6, 1.0, 1.0])
    visits = Visits(np.arange(40), np.full(40, 1), np.repeat(logs[None], 40, axis=0))
    assert np.all(forward(e, moves, visits).death_month <= 1)


def test_smoothing_needs_the_path_kept():
    rng = np.random.default_rng(5)
    e, moves = make_emissions(rng), make_dynamics(rng)
    with pytest.raises(ValueError, match="keep=True"):
        smooth(forward(e, moves), e, moves)


def test_overwhelming_evidence_for_death_keeps_every_number_finite():
    rng = np.random.default_rng(6)
    e, moves = make_emissions(rng, months=30), make_dynamics(rng, months=30)
    e.dead[:], e.dies_silent[:] = 1e250, 1e250
    smoothed = smooth(forward(e, moves, keep=True), e, moves)
    assert np.all(np.isfinite(smoothed.states))
    assert np.all(smoothed.states[-1, SILENT] > 0.999)


def test_evidence_beyond_every_number_is_bounded():
    """What the past rules out may fit month after month: the product of two bounded numbers is no number."""
    rng = np.random.default_rng(8)
    e, moves = make_emissions(rng, months=6), make_dynamics(rng, months=6)
    e.relative[:], e.relative[0], e.dies_used[:] = 1e260, 0.0, 0.0
    smoothed = smooth(forward(e, moves, keep=True), e, moves)
    for found in (smoothed.states, smoothed.stops, smoothed.deaths_used, smoothed.deaths_silent):
        assert np.isfinite(found).all()
