"""A folder of files without descriptor gets a draft, and is told what it lacks."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chengshu import lake
from chengshu.kernel.errors import PackageError
from chengshu.lake.tests.small_city import ANN, AS_OF, BOB, small_city


@pytest.fixture
def folder(tmp_path):
    city = small_city().write(tmp_path / "city")
    (city / "datapackage.json").unlink()
    return city


def resources(draft):
    return {resource["name"]: resource for resource in draft.descriptor["resources"]}


def told(draft, *facts):
    return [text for text in draft.missing if all(fact in text.zh and fact in text.en for fact in facts)]


def test_a_draft_of_a_sound_folder_can_be_gathered(folder):
    draft = lake.describe(folder)
    assert draft.missing == []
    (folder / "datapackage.json").write_text(json.dumps(draft.descriptor))
    load = lake.gather(folder, folder.parent / "lake", as_of=AS_OF)
    assert load.sources()["events"].to_pylist() == [3, 1]
    assert load.deaths().num_rows == 1


def test_encoding_delimiter_and_format_are_found_out(folder):
    text = (folder / "residents.csv").read_text(encoding="utf-8")
    (folder / "residents.csv").write_text(text.replace(",", "\t"), encoding="gb18030")
    (folder / "events-bus.csv").unlink()
    pq.write_table(pa.table({"id_number": [ANN], "occurred_on": ["2025-01-01"]}), folder / "events-bus.parquet")
    clinic = (folder / "events-clinic.csv").read_bytes()
    (folder / "events-clinic.csv").unlink()
    (folder / "clinic.csv.gz").write_bytes(gzip.compress(clinic))
    found = resources(lake.describe(folder))
    assert found["residents"]["encoding"] == "gb18030"
    assert found["residents"]["dialect"] == {"delimiter": "\t"}
    assert found["events-bus"]["format"] == "parquet"
    assert found["events-clinic"]["path"] == "clinic.csv.gz"
    assert found["events-clinic"]["source_code"] == "clinic"


def test_numbered_parts_in_a_folder_are_one_source(folder):
    (folder / "rail").mkdir()
    for number in range(2):
        (folder / "rail" / f"part-{number:03d}.csv").write_text(f"id_number,occurred_on\n{BOB},2025-01-01\n")
    rail = resources(lake.describe(folder))["events-rail"]
    assert rail["path"] == ["rail/part-000.csv", "rail/part-001.csv"]
    assert rail["source_code"] == "rail"


@pytest.mark.parametrize("name", ["residents", "benefits", "entitlements", "sources"])
def test_a_resource_that_is_missing_is_named_with_its_columns(folder, name):
    (folder / f"{name}.csv").unlink()
    column = {"sources": "source_code", "benefits": "cycle_months"}.get(name, "id_number")
    assert told(lake.describe(folder), name, column, "datapackage.json")


def test_a_file_that_nearly_fits_is_told_what_it_lacks(folder):
    text = (folder / "residents.csv").read_text(encoding="utf-8")
    (folder / "residents.csv").write_text(text.replace("birth_date", "born"), encoding="utf-8")
    assert told(lake.describe(folder), "residents.csv", "birth_date", "born")


def test_a_file_like_nothing_is_named(folder):
    (folder / "weather.csv").write_text("day,rain\n2025-01-01,3\n")
    assert told(lake.describe(folder), "weather.csv", "rain")


def test_a_file_that_cannot_be_read_is_named(folder):
    (folder / "bus.parquet").write_bytes(b"PAR1")
    assert told(lake.describe(folder), "bus.parquet")


def test_no_events_are_told(folder):
    for file in folder.glob("events-*"):
        file.unlink()
    assert told(lake.describe(folder), "occurred_on")


def test_no_folder(tmp_path):
    with pytest.raises(PackageError) as caught:
        lake.describe(tmp_path / "nowhere")
    assert caught.value.code == "package.not-a-folder"
    assert "nowhere" in caught.value.render("zh")
