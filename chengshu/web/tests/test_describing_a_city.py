import pytest

from chengshu.lake import draft_descriptor, write_draft
from chengshu.lake.package import open_package
from chengshu.samplecity import write_sample_city


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drafts") / "My City"
    write_sample_city(folder, people=30, seed=1, file_format="csv")
    (folder / "datapackage.json").unlink()
    return folder


def test_a_draft_of_a_whole_city_can_be_opened(city):
    draft = draft_descriptor(city)
    path = write_draft(city, draft)
    try:
        package = open_package(city)
    finally:
        path.unlink()
    assert draft.missing == []
    assert set(draft.unused) == {"truth.parquet", "truth-rates.parquet"}
    assert len(package.events) == 26
    assert {resource.source_code for resource, _ in package.events} >= {"bus_card", "med_outpatient"}
    assert set(package.tables) == {"residents", "benefits", "entitlements", "sources", "deaths", "visits"}
