"""What is put on shelves comes back shelf by shelf, from memory or from disk."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from chengshu import lake
from chengshu.kernel.counting import lay_out
from chengshu.lake import events, shelves
from chengshu.lake.shelves import Shelves
from chengshu.lake.tests.small_city import ANN, AS_OF, BOB, CAI, DAN, EVE, event, small_city

SHELVES = 5
CITY = {
    "events_clinic": [event(number, f"2025-0{month}-03") for month in (9, 1, 5) for number in (EVE, ANN, DAN, BOB)],
    "events_bus": [event(number, "2025-02-28") for number in (CAI, ANN, CAI)],
}


@pytest.mark.parametrize("most", [1, 40, 10_000])
def test_every_word_comes_back_from_its_shelf_in_the_order_in_which_it_came(tmp_path, most):
    words = np.random.default_rng(1).integers(0, 1000, 300)
    kept = Shelves(SHELVES, tmp_path, most_words=most)
    for batch in np.split(words, [30, 30, 110, 290]):
        kept.put(lay_out(batch, (batch % SHELVES).astype(np.int32), SHELVES))
    for shelf in range(SHELVES):
        assert kept.take(shelf).tolist() == words[words % SHELVES == shelf].tolist()
    assert (tmp_path / "shelves").exists() == (most < len(words))


def test_nothing_put_on_is_nothing_taken_off(tmp_path):
    assert len(Shelves(SHELVES, tmp_path).take(3)) == 0


def test_files_hold_people_of_their_own_in_order_and_spilling_changes_none(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "_PERSON_BITS", 1)
    monkeypatch.setattr(events, "_SHELVES_PER_FILE", 1)
    folder = small_city(**CITY).write(tmp_path / "city")
    monkeypatch.setenv("CHENGSHU_IDENTITY_KEY", "ab" * 32)
    found = []
    for name, most in (("kept", shelves.MOST_WORDS), ("spilled", 2)):
        monkeypatch.setattr(shelves, "MOST_WORDS", most)
        load = lake.gather(folder, tmp_path / name, as_of=AS_OF)
        found.append([pq.read_table(file, partitioning=None).to_pylist() for file in load.files("events")])
    assert found[0] == found[1]
    assert [sorted({row["person_no"] // 2 for row in rows}) for rows in found[0]] == [[0], [1], [2]]
    for rows in found[0]:
        order = [(row["person_no"], row["source_no"], row["occurred_on"]) for row in rows]
        assert order == sorted(order)
    assert sum(len(rows) for rows in found[0]) == 15


def test_only_the_files_of_the_people_asked_for_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "_PERSON_BITS", 1)
    monkeypatch.setattr(events, "_SHELVES_PER_FILE", 1)
    load = lake.gather(small_city(**CITY).write(tmp_path / "city"), tmp_path / "lake", as_of=AS_OF)
    files = load.files("events")
    assert [load.event_files(range(*span)) for span in ((0, 2), (1, 4), (4, 5))] == [files[:1], files[:2], files[2:]]
    assert load.event_files(range(90, 99)) == files[:1]
    with lake.open_engine() as engine:
        seen = engine.table(engine.events(load, people=range(4, 5)))["person_no"].to_pylist()
    assert set(seen) == {4}
