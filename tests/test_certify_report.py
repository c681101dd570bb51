"""What the report of a run over a sample city says, held against what is known of the city."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from chengshu.certification.evaluation_report import read_report
from chengshu.certification.report.data import ReportData
from chengshu.certification.run import Certification, Request, certify
from chengshu.samplecity import write_sample_city

AS_OF = date(2025, 12, 31)
PEOPLE = 4000


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("reported") / "city"
    write_sample_city(folder, people=PEOPLE, seed=5)
    return folder


@pytest.fixture(scope="module")
def done(city, tmp_path_factory) -> Certification:
    return certify(Request(city, tmp_path_factory.mktemp("reported") / "out", AS_OF))


@pytest.fixture(scope="module")
def report(done) -> ReportData:
    found = read_report(done.report)
    assert found is not None
    return found


def test_feeds_called_broken_really_broke(city, report):
    """Of a small city only what chance cannot explain is found: less than half of what broke, and nothing else."""
    world = json.loads((city / "truth-world.json").read_text())
    arrived = np.array(world["exposure"])  # (sources, months, counties)
    assert report.feeds.broken
    for feed in report.feeds.broken:
        first, last = (report.feeds.months.index(month) for month in (feed.first_month, feed.last_month))
        of_source = arrived[world["sources"].index(feed.source_code), first : last + 1]
        county = feed.county_code
        share = of_source.mean(axis=1) if county is None else of_source[:, world["counties"].index(county)]
        assert share.max() <= 0.7, feed


def test_those_certified_without_one_record_are_counted(city, done, report):
    rows = pq.read_table(done.decisions).to_pylist()
    visited = {row["id_number"] for row in pq.read_table(city / "visits.parquet").to_pylist()}
    certified = {row["id_number"] for row in rows if row["decision"] == "certified" and row["last_event_on"] is None}
    assert report.funnel.certified_unseen == done.summary["certified_unseen"] == len(certified - visited)


def test_every_stage_tells_the_rows_that_it_worked_on(done, report):
    rows = done.summary["rows_by_stage"]
    assert [stage.rows for stage in report.stages] == list(rows.values())
    assert min(rows.values()) > 0
