from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.certification.domain import (
    Cut,
    Decision,
    days_until_lapse,
    decide,
    end_of_next_month,
    value_of_asking,
    widest_cut,
)

chances = st.lists(st.sampled_from([0.0, 0.001, 0.002, 0.01, 0.3, 0.9, 1.0]), max_size=40).map(np.array)


def decided(p_dead, yuan=200.0, has_record=False, found_dead=False, cut=0.01):
    told = np.array([has_record]), np.array([found_dead])
    return Decision(decide(np.array([p_dead]), np.array([yuan]), *told, Cut(cut, 0.0, 1))[0])


def test_as_many_are_certified_as_the_limit_allows():
    cut = widest_cut(np.array([0.0, 0.001, 0.002, 0.009, 0.5]), 0.003)
    assert (cut.p_dead, cut.certified) == (0.009, 4)
    assert cut.expected_dead_share == pytest.approx(0.003)


def test_the_mean_counts_and_not_the_single_chance():
    cut = widest_cut(np.array([0.0] * 9 + [0.02]), 0.003)
    assert (cut.certified, cut.p_dead) == (10, 0.02)


def test_people_with_equal_chances_are_certified_together_or_not_at_all():
    assert widest_cut(np.array([0.0, 0.004, 0.004, 0.004]), 0.0025) == Cut(0.0, 0.0, 1)
    assert widest_cut(np.array([0.0, 0.004, 0.004, 0.004]), 0.003).certified == 4


@pytest.mark.parametrize("p_dead", [[], [1.0, 1.0], [0.4]])
def test_nobody_is_certified_where_nobody_can_be(p_dead):
    assert widest_cut(np.array(p_dead), 0.003) == Cut(-1.0, 0.0, 0)


def test_nobody_at_all_being_certified_leaves_even_the_surest_to_be_asked():
    assert decided(0.0, cut=-1.0) is Decision.SELF_CHECK


@given(chances, st.sampled_from([0.0005, 0.003, 0.05, 0.5]))
def test_the_expected_share_of_dead_stays_within_the_limit_and_no_wider_cut_does(p_dead, limit):
    cut = widest_cut(p_dead, limit)
    chosen = p_dead[p_dead <= cut.p_dead]
    assert len(chosen) == cut.certified
    if len(chosen):
        assert chosen.mean() == pytest.approx(cut.expected_dead_share)
        assert chosen.mean() <= limit + 1e-12
    for wider in np.unique(p_dead[p_dead > cut.p_dead]):
        assert p_dead[p_dead <= wider].mean() > limit


@given(chances, st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_move_the_cut(p_dead, random):
    shuffled = p_dead.tolist()
    random.shuffle(shuffled)
    assert widest_cut(np.array(shuffled), 0.003) == widest_cut(p_dead, 0.003)


def test_a_recorded_death_goes_before_any_chance():
    assert decided(0.0, has_record=True) is Decision.DEATH_RECORDED


def test_nobody_found_dead_is_certified_but_a_record_still_goes_before_it():
    assert decided(0.0, found_dead=True) is Decision.VISIT
    assert decided(0.05, found_dead=True) is Decision.VISIT
    assert decided(0.0, found_dead=True, has_record=True) is Decision.DEATH_RECORDED


def test_those_within_the_cut_are_certified_and_the_last_of_them_too():
    assert decided(0.01, cut=0.01) is Decision.CERTIFIED
    assert decided(0.0101, cut=0.01) is not Decision.CERTIFIED


def test_the_probably_alive_are_telephoned_and_the_probably_dead_visited():
    assert decided(0.05) is Decision.SELF_CHECK
    assert decided(0.95) is Decision.VISIT


def test_much_money_at_stake_calls_for_a_visit_sooner():
    assert decided(0.1, yuan=100) is Decision.SELF_CHECK
    assert decided(0.1, yuan=3000) is Decision.VISIT


def test_silence_alone_never_leads_to_a_record_of_death():
    p_dead = np.linspace(0, 1, 101)
    none = np.zeros(101, dtype=bool)
    decisions = decide(p_dead, np.full(101, 1e6), none, none, Cut(0.01, 0.0, 1))
    assert not np.any(decisions == Decision.DEATH_RECORDED)


def test_asking_is_worth_more_the_likelier_and_dearer_the_death():
    decisions = np.array([Decision.VISIT, Decision.VISIT, Decision.VISIT, Decision.CERTIFIED, Decision.DEATH_RECORDED])
    value = value_of_asking(
        np.array([0.2, 0.4, 0.4, 0.4, 1.0]), np.array([100.0, 100, 300, 300, 300]), decisions.astype(np.int8)
    )
    np.testing.assert_allclose(value, [6, 12, 36, 0, 0])


def lapse(p_dead, ahead, cut=0.01):
    return days_until_lapse(np.array([p_dead]), np.array([ahead]), Cut(cut, 0.0, 1), 30.0)[0]


def test_a_certificate_lapses_within_the_month_in_which_silence_crosses_the_cut():
    assert lapse(0.0, [0.005, 0.015, 0.9]) == 45  # half of the second month


def test_a_certificate_holds_at_most_as_long_as_was_looked_ahead():
    assert lapse(0.001, [0.002] * 12) == 360


def test_whoever_stands_beyond_the_cut_has_no_day_left():
    assert lapse(0.5, [0.6] * 12) == 0


def test_whoever_stands_on_the_cut_has_no_day_left_once_silence_counts():
    assert lapse(0.01, [0.02] * 12) == 0


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2025-12-31", "2026-01-31"),
        ("2025-12-01", "2026-01-31"),
        ("2025-10-31", "2025-11-30"),
        ("2026-01-31", "2026-02-28"),
        ("2024-01-05", "2024-02-29"),
    ],
)
def test_the_next_monthly_run_comes_by_the_end_of_next_month(day, end):
    assert end_of_next_month(date.fromisoformat(day)) == date.fromisoformat(end)


@given(st.lists(st.floats(0, 1), min_size=13, max_size=13), st.floats(1e-4, 0.5))
def test_days_left_are_whole_and_within_the_months_looked_ahead(path, cut):
    days = lapse(path[0], sorted(path[1:]), cut)
    assert 0 <= days <= 12 * 30
    assert days == int(days)
