import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, poisson

from chengshu.survival.rates import RateLaw, fit_rate_law, posterior_rates, user_given_silence


def moments_by_integration(count, seen, share, shape, rate):
    """Mean and variance of a rate by quadrature over the gamma, the mass at zero beside it."""

    def weight(power):
        return quad(lambda x: x**power * poisson.pmf(count, x * seen) * gamma.pdf(x, shape, scale=1 / rate), 0, 60)[0]

    nobody = (1 - share) * (count == 0)
    whole = share * weight(0) + nobody
    mean = share * weight(1) / whole
    return mean, share * weight(2) / whole - mean**2


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize(
    ("seen", "share", "shape", "rate"), [(4.0, 0.3, 1.4, 2.0), (20.0, 0.9, 2.5, 1.2), (0.5, 0.6, 1.1, 0.8)]
)
def test_posterior_rates_are_those_of_numerical_integration(count, seen, share, shape, rate):
    one = np.ones((1, 1))
    law = RateLaw(share * one, shape * one, rate * one)
    mean, variance = posterior_rates(count * one, seen * one, law)
    expected = moments_by_integration(count, seen, share, shape, rate)
    np.testing.assert_allclose([mean[0, 0], variance[0, 0]], expected, rtol=1e-5)


def test_unwatched_people_keep_the_share_of_users_that_is_usual():
    assert user_given_silence(*np.array([[0.3], [1.2], [2.0], [0.0]]))[0] == pytest.approx(0.3)


def test_long_silence_leaves_hardly_any_user():
    assert user_given_silence(*np.array([[0.9], [2.0], [1.0], [1e6]]))[0] < 1e-9


def test_silence_never_makes_a_user_more_likely():
    seen = np.linspace(0, 60, 200)
    share = user_given_silence(np.full(200, 0.5), np.full(200, 0.8), np.full(200, 1.5), seen)
    assert np.all(np.diff(share) < 0)


def test_everybody_a_user_stays_one_in_any_silence():
    assert user_given_silence(*np.array([[1.0], [2.0], [1.0], [100.0]]))[0] == pytest.approx(1.0)


def test_fitted_law_is_the_one_that_the_rates_were_drawn_from():
    rng = np.random.default_rng(5)
    n = 6000
    stratum = np.arange(n) % 2
    share, shape, mean = np.array([[0.3], [0.8]]), np.array([[1.2], [2.5]]), np.array([[0.5], [2.0]])
    rates = rng.gamma(shape[stratum], (mean / shape)[stratum]) * (rng.random((n, 1)) < share[stratum])
    seen = np.full((n, 1), 30.0)
    start = RateLaw(np.full((2, 1), 0.4), np.full((2, 1), 0.8), np.full((2, 1), 1.6))
    law = fit_rate_law(rng.poisson(rates * seen).astype(float), seen, stratum, start, rounds=40)
    np.testing.assert_allclose(law.user_share, share, atol=0.03)
    np.testing.assert_allclose(law.shape / law.rate, mean, rtol=0.06)
    np.testing.assert_allclose(law.shape, shape, rtol=0.2)


def test_a_stratum_without_people_takes_the_citys_law():
    rng = np.random.default_rng(6)
    counts = rng.poisson(3.0, (500, 1)).astype(float)
    start = RateLaw(np.full((2, 1), 0.4), np.full((2, 1), 0.8), np.full((2, 1), 1.6))
    law = fit_rate_law(counts, np.full((500, 1), 10.0), np.zeros(500, dtype=int), start, rounds=10)
    np.testing.assert_allclose(law.shape[1] / law.rate[1], law.shape[0] / law.rate[0], rtol=1e-9)
