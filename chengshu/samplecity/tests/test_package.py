"""The folder that a sample city is: contract, determinism, formats, errors."""

import hashlib
import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from chengshu.kernel.errors import StorageError, UsageError
from chengshu.samplecity import package, write_sample_city

REQUIRED = {
    "residents": {"id_number", "name", "sex", "birth_date", "region_code"},
    "benefits": {"benefit_code", "name", "department", "monthly_amount", "needs_survival", "cycle_months"},
    "entitlements": {"id_number", "benefit_code", "started_on", "monthly_amount", "ended_on"},
    "sources": {"source_code", "name", "department"},
    "deaths": {"id_number", "died_on", "recorded_on", "record_source"},
    "visits": {"id_number", "visited_on", "outcome"},
}


def resources(city: Path) -> list[dict[str, Any]]:
    descriptor = json.loads((city / "datapackage.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = descriptor["resources"]
    return found


def digests(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_descriptor_names_every_table_and_no_truth(city: Path) -> None:
    named = {resource["path"] for resource in resources(city)}
    there = {str(path.relative_to(city)) for path in city.rglob("*.parquet")}
    assert there - named == {"truth.parquet", "truth-rates.parquet"}
    assert named <= there


@pytest.mark.parametrize(("name", "columns"), REQUIRED.items())
def test_tables_have_the_columns_of_the_contract(city: Path, name: str, columns: set[str]) -> None:
    assert columns <= set(pq.read_schema(city / f"{name}.parquet").names)


def test_city_has_26_sources_of_10_departments_34_benefits_and_14_counties(city: Path) -> None:
    sources = pq.read_table(city / "sources.parquet").to_pydict()
    feeds = [resource["source_code"] for resource in resources(city) if resource["name"].startswith("events-")]
    assert len(feeds) == 26
    assert sorted(feeds) == sorted(sources["source_code"])
    assert len(set(sources["department"])) == 10
    assert pq.read_metadata(city / "benefits.parquet").num_rows == 34
    codes = pq.read_table(city / "residents.parquet")["region_code"].to_pylist()
    assert len({code[:6] for code in codes}) == 14
    assert {len(code) for code in codes} == {6, 9, 12}


def test_feeds_have_the_columns_of_the_contract(city: Path) -> None:
    kinds = set()
    for resource in resources(city):
        if resource["name"].startswith("events-"):
            schema = pq.read_schema(city / resource["path"])
            assert schema.names[:2] == ["id_number", "occurred_on"]
            kinds.add(str(schema.field("occurred_on").type).split("[")[0])
    assert kinds == {"date32", "timestamp"}


def test_same_seed_gives_the_same_bytes_and_another_seed_another_city(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_sample_city(tmp_path / name, people=300, seed=seed)
    first, second, other = (digests(tmp_path / name) for name in "abc")
    assert first == second
    assert first["events/med_outpatient.parquet"] != other["events/med_outpatient.parquet"]
    assert first["residents.parquet"] != other["residents.parquet"]


def test_several_chunks_make_one_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "CHUNK_PEOPLE", 100)
    seen: list[tuple[str, float]] = []
    write_sample_city(tmp_path, people=250, seed=1, progress=lambda stage, share: seen.append((stage, share)))
    truth = pq.ParquetFile(tmp_path / "truth.parquet")
    assert (truth.metadata.num_rows, truth.num_row_groups) == (250, 3)
    assert len(set(truth.read()["id_number"].to_pylist())) == 250
    assert seen[0] == ("people", 0.0)
    assert seen[-1] == ("done", 1.0)
    assert [share for _, share in seen] == sorted(share for _, share in seen)


def test_csv_holds_the_same_rows_as_parquet(tmp_path: Path) -> None:
    for file_format in ("csv", "parquet"):
        write_sample_city(tmp_path / file_format, people=200, seed=5, file_format=file_format)
    texts = pa_csv.ConvertOptions(column_types={"id_number": pa.string(), "region_code": pa.string()})
    for name in ("residents", "entitlements", "deaths", "events/pharmacy", "events/bus_card"):
        csv = pa_csv.read_csv(tmp_path / "csv" / f"{name}.csv", convert_options=texts)
        parquet = pq.read_table(tmp_path / "parquet" / f"{name}.parquet")
        assert csv.cast(parquet.schema).equals(parquet)


@pytest.mark.parametrize("wanted", [8.0, 40.0])
def test_events_per_person_is_the_mean_that_was_asked_for(tmp_path: Path, wanted: float) -> None:
    write_sample_city(tmp_path, people=3000, seed=2, events_per_person=wanted)
    rows = sum(pq.read_metadata(path).num_rows for path in (tmp_path / "events").glob("*.parquet"))
    assert rows / 3000 == pytest.approx(wanted, rel=0.07)


def test_events_stop_at_an_as_of_within_a_month(tmp_path: Path) -> None:
    write_sample_city(tmp_path, people=500, seed=2, as_of=date(2024, 2, 10), months=12)
    days = pq.read_table(tmp_path / "events" / "vaccination.parquet")["occurred_on"].to_pylist()
    kept = [day for day in days if day <= date(2024, 2, 10)]
    assert len(days) - len(kept) <= 1  # one row of nonsense at most comes from the future
    assert min(kept) >= date(2023, 3, 1)


def test_two_thousand_people_take_less_than_three_seconds(tmp_path: Path) -> None:
    start = time.perf_counter()
    write_sample_city(tmp_path, people=2000, seed=1)
    assert time.perf_counter() - start < 3


def test_one_person_is_a_city(tmp_path: Path) -> None:
    write_sample_city(tmp_path, people=1, seed=1)
    assert pq.read_metadata(tmp_path / "truth.parquet").num_rows == 1
    assert len(list((tmp_path / "events").glob("*.parquet"))) == 26


@pytest.mark.parametrize(
    ("option", "value"), [("people", 0), ("months", 61), ("events_per_person", -1.0), ("file_format", "xlsx")]
)
def test_figures_that_make_no_city_are_refused_before_anything_is_written(
    tmp_path: Path, option: str, value: Any
) -> None:
    options: dict[str, Any] = {"people": 10, "seed": 1, option: value}
    with pytest.raises(UsageError) as refused:
        write_sample_city(tmp_path / "city", **options)
    assert refused.value.code.startswith("sample-city.")
    assert not (tmp_path / "city").exists()


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError) as refused:
        write_sample_city(tmp_path / "file" / "city", people=10, seed=1)
    assert refused.value.code == "storage.not-writable"


FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize(("ending", "raised"), [(KeyboardInterrupt(), KeyboardInterrupt), (FULL, StorageError)])
def test_stopped_run_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: BaseException, raised: type[BaseException]
) -> None:
    write_sample_city(tmp_path / "old", people=10, seed=1)
    before = digests(tmp_path)
    whole = package._chunk_tables

    def stop(city: Any, chunk: int) -> Iterator[tuple[str, pa.Table]]:
        yield from list(whole(city, chunk))[:9]
        raise ending

    monkeypatch.setattr(package, "_chunk_tables", stop)
    for name in ("old", "new"):
        with pytest.raises(raised):
            write_sample_city(tmp_path / name, people=10, seed=2, file_format="csv")
    assert digests(tmp_path) == before


def test_city_killed_while_it_took_its_place_may_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed by the third file moved, without a chance to clean up."""
    moved = []

    def replace(path: Path, target: Path) -> Path:
        moved.append(path.rename(target))
        if len(moved) == 3:
            raise KeyboardInterrupt
        return moved[-1]

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "replace", replace)
        write_sample_city(tmp_path, people=10, seed=1)
    assert "datapackage.json" not in digests(tmp_path)
    write_sample_city(tmp_path, people=10, seed=1)
    assert "datapackage.json" in digests(tmp_path)


def test_what_a_killed_run_left_is_removed_and_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-999999999").mkdir()
    (tmp_path / ".unfinished-999999999" / "residents.csv").write_text("half")
    write_sample_city(tmp_path, people=10, seed=1)
    assert not [name for name in digests(tmp_path) if "unfinished" in name]


def test_city_in_another_format_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    write_sample_city(tmp_path, people=10, seed=1)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "residents.parquet").write_text("a result")
    write_sample_city(tmp_path, people=10, seed=1, file_format="csv")
    assert {name for name in digests(tmp_path) if name.endswith(".parquet")} == {
        "truth.parquet",
        "truth-rates.parquet",
        "run/residents.parquet",
    }


@pytest.mark.parametrize("descriptor", ['{"name": "heze"}', "mine", None])
def test_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path, descriptor: str | None) -> None:
    if descriptor is None:
        (tmp_path / "residents.csv").write_text("id_number")
    else:
        write_sample_city(tmp_path, people=10, seed=1)
        (tmp_path / "datapackage.json").write_text(descriptor)
    before = digests(tmp_path)
    with pytest.raises(UsageError) as refused:
        write_sample_city(tmp_path, people=10, seed=2)
    assert refused.value.code == "sample-city.not-empty"
    assert str(tmp_path) in refused.value.render("zh")
    assert digests(tmp_path) == before


def test_sample_city_whose_descriptor_is_gone_may_be_replaced(tmp_path: Path) -> None:
    write_sample_city(tmp_path, people=10, seed=1)
    (tmp_path / "datapackage.json").unlink()
    write_sample_city(tmp_path, people=10, seed=2)
    assert (tmp_path / "datapackage.json").is_file()
