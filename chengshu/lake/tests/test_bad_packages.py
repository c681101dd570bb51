"""What is wrong with a package as a whole is said before anything is read in: file, column, what to do."""

import gzip
import json
import os
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chengshu import lake
from chengshu.kernel.errors import ChengshuError, PackageError
from chengshu.lake.tests.small_city import ANN, AS_OF, PEOPLE, STRANGER, gathered, resident, small_city


@pytest.fixture
def folder(tmp_path):
    return small_city().write(tmp_path / "city")


def refused(folder, code, *facts):
    """Gathering fails with this code; both languages name all facts; nothing became a load."""
    lake_dir = folder.parent / "lake"
    with pytest.raises(ChengshuError) as caught:
        lake.gather(folder, lake_dir, as_of=AS_OF)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        text = caught.value.render(lang)
        for fact in facts:
            assert fact in text
    assert re.search("[\u4e00-\u9fff]", caught.value.render("zh"))
    assert not re.search("[\u4e00-\u9fff]", caught.value.render("en"))
    assert not (lake_dir / "loads").exists()
    return caught.value


def describe(folder, resource_name, **changes):
    file = folder / "datapackage.json"
    package = json.loads(file.read_text())
    for resource in package["resources"]:
        if resource["name"] == resource_name:
            resource.update(changes)
    file.write_text(json.dumps(package))


def test_no_such_folder(tmp_path):
    refused(tmp_path / "nowhere", "package.no-descriptor", "nowhere", "datapackage.json", "chengshu describe")


def test_a_file_for_a_folder(folder):
    refused(folder / "residents.csv", "package.not-a-folder", "residents.csv")


def test_no_descriptor(folder):
    (folder / "datapackage.json").unlink()
    refused(folder, "package.no-descriptor", "datapackage.json", "chengshu describe")


def test_a_descriptor_that_is_not_json(folder):
    (folder / "datapackage.json").write_text("{'resources': []}")
    refused(folder, "package.bad-descriptor", "datapackage.json", "line 1")


def test_a_descriptor_without_resources(folder):
    (folder / "datapackage.json").write_text("{}")
    refused(folder, "package.bad-descriptor", "datapackage.json", "resources")


def test_a_resource_without_a_path(folder):
    (folder / "datapackage.json").write_text('{"resources": [{"name": "residents"}]}')
    refused(folder, "package.bad-descriptor", "datapackage.json", "resources.0.path")


def test_a_name_used_twice(folder):
    describe(folder, "sources", name="benefits")
    refused(folder, "package.bad-descriptor", "datapackage.json", "benefits")


@pytest.mark.parametrize("name", ["residents", "benefits", "entitlements", "sources"])
def test_a_resource_that_is_missing(tmp_path, name):
    city = small_city()
    del city.tables[name]
    refused(city.write(tmp_path / "city"), "package.resource-missing", "datapackage.json", name)


def test_a_file_that_is_missing(folder):
    (folder / "events-bus.csv").unlink()
    refused(folder, "package.file-missing", "events-bus.csv", "events-bus")


def test_a_glob_that_finds_nothing(folder):
    describe(folder, "events-bus", path="bus/*.parquet")
    refused(folder, "package.file-missing", "bus/*.parquet", "events-bus")


def test_a_file_that_is_empty(folder):
    (folder / "events-bus.csv").write_bytes(b"")
    refused(folder, "package.file-empty", "events-bus.csv", "events-bus")


def test_a_directory_for_a_file(folder):
    (folder / "events-bus.csv").unlink()
    (folder / "events-bus.csv").mkdir()
    refused(folder, "package.file-is-folder", "events-bus.csv", "events-bus")


@pytest.mark.parametrize("path", ["../other.csv", "/etc/passwd", "http://example.org/a.csv", "a/../../b.csv"])
def test_a_path_that_leads_out(folder, path):
    describe(folder, "events-bus", path=path)
    refused(folder, "package.path-escapes", path, "events-bus")


def test_a_truncated_parquet(folder):
    pq.write_table(pa.table({"id_number": [ANN], "occurred_on": ["2025-01-01"]}), folder / "bus.parquet")
    content = (folder / "bus.parquet").read_bytes()
    (folder / "bus.parquet").write_bytes(content[: len(content) - 20])
    describe(folder, "events-bus", path="bus.parquet")
    refused(folder, "package.file-unreadable", "bus.parquet", "events-bus")


