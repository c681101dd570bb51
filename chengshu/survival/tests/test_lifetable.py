import numpy as np
import pytest
from pymort import MortXML

from chengshu.survival.lifetable import monthly_hazards, yearly_death_probabilities

OLDEST_PLAIN_AGE = 98  # above it the cap of one half begins to bite


@pytest.mark.parametrize(("row", "table_id"), [(0, 3375), (1, 3376)])
def test_yearly_probabilities_are_those_of_the_insurers_table(row, table_id):
    published = MortXML.from_id(table_id).Tables[0].Values.iloc[:, 0].to_numpy()
    ours = yearly_death_probabilities()[row]
    np.testing.assert_array_equal(ours[:OLDEST_PLAIN_AGE], published[:OLDEST_PLAIN_AGE])
    assert np.all(ours <= 0.5)
    assert np.all(ours[106:] == 0.5)


@pytest.mark.parametrize("sex", [1, 2])
def test_hazards_never_fall_with_age_from_forty(sex):
    hazards = monthly_hazards(np.array([sex]), np.array([40 * 12]), 80 * 12)[:, 0]
    assert np.all(np.diff(hazards) >= 0)


def test_twelve_months_around_a_year_of_age_add_up_to_the_yearly_probability():
    yearly = yearly_death_probabilities()
    for age in (45, 65, 85):
        hazards = monthly_hazards(np.array([1, 2]), np.array([age * 12, age * 12]), 12)
        np.testing.assert_allclose(1 - np.prod(1 - hazards, axis=0), yearly[:, age], rtol=0.02)


def test_men_die_sooner_than_women_of_the_same_age():
    hazards = monthly_hazards(np.array([1, 2]), np.array([70 * 12, 70 * 12]), 12)
    assert np.all(hazards[:, 0] > hazards[:, 1])


def test_nobody_dies_before_birth():
    hazards = monthly_hazards(np.array([1]), np.array([-3]), 6)[:, 0]
    assert np.all(hazards[:3] == 0)
    assert np.all(hazards[3:] > 0)


def test_hazards_stay_probabilities_at_any_age():
    hazards = monthly_hazards(np.array([1, 2]), np.array([0, 150 * 12]), 60)
    assert np.all((hazards > 0) & (hazards < 1))
