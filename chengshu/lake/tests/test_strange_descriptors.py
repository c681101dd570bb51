"""A descriptor that asks for what no system can do is answered in words, not with a Python error."""

import pytest

from chengshu import lake
from chengshu.kernel.errors import StorageError
from chengshu.lake.tests.small_city import AS_OF, gathered, small_city
from chengshu.lake.tests.test_bad_packages import describe, refused


@pytest.fixture
def folder(tmp_path):
    return small_city().write(tmp_path / "city")


@pytest.mark.parametrize("encoding", ["base64", "rot13", "undefined", "hex", "idna", "punycode"])
def test_an_encoding_that_is_none_of_tables(folder, encoding):
    describe(folder, "events-bus", encoding=encoding)
    refused(folder, "package.unknown-encoding", "datapackage.json", "events-bus", encoding)


def test_an_encoding_with_a_nul(folder):
    describe(folder, "events-bus", encoding="utf-8\0")
    refused(folder, "package.unknown-encoding", "datapackage.json", "events-bus", r"utf-8\0")


def test_an_encoding_that_wants_a_mark_which_lacks(folder):
    describe(folder, "events-bus", encoding="utf-16")
    told = refused(folder, "package.wrong-encoding", "events-bus.csv", "utf-16", "utf-8")
    assert "line" not in told.render("en")  # UTF-16 has no lines that bytes could tell


@pytest.mark.parametrize("path", ["events/**.csv", "a**b", ["events-bus.csv", "***"]])
def test_a_pattern_that_is_none(folder, path):
    describe(folder, "events-bus", path=path)
    refused(folder, "package.bad-path", "datapackage.json", "events-bus", path if isinstance(path, str) else "***")


@pytest.mark.parametrize("path", ["a" * 5000, "a*" * 2500, "*/" + "a" * 5000])
def test_a_path_longer_than_any_system_takes(folder, path):
    describe(folder, "events-bus", path=path)
    error = refused(folder, "package.bad-path", "datapackage.json", "events-bus", path[:50])
    assert len(error.render("en")) < 600


def test_a_descriptor_nested_without_end(folder):
    (folder / "datapackage.json").write_text("[" * 100_000)
    refused(folder, "package.bad-descriptor", "datapackage.json", "line 1")


@pytest.mark.parametrize("name", ["events/bus", "../bus", "公交\n", "b" * 300])
def test_a_resource_may_have_a_name_that_no_file_may_have(tmp_path, name):
    city = small_city()
    city.descriptor["events-bus"] = {"name": name, "encoding": "gb18030"}
    assert gathered(tmp_path, city).counts[name]["kept"] == 1


@pytest.mark.parametrize("place", ["/proc/no-such-process", "x" * 300])
def test_a_lake_where_no_folder_can_be_made(folder, place):
    with pytest.raises(StorageError) as caught:
        lake.gather(folder, folder.parent / place, as_of=AS_OF)
    assert caught.value.code == "lake.not-writable"
    assert place in caught.value.render("en")