def test_a_parquet_broken_in_the_middle(folder):
    rows = {"id_number": [ANN] * 5000, "occurred_on": ["2025-01-01"] * 5000}
    pq.write_table(pa.table(rows), folder / "bus.parquet", use_dictionary=False, compression="zstd")
    content = bytearray((folder / "bus.parquet").read_bytes())
    content[8:60] = b"\xff" * 52
    (folder / "bus.parquet").write_bytes(content)
    describe(folder, "events-bus", path="bus.parquet")
    refused(folder, "package.file-unreadable", "bus.parquet", "events-bus")


def test_a_gzip_cut_short(folder):
    content = gzip.compress((folder / "events-bus.csv").read_bytes())
    (folder / "bus.csv.gz").write_bytes(content[:-10])
    describe(folder, "events-bus", path="bus.csv.gz")
    refused(folder, "package.file-unreadable", "bus.csv.gz", "events-bus")


def test_a_sheet_that_is_none(folder):
    (folder / "bus.xlsx").write_text("not a workbook")
    describe(folder, "events-bus", path="bus.xlsx")
    refused(folder, "package.file-unreadable", "bus.xlsx", "events-bus")


def test_a_format_that_is_not_known(folder):
    (folder / "bus.dbf").write_text("x")
    describe(folder, "events-bus", path="bus.dbf")
    refused(folder, "package.unknown-format", "bus.dbf", "events-bus")


@pytest.mark.parametrize("declared", ["dbf", "xls", "json"])
def test_a_declared_format_that_is_not_known(folder, declared):
    describe(folder, "events-bus", format=declared)
    refused(folder, "package.unknown-format", "events-bus.csv", "events-bus", f'"{declared}"', "xlsx")


def test_a_declared_format_that_the_file_is_not_of(folder):
    describe(folder, "events-bus", format="parquet")
    refused(folder, "package.format-differs", "events-bus.csv", "events-bus", '"format": "csv"')


def test_a_file_whose_name_tells_no_format_is_of_the_one_declared(folder):
    (folder / "events-bus.csv").rename(folder / "bus.2025")
    describe(folder, "events-bus", path="bus.2025", format="CSV")
    assert lake.gather(folder, folder.parent / "lake", as_of=AS_OF).event_count == 4


def test_wrong_encoding_names_line_and_proposes_the_right_one(folder):
    text = (folder / "residents.csv").read_text(encoding="utf-8")
    (folder / "residents.csv").write_text(text, encoding="gb18030")
    refused(folder, "package.wrong-encoding", "residents.csv", "2", '"encoding": "gb18030"')


def test_wrong_encoding_the_other_way_round(folder):
    people = [resident(number, name="王五六") for number in PEOPLE]
    small_city(residents=people).write(folder)
    describe(folder, "residents", encoding="gb18030")
    refused(folder, "package.wrong-encoding", "residents.csv", "gb18030", '"encoding": "utf-8"')


def test_a_file_of_no_known_encoding_is_not_said_to_be_gb18030(folder):
    names = [name.encode("utf-8") for name in ("王", "李", "张")] + [b"\xff\xfe"] * 9
    header, row = (folder / "residents.csv").read_text().splitlines()[:2]
    rows = [row.encode().replace("王某".encode(), name) for name in names]
    (folder / "residents.csv").write_bytes(b"\n".join([header.encode(), *rows]))
    said = refused(folder, "package.wrong-encoding", "residents.csv", "9", "5")
    assert "gb18030" not in str(said).lower()


def test_a_header_that_cannot_be_decoded_stops_the_run(folder):
    (folder / "events-bus.csv").write_bytes(b"id_number,occurred_on,\xff\n" + f"{ANN},2025-01-01,\n".encode())
    refused(folder, "package.wrong-encoding", "events-bus.csv", "1")


def test_an_encoding_that_is_not_known(folder):
    describe(folder, "residents", encoding="gbk-9")
    refused(folder, "package.unknown-encoding", "gbk-9", "residents", "gb18030")


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_wrong_delimiter_proposes_the_right_one(folder, delimiter):
    text = (folder / "events-bus.csv").read_text()
    (folder / "events-bus.csv").write_text(text.replace(",", delimiter))
    shown = delimiter.replace("\t", "\\t")
    refused(folder, "package.wrong-delimiter", "events-bus.csv", "id_number", f'"delimiter": "{shown}"')


