"""The foreign city keeps to the package layout and stays foreign."""

import ast
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from stdnum.cn import ric

from benchmarks.foreign.__main__ import main
from benchmarks.foreign.city import ask_oracle, build, without_county
from benchmarks.foreign.oracle import AWAY, HOME, ILL
from benchmarks.foreign.people import NEVER
from benchmarks.foreign.score import largest_set
from benchmarks.foreign.worlds import WORLDS

AS_OF = date(2025, 12, 31)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("foreign") / "city"
    main(
        [
            str(out),
            "--people",
            "1500",
            "--seed",
            "5",
            "--months",
            "24",
            "--cut-county",
            "--cut-source",
            "clinic_visit",
        ]
    )
    return out


def test_nothing_is_imported_from_the_system_under_test() -> None:
    for file in Path(__file__).parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "chengshu"], file


def test_identity_numbers_are_valid_and_all_different(package: Path) -> None:
    residents = pq.read_table(package / "residents.parquet").to_pylist()
    assert len({row["id_number"] for row in residents}) == 1500
    for row in residents:
        assert ric.validate(row["id_number"])
        assert ric.get_birth_date(row["id_number"]) == row["birth_date"]
        assert int(row["id_number"][16]) % 2 == row["sex"] % 2


def test_every_resource_of_the_descriptor_is_there(package: Path) -> None:
    resources = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert len(resources) == 31
    assert all((package / resource["path"]).is_file() for resource in resources)


def test_a_cut_county_loses_its_last_four_months_and_nothing_else(package: Path) -> None:
    twin = package.with_name("city-cut")
    county = json.loads((twin / "world.json").read_text(encoding="utf-8"))["cut_county"]
    rows = pq.read_table(package / "oracle.parquet", columns=["id_number", "county"]).to_pylist()
    cut = {row["id_number"] for row in rows if row["county"] == county}
    for file in (package / "events").iterdir():
        before = pq.read_table(file).to_pylist()
        after = pq.read_table(twin / "events" / file.name).to_pylist()
        lost = [e for e in before if e["id_number"] in cut and e["occurred_on"] >= date(2025, 9, 1)]
        assert len(after) == len(before) - len(lost)
    assert pq.read_table(twin / "residents.parquet").equals(pq.read_table(package / "residents.parquet"))


def test_a_cut_source_leaves_an_empty_file(package: Path) -> None:
    twin = package.with_name("city-without-clinic_visit")
    assert pq.read_metadata(twin / "events" / "clinic_visit.parquet").num_rows == 0
    assert pq.read_metadata(package / "events" / "clinic_visit.parquet").num_rows > 0


@pytest.mark.parametrize("world", ["base", "lognormal", "drift", "poor", "nolabels"])
def test_the_oracle_expects_as_many_dead_as_there_are(world: str) -> None:
    city = build(replace(WORLDS[world], months=18), people=6000, seed=3, as_of=AS_OF)
    open_cases = city.lives.recorded >= city.calendar.days
    dead = (city.lives.died < NEVER)[open_cases]
    p_dead = 1 - ask_oracle(city)[open_cases][:, [HOME, AWAY, ILL]].sum(axis=1)
    error = np.sqrt(np.sum(p_dead * (1 - p_dead)))
    assert abs(dead.sum() - p_dead.sum()) < 4 * error
    assert p_dead[dead].mean() > 5 * p_dead[~dead].mean()


def test_the_oracle_is_not_alarmed_by_a_cut_county() -> None:
    city = build(replace(WORLDS["base"], months=18), people=4000, seed=4, as_of=AS_OF)
    here = (city.people.county == 0) & (city.lives.died >= NEVER)
    before, after = (ask_oracle(c)[here][:, [HOME, AWAY, ILL]].sum(axis=1) for c in (city, without_county(city, 0, 4)))
    assert after.mean() > 0.98
    assert 0 < before.mean() - after.mean() < 0.01


def test_the_same_seed_gives_the_same_city() -> None:
    one, two = (build(replace(WORLDS["drift"], months=6), people=500, seed=9, as_of=AS_OF) for _ in range(2))
    assert np.array_equal(one.people.id_number, two.people.id_number)
    assert np.array_equal(one.traces.day, two.traces.day)


def test_ties_are_certified_whole_or_not_at_all() -> None:
    p_alive = np.array([0.99, 0.99, 0.99, 0.99, 0.5])
    dead = np.array([False, False, False, True, True])
    assert largest_set(p_alive, dead, 0.25) == 4
    assert largest_set(p_alive, dead, 0.2) == 0
