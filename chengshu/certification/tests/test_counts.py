from collections import Counter
from datetime import date

import numpy as np
import pytest

from chengshu import lake
from chengshu.certification import counts
from chengshu.certification.counts import CountStore, count_range, ranges_of
from chengshu.certification.packed import last_days, read_packed, totals_of, unpack
from chengshu.certification.population import read_population
from chengshu.certification.window import Window
from chengshu.lake.tests.small_city import ANN, BOB, CAI, EVE, event, gathered, resident, small_city

WINDOW = Window(date(2025, 12, 31), 12)
FIRST = WINDOW.first_month
ROWS = [
    ("clinic", ANN, "2024-12-31"),  # before the window
    ("clinic", ANN, "2025-01-01"),
    ("clinic", ANN, "2025-01-31"),
    ("clinic", ANN, "2025-12-31"),
    ("clinic", BOB, "2025-06-15"),
    *[("bus", ANN, f"2025-02-{day:02d}") for day in range(1, 29)],
    *[("bus", CAI, "2025-03-09")] * 3,
    ("bus", EVE, "2025-12-01"),
]


@pytest.fixture
def load(tmp_path):
    feeds = {
        f"events_{code}": [event(number, day) for source, number, day in ROWS if source == code]
        for code in ("clinic", "bus")
    }
    return gathered(tmp_path, small_city(**feeds))


def counted(load):
    """{(person, source, month): (events, last day)} as the packed path has it, and the packed ranges."""
    population = read_population(load, WINDOW)
    numbers = load.identities()["id_number"].to_pylist()
    codes = dict(zip(*load.sources().select(["source_no", "source_code"]).to_pydict().values(), strict=True))
    found = {}
    with lake.open_engine() as engine:
        for part in ranges_of(population):
            packed = count_range(engine, load, population, part, WINDOW)
            assert np.all(np.diff(packed) > 0)
            cells = unpack(packed, WINDOW)
            for person, month, source, events, last in zip(
                cells.person, cells.month, cells.source, cells.events, cells.last_part, strict=True
            ):
                key = (numbers[part.order[person]], codes[int(source)], int(month))
                found[key] = (int(events), round(last * WINDOW.days[month]))
    return found


def expected():
    inside = [(number, code, date.fromisoformat(day)) for code, number, day in ROWS if day >= "2025"]
    totals = Counter((number, code, day.month - 1) for number, code, day in inside)
    last = {key: max(d.day for n, c, d in inside if (n, c, d.month - 1) == key) for key in totals}
    return {key: (events, last[key]) for key, events in totals.items()}


def test_packed_counts_are_the_events_of_each_month(load):
    assert counted(load) == expected()


def test_ranges_of_people_decide_nothing(load, monkeypatch):
    monkeypatch.setattr(counts, "PEOPLE_PER_RANGE", 2)
    assert len(ranges_of(read_population(load, WINDOW))) == 3
    assert counted(load) == expected()


def test_packed_counts_equal_the_lakes_monthly_counts(load):
    population = read_population(load, WINDOW)
    part = ranges_of(population)[0]
    with lake.open_engine("duckdb") as engine:
        packed = count_range(engine, load, population, part, WINDOW)
        monthly = engine.table(lake.monthly_counts(engine.events(load), first_month=FIRST))
    cells = unpack(packed, WINDOW)
    keys = population.keys[part.order[cells.person]]
    ours = set(zip(keys, cells.month * 32 + cells.source, cells.events, strict=True))
    theirs = {(row["person_key"], row["cell"], row["events"]) for row in monthly.to_pylist()}
    assert ours == theirs


def test_people_of_a_range_stand_by_county(tmp_path):
    people = [resident(ANN, region_code="370303"), resident(BOB, region_code="370101"), resident(CAI)]
    load = gathered(tmp_path, small_city(residents=people, events_clinic=[event(ANN, "2025-03-01")]))
    population = read_population(load, WINDOW)
    county = population.people.county[ranges_of(population)[0].order]
    assert np.all(np.diff(county) >= 0)
    assert population.counties == sorted(population.counties)


def packed_of(load):
    population = read_population(load, WINDOW)
    part = ranges_of(population)[0]
    with lake.open_engine("duckdb") as engine:
        return population, part, count_range(engine, load, population, part, WINDOW)


def test_last_day_of_everybody_is_found(load):
    population, part, packed = packed_of(load)
    words = last_days(packed, len(part.order))
    numbers = load.identities()["id_number"].to_pylist()
    found = {numbers[place]: word for place, word in zip(part.order, words, strict=True)}
    assert (found[ANN] // 1024, found[ANN] // 32 % 32) == (11, 31)
    assert (found[EVE] // 1024, found[EVE] // 32 % 32) == (11, 1)
    assert sorted(words)[0] == -1  # DAN was never seen
    assert len(population.keys) == 5


def test_totals_add_up_by_county_source_and_month(load):
    population, part, packed = packed_of(load)
    shape = (len(population.counties), 2, 12)
    totals = totals_of(packed, population.people.county[part.order], shape)
    assert totals.shape == shape
    assert totals.sum() == sum(events for events, _ in expected().values())
    bus = next(row["source_no"] for row in load.sources().to_pylist() if row["source_code"] == "bus")
    assert totals[:, bus, 1].sum() == 28


def test_stored_counts_come_back_in_order_and_leave_nothing(tmp_path):
    store = CountStore(tmp_path / "counts")
    for number in (1, 0):
        store.write(number, np.arange(number, number + 3))
    np.testing.assert_array_equal(read_packed(store.path(1)), [1, 2, 3])
    store.discard()
    assert list(tmp_path.iterdir()) == []
