"""A resource that is not what its name or columns promise is told of, never dropped in silence."""

import json

import pytest

from chengshu import lake
from chengshu.kernel.errors import PackageError
from chengshu.lake.tests.small_city import AS_OF, CAI, event, gathered, small_city, visit


@pytest.fixture
def folder(tmp_path):
    return small_city().write(tmp_path / "city")


def change(folder, resource_name, **changes):
    """Change properties of a resource; None drops one."""
    file = folder / "datapackage.json"
    package = json.loads(file.read_text())
    for resource in package["resources"]:
        if resource["name"] == resource_name:
            resource.update(changes)
            for name in [name for name, value in changes.items() if value is None]:
                del resource[name]
    file.write_text(json.dumps(package))


def refused(folder, code, *facts):
    with pytest.raises(PackageError) as caught:
        lake.gather(folder, folder.parent / "lake", as_of=AS_OF)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        for fact in facts:
            assert fact in caught.value.render(lang)
    return caught.value


def warned(load, *facts):
    return [text for text in load.warnings if all(fact in text.zh and fact in text.en for fact in facts)]


def test_events_without_a_source_code_are_refused_with_the_code_to_add(folder):
    change(folder, "events-bus", source_code=None)
    refused(folder, "package.source-code-missing", "events-bus", "events-bus.csv", '"source_code": "bus"')


@pytest.mark.parametrize("name", ["bus-rides", "Event_bus", "events"])
def test_a_resource_with_the_columns_of_events_is_taken_for_events(folder, name):
    change(folder, "events-bus", source_code=None, name=name)
    refused(folder, "package.source-code-missing", name, "events-bus.csv", "source_code")


def test_an_empty_source_code_is_no_code(folder):
    change(folder, "events-bus", source_code="")
    refused(folder, "package.bad-descriptor", "source_code")


def test_a_slip_in_the_name_of_a_table_is_told_with_the_near_name(tmp_path):
    folder = small_city(visits=[visit(CAI)]).write(tmp_path / "city")
    change(folder, "visits", name="visit")
    load = lake.gather(folder, tmp_path / "lake", as_of=AS_OF)
    assert warned(load, "visit ", "visits")
    assert load.visits().num_rows == 0


def test_a_resource_that_is_like_nothing_is_told_of_and_may_be_anything(tmp_path):
    folder = small_city(weather=[{"day": "2025-01-01"}]).write(tmp_path / "city")
    change(folder, "weather", path="nowhere.pdf")
    assert warned(lake.gather(folder, tmp_path / "lake", as_of=AS_OF), "weather")


def test_a_needed_table_under_a_near_name_is_asked_about(folder):
    change(folder, "residents", name="resident")
    refused(folder, "package.resource-missing", "residents", "resident ")


def test_a_file_that_two_feeds_name_is_refused(folder):
    change(folder, "events-bus", path="events-clinic.csv")
    refused(folder, "package.file-twice", "events-clinic.csv", "events-clinic", "events-bus")


@pytest.mark.parametrize("path", [["events-bus.csv", "events-bus.csv"], ["events-bus.csv", "events-b*.csv"]])
def test_a_file_listed_twice_in_one_resource_is_refused(folder, path):
    change(folder, "events-bus", path=path)
    refused(folder, "package.file-twice", "events-bus.csv")


def test_a_link_to_the_same_file_is_the_same_file(folder):
    (folder / "again.csv").symlink_to(folder / "events-bus.csv")
    change(folder, "events-bus", path=["events-bus.csv", "again.csv"])
    refused(folder, "package.file-twice", "again.csv")


def test_two_resources_of_one_source_with_files_of_their_own_are_one_feed(tmp_path):
    city = small_city(events_bus2=[event(CAI, "2025-06-06")])
    city.descriptor["events-bus2"] = {"source_code": "bus"}
    load = gathered(tmp_path, city)
    assert load.sources().to_pylist()[1]["events"] == 2
    assert not warned(load, "bus")
