import numpy as np
import pytest

from chengshu.certification import evaluation_scores as scores
from chengshu.kernel.texts import Text


def test_a_share_lies_within_its_interval_and_rare_things_keep_an_upper_bound():
    none = scores.observed_share(0, 2000)
    assert (none.value, none.low) == (0, 0)
    assert 0.0010 < none.high < 0.0015
    assert scores.observed_share(7, 7).high == 1
    some = scores.observed_share(3, 10)
    assert some.low < 0.3 < some.high


def test_bands_hold_everybody_once_and_close_at_one():
    p = np.array([0.0, 0.05, 0.95, 0.96, 1.0, 0.999])
    alive = np.array([False, False, True, False, True, True])
    bands = scores.calibrate(p, alive)
    assert [band.people for band in bands] == [2, 2, 2]
    assert bands[1].predicted == pytest.approx(0.955)
    assert bands[1].observed.value == 0.5
    assert (bands[-1].p_low, bands[-1].p_high) == (0.999, 1.0)


def test_losses_are_those_of_the_textbook():
    p, alive = np.array([0.8, 0.4]), np.array([True, False])
    assert scores.brier(p, alive) == pytest.approx((0.04 + 0.16) / 2)
    assert scores.log_loss(p, alive) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert np.isfinite(scores.log_loss(np.array([1.0]), np.array([False])))


def test_equal_beliefs_are_certified_together_or_not_at_all():
    p = np.array([0.99, 0.9, 0.9, 0.9, 0.1])
    alive = np.array([True, True, True, False, False])
    assert scores.silent_share(p, alive, 0.2) == pytest.approx(0.2)
    assert scores.silent_share(p, alive, 0.25) == pytest.approx(0.8)
    assert scores.silent_share(p, alive, 0.0) == pytest.approx(0.2)
    assert scores.silent_share(p, ~alive, 0.0) == 0


def test_a_promise_counts_the_truly_dead_among_as_many_as_it_allows():
    p = np.append(np.full(999, 0.998), 0.5)
    alive = np.ones(1000, dtype=bool)
    alive[0] = False
    kept = scores.keep_promise(p, alive, 0.0021)
    assert kept["silent"] == pytest.approx(0.999)
    assert kept["dead_share"]["value"] == pytest.approx(1 / 999)
    assert scores.keep_promise(p, alive, 0.0001)["dead_share"] is None


def test_a_group_counts_its_dead_and_those_expected():
    group = scores.score_group("a", Text("甲", "a"), np.array([0.5, 0.9]), np.array([True, False]))
    assert (group["people"], group["dead"], group["name"]) == (2, 1, {"zh": "甲", "en": "a"})
    assert group["expected_dead"] == pytest.approx(0.6)
