"""A server's workers count and judge as this process does, to the last bit."""

from datetime import date

import numpy as np
import pytest

from chengshu import lake
from chengshu.certification import counts, packed, remote
from chengshu.certification.desks import LocalDesk, desk_at
from chengshu.certification.population import STRATA, read_population
from chengshu.certification.ranges import LAST, POSTERIOR
from chengshu.certification.remote import RemoteDesk
from chengshu.certification.window import Window
from chengshu.kernel.workers import Workers
from chengshu.samplecity import write_sample_city
from chengshu.survival.parameters import initial

AS_OF = date(2025, 12, 31)
WINDOW = Window(AS_OF, 24)
PEOPLE = 500


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    place = tmp_path_factory.mktemp("remote")
    write_sample_city(place / "city", people=PEOPLE, seed=5)
    return lake.gather(place / "city", place / "lake", as_of=AS_OF)


@pytest.fixture(autouse=True)
def small_jobs(monkeypatch):
    """Five ranges in three jobs, the last of both cut short."""
    monkeypatch.setattr(counts, "PEOPLE_PER_RANGE", 110)
    monkeypatch.setattr(remote, "RANGES_PER_JOB", 2)


@pytest.fixture(params=["duckdb", "sail"])
def engine(request):
    """The way of a server goes on each engine; in this process for a quick look at it."""
    url = "duckdb" if request.param == "duckdb" else request.getfixturevalue("sail_url")
    with lake.open_engine(url) as opened:
        yield opened


@pytest.fixture
def desks(load, engine, tmp_path):
    """The same work in this process, and where the engine's rows are."""
    population = read_population(load, WINDOW)
    assert len(population.visits.person)
    with lake.open_engine() as here:
        local = desk_at([here], load, population, WINDOW, Workers(None, 1), tmp_path / "counts")
        assert isinstance(local, LocalDesk)
        yield local, RemoteDesk(engine, load, population, WINDOW)


def choices():
    """Everybody backwards, some, and nobody."""
    return [np.arange(PEOPLE)[::-1], np.array([3, 499, 111]), np.zeros(0, dtype=np.int64)]


def model(population, sources):
    lengths = WINDOW.lengths
    return initial(counties=len(population.counties), strata=STRATA, sources=sources, month_lengths=lengths)


def told():
    shares: list[float] = []
    return shares, shares.append


def test_a_server_counts_the_same(desks):
    local, other = (desk.count(choices(), told()[1]) for desk in desks)
    assert other.arrived.sum() > PEOPLE
    np.testing.assert_array_equal(other.arrived, local.arrived)
    np.testing.assert_array_equal(other.people_seen, local.people_seen)
    assert [len(picked) > 0 for picked in other.picked] == [True, True, False]
    for ours, theirs in zip(local.picked, other.picked, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_server_judges_the_same_to_the_last_bit(desks):
    local, other = desks
    counted = local.count([], told()[1])
    fitted = model(local.population, len(counted.people_seen))
    ours, theirs = local.judge(fitted, told()[1]), other.judge(fitted, told()[1])
    for name in LAST:
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    for name in POSTERIOR:
        one, two = getattr(ours.posterior, name), getattr(theirs.posterior, name)
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two)


def test_each_job_tells_its_share(desks):
    shares, tell = told()
    desks[1].count([], tell)
    assert shares == pytest.approx([0.4, 0.8, 1.0])


def test_a_server_keeps_nothing_behind(desks, tmp_path):
    desks[1].count([], told()[1])
    desks[1].discard()
    assert not any(tmp_path.glob("counts/*"))


def test_work_is_done_where_the_rows_are(load, sail_url, tmp_path):
    population = read_population(load, WINDOW)
    with lake.open_engine(sail_url) as engine:
        desk = desk_at([engine], load, population, WINDOW, Workers(None, 1), tmp_path / "counts")
    assert isinstance(desk, RemoteDesk)
    assert not (tmp_path / "counts").exists()


def test_packed_cells_hold_the_lakes_sources():
    """The worker must not import the lake to ask."""
    assert packed.MOST_SOURCES == lake.CELL_SOURCES
