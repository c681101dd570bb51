import numpy as np
import pytest

from chengshu.certification.domain import Decision
from chengshu.certification.groups import by_benefit, by_county, count_groups
from chengshu.certification.outcome import decide_everybody
from chengshu.certification.tests.few_people import WINDOW, Person, answers, population, rows

PEOPLE = [
    Person(p_dead=0.001, benefits=(0, 1)),
    Person(p_dead=0.002, benefits=(1, 1)),  # drawn twice: one person
    Person(p_dead=0.9, benefits=(0,)),
    Person(p_dead=0.001, benefits=()),
]


@pytest.fixture
def outcome():
    return decide_everybody(rows(PEOPLE), population(PEOPLE), answers(PEOPLE), WINDOW, 0.01)


def test_groups_count_people_by_decision(outcome):
    groups = count_groups(outcome, np.array([0, 1, 2]), np.array([0, 1, 1]), 3)
    assert groups.people.tolist() == [1, 2, 0]
    assert groups.certified.tolist() == [1, 1, 0]
    assert groups.decisions[1, Decision.VISIT] == 1
    np.testing.assert_allclose(groups.expected_dead, [0.001, 0.002, 0.0])
    np.testing.assert_allclose(groups.variance, [0.001 * 0.999, 0.002 * 0.998, 0.0])


def test_who_gets_a_benefit_twice_counts_once_and_who_gets_two_counts_in_each(outcome):
    groups = by_benefit(outcome)
    assert groups.people.tolist() == [2, 2]
    assert groups.certified.tolist() == [1, 2]


def test_counties_hold_only_those_who_get_a_benefit(outcome):
    groups = by_county(outcome, np.array([0, 1, 1, 1]), 2)
    assert groups.people.tolist() == [1, 2]
