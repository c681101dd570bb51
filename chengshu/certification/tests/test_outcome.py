from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from chengshu.certification.domain import Decision, Found
from chengshu.certification.outcome import certified_unseen, decide_everybody, read_rows
from chengshu.certification.population import NO_VISIT, last_visits
from chengshu.certification.tests.few_people import (
    AS_OF,
    WINDOW,
    Person,
    answers,
    load_of,
    population,
    rows,
)
from chengshu.survival.evidence import Visits

BENEFITS = [
    {"benefit_code": "B2", "name": "养老金", "needs_survival": True},
    {"benefit_code": "B1", "name": "高龄津贴", "needs_survival": True},
    {"benefit_code": "B9", "name": "购房补贴", "needs_survival": False},
]
THREE = population([Person()] * 3)


def entitlement(person, **changes):
    row = {"person_key": int(THREE.keys[person]), "benefit_code": "B1", "started_on": date(2020, 1, 1)}
    return row | {"ended_on": None, "monthly_amount": 100.0} | changes


def read(*entitlements):
    found = read_rows(load_of(BENEFITS, list(entitlements)), THREE, AS_OF)
    return list(zip(found.person.tolist(), found.benefit.tolist(), strict=True))


def outcome(*people, max_dead_share=0.003):
    listed = list(people)
    return decide_everybody(rows(listed), population(listed), answers(listed), WINDOW, max_dead_share)


def test_rows_are_the_benefits_in_force_that_need_survival():
    assert read(entitlement(0), entitlement(2, benefit_code="B2"), entitlement(1, benefit_code="B9")) == [
        (0, 0),
        (2, 1),
    ]


def test_a_benefit_is_in_force_from_its_first_day_to_its_last():
    assert read(entitlement(0, started_on=AS_OF), entitlement(1, ended_on=AS_OF)) == [(0, 0), (1, 0)]
    before, after = date(2025, 12, 30), date(2026, 1, 1)
    assert read(entitlement(0, started_on=after), entitlement(1, ended_on=before)) == []


def test_the_later_of_two_grants_of_one_benefit_counts():
    twice = [entitlement(1), entitlement(1, started_on=date(2024, 1, 1), monthly_amount=150.0)]
    found = read_rows(load_of(BENEFITS, [entitlement(0), *twice]), THREE, AS_OF)
    assert found.person.tolist() == [0, 1]
    assert found.monthly_yuan.tolist() == [100.0, 150.0]


def test_rows_of_each_person_can_be_found():
    found = read_rows(
        load_of(BENEFITS, [entitlement(0), entitlement(2), entitlement(2, benefit_code="B2")]), THREE, AS_OF
    )
    np.testing.assert_array_equal(found.starts, [0, 1, 1, 3])


def test_only_people_with_such_a_benefit_count_towards_the_cut():
    """Somebody surely alive without any benefit must not make room for somebody dead."""
    with_stranger = outcome(Person(0.004), Person(0.0, benefits=()))
    assert with_stranger.cut.certified == 0
    assert with_stranger.is_eligible.tolist() == [True, False]


def test_people_with_a_recorded_death_neither_count_nor_are_certified():
    found = outcome(Person(0.001), Person(0.0, death_month=5))
    assert found.cut.certified == 1
    assert found.decision.tolist() == [Decision.CERTIFIED, Decision.DEATH_RECORDED]
    assert found.p_dead[1] == 1.0


def test_money_of_several_benefits_adds_up():
    found = outcome(Person(0.9, benefits=(0, 1), yuan=150.0), Person(0.9, yuan=150.0))
    assert found.monthly_yuan.tolist() == [300.0, 150.0]
    assert found.value[0] == 2 * found.value[1] > 0


FOUND_DEAD = ("2025-12-30", Found.DEAD)


@pytest.mark.parametrize(
    ("last_event", "decision"),
    [
        ((11, 15, 0), Decision.VISIT),
        ((11, 30, 0), Decision.VISIT),  # on the very day
        (None, Decision.VISIT),
        ((11, 31, 0), Decision.CERTIFIED),  # seen since: the model has heard both
    ],
)
def test_whoever_was_found_dead_and_not_seen_since_is_visited_again(last_event, decision):
    found = outcome(Person(0.0001, last_event=last_event, visit=FOUND_DEAD), Person(0.0, visit=None))
    assert found.decision.tolist() == [decision, Decision.CERTIFIED]
    assert np.isnat(found.valid_until[0]) == (decision == Decision.VISIT)
    assert found.cut.certified == (1 if decision == Decision.VISIT else 2)


@pytest.mark.parametrize("what", [Found.ALIVE, Found.MOVED_AWAY, Found.NOT_FOUND])
def test_other_visits_leave_the_decision_to_the_model(what):
    assert outcome(Person(0.0001, visit=("2025-12-30", what))).decision.tolist() == [Decision.CERTIFIED]


def test_those_certified_by_age_and_sex_alone_are_counted():
    people = [Person(), Person(last_event=None), Person(last_event=None), Person(0.9, last_event=None)]
    people.append(Person(last_event=None, benefits=()))
    everybody, told = population(people), answers(people)
    decided = decide_everybody(rows(people), everybody, told, WINDOW, 0.003)
    assert certified_unseen(decided, everybody, told) == 2
    visited = replace(everybody, visits=Visits(np.array([1]), np.array([3]), np.zeros((1, 5))))
    assert certified_unseen(decided, visited, told) == 1


def test_the_last_of_several_visits_counts_and_on_one_day_the_gravest():
    day = np.array(["2025-03-01", "2025-02-01", "2025-02-01", "2025-02-01"], dtype="datetime64[D]")
    found = np.array([Found.ALIVE, Found.DEAD, Found.DEAD, Found.ALIVE], dtype=np.int8)
    last = last_visits(3, np.array([0, 0, 2, 2]), day, found)
    assert last.found.tolist() == [Found.ALIVE, NO_VISIT, Found.DEAD]
    assert last.day.astype(str).tolist() == ["2025-03-01", "NaT", "2025-02-01"]


def test_only_the_certified_have_a_day_on_which_the_certificate_lapses():
    found = outcome(
        Person(0.0, ahead=0.0), Person(0.9), Person(0.0, death_month=3), Person(0.0, benefits=(), ahead=0.0)
    )
    assert np.isnat(found.valid_until).tolist() == [False, True, True, True]
    assert found.valid_until[0] == np.datetime64("2026-12-31")


def test_a_certificate_holds_until_the_next_monthly_run_has_judged_everybody():
    found = outcome(*[Person(p, ahead=0.9) for p in (0.0, 0.001, 0.002, 0.003)])
    certified = found.decision == Decision.CERTIFIED
    assert certified.any()
    assert np.all(found.valid_until[certified] == np.datetime64("2026-01-31"))
