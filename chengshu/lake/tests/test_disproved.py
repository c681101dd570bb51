"""Events that are not of who they name: left out of every read, on each engine alike."""

from datetime import date

import pytest

from chengshu import lake
from chengshu.lake import Disproved, EventLink
from chengshu.lake.tests.small_city import ANN, BOB, CAI, event, gathered, small_city

EVENTS = {
    "events_clinic": [
        event(ANN, "2025-01-01"),
        event(ANN, "2025-01-31"),
        event(ANN, "2025-01-31"),
        event(BOB, "2025-01-31"),
    ],
    "events_bus": [event(ANN, "2025-01-31"), event(CAI, "2025-02-28")],
}


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    return gathered(tmp_path_factory.mktemp("city"), small_city(**EVENTS))


@pytest.fixture(params=["duckdb", pytest.param("sail", marks=pytest.mark.spark)])
def url(request):
    return "duckdb" if request.param == "duckdb" else request.getfixturevalue("sail_url")


def key_of(load, number):
    identities = load.identities()
    return identities["person_key"][identities["id_number"].to_pylist().index(number)].as_py()


def seen(load, url="duckdb", people=None):
    """Who was seen by which source on which day, in order."""
    names = {key_of(load, number): name for number, name in ((ANN, "ann"), (BOB, "bob"), (CAI, "cai"))}
    codes = {row["source_no"]: row["source_code"] for row in load.sources().to_pylist()}
    with lake.open_engine(url) as engine:
        rows = engine.table(engine.events(load, people=people)).to_pylist()
    return sorted((names[row["person_key"]], codes[row["source_no"]], str(row["occurred_on"])) for row in rows)


def test_a_day_of_a_source_is_left_out_of_one_person(load, url):
    gone = load.without(Disproved(events=[EventLink(key_of(load, ANN), "clinic", date(2025, 1, 31))]))
    assert seen(gone, url) == [
        ("ann", "bus", "2025-01-31"),
        ("ann", "clinic", "2025-01-01"),
        ("bob", "clinic", "2025-01-31"),
        ("cai", "bus", "2025-02-28"),
    ]


def test_a_source_is_left_out_of_one_person(load, url):
    links = [EventLink(key_of(load, ANN), "clinic", None), EventLink(key_of(load, CAI), "bus", date(2025, 2, 28))]
    assert seen(load.without(Disproved(events=links)), url) == [
        ("ann", "bus", "2025-01-31"),
        ("bob", "clinic", "2025-01-31"),
    ]


def test_strangers_and_unknown_sources_take_nothing_out(load):
    links = [EventLink(12345, "clinic", None), EventLink(key_of(load, ANN), "ferry", None)]
    assert seen(load.without(Disproved(events=links))) == seen(load)


def test_only_links_of_those_asked_for_stand_in_the_query(load):
    number = load.number_of(key_of(load, BOB))
    gone = load.without(Disproved(events=[EventLink(key_of(load, BOB), "clinic", None)]))
    assert ("bob", "clinic", "2025-01-31") not in seen(gone, people=range(number, number + 1))
    assert gone.standing("any rows", range(number + 1, number + 2)) == "any rows"


def test_a_thousand_links_are_one_query(load):
    ann = key_of(load, ANN)
    links = [EventLink(ann, "clinic", date(2000 + n // 300, 1 + n % 12, 1 + n % 28)) for n in range(3000)]
    assert ("bob", "clinic", "2025-01-31") in seen(load.without(Disproved(events=links)))


def test_counts_and_totals_leave_them_out(load):
    gone = load.without(Disproved(events=[EventLink(key_of(load, ANN), "clinic", None)]))
    with lake.open_engine() as engine:
        counts = engine.table(lake.monthly_counts(engine.events(gone), first_month=date(2025, 1, 1)))
        months = engine.table(lake.events_by_month(engine.events(gone)))
    assert sum(counts["events"].to_pylist()) == 3
    assert sum(months["events"].to_pylist()) == 3
