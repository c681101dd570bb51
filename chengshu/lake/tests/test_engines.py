"""One expression, one answer, on DuckDB and through Spark Connect."""

import contextlib
import importlib
import socket
import subprocess
import sys
import time
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ibis import _

from chengshu import lake
from chengshu.kernel.errors import EngineError
from chengshu.lake.engine import DuckDBEngine
from chengshu.lake.spark import SparkEngine
from chengshu.lake.tests.small_city import ANN, BOB, CAI, PEOPLE, event, gathered, small_city

FIRST_MONTH = date(2025, 1, 1)
EVENTS = {
    "events_clinic": [
        event(ANN, "2024-12-31"),
        event(ANN, "2025-01-01"),
        event(ANN, "2025-01-31"),
        event(BOB, "2025-12-31"),
    ],
    "events_bus": [event(ANN, "2025-01-15"), event(CAI, "2025-02-28")],
}


@pytest.fixture
def load(tmp_path):
    return gathered(tmp_path, small_city(**EVENTS))


def rows_of(load, expression, url="duckdb"):
    with lake.open_engine(url) as engine:
        rows = engine.table(expression(engine, engine.events(load))).to_pylist()
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def counts(engine, events):
    return lake.monthly_counts(events, first_month=FIRST_MONTH)


def words(engine, events):
    return lake.event_words(events, first_month=FIRST_MONTH, people=range(1, 4))


def by_month(engine, events):
    return lake.events_by_month(events)


def test_monthly_counts_count_events_and_tell_the_last_day(load):
    numbers = load.identities()["id_number"].to_pylist()
    found = {
        (numbers[row["person_no"]], row["cell"]): (row["events"], row["last_day"]) for row in rows_of(load, counts)
    }
    assert found == {(ANN, 0): (2, 31), (ANN, 1): (1, 15), (BOB, 11 * 32): (1, 31), (CAI, 33): (1, 28)}


def test_monthly_counts_have_the_types_promised(load):
    with lake.open_engine() as engine:
        table = engine.table(counts(engine, engine.events(load)))
    assert [str(kind) for kind in table.schema.types] == ["int64", "int16", "int32", "int16", "int32"]
    assert table.schema.names == ["person_key", "cell", "events", "last_day", "person_no"]


def test_ranges_of_numbers_together_are_everybody(load):
    whole = rows_of(load, counts)
    pieces = [
        row
        for people in (range(0, 2), range(2, 5))
        for row in rows_of(
            load,
            lambda _, events, people=people: lake.monthly_counts(events, first_month=FIRST_MONTH, people=people),
        )
    ]
    assert sorted(map(str, pieces)) == sorted(map(str, whole))


def test_counting_words_agrees_with_grouping(load):
    whole = range(len(PEOPLE))
    with lake.open_engine() as engine:
        table = engine.table(lake.event_words(engine.events(load), first_month=FIRST_MONTH, people=whole))
        grouped = engine.table(counts(engine, engine.events(load)))
    cells = lake.count_words(np.array(table["word"]))
    found = set(zip(cells.person, cells.month * 32 + cells.source, cells.events, cells.last_day, strict=True))
    columns = [grouped[name].to_pylist() for name in ("person_no", "cell", "events", "last_day")]
    assert found == set(zip(*columns, strict=True))


def test_counting_no_words_gives_no_cells():
    assert [len(column) for column in lake.count_words(np.zeros(0, np.int64))] == [0] * 5


@pytest.mark.parametrize("expression", ["counts", "words", "by_month"])
def test_duckdb_and_sail_agree(load, sail_url, expression):
    build = {"counts": counts, "words": words, "by_month": by_month}[expression]
    ours = rows_of(load, build)
    assert ours
    assert rows_of(load, build, sail_url) == ours


def test_sail_reads_the_version_of_the_load(tmp_path, sail_url):
    first = gathered(tmp_path, small_city(**EVENTS))
    second = gathered(tmp_path, small_city())
    with lake.open_engine(sail_url) as engine:
        found = [engine.table(engine.events(load)).num_rows for load in (first, second)]
    assert found == [6, 4]


SENT = pa.table({"part": pa.array([1, 7, 0, 1], pa.int32()), "weight": [1.0, 2.0, 4.0, 8.0]})
WEIGHED = pa.schema(
    [("part", pa.int32()), ("weight", pa.float64()), ("rows", pa.int64()), ("ahead", pa.list_(pa.int8()))]
)


