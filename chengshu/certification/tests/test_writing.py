from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chengshu.certification import writing
from chengshu.certification.counts import Counted
from chengshu.certification.domain import Found
from chengshu.certification.outcome import decide_everybody
from chengshu.certification.tests.few_people import WINDOW, Person, answers, population, rows
from chengshu.certification.writing import Certified, write_decisions

NOTHING_COUNTED = Counted(np.zeros((1, 2, 12)), np.zeros(2, dtype=np.int64), [])
IDS = ["37170119720304003X", "371701195001010017", "371702196102030025", "371703198304050043"]
PEOPLE = [
    Person(0.0, benefits=(1, 0), ahead=0.0),
    Person(0.9, last_event=None),
    Person(0.0, death_month=4, last_event=(3, 31, 1)),
    Person(0.0, benefits=()),
]


def certified(people=PEOPLE):
    everybody = population(people)
    outcome = decide_everybody(rows(people), everybody, answers(people), WINDOW, 0.003)
    sources = pa.table({"source_code": ["clinic", "bus"], "name": ["门诊", "公交"]})
    deaths = pa.table(
        {
            "person_key": everybody.keys[[-2]],
            "died_on": pa.array([date(2025, 5, 6)]),
            "record_source": pa.array(["殡仪馆"]),
        }
    )
    ids = pa.array(IDS[: len(people)])
    return Certified(everybody, answers(people), outcome, WINDOW, ids, sources, deaths, NOTHING_COUNTED)


def write(path, all_of=None, threads=1, told=None):
    all_of = all_of or certified()
    order = np.argsort(all_of.id_numbers.to_pylist(), kind="stable")
    rows = write_decisions(path, all_of, order, (told if told is not None else []).append, threads=threads)
    assert rows == pq.read_metadata(path).num_rows
    return pq.read_table(path)


def test_columns_and_types_are_those_of_the_contract(tmp_path):
    schema = write(tmp_path / "d.parquet").schema
    contract = ["id_number", "benefit_code", "decision", "p_alive", "p_away", "p_dead", "valid_until"]
    contract += ["last_event_on", "last_event_source", "reason"]
    assert set(contract) <= set(schema.names)
    assert [schema.field(f"p_{state}").type for state in ("alive", "away", "dead")] == [pa.float64()] * 3
    assert schema.field("valid_until").type == schema.field("last_event_on").type == pa.date32()


def test_rows_stand_in_order_of_id_number_and_benefit(tmp_path):
    found = write(tmp_path / "d.parquet").select(["id_number", "benefit_code"]).to_pylist()
    assert [(row["id_number"], row["benefit_code"]) for row in found] == [
        (IDS[1], "B1"),
        (IDS[0], "B1"),
        (IDS[0], "B2"),
        (IDS[2], "B1"),
    ]


def test_the_reason_tells_of_a_visit_where_nothing_was_seen_since(tmp_path):
    visits = [("2025-12-30", Found.ALIVE), ("2025-12-01", Found.NOT_FOUND), None, ("2025-12-01", Found.DEAD)]
    people = [Person(0.0, last_event=(11, 3, 0), visit=visit) for visit in visits]
    people[2] = Person(0.0, death_month=4)
    people[0] = replace(people[0], last_event=(11, 30, 0))
    told = {row["id_number"]: row["reason"] for row in write(tmp_path / "d.parquet", certified(people)).to_pylist()}
    assert "2025-12-30上门看望时本人在世" in told[IDS[0]]
    assert "上门" not in told[IDS[1]]
    assert "2025-12-01上门时得知本人已去世" in told[IDS[3]]  # and yet seen since


def test_each_row_says_what_is_known_of_its_person(tmp_path):
    found = {row["id_number"]: row for row in write(tmp_path / "d.parquet").to_pylist()}
    alive, silent, dead = (found[IDS[place]] for place in range(3))
    assert alive["decision"] == "certified"
    assert (alive["last_event_on"], alive["last_event_source"]) == (date(2025, 12, 3), "clinic")
    assert alive["valid_until"] == date(2026, 12, 31)
    assert silent["decision"] == "visit"
    assert silent["last_event_on"] is silent["last_event_source"] is silent["valid_until"] is None
    assert dead["decision"] == "death_recorded"
    assert (dead["p_alive"], dead["p_away"], dead["p_dead"]) == (0.0, 0.0, 1.0)
    assert "2025-05-06" in dead["reason"]
    assert "殡仪馆" in dead["reason"]


def test_reasons_stand_in_chinese_and_in_english(tmp_path):
    found = write(tmp_path / "d.parquet")
    assert found.schema.names[-2:] == ["reason", "reason_en"]
    assert all(text.endswith("。") for text in found["reason"].to_pylist())
    assert all(text.endswith(".") for text in found["reason_en"].to_pylist())


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_chunks_and_threads_decide_nothing(tmp_path, monkeypatch, threads):
    whole = write(tmp_path / "whole.parquet")
    monkeypatch.setattr(writing, "PEOPLE_PER_CHUNK", 1)
    told: list[float] = []
    assert write(tmp_path / "parts.parquet", threads=threads, told=told).equals(whole)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


def test_the_same_rows_are_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_nobody_to_decide_on_leaves_an_empty_table(tmp_path):
    found = write(tmp_path / "d.parquet", certified([Person(benefits=())] * 2))
    assert found.num_rows == 0
    assert found.schema.names[0] == "id_number"
