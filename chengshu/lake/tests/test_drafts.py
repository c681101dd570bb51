import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chengshu.kernel.errors import PackageError, UsageError
from chengshu.lake.drafts import draft_descriptor, write_draft


def write_residents(folder):
    (folder / "residents.csv").write_text("id_number,name\n")


def resources_of(draft):
    return {resource["name"]: resource for resource in draft.descriptor["resources"]}


def test_encoding_and_delimiter_are_found_out(tmp_path):
    text = "source_code;name;department\nbus;公交老年卡;市交通局\n"
    (tmp_path / "sources.csv").write_bytes(text.encode("gb18030"))
    source = resources_of(draft_descriptor(tmp_path))["sources"]
    assert source["encoding"] == "gb18030"
    assert source["dialect"] == {"delimiter": ";"}


def test_a_table_is_known_by_its_columns_and_parts_belong_together(tmp_path):
    deaths = pa.table({name: ["x"] for name in ("id_number", "died_on", "recorded_on", "record_source")})
    pq.write_table(deaths, tmp_path / "heyu.parquet")
    (tmp_path / "bus_card").mkdir()
    for part in (1, 2):
        events = pa.table({"id_number": ["x"], "occurred_on": ["x"]})
        pq.write_table(events, tmp_path / "bus_card" / f"part-{part}.parquet")
    found = resources_of(draft_descriptor(tmp_path))
    assert found["deaths"]["path"] == "heyu.parquet"
    assert found["events-bus-card"]["source_code"] == "bus_card"
    assert found["events-bus-card"]["path"] == ["bus_card/part-1.parquet", "bus_card/part-2.parquet"]


def test_delta_tables_and_lakes_are_left_alone(tmp_path):
    write_residents(tmp_path)
    for folder in ("events", "lake/residents"):
        (tmp_path / folder / "_delta_log").mkdir(parents=True)
        write_residents(tmp_path / folder)
    (tmp_path / "lake" / "gather.lock").touch()
    (tmp_path / "lake" / "spill-1").mkdir()
    write_residents(tmp_path / "lake" / "spill-1")
    draft = draft_descriptor(tmp_path)
    assert resources_of(draft)["residents"]["path"] == "residents.csv"
    assert draft.unused == ["events/", "lake/"]


def test_the_folder_asked_about_is_looked_into_whatever_it_is(tmp_path):
    write_residents(tmp_path)
    draft = draft_descriptor(tmp_path, is_output=lambda folder: True)
    assert resources_of(draft)["residents"]["path"] == "residents.csv"


def test_what_is_missing_is_said(tmp_path):
    write_residents(tmp_path)
    (tmp_path / "broken.parquet").write_text("no parquet")
    said = " ".join(text.en for text in draft_descriptor(tmp_path).missing)
    for part in ("sex, birth_date, region_code", "entitlements is missing", "no events", "broken.parquet"):
        assert part in said


def test_a_descriptor_that_is_there_is_not_replaced(tmp_path):
    write_residents(tmp_path)
    (tmp_path / "datapackage.json").write_text("mine")
    with pytest.raises(UsageError, match=r"describe\.exists"):
        write_draft(tmp_path, draft_descriptor(tmp_path))
    assert (tmp_path / "datapackage.json").read_text() == "mine"


@pytest.mark.parametrize(("name", "code"), [("nowhere", "no-folder"), ("", "no-tables")])
def test_a_folder_without_tables_is_an_error(tmp_path, name, code):
    with pytest.raises(PackageError, match=rf"describe\.{code}"):
        draft_descriptor(tmp_path / name)


def test_a_written_draft_is_the_draft(tmp_path):
    write_residents(tmp_path)
    draft = draft_descriptor(tmp_path)
    assert json.loads(write_draft(tmp_path, draft).read_text(encoding="utf-8")) == draft.descriptor


def test_files_of_one_resource_that_are_written_differently_are_named(tmp_path):
    (tmp_path / "bus").mkdir()
    (tmp_path / "bus" / "1.csv").write_text("id_number,occurred_on\n")
    (tmp_path / "bus" / "2.csv").write_text("id_number;occurred_on\n")
    said = " ".join(text.en for text in draft_descriptor(tmp_path).missing)
    assert "events-bus differ" in said
    assert "bus/1.csv, bus/2.csv" in said
