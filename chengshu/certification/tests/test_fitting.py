from datetime import date

import numpy as np
import pytest

from chengshu.certification import fitting
from chengshu.certification.fitting import HELD_OUT_SHARE, SAMPLE_PEOPLE, chance_of, choose_sample
from chengshu.certification.window import Window
from chengshu.kernel.errors import EngineError
from chengshu.survival.fit import Sample
from chengshu.survival.parameters import initial
from chengshu.survival.tests.simulated import make_cells, make_people

NUMBERS = 37170119500101001 + np.arange(50_000, dtype=np.int64)


@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_chances_are_spread_evenly_even_over_neighbouring_numbers(seed):
    chance = chance_of(NUMBERS, seed)
    assert np.all((chance >= 0) & (chance < 1))
    tenths = np.bincount((chance * 10).astype(int), minlength=10)
    np.testing.assert_allclose(tenths, 5000, rtol=0.06)
    assert abs(np.corrcoef(chance[1:], chance[:-1])[0, 1]) < 0.02


def test_chance_of_a_person_does_not_depend_on_who_else_there_is():
    order = np.random.default_rng(1).permutation(len(NUMBERS))
    np.testing.assert_array_equal(chance_of(NUMBERS[order], 1), chance_of(NUMBERS, 1)[order])
    assert chance_of(NUMBERS[7:8], 1)[0] == chance_of(NUMBERS, 1)[7]


def test_another_seed_chooses_other_people():
    one, other = chance_of(NUMBERS, 1), chance_of(NUMBERS, 2)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02


def test_a_small_city_teaches_with_everybody_who_is_not_held_out():
    chance = chance_of(NUMBERS[:3000], 1)
    chosen = choose_sample(chance, np.zeros(3000, dtype=bool))
    np.testing.assert_array_equal(chosen, chance >= HELD_OUT_SHARE)


def test_a_large_city_teaches_with_a_sample_of_fixed_size():
    chance = (np.arange(2_000_000) + 0.5) / 2_000_000
    chosen = choose_sample(chance, np.zeros(len(chance), dtype=bool))
    assert chosen.sum() == pytest.approx(SAMPLE_PEOPLE, rel=0.001)
    assert chance[chosen].min() >= HELD_OUT_SHARE


def test_people_dead_before_the_window_teach_nothing():
    chance = chance_of(NUMBERS[:100], 1)
    assert not choose_sample(chance, np.ones(100, dtype=bool)).any()


@pytest.mark.parametrize("name", ["user_share", "exposure"])
def test_a_model_that_is_no_number_is_refused(monkeypatch, name):
    nothing = initial(counties=1, strata=1, sources=2, month_lengths=np.ones(12))
    getattr(nothing, name).flat[0] = np.nan
    monkeypatch.setattr(fitting, "fit", lambda *args, **options: nothing)
    sample = Sample(make_people(3), make_cells((0, 1, 0, 1)), np.zeros((1, 2, 12)))
    none = np.zeros(0, dtype=np.int64)
    with pytest.raises(EngineError, match="model-failed"):
        fitting.fit_city(sample, none, none, Window(date(2025, 12, 31), 12))
