"""What few events say, against exact formulas."""

from dataclasses import replace

import numpy as np
import pytest

from chengshu.survival.emissions import emissions
from chengshu.survival.tests.simulated import SOURCES, make_cells, make_model

MONTHS = 36
NO_ACTIVITY = 1e-6


def seldom_used():
    """Most people use no source, and nobody gives one up: exact formulas exist."""
    share = np.array([[0.1, 0.3, 0.05]])
    shape = np.array([[0.8, 1.2, 0.6]])
    rate = np.array([[2.0, 6.0, 4.0]])
    model = make_model(activity_spread=NO_ACTIVITY, user_share=share, shape=shape, rate=rate)
    return replace(model, habit_stop=np.zeros(SOURCES))


def chance_of_one_event(model, source):
    """Log density of a living person's one event at a source, and none at all elsewhere, over the whole window."""
    z, a, b = model.user_share[0], model.shape[0], model.rate[0]
    quiet = np.log(1 - z + z * (1 + MONTHS / b) ** -a)
    own = np.log(z * a) + a * np.log(b) - (a + 1) * np.log(b + MONTHS)
    return quiet.sum() - quiet[source] + own[source]


@pytest.mark.parametrize("source", range(SOURCES))
@pytest.mark.parametrize("month", [0, 8, 20, 35])
def test_a_single_event_speaks_for_a_stranger_exactly_as_bayes_says(source, month):
    model = seldom_used()
    e = emissions(make_cells((0, month, source, 1, 1.0)), np.zeros(1, dtype=int), 0, model)
    dead_all_along = float(np.log(e.dead[:, 0]).sum())
    exact = np.log(model.stray_rate[source]) - chance_of_one_event(model, source)
    assert dead_all_along == pytest.approx(exact, abs=0.1)


def test_somebody_seen_daily_is_not_away_for_months_without_a_trace():
    rows = [(0, m, 0, 30) for m in range(24)]
    model = make_model(away_factor=np.full(SOURCES, 0.05), habit_stop=np.full(SOURCES, 0.003))
    e = emissions(make_cells(*rows), np.zeros(1, dtype=int), 0, model)
    away, dead = (float(np.log(x[24:, 0]).sum()) for x in (e.away, e.dead))
    # a year of 30 events a month at a twentieth: 18 were due from away, most of which the curve counts
    assert dead - away > 4
    assert away > 0
