import numpy as np
import pytest

from chengshu.survival.registration import (
    RIPE_MONTHS,
    STEP_DAYS,
    fit_backlog,
    fit_delay_cdf,
    fit_never_registered,
    off_the_records,
)

STEPS = 60
LENGTHS = np.ones(24)


def records_cut_off(mean_days, deaths, rng):
    """Delays with a geometric law, of deaths spread over two years, as far as they are known today."""
    delay = rng.geometric(1 / mean_days, deaths) - 1
    remaining = rng.integers(0, 730, deaths)
    known = delay <= remaining
    return delay[known], remaining[known]


@pytest.mark.parametrize("mean_days", [40, 120])
def test_delay_law_is_recovered_from_records_cut_off_on_the_right(mean_days):
    delay, remaining = records_cut_off(mean_days, 6000, np.random.default_rng(3))
    cdf = fit_delay_cdf(delay, remaining, STEPS)
    truth = 1 - (1 - 1 / mean_days) ** (np.arange(1, STEPS + 1) * STEP_DAYS)
    np.testing.assert_allclose(cdf, truth, atol=0.03)


def test_cutting_off_is_allowed_for():
    delay, remaining = records_cut_off(200, 4000, np.random.default_rng(4))
    naive = (delay < 10 * STEP_DAYS).mean()
    truth = 1 - (1 - 1 / 200) ** 100
    assert abs(fit_delay_cdf(delay, remaining, 72)[9] - truth) < 0.6 * abs(naive - truth)


@pytest.mark.parametrize("deaths", [0, 1, 3])
def test_few_deaths_or_none_leave_the_prior_law(deaths):
    cdf = fit_delay_cdf(np.full(deaths, 50), np.full(deaths, 400), STEPS)
    assert np.all(np.diff(cdf) >= 0)
    assert cdf[-1] == 1.0
    assert 0.5 < cdf[4] < 0.8  # half a geometric law of fifty days and more


def test_delays_beyond_the_last_step_count_as_the_last():
    cdf = fit_delay_cdf(np.full(200, 5000), np.full(200, 9000), STEPS)
    assert cdf[-1] == 1.0
    assert cdf[-2] < 0.1


def test_a_death_of_long_ago_is_off_the_records_only_if_it_never_comes_there():
    cdf = -np.expm1(-np.arange(1, STEPS + 1) / 5.0)
    off = off_the_records(0.08, cdf, LENGTHS)
    assert off[0] == pytest.approx(0.08, abs=1e-3)
    assert np.all(np.diff(off) >= 0)
    assert off[-1] > 0.7


def test_nothing_recorded_means_that_nothing_ever_is():
    cdf = fit_delay_cdf(np.zeros(0, dtype=int), np.zeros(0, dtype=int), STEPS)
    assert fit_never_registered(np.zeros(24), np.full(24, 5.0), cdf, LENGTHS) == 1.0
    assert np.all(off_the_records(1.0, cdf, LENGTHS) == 1.0)


@pytest.mark.parametrize("never", [0.05, 0.3])
def test_share_never_registered_is_recovered(never):
    cdf = -np.expm1(-np.arange(1, STEPS + 1) / 5.0)
    off = off_the_records(never, cdf, LENGTHS)
    found = fit_never_registered(200 * (1 - off), 200 * off, cdf, LENGTHS)
    assert found == pytest.approx(never, abs=0.01)


def test_late_deaths_that_are_only_believed_in_do_not_count():
    cdf = -np.expm1(-np.arange(1, STEPS + 1) / 5.0)
    off = off_the_records(0.2, cdf, LENGTHS)
    believed = 200 * off
    believed[-RIPE_MONTHS:] /= 4
    assert fit_never_registered(200 * (1 - off), believed, cdf, LENGTHS) == pytest.approx(0.2, abs=0.01)


def test_a_register_that_began_lately_is_gone_by_all_the_same():
    cdf = -np.expm1(-np.arange(1, STEPS + 1) / 5.0)
    begun = np.arange(24) >= 20
    off = off_the_records(0.2, cdf, LENGTHS)
    assert fit_never_registered(200 * (1 - off) * begun, 200 * off * begun, cdf, LENGTHS) < 0.5


def test_the_backlog_is_as_long_as_recorded_deaths_from_before_the_window_last():
    assert fit_backlog(3000, 3000, 3.0) == pytest.approx(3.0, abs=0.05)
    assert fit_backlog(0, 3000, 3.0) < 0.01
