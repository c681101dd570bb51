from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from chengshu.certification.figures_for_site import _bands_of_records, _cuts, _late_deaths
from chengshu.certification.figures_kept import FIGURES, KeptFeeds, Matrix, read_figures, write_figures
from chengshu.certification.intervals import exact_share
from chengshu.certification.outcome import decide_everybody
from chengshu.certification.people import benefit_masks, benefits_of
from chengshu.certification.tests import few_people, site_factories
from chengshu.certification.tests.few_people import WINDOW, Person
from chengshu.certification.tests.test_writing import NOTHING_COUNTED
from chengshu.certification.writing import Certified
from chengshu.kernel.errors import Conflict

PAYERS = pa.table({"benefit_code": ["B1", "B2"], "name": ["高龄津贴", "养老金"], "department": ["民政局", "人社局"]})
PEOPLE = [Person(0.0001), Person(0.0001, benefits=(0, 1)), Person(0.9, benefits=(1,)), Person(0.5, benefits=())]


def certified(people=PEOPLE):
    everybody, rows = few_people.population(people), replace(few_people.rows(people), benefits=PAYERS)
    answers = few_people.answers(people)
    outcome = decide_everybody(rows, everybody, answers, WINDOW, 0.003)
    nothing = pa.table({"source_code": ["clinic"]})
    return Certified(
        everybody, answers, outcome, WINDOW, pa.array(["x"] * len(people)), nothing, nothing, NOTHING_COUNTED
    )


def cut_of(all_of, kind, code=""):
    return next(cut for cut in _cuts(all_of) if (cut.kind, cut.code) == (kind, code))


def test_what_is_written_is_read(tmp_path):
    figures = site_factories.make_figures()
    write_figures(tmp_path / FIGURES, figures)
    assert read_figures(tmp_path, 1) == figures


def test_a_city_of_usual_size_keeps_little(tmp_path):
    months = tuple(date(2023 + number // 12, number % 12 + 1, 1) for number in range(36))
    row: tuple[float | None, ...] = (0.987,) * 36
    matrix: Matrix = (row,) * 26
    made = site_factories.make_figures()
    sources = tuple(made.feeds.sources[0].model_copy(update={"code": f"s{number}"}) for number in range(26))
    counties = {f"3790{number:02d}": matrix for number in range(14)}
    feeds = KeptFeeds(months=months, sources=sources, city=matrix, counties=counties, broken=())
    write_figures(tmp_path / FIGURES, made.model_copy(update={"feeds": feeds}))
    assert (tmp_path / FIGURES).stat().st_size < 120_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "certification.no-figures"),
        (b"{}", "certification.figures-damaged"),
        (b"\xff\xfe", "certification.figures-damaged"),
        (b'{"edition": 2}', "certification.figures-damaged"),
    ],
)
def test_a_file_that_is_missing_or_damaged_says_what_to_do(tmp_path, content, code):
    if content is not None:
        (tmp_path / FIGURES).write_bytes(content)
    with pytest.raises(Conflict) as refused:
        read_figures(tmp_path, 7)
    assert refused.value.code == code
    assert "7" in refused.value.message.en


def test_a_matrix_of_another_shape_is_refused():
    feeds = site_factories.make_figures().feeds
    with pytest.raises(ValueError, match="sources by months"):
        KeptFeeds(**{**dict(feeds), "city": feeds.city[:1]})


def test_a_broken_feed_of_no_source_is_refused():
    feeds = site_factories.make_figures().feeds
    with pytest.raises(ValueError, match="of no source"):
        KeptFeeds(**{**dict(feeds), "sources": feeds.sources[:1], "city": feeds.city[:1], "counties": {}})


def test_everybody_who_gets_a_benefit_is_in_one_group_of_each_kind():
    city = cut_of(certified(), "city")
    for groups in (city.counties, city.ages, city.sexes):
        assert sum(group.people for group in groups) == 3
    assert {group.code: group.people for group in city.benefits} == {"B1": 2, "B2": 2}
    assert [group.code for group in city.ages] == ["70"]


def test_a_department_has_its_own_people_and_benefits_alone():
    pensions = cut_of(certified(), "department", "人社局")
    assert {group.code: group.people for group in pensions.benefits} == {"B2": 2}
    assert sum(group.people for group in pensions.sexes) == 2
    assert cut_of(certified(), "county", "370102").counties[0].people == 3


def test_a_bit_for_each_benefit():
    rows = certified().outcome.rows
    assert benefit_masks(rows).tolist() == [0b01, 0b11, 0b10, 0]
    assert [benefit["code"] for benefit in benefits_of(rows)] == ["B1", "B2"]


def test_benefits_beyond_the_bits_have_none():
    many = pa.table({name: [f"{name}{n:03d}" for n in range(70)] for name in ("benefit_code", "name", "department")})
    rows = replace(certified().outcome.rows, benefits=many, benefit=np.array([0, 61, 62, 69], dtype=np.int16))
    assert benefit_masks(rows).tolist() == [1, 1 << 61, 0, 0]
    assert len(benefits_of(rows)) == 62


def test_records_are_held_against_the_chance_that_a_death_is_on_record():
    all_of = certified([Person(0.2), Person(0.2, death_month=3), Person(0.2)])
    blind = np.array([0.6, 0.6, np.nan])
    (band,) = _bands_of_records(all_of, blind)
    # dead and off the records: 0.2 * 0.6 / 0.8 = 0.15; so alive or off the records: 0.75
    assert band.predicted == pytest.approx(0.75)
    assert (band.people, band.alive) == (2, 1)


def test_deaths_are_told_by_the_months_since():
    people = [Person(0.2, death_month=11 - since) for since in (0, 0, 0, 0, 0, 3, 4, 5, 5, 5, 5, 8)]
    blind = np.array([0.9] * 5 + [0.2] * 6 + [0.1])
    points = _late_deaths(certified(people), blind)
    assert [(point.months_from, point.months_to, point.people) for point in points] == [(0, 0, 5), (3, 5, 6)]
    assert points[0].p_alive == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("count", "people", "low", "high"),
    [(0, 300, 0.0, 0.01222), (3, 300, 0.00207, 0.02894), (5, 5, 0.47818, 1.0), (1, 1, 0.025, 1.0)],
)
def test_exact_intervals_are_those_of_the_tables(count, people, low, high):
    found = exact_share(count, people)
    assert found.low == pytest.approx(low, abs=2e-5)
    assert found.high == pytest.approx(high, abs=2e-5)
    assert found.low <= found.value <= found.high
