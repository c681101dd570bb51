"""The exact interval of a share, and what it says of a promise."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from chengshu.certification.auditing import Interval, Verdict, exact_interval, stages, verdict

COUNTS = st.integers(1, 400).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen)))


@given(COUNTS, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_it_is_the_interval_of_clopper_and_pearson(counts, level):
    dead, seen = counts
    known = binomtest(dead, seen).proportion_ci(level, method="exact")
    assert exact_interval(dead, seen, level) == pytest.approx((known.low, known.high), abs=1e-9)


@pytest.mark.parametrize("share", [0.001, 0.003, 0.02, 0.5])
def test_it_covers_the_truth_at_least_as_often_as_it_says(share):
    seen = 300
    covered = sum(
        binom.pmf(dead, seen, share)
        for dead in range(seen + 1)
        if exact_interval(dead, seen).low <= share <= exact_interval(dead, seen).high
    )
    assert covered >= 0.95


def test_nothing_seen_says_nothing():
    assert exact_interval(0, 0) == Interval(0.0, 1.0)
    assert verdict(exact_interval(0, 0), 0, 0.003) == Verdict.UNSEEN


@pytest.mark.parametrize(("dead", "seen"), [(-1, 3), (4, 3), (1, 0)])
def test_counts_that_cannot_be_are_refused(dead, seen):
    with pytest.raises(ValueError, match=f"{dead} dead of {seen} seen"):
        exact_interval(dead, seen)


@pytest.mark.parametrize(
    ("dead", "seen", "bound", "expected"),
    [
        (0, 300, 0.003, Verdict.OPEN),
        (0, 300, 0.0123, Verdict.KEPT),
        (3, 300, 0.003, Verdict.OPEN),
        (9, 300, 0.003, Verdict.BROKEN),
    ],
)
def test_a_promise_is_broken_kept_or_still_open(dead, seen, bound, expected):
    assert verdict(exact_interval(dead, seen), seen, bound) == expected


def test_a_sample_grows_by_day_whatever_the_order():
    first = date(2026, 1, 5)
    later = first + timedelta(days=3)
    grown = stages([(later, True), (first, False), (first, False)])
    assert [(stage.day, stage.seen, stage.dead) for stage in grown] == [(first, 2, 0), (later, 3, 1)]
    assert grown[-1].interval == exact_interval(1, 3)
    assert grown[-1].share == pytest.approx(1 / 3)
    assert stages([]) == []
