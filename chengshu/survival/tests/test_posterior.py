from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.survival.evidence import Visits
from chengshu.survival.posterior import QUIET_MONTHS, Posterior, bits_per_event, judge
from chengshu.survival.tests.simulated import SOURCES, cells_of, make_cells, make_model, make_people

MONTHS = 36
# What is left of an answer when arithmetic is done in another order.
ROUNDING = 2e-6
histories = st.lists(
    st.tuples(st.integers(0, MONTHS - 1), st.integers(0, SOURCES - 1), st.integers(1, 40)),
    max_size=30,
    unique_by=lambda event: event[:2],
)
ages = st.integers(30, 100)
few = settings(max_examples=30)


def judged(*people_events, model=None, age=75, visits=None):
    """Posterior of people by their (month, source, events) lists."""
    rows = [(person, *event) for person, events in enumerate(people_events) for event in events]
    people = make_people(len(people_events), age_years=age)
    return judge(people, make_cells(*rows), model or make_model(), visits)


@few
@given(histories, ages)
def test_chances_are_chances_and_add_up_to_no_more_than_one(events, age):
    found = judged(events, age=age)
    for chance in (found.p_away, found.p_dead, found.p_dead_ahead):
        assert np.all((chance >= 0) & (chance <= 1))
    assert found.p_away[0] + found.p_dead[0] <= 1 + ROUNDING


@few
@given(histories, ages)
def test_further_silence_never_lowers_the_chance_of_being_dead(events, age):
    found = judged(events, age=age)
    path = np.append(found.p_dead[0], found.p_dead_ahead[0])
    assert np.all(np.diff(path) >= -1e-6)


@few
@given(st.integers(1, 10), st.integers(1, 6), st.integers(1, 10), st.integers(1, 6), ages)
def test_an_event_of_the_usual_kind_after_a_silence_never_lowers_the_chance_of_being_alive(
    count, gap, last_count, silent, age
):
    usual = [(month, 0, count) for month in range(MONTHS - 2 - silent, -1, -gap)]
    found = judged(usual, [*usual, (MONTHS - 1, 0, last_count, 1.0)], age=age)
    assert found.p_dead[1] <= found.p_dead[0] + ROUNDING


@few
@given(st.integers(0, SOURCES - 1), st.integers(1, 10), ages)
def test_the_longer_somebody_went_on_as_usual_the_likelier_the_person_is_alive(source, count, age):
    people = [[(month, source, count) for month in range(last + 1)] for last in range(11, MONTHS)]
    p_dead = judged(*people, age=age).p_dead
    switch = MONTHS - QUIET_MONTHS - 11
    assert np.all(np.diff(p_dead[:switch]) <= ROUNDING)
    assert np.all(np.diff(p_dead[switch:]) <= ROUNDING)
    # people seen within the year are followed over fewer months, which is less exact
    assert p_dead[switch] <= 1.25 * p_dead[switch - 1]


@few
@given(histories, st.integers(1, 12), ages)
def test_an_outage_at_the_end_never_lowers_the_chance_of_being_alive(events, down, age):
    events = [event for event in events if event[0] < MONTHS - down]
    up, broken = make_model(), make_model()
    broken.exposure[:, :, MONTHS - down :] = 0.0
    assert judged(events, model=broken, age=age).p_dead[0] <= judged(events, model=up, age=age).p_dead[0] + ROUNDING


steady_habits = st.tuples(*[st.sampled_from([0.0, 0.2, 1.0, 4.0])] * SOURCES)


@few
@given(steady_habits, st.integers(0, MONTHS), st.integers(0, 2**32 - 1), st.integers(1, 6), ages)
def test_an_outage_of_one_feed_never_lowers_the_chance_of_being_alive(rates, until, seed, down, age):
    # Up to the last event, silence is no evidence of death but tells of habits: see docs/algorithms/survival.md.
    counts = np.random.default_rng(seed).poisson(rates, (min(until, MONTHS - down), SOURCES))
    events = [(int(m), int(s), int(counts[m, s])) for m, s in np.argwhere(counts)]
    for source in range(SOURCES):
        broken = make_model()
        broken.exposure[:, source, MONTHS - down :] = 0.0
        found = judged(events, model=broken, age=age).p_dead[0]
        assert found <= judged(events, age=age).p_dead[0] + ROUNDING


