import numpy as np
import pytest

from chengshu.certification.arrivals import find_arrivals

COUNTIES, MONTHS = 5, 36
STEADY = np.ones(12)
HIGH_SEASON = np.array([1.6, 1.8, 0.8, 0.9, 1.1, 0.8, 1.1, 1.1, 0.8, 1.4, 0.3, 0.3])


def counted(a_month, *, season=STEADY, months=MONTHS, seed=1):
    """Counts (counties, 1, months) of a feed with so many events a month in each county."""
    due = a_month * np.tile(season / season.mean(), -(-months // 12))[:months]
    return np.random.default_rng(seed).poisson(due, (COUNTIES, 1, months)).astype(float)


def found(arrived, *, burst=1.0, lengths=None):
    months = arrived.shape[2]
    return find_arrivals(arrived, np.array([burst]), np.ones(months) if lengths is None else lengths)


@pytest.mark.parametrize("a_month", [0.2, 2, 20, 2000])
@pytest.mark.parametrize("season", [STEADY, HIGH_SEASON])
def test_seasons_and_small_numbers_are_no_outages(a_month, season):
    for seed in range(20):
        arrivals = found(counted(a_month, season=season, seed=seed))
        assert not arrivals.city_broken.any()
        assert not arrivals.county_broken.any()
        assert arrivals.city.min() > 0.5


@pytest.mark.parametrize("left", [0.0, 0.3])
def test_an_outage_of_the_whole_city_is_found_even_within_a_season(left):
    arrived = counted(200, season=HIGH_SEASON)
    arrived[:, :, 30:33] = np.floor(arrived[:, :, 30:33] * left)
    arrivals = found(arrived)
    np.testing.assert_array_equal(np.flatnonzero(arrivals.city_broken[0]), [30, 31, 32])
    assert not arrivals.county_broken.any()
    np.testing.assert_allclose(arrivals.city[0, 30:33], left, atol=0.1)


def test_an_outage_of_one_county_is_its_own_and_not_the_citys():
    arrived = counted(200, season=HIGH_SEASON)
    arrived[2, 0, 10:14] = 0
    arrivals = found(arrived)
    np.testing.assert_array_equal(np.argwhere(arrivals.county_broken), [[2, 0, month] for month in range(10, 14)])
    assert not arrivals.city_broken.any()
    assert np.all(arrivals.county[2, 0, 10:14] == 0)
    assert np.all(arrivals.city[0, 10:14] > 0.9)


def test_months_before_a_feed_began_are_missing():
    arrived = counted(100)
    arrived[:, :, :14] = 0
    np.testing.assert_array_equal(np.flatnonzero(found(arrived).city_broken[0]), range(14))


def test_ten_records_that_fail_to_come_prove_nothing_and_are_not_called_none():
    arrived = counted(2)
    arrived[:, :, 20] = 0
    arrivals = found(arrived)
    assert not arrivals.city_broken.any()
    assert arrivals.city[0, 20] > 0.5


def test_events_that_come_in_bursts_prove_less():
    arrived = counted(10)
    arrived[:, :, 20] = 0
    assert found(arrived).city_broken[0, 20]
    assert not found(arrived, burst=5.0).city_broken[0, 20]


def test_without_another_year_only_next_to_nothing_is_an_outage():
    arrived = counted(200, season=HIGH_SEASON, months=12)
    assert not found(arrived).city_broken.any()
    arrived[:, :, 5] = 0
    np.testing.assert_array_equal(np.flatnonzero(found(arrived).city_broken[0]), [5])


def test_a_month_cut_short_by_the_day_of_the_run_is_no_outage():
    lengths = np.ones(MONTHS)
    lengths[-1] = 0.3
    arrived = counted(200)
    arrived[:, :, -1] = np.floor(arrived[:, :, -1] * 0.3)
    assert found(arrived).city_broken[0, -1]
    assert not found(arrived, lengths=lengths).city_broken.any()


def test_a_feed_that_never_came_is_no_error():
    arrivals = found(np.zeros((COUNTIES, 1, MONTHS)))
    assert not arrivals.city_broken.any()
    assert np.all(np.isfinite(arrivals.city))
