import numpy as np

from chengshu.survival.evidence import Visits

LOGS = np.arange(20.0).reshape(4, 5)
VISITS = Visits(np.array([7, 2, 7, 5]), np.array([0, 1, 2, 3]), LOGS)


def test_visits_are_counted_by_the_place_of_their_people():
    own = VISITS.of_people(np.array([5, 9, 7]))
    assert own.person.tolist() == [2, 2, 0]
    assert own.month.tolist() == [0, 2, 3]
    assert own.log_likelihood.tolist() == LOGS[[0, 2, 3]].tolist()


def test_nobody_asked_about_or_visited_has_no_visits():
    nobody = np.zeros(0, dtype=np.int64)
    for own in (
        VISITS.of_people(nobody),
        VISITS.of_people(np.array([1, 9])),
        VISITS.of_people(nobody).of_people(nobody),
    ):
        assert len(own.person) == len(own.month) == 0
        assert own.log_likelihood.shape == (0, 5)