def weigh(sent, rows, *, times):
    weight = pc.sum(sent["weight"]).as_py() * times
    row = {"part": sent["part"][0].as_py(), "weight": weight, "rows": len(rows), "ahead": [len(sent)] * 2}
    return pa.Table.from_pylist([row], WEIGHED)


def mapped(load, url, function):
    """A function of the events of each of the first two persons, of a part without events, and of rows sent."""
    with lake.open_engine(url) as engine:
        events = engine.events(load).mutate(part=_.person_no.cast("int32"))
        events = events.filter(events.part < 2).select("part", "source_no")
        rows = engine.map_groups(events, SENT, by="part", function=function, schema=WEIGHED)
    return rows.sort_by("part").to_pylist()


@pytest.mark.parametrize("engine", ["duckdb", "sail"])
def test_a_function_of_each_group_has_its_rows_of_both_sides(load, request, engine):
    url = "duckdb" if engine == "duckdb" else request.getfixturevalue("sail_url")
    people = [row["person_no"] for row in rows_of(load, lambda _, events: events.select("person_no"))]
    assert mapped(load, url, partial(weigh, times=3)) == [
        {"part": 0, "weight": 12.0, "rows": people.count(0), "ahead": [1, 1]},
        {"part": 1, "weight": 27.0, "rows": people.count(1), "ahead": [2, 2]},
        {"part": 7, "weight": 6.0, "rows": 0, "ahead": [1, 1]},
    ]


def fail(sent, rows):
    raise ValueError("the ninth county is missing")


def test_a_function_that_fails_on_the_server_says_why(load, sail_url):
    with pytest.raises(EngineError) as caught:
        mapped(load, sail_url, fail)
    assert caught.value.code == "engine.failed"
    assert "ValueError: the ninth county is missing" in caught.value.render("en")


def lack(sent, rows):
    importlib.import_module("chengshu_of_another_time.worker")


def test_a_server_whose_workers_lack_a_module_says_which(load, sail_url):
    with pytest.raises(EngineError) as caught:
        mapped(load, sail_url, lack)
    assert caught.value.code == "engine.worker-lacks"
    for lang in ("zh", "en"):
        assert "chengshu_of_another_time" in caught.value.render(lang)


def test_a_load_without_events_has_no_counts(tmp_path):
    city = small_city()
    for name in ("events-clinic", "events-bus"):
        del city.tables[name]
    assert rows_of(gathered(tmp_path, city), counts) == []


@pytest.mark.parametrize("url", ["sc://127.0.0.1:1", "sc://127.0.0.1:99999"])
def test_an_engine_that_does_not_answer(url):
    with pytest.raises(EngineError) as caught, lake.open_engine(url):
        pass
    assert caught.value.code == "engine.unreachable"
    for lang in ("zh", "en"):
        assert url in caught.value.render(lang)
        assert "--engine duckdb" in caught.value.render(lang)


def test_an_engine_that_is_not_known():
    with pytest.raises(EngineError) as caught, lake.open_engine("postgres"):
        pass
    assert caught.value.code == "engine.unknown"
    assert "sc://" in caught.value.render("zh")


def test_an_engine_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "chengshu.lake.spark", None)
    with pytest.raises(EngineError) as caught, lake.open_engine("sc://127.0.0.1:1"):
        pass
    assert caught.value.code == "engine.not-installed"
    assert "chengshu[spark]" in caught.value.render("zh")


def test_duckdb_downloads_nothing():
    engine = DuckDBEngine()
    settings = engine._backend.con.execute(
        "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'"
    ).fetchall()
    engine.close()
    assert dict(settings) == {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def test_spark_answers_a_program_without_a_file(sail_url):
    program = f"from chengshu import lake\nwith lake.open_engine('{sail_url}') as engine: print(engine.name)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert run.stdout.strip() == sail_url, run.stderr


SERVER = "from pysail.cli import main; import sys; sys.exit(main())"


def test_a_server_that_dies_is_told_within_seconds(load):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        url = f"sc://127.0.0.1:{port}"
        with opened_when_ready(url) as engine:
            assert engine.table(engine.events(load)).num_rows
            server.kill()
            server.wait()
            began = time.monotonic()
            with pytest.raises(EngineError) as caught:
                engine.table(engine.events(load))
    assert caught.value.code == "engine.failed"
    # not a measure of speed: the client's own patience is ten minutes
    assert time.monotonic() - began < 120


def opened_when_ready(url):
    for _attempt in range(100):
        with contextlib.suppress(EngineError):
            return contextlib.closing(SparkEngine(url))
        time.sleep(0.3)
    raise TimeoutError(url)
