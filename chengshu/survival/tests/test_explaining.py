import numpy as np
import pytest

from chengshu.survival.evidence import Visits
from chengshu.survival.explaining import explain
from chengshu.survival.posterior import judge
from chengshu.survival.tests.simulated import SOURCES, make_cells, make_model, make_people

MONTHS = 36


def explained(*events, visits=None):
    cells = make_cells(*[(0, *event) for event in sorted(events)])
    return explain(make_people(1), cells, make_model(), visits)


def monthly(source, until=MONTHS):
    return [(month, source, 2) for month in range(until)]


def test_somebody_seen_every_month_was_alive_in_every_month():
    found = explained(*monthly(0))
    assert found.p_alive.shape == found.p_then.shape == (MONTHS + 1,)
    assert (found.p_alive[:-1] > 0.999).all()


def test_the_dead_do_not_come_back():
    found = explained(*monthly(0, until=20))
    assert (np.diff(found.p_alive) < 1e-9).all()
    assert found.p_alive[19] > 0.99
    assert found.p_alive[-1] < 0.2


def test_what_was_known_then_is_corrected_by_what_came_later():
    gap = [*monthly(0, until=12), *((month, 0, 2) for month in range(22, MONTHS))]
    found = explained(*gap)
    assert found.p_then[21] < 0.5
    assert found.p_alive[21] > 0.99


def test_the_last_chance_is_that_of_the_decision():
    events = monthly(0, until=30)
    found = explained(*events)
    cells = make_cells(*[(0, *event) for event in events])
    assert found.p_alive[-1] == pytest.approx(1 - judge(make_people(1), cells, make_model()).p_dead[0], abs=0.02)


def test_a_source_still_used_speaks_for_life_and_one_fallen_silent_against_it():
    found = explained(*monthly(0), *monthly(1, until=24))
    assert found.bits.shape == (SOURCES,)
    assert found.bits[0] > 1
    assert found.bits[1] < 0


def test_visits_count_in_every_world():
    alive = Visits(np.array([0]), np.array([MONTHS - 1]), np.log([[0.98, 0.1, 0.98, 0.002, 0.002]]))
    without = explained(*monthly(0, until=30))
    assert explained(*monthly(0, until=30), visits=alive).p_alive[-1] > without.p_alive[-1]
