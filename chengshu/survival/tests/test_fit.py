from dataclasses import replace

import numpy as np
import pytest

from chengshu.survival.dynamics import dynamics
from chengshu.survival.evidence import NO_RECORD
from chengshu.survival.fit import Sample, fit
from chengshu.survival.parameters import initial
from chengshu.survival.posterior import judge
from chengshu.survival.registration import fit_delay_cdf
from chengshu.survival.tests.simulated import SOURCES, STRATA, make_model, make_people, simulate_town

PEOPLE, MONTHS, MULTIPLIER, NEVER = 3000, 30, 1.5, 0.2


def start_for(town, months=MONTHS, sources=SOURCES):
    model = initial(counties=1, strata=STRATA, sources=sources, month_lengths=np.ones(months))
    cdf = fit_delay_cdf(town.delay_days, town.remaining_days, len(model.delay_cdf))
    return replace(model, delay_cdf=cdf)


def without_records(people):
    none = np.full(len(people), NO_RECORD)
    return replace(people, death_month=none, record_month=none)


@pytest.fixture(scope="module")
def town():
    return simulate_town(PEOPLE, np.random.default_rng(1), months=MONTHS, multiplier=MULTIPLIER, never=NEVER)


@pytest.fixture(scope="module")
def model(town):
    return fit(town.sample, start_for(town), rounds=6)


def test_fitting_finds_how_much_likelier_death_is_than_in_the_life_table(model):
    assert model.hazard_multiplier[0, 4:].max() == pytest.approx(MULTIPLIER, rel=0.25)
    assert model.hazard_multiplier[1, 4] == pytest.approx(1.0, abs=0.01)  # no women: the prior rules


def test_fitting_finds_which_cards_relatives_use(model):
    assert np.all(np.diff(model.relative_factor) > 0)
    assert model.relative_factor[0] < 0.175
    assert model.relative_factor[2] > 0.5


def test_fitting_finds_the_share_of_deaths_never_registered(model):
    assert model.never_registered == pytest.approx(NEVER, abs=0.12)


def test_fitting_finds_how_busy_people_are(model):
    np.testing.assert_allclose(model.shape / model.rate, 0.9, rtol=0.15)
    np.testing.assert_allclose(model.user_share, 0.8, atol=0.08)


def test_chances_are_those_at_which_people_turn_out_to_be_dead(town, model):
    hidden = without_records(town.sample.people)
    p_dead = judge(hidden, town.sample.cells, model).p_dead
    is_dead = town.died < MONTHS
    off = ~town.is_recorded
    assert p_dead[off].sum() == pytest.approx(is_dead[off].sum(), rel=0.3)
    surely = p_dead < 0.02
    assert is_dead[surely & off].mean() < 0.01


def test_likelihood_rises_while_fitting(model):
    steps = [step["log_likelihood"] for step in model.history]
    assert steps[-1] > steps[0]


def test_fitting_again_gives_the_same_to_the_last_bit(town):
    few = Sample(town.sample.people, town.sample.cells, town.sample.arrived)
    one, other = (fit(few, start_for(town), rounds=1) for _ in range(2))
    for name in ("user_share", "rate", "relative_factor", "hazard_multiplier", "exposure"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.never_registered == other.never_registered


def test_without_any_recorded_death_the_priors_rule():
    town = simulate_town(800, np.random.default_rng(2), months=18, never=1.0)
    told: list[float] = []
    model = fit(town.sample, start_for(town, months=18), rounds=3, progress=told.append)
    p_dead = judge(town.sample.people, town.sample.cells, model).p_dead
    assert model.never_registered == 1.0
    assert np.all((model.relative_factor > 0) & (model.relative_factor <= 2))
    assert p_dead.sum() == pytest.approx((town.died < 18).sum(), rel=0.5)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("months", [6, 12])
def test_short_windows_and_people_without_events_can_be_fitted(months):
    town = simulate_town(60, np.random.default_rng(3), months=months)
    nothing = replace(town.sample, cells=town.sample.cells.select(town.sample.cells.events < 0))
    empty = replace(nothing, arrived=np.zeros_like(nothing.arrived))
    for sample in (town.sample, empty):
        model = fit(sample, start_for(town, months=months), rounds=2)
        p_dead = judge(without_records(sample.people), sample.cells, model).p_dead
        assert np.all((p_dead >= 0) & (p_dead <= 1))


def test_death_is_certain_to_be_in_the_month_that_the_record_tells():
    people = replace(make_people(2), death_month=np.array([4, NO_RECORD]), record_month=np.array([5, NO_RECORD]))
    moves = dynamics(people, make_model(months=12))
    np.testing.assert_array_equal(moves.unrecorded[:, 0], np.arange(12) == 4)
    assert moves.start_dead[0] == 0
    assert np.all(moves.unrecorded[:, 1] > 0)


def test_a_later_start_of_the_chain_has_more_dead_in_it():
    people = make_people(1)
    early, late = (dynamics(people, make_model(), first=first) for first in (0, 18))
    assert late.start_dead[0] > early.start_dead[0]
    assert late.hazard.shape == (18, 1)
    np.testing.assert_allclose(late.hazard, early.hazard[18:])