@pytest.mark.parametrize(
    ("name", "column"),
    [("residents", "birth_date"), ("events-bus", "occurred_on"), ("deaths", "recorded_on")],
)
def test_a_column_that_is_missing(tmp_path, name, column):
    city = small_city()
    for row in city.tables[name]:
        del row[column]
    refused(city.write(tmp_path / "city"), "package.column-missing", f"{name}.csv", name, column)


def test_a_column_that_is_missing_in_parquet(folder):
    pq.write_table(pa.table({"id_number": [ANN], "day": ["2025-01-01"]}), folder / "bus.parquet")
    describe(folder, "events-bus", path="bus.parquet")
    refused(folder, "package.column-missing", "bus.parquet", "events-bus", "occurred_on", "day")


def test_no_residents(folder):
    without_rows(folder, "residents")
    said = refused(folder, "package.no-residents", "residents.csv")
    assert "has no rows" in said.render("en")
    assert "set aside" not in said.render("en")


@pytest.mark.parametrize("name", ["benefits", "entitlements", "sources"])
def test_a_needed_table_without_rows(folder, name):
    without_rows(folder, name)
    said = refused(folder, "package.resource-empty", f"{name}.csv", name)
    assert "has no rows" in said.render("en")


def without_rows(folder, name):
    file = folder / f"{name}.csv"
    file.write_text(file.read_text().splitlines()[0] + "\n")


def test_a_feed_without_rows_is_noted_as_such(folder):
    without_rows(folder, "events-bus")
    load = lake.gather(folder, folder.parent / "lake", as_of=AS_OF)
    assert ["source bus have no rows" in text.en for text in load.warnings] == [True]


def test_no_usable_resident(tmp_path):
    city = small_city(residents=[resident(number, sex=9) for number in PEOPLE])
    refused(city.write(tmp_path / "city"), "package.no-residents", "residents.csv", "5", "bad-sex", "1", "2")


def test_more_sources_than_fit(tmp_path):
    sources = [{"source_code": f"s{n}", "name": "x", "department": "y"} for n in range(33)]
    city = small_city(sources=sources)
    for name in ("events-clinic", "events-bus"):
        del city.tables[name]
    refused(city.write(tmp_path / "city"), "package.too-many-sources", "33", "32", "source_code")


def test_a_file_that_may_not_be_read(folder, monkeypatch):
    def closed(path, resource):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("chengshu.lake.package._check_encoding", closed)
    refused(folder, "package.not-readable", "residents.csv", "residents")


@pytest.mark.parametrize("call", ["read_text", "is_file"])
def test_a_descriptor_that_may_not_be_read(folder, monkeypatch, call):
    """Root may read anything, so that the system's answer is put in its mouth."""

    def closed(path, *more, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(f"pathlib.Path.{call}", closed)
    refused(folder, "package.not-readable", "city/datapackage.json", "Permission denied")


def test_a_file_in_a_folder_that_may_not_be_entered(folder, monkeypatch):
    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    describe(folder, "events-bus", path="locked/bus.csv")
    monkeypatch.setattr(
        "pathlib.Path.is_dir", lambda path: closed(path) if path.name == "bus.csv" else os.path.isdir(path)
    )
    (folder / "locked").mkdir()
    (folder / "events-bus.csv").rename(folder / "locked" / "bus.csv")
    refused(folder, "package.not-readable", "locked/bus.csv", "events-bus")


def test_a_bad_package_leaves_the_last_good_load(tmp_path):
    load = gathered(tmp_path, small_city())
    (tmp_path / "city" / "events-bus.csv").write_bytes(b"")
    with pytest.raises(PackageError):
        lake.gather(tmp_path / "city", tmp_path / "lake", as_of=AS_OF)
    assert lake.open_load(tmp_path / "lake").load_id == load.load_id


def test_a_message_never_shows_an_id_number(folder):
    (folder / "events-bus.csv").write_text(f"{STRANGER}\n{STRANGER}\n")
    error = refused(folder, "package.column-missing", "events-bus.csv", "id_number")
    assert STRANGER not in str(error)
    assert os.path.exists(folder)
