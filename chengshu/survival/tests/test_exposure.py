import numpy as np
import pytest

from chengshu.survival.exposure import fit_exposure

COUNTIES, SOURCES, MONTHS = 6, 2, 24
SEASON = 1 + 0.25 * np.sin(np.arange(MONTHS) * 2 * np.pi / 12)
LEVEL = np.array([0.7, 0.9, 1.0, 1.0, 1.1, 1.3])


def arrivals(rng, exposure, per_month=2000.0):
    """Poisson counts of the population; the sample is a tenth of it."""
    arrived = rng.poisson(per_month * exposure).astype(float)
    expected = np.full(exposure.shape, per_month / 10)
    return arrived, arrived.sum(axis=2) / 10, expected


def planted(*, levels=False):
    exposure = np.ones((COUNTIES, SOURCES, MONTHS))
    exposure[:, 0] *= SEASON
    exposure *= LEVEL[:, None, None] if levels else 1.0
    return exposure


def fitted(exposure):
    return fit_exposure(*arrivals(np.random.default_rng(1), exposure))


def normalised(exposure):
    """Each feed of each county relative to its own median month."""
    return exposure / np.median(exposure, axis=2, keepdims=True)


def test_seasons_are_found():
    exposure, broken = fitted(planted())
    np.testing.assert_allclose(normalised(exposure)[:, 0], normalised(planted())[:, 0], rtol=0.06)
    np.testing.assert_allclose(normalised(exposure)[:, 1], 1.0, rtol=0.06)
    assert not broken.any()


def test_an_outage_of_one_county_is_found_and_no_other_month_blamed():
    truth = planted()
    truth[2, 0, 10:14] = 0.0
    truth[4, 1, 20] *= 0.3
    exposure, broken = fitted(truth)
    assert np.all(exposure[2, 0, 10:14] < 1e-6)
    assert exposure[4, 1, 20] == pytest.approx(0.3, rel=0.15)
    expected = np.zeros_like(broken)
    expected[2, 0, 10:14] = expected[4, 1, 20] = True
    np.testing.assert_array_equal(broken, expected)


def test_an_outage_of_the_whole_city_leaves_no_exposure():
    truth = planted()
    truth[:, 1, -4:] = 0.0
    exposure, _ = fitted(truth)
    assert np.all(exposure[:, 1, -4:] < 0.01)
    np.testing.assert_allclose(normalised(exposure)[:, 1, :-4], 1.0, rtol=0.08)


def test_a_county_that_uses_more_than_its_people_were_due_has_the_higher_level_in_all_months():
    exposure, broken = fitted(planted(levels=True))
    relative = exposure.mean(axis=2) / exposure.mean(axis=(0, 2))
    np.testing.assert_allclose(relative, np.repeat(LEVEL[:, None], SOURCES, axis=1), rtol=0.05)
    np.testing.assert_allclose(normalised(exposure)[:, 0], normalised(planted())[:, 0], rtol=0.06)
    assert not broken.any()


def test_a_feed_that_never_arrives_stays_finite_and_without_exposure():
    truth = planted()
    truth[:, 1] = 0.0
    exposure, _ = fitted(truth)
    assert np.all(np.isfinite(exposure))
    assert np.all(exposure[:, 1] < 0.01)
    np.testing.assert_allclose(normalised(exposure[:, :1]), normalised(truth[:, :1]), rtol=0.06)


def test_a_single_county_and_few_events_are_taken_for_chance():
    rng = np.random.default_rng(3)
    arrived, sampled, expected = arrivals(rng, np.ones((1, 1, 12)), per_month=4.0)
    exposure, broken = fit_exposure(arrived, sampled, expected)
    assert np.all(np.isfinite(exposure))
    assert not broken.any()


def test_a_feed_of_few_counties_is_whole_there_and_silent_elsewhere():
    truth = planted()
    truth[2:, 0] = 0.0
    exposure, broken = fitted(truth)
    np.testing.assert_allclose(normalised(exposure[:2]), normalised(truth[:2]), rtol=0.1)
    assert exposure[2:, 0].max() < 0.1 * exposure[:2, 0].min()
    assert not broken[:2].any()


def test_a_feed_of_less_than_one_event_a_county_and_month_is_not_taken_for_broken():
    truth = planted()
    arrived, sampled, expected = arrivals(np.random.default_rng(2), truth, per_month=0.8)
    exposure, broken = fit_exposure(arrived, sampled, expected)
    assert exposure.mean() == pytest.approx(1.0, abs=0.25)
    assert broken.mean() < 0.01
