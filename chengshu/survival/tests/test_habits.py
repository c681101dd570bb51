import numpy as np
import pytest

from chengshu.survival.emissions import emissions
from chengshu.survival.exposure import exposure_seen
from chengshu.survival.habits import habits_given_up
from chengshu.survival.tests.simulated import cells_of, make_model

PEOPLE, MONTHS = 4000, 36


def users(stop, rng):
    """Everybody uses two sources at rates of their own; the first may be given up for good."""
    rate = rng.gamma(2.0, 0.5, size=(PEOPLE, 2))
    end = rng.geometric(stop, PEOPLE) if stop else np.full(PEOPLE, MONTHS)
    counts = rng.poisson(rate[:, None, :], size=(PEOPLE, MONTHS, 2))
    counts[:, :, 0] *= np.arange(MONTHS)[None, :] < end[:, None]
    return cells_of(counts)


@pytest.mark.parametrize("stop", [0.004, 0.012])
def test_the_chance_to_give_a_source_up_is_found_from_habits_plain_to_see(stop):
    cells = users(stop, np.random.default_rng(5))
    twice = np.full((1, 2), 2.0)
    model = make_model(sources=2, habit_stop=np.full(2, 0.003), user_share=twice / 2.01, shape=twice, rate=twice)
    for _ in range(8):
        e = emissions(cells, np.zeros(PEOPLE, dtype=int), 0, model)
        stops, months = habits_given_up(
            e.habits, cells, exposure_seen(model.exposure[0], e.last_month), model.exposure[0]
        )
        model.habit_stop[:] = stops / months
    assert model.habit_stop[0] == pytest.approx(stop, rel=0.2)
    assert model.habit_stop[1] < 0.001


def test_few_events_say_nothing_of_how_often_habits_end():
    counts = np.zeros((1, MONTHS, 2), dtype=int)
    counts[0, [0, 2, 4], 0] = counts[0, 30, 1] = 1
    cells, model = cells_of(counts), make_model(sources=2)
    e = emissions(cells, np.zeros(1, dtype=int), 0, model)
    stops, months = habits_given_up(e.habits, cells, exposure_seen(model.exposure[0], e.last_month), model.exposure[0])
    assert stops.sum() == months.sum() == 0
