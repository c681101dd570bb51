from datetime import date

import pytest

from chengshu.certification.run import RESULTS, is_run
from chengshu.lake import draft_descriptor, gather, write_draft
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


def test_lakes_and_results_below_a_city_are_left_alone(tmp_path):
    write_sample_city(tmp_path, people=30, seed=1)
    alone = draft_descriptor(tmp_path, is_output=is_run)
    gather(tmp_path, tmp_path / "my-lake", as_of=date(2025, 12, 31))
    (tmp_path / "sample-run").mkdir()
    for name in RESULTS:
        (tmp_path / "sample-run" / name).touch()
    found = draft_descriptor(tmp_path, is_output=is_run)
    assert found.descriptor == alone.descriptor
    assert found.missing == alone.missing
    assert found.unused == ["my-lake/", "sample-run/", *alone.unused]
