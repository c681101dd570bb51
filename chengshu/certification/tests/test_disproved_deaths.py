"""Death records that were disproved: a run judges these people as if the records were not there."""

from datetime import date

import pytest

from chengshu.certification.population import delays, read_population
from chengshu.certification.window import Window
from chengshu.lake import DeathLink, Disproved
from chengshu.lake.tests.small_city import ANN, CAI, DAN, death, gathered, small_city
from chengshu.survival.evidence import NO_RECORD

WINDOW = Window(date(2025, 12, 31), 12)


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    early = {"died_on": "2020-03-01", "recorded_on": "2020-03-09"}
    found = [death(ANN), death(CAI, record_source=None, **early), death(DAN)]
    return gathered(tmp_path_factory.mktemp("city"), small_city(deaths=found))


def key_of(load, number):
    identities = load.identities()
    return identities["person_key"][identities["id_number"].to_pylist().index(number)].as_py()


def without(load, *rows):
    return load.without(Disproved(deaths=[DeathLink(*row) for row in rows]))


def test_none_disproved_all_stand(load):
    assert load.deaths().num_rows == 3
    assert without(load).deaths().equals(load.deaths())


def test_a_disproved_record_is_left_out_and_its_like_stand(load):
    ann, cai = key_of(load, ANN), key_of(load, CAI)
    gone = without(
        load,
        (ann, date(2025, 6, 1), "hospital"),
        (cai, date(2020, 3, 1), ""),
        (key_of(load, DAN), date(2025, 6, 2), "hospital"),
        (key_of(load, DAN), date(2025, 6, 1), "police"),
        (12345, date(2025, 6, 1), "hospital"),
    )
    assert gone.deaths()["person_key"].to_pylist() == [key_of(load, DAN)]
    assert gone.of_person("deaths", ann) == []
    assert len(gone.of_person("deaths", key_of(load, DAN))) == 1


def test_the_person_is_judged_as_if_it_were_not_there(load):
    gone = without(load, (key_of(load, ANN), date(2025, 6, 1), "hospital"), (key_of(load, CAI), date(2020, 3, 1), ""))
    before = read_population(load, WINDOW)
    after = read_population(gone, WINDOW)
    place = {number: list(before.keys).index(key_of(load, number)) for number in (ANN, CAI, DAN)}
    assert before.people.death_month[place[ANN]] != NO_RECORD
    assert before.died_before[place[CAI]]
    for number in (ANN, CAI):
        assert after.people.death_month[place[number]] == NO_RECORD
        assert after.people.record_month[place[number]] == NO_RECORD
        assert not after.died_before[place[number]]
    assert after.people.death_month[place[DAN]] == before.people.death_month[place[DAN]]


def test_nor_does_it_teach_how_late_deaths_are_recorded(load):
    gone = without(load, (key_of(load, ANN), date(2025, 6, 1), "hospital"))
    assert [len(delays(one, WINDOW)[0]) for one in (load, gone)] == [2, 1]