@few
@given(st.lists(histories, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_people_decides_nothing(people_events, random):
    order = list(range(len(people_events)))
    random.shuffle(order)
    there = judged(*people_events)
    here = judged(*[people_events[place] for place in order])
    for field in fields(Posterior):
        expected = getattr(there, field.name)[order]
        np.testing.assert_allclose(getattr(here, field.name), expected, rtol=1e-6, atol=ROUNDING)


def test_people_of_other_counties_decide_nothing():
    model = make_model(counties=2)
    model.exposure[1, :, -6:] = 0.0
    events = [(m, 0, 2) for m in range(28)]
    rows = [(person, *event) for person in range(4) for event in events]
    people = make_people(4, county=np.array([0, 0, 1, 1]))
    found = judge(people, make_cells(*rows), model)
    assert found.p_dead[0] == pytest.approx(found.p_dead[1])
    assert found.p_dead[2] < 0.5 * found.p_dead[0]
    alone = judge(make_people(2), make_cells(*rows[: 2 * len(events)]), model)
    np.testing.assert_allclose(alone.p_dead, found.p_dead[:2])


def test_the_same_silence_says_more_of_a_busy_person_and_of_an_old_one():
    quiet, busy = [(m, 0, 1) for m in range(0, 30, 6)], [(m, 0, 8) for m in range(30)]
    old, young = judged(quiet, busy, age=85).p_dead, judged(quiet, busy, age=50).p_dead
    assert old[1] > 3 * old[0]
    assert np.all(old > young)


def test_events_seen_after_death_often_prove_less():
    model = replace(make_model(), relative_factor=np.array([0.01, 0.2, 1.0]), relative_share=0.3)
    usual = [(m, s, 2) for m in range(24) for s in range(3)]
    found = judged(*[[*usual, *[(m, s, 2) for m in range(24, 36)]] for s in range(3)], model=model)
    assert np.all(np.diff(found.p_dead) > 0)
    assert np.all(np.diff(bits_per_event(model)) < 0)


def test_one_stray_event_raises_nobody_from_the_dead():
    usual = [(m, 0, 10) for m in range(20)]
    found = judged(usual, [*usual, (34, 1, 1)])
    assert found.p_dead[0] > 0.9
    assert found.p_dead[1] > 0.01


def test_visitors_are_believed():
    silent = [(m, 0, 4) for m in range(20)]
    logs = {"alive": [0.98, 0.1, 0.98, 0.002, 0.002], "dead": [0.004, 0.004, 0.004, 0.97, 0.97]}
    visits = Visits(np.array([0, 1]), np.full(2, 35), np.log([logs["alive"], logs["dead"]]))
    found = judged(silent, silent, silent, visits=visits)
    assert found.p_dead[0] < 0.5 * found.p_dead[2]
    assert found.p_dead[1] > found.p_dead[2]


def test_likeliest_month_of_death_follows_the_last_event():
    found = judged(*[[(m, 0, 6) for m in range(last + 1)] for last in (14, 20, 26)])
    assert np.all(np.abs(found.death_month - np.array([15, 21, 27])) <= 1)


def test_what_a_clerk_reads_is_what_was_seen():
    found = judged([(10, 0, 4), (33, 1, 7)], [(10, 2, 4)], [])
    np.testing.assert_array_equal(found.top_source, [1, 2, -1])
    np.testing.assert_array_equal(found.recent_events, [7, 0, 0])
    np.testing.assert_array_equal(found.events, [11, 4, 0])
    np.testing.assert_array_equal(found.silent_months, [2, 25, MONTHS])
    assert found.bits[0] > 0
    assert found.bits[2] == 0


def test_what_did_not_arrive_is_told_from_seasons():
    events = [(m, 0, 2) for m in range(24)]
    seasonal, broken = make_model(), make_model()
    seasonal.exposure[:, :, 6::12] = 0.1
    broken.exposure[:, :, 26:] = 0.0
    for model, least, most in ((make_model(), 1.0, 1.0), (seasonal, 1.0, 1.0), (broken, 0.05, 0.3)):
        found = judged(events, [*events, (34, 1, 1)], [], model=model)
        assert least - ROUNDING <= found.arrived[0] <= most + ROUNDING
        assert found.arrived[1] == 1.0  # seen in the last six months


@pytest.mark.parametrize("count", [1, 10_000])
@pytest.mark.parametrize("sources", [1, 3])
@pytest.mark.parametrize("months", [6, 12, 36, 60])
def test_extreme_counts_and_windows_keep_every_answer_finite(months, sources, count):
    model = make_model(months=months, sources=sources)
    counts = np.full((4, months, sources), count)
    counts[0] = 0
    counts[1, months // 2 :] = 0
    counts[2, : months - 1] = 0
    cells = cells_of(counts)
    found = judge(make_people(4), replace(cells, last_part=np.ones(len(cells.person))), model)
    for field in fields(Posterior):
        assert np.all(np.isfinite(getattr(found, field.name)))
    assert np.all((found.p_dead >= 0) & (found.p_dead <= 1))
    assert found.p_dead[3] < 0.01
    if count > 1 and months > 6:
        assert found.p_dead[1] > 0.5


def test_nobody_to_judge_is_no_error():
    assert len(judged().p_dead) == 0


@pytest.mark.parametrize("people", [211, 96, 1])
def test_the_company_in_which_people_are_judged_decides_not_a_bit(people):
    """Whose numbers stand beside whose follows from the lake's secret; sums at an array's edge must not tell."""
    rng = np.random.default_rng(8)
    rates = rng.gamma(0.4, 0.7, size=(400, 1, SOURCES))
    counts = (
        rng.poisson(rates, size=(400, 36, SOURCES)) * (np.arange(36) < rng.integers(4, 40, 400)[:, None])[:, :, None]
    )
    chosen = np.sort(rng.choice(400, people, replace=False))
    model = make_model(activity_spread=0.3)
    everybody = judge(make_people(400), cells_of(counts), model)
    some = judge(make_people(people), cells_of(counts[chosen]), model)
    for name in ("p_dead", "p_away", "p_dead_ahead"):
        np.testing.assert_array_equal(getattr(some, name), getattr(everybody, name)[chosen])
