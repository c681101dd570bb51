from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from chengshu.survival.emissions import emissions
from chengshu.survival.silence import silence_cost
from chengshu.survival.tests.simulated import make_cells, make_model


@pytest.mark.parametrize("shape", [0.3, 1.0, 8.0])
@pytest.mark.parametrize("hazard", [0.01, 1.0, 30.0])
def test_silence_costs_what_the_gamma_poisson_says(hazard, shape):
    """No event from a gamma rate of mean ``hazard``: the integral of exp(-x) over the gamma law."""
    quiet, _ = quad(lambda x: np.exp(-x) * gamma.pdf(x, shape, scale=hazard / shape), 0, np.inf, limit=200)
    assert silence_cost(np.array(hazard), np.array(shape)) == pytest.approx(-np.log(quiet), rel=1e-4)


def test_a_sure_rate_costs_the_hazard_itself():
    assert silence_cost(np.array(3.0), np.array(1e9)) == pytest.approx(3.0, rel=1e-6)


def test_silence_costs_less_when_the_rate_is_unsure():
    shapes = np.array([0.05, 0.5, 5.0, 50.0])
    assert np.all(np.diff(silence_cost(np.full(4, 5.0), shapes)) > 0)


def test_no_exposure_makes_silence_free():
    model = make_model()
    model.exposure[:, :, -6:] = 0.0
    e = emissions(make_cells((0, 20, 0, 9)), np.zeros(1, dtype=int), 0, model)
    np.testing.assert_allclose(e.dead[-6:, 0], 1.0, atol=1e-6)
    assert np.all(e.dead[21:30, 0] > 1.01)


def test_a_busy_persons_silence_says_more_than_a_quiet_ones():
    cells = make_cells(*[(0, m, 0, 1) for m in range(0, 24, 6)], *[(1, m, 0, 6) for m in range(24)])
    e = emissions(cells, np.zeros(2, dtype=int), 0, make_model())
    assert np.log(e.dead[-6:, 1]).sum() > 2 * np.log(e.dead[-6:, 0]).sum()


def test_silence_is_shared_out_over_the_months_and_adds_up_to_the_exact_law():
    """The tail's cost of one source in use is the log of its gamma-Poisson predictive of nothing."""
    model = replace(make_model(sources=1), user_share=np.full((1, 1), 0.9))
    e = emissions(make_cells((0, 11, 0, 5)), np.zeros(1, dtype=int), 0, model)
    shape, rate, seen = 0.8 + 5, 1.0 + 12, 24
    assert e.silence[12:, 0].sum() == pytest.approx(shape * np.log1p(seen / rate), rel=1e-3)


def test_an_event_speaks_for_life_by_how_rarely_the_dead_leave_one():
    model = replace(make_model(), relative_factor=np.array([0.02, 0.3, 1.0]))
    likelihoods = [
        emissions(make_cells((0, 35, source, 1)), np.zeros(1, dtype=int), 0, model).relative[35, 0]
        for source in range(3)
    ]
    assert likelihoods[0] < likelihoods[1] < likelihoods[2]


def test_events_before_the_chain_still_count_towards_the_usual_rate():
    cells = make_cells(*[(0, m, 0, 3) for m in range(10)])
    whole = emissions(cells, np.zeros(1, dtype=int), 0, make_model())
    late = emissions(cells, np.zeros(1, dtype=int), 0, make_model(), first=18)
    np.testing.assert_allclose(late.rates, whole.rates)
    assert late.away.shape == (18, 1)


def test_a_habit_given_up_does_not_make_steady_events_look_like_a_relatives():
    model = replace(make_model(sources=2), relative_factor=np.full(2, 0.3), habit_stop=np.full(2, 0.003))
    cells = make_cells(*sorted([(0, m, 0, 3) for m in range(36)] + [(0, m, 1, 3) for m in range(12)]))
    e = emissions(cells, np.zeros(1, dtype=int), 0, model)
    since_each_month = np.cumsum(np.log(e.relative[::-1, 0]))
    assert since_each_month.max() < 5.0
