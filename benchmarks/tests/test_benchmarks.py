"""The benchmarks run at tiny sizes and write every figure; what those figures are is not tested here."""

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from benchmarks import __main__ as harness
from benchmarks import cities, floor, pages, process, servers
from benchmarks.bench import QUICK, Bench, Run
from benchmarks.intervals import share_interval
from benchmarks.package import event_files
from benchmarks.results import Bar, Interval, Outcome, Row, read_outcomes
from chengshu.samplecity import write_sample_city

WORLDS = ("base", "lognormal", "drift", "poor")
BELIEFS = ("all", "under-60", "60-69", "70-79", "80-and-over")
KEYS = {
    *(f"accuracy.{world}{what}" for world in WORLDS for what in ("", ".rule", ".plug-in")),
    *(f"calibration.{world}.limit-{limit}" for world in WORLDS for limit in ("0.003", "0.01")),
    *(f"calibration.{world}.belief.{band}" for world in WORLDS for band in BELIEFS),
    *(f"outages.{what}" for what in ("county", "feed.empty", "feed.missing", "feed.lost")),
    "no-labels.limit-0.003",
    "no-labels.limit-0.01",
    *(f"whole-city.{what}" for what in ("seconds", "memory", "to-floor", "floor.seconds", "floor.memory")),
    *(f"{series}.{what}" for series in ("growth", "density") for what in ("1", "2", "rise", "memory")),
    *(f"engines.{what}" for what in ("duckdb.seconds", "sail.seconds", "sail.differing", "spark.seconds")),
    "gathering.csv",
    "gathering.parquet",
    "determinism.runs",
    "determinism.threads",
    "audit.seconds",
    "audit.memory",
    "kills.half",
    "kills.lost",
    *(f"pages.{user}.{path}" for user, paths in pages.PAGES.items() for path in paths),
}


def certify_by_age(bench: Bench, city, name, **options) -> Run:
    """Stands in for `chengshu certify`, which takes seconds to start: decides by the ID number alone."""
    out = bench.folder / "runs" / name
    out.mkdir(parents=True, exist_ok=True)
    holders = pd.read_parquet if (city / "residents.parquet").exists() else pd.read_csv
    residents = holders(next(city.glob("residents.*"))).drop_duplicates("id_number")
    age = 2025 - residents["id_number"].astype(str).str[6:10].astype(int)
    p_alive = np.clip(1.04 - age / 900, 0.5, 0.999)
    decided = np.where(p_alive > 0.95, "certified", "visit")
    decisions = pd.DataFrame(
        {"id_number": residents["id_number"], "benefit_code": "b", "decision": decided, "p_alive": p_alive}
    )
    decisions.to_parquet(out / "decisions.parquet")
    return Run(out, {"seconds": {"gather": 1.0}, "warnings": []}, 1.0, 10**8)


def run_in_process(bench: Bench, arguments: list[str]) -> process.Measured:
    """Makes sample cities right here, for the same reason; everything else is a process as ever."""
    if arguments[1] != "sample-city":
        return process.measure(arguments)
    asked = dict(zip(arguments[3::2], arguments[4::2], strict=True))
    per_person = asked.get("--events-per-person")
    write_sample_city(
        Path(arguments[2]),
        people=int(asked["--people"]),
        seed=int(asked["--seed"]),
        file_format="csv" if asked["--format"] == "csv" else "parquet",
        events_per_person=float(per_person) if per_person else None,
    )
    return process.Measured(1.0, 1, "")


@pytest.fixture
def without_spark(monkeypatch):
    monkeypatch.delenv("SPARK_HOME", raising=False)


def test_every_figure_is_written_under_its_key(tmp_path, monkeypatch, without_spark):
    monkeypatch.setattr(Bench, "certify", certify_by_age)
    monkeypatch.setattr(Bench, "run", run_in_process)
    results = tmp_path / "results.json"
    arguments = ["--quick", "--people", "600", "--folder", str(tmp_path / "bench"), "--out", str(results)]
    assert harness.main(arguments) == 0
    kept = json.loads(results.read_text(encoding="utf-8"))
    rows = [row for benchmark in kept["benchmarks"].values() for row in benchmark["rows"]]
    assert {row["key"] for row in rows} == KEYS
    assert len(rows) == len(KEYS)
    assert str(tmp_path) not in results.read_text(encoding="utf-8")
    assert kept["machine"]["cores"] >= 1
    assert not (tmp_path / "bench" / "cities").exists()


def test_the_real_command_decides_the_same_twice(tmp_path):
    results = tmp_path / "results.json"
    arguments = ["--quick", "--people", "300", "--folder", str(tmp_path / "bench"), "--out", str(results)]
    assert harness.main([*arguments, "--only", "determinism"]) == 0
    rows = read_outcomes(results)["determinism"].rows
    assert [(row.key, row.is_met) for row in rows] == [
        ("determinism.runs", True),
        ("determinism.threads", True),
    ]


def test_a_failing_benchmark_is_recorded_and_the_others_go_on(tmp_path, monkeypatch):
    def fail(bench):
        raise OSError(f"cannot write {bench.folder}/x")

    row = Row("two.figure", "a figure", 2.0, bar=Bar(at_most=1))
    monkeypatch.setattr(harness, "BENCHMARKS", {"one": fail, "two": lambda bench: [row]})
    results = tmp_path / "results.json"
    assert harness.main(["--folder", str(tmp_path / "bench"), "--out", str(results)]) == 1
    outcomes = read_outcomes(results)
    assert outcomes["one"].error == "OSError: cannot write BENCH/x"
    assert outcomes["two"].rows == [row]
    assert outcomes["two"].rows[0].is_met is False


def test_a_part_run_keeps_what_the_file_holds_of_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(
        harness,
        "BENCHMARKS",
        {name: lambda bench, name=name: [Row(f"{name}.figure", name, 1.0)] for name in ("one", "two")},
    )
    place = ["--folder", str(tmp_path / "bench"), "--out", str(tmp_path / "results.json")]
    harness.main([*place, "--only", "one"])
    harness.main([*place, "--only", "two"])
    assert list(read_outcomes(tmp_path / "results.json")) == ["one", "two"]


def test_an_unknown_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit):
        harness.main(["--only", "speed"])
    assert "no benchmark speed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bar", "figure", "is_met"),
    [
        (Bar(at_least=0.7, at_most=1.3), 1.3, True),
        (Bar(at_least=0.7, at_most=1.3), 0.69, False),
        (Bar(at_most=60), float("nan"), False),
        (Bar(at_most=60), None, False),
        (Bar(), 5.0, None),
    ],
)
def test_a_bar_is_met_within_its_ends(bar, figure, is_met):
    assert bar.holds(figure) is is_met


def test_an_outcome_survives_the_file(tmp_path):
    row = Row("a.b", "what", 0.5, "s", Bar(at_most=1), Interval(0.4, 0.6), "note", {"people": 3})
    outcome = Outcome([row], 1.0, date(2026, 1, 2))
    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome


def test_a_process_is_measured_with_its_children():
    inner = "import time; block = bytearray(200_000_000); time.sleep(1.5)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True); print('x')"
    cost = process.measure([sys.executable, "-c", outer])
    assert cost.output == "x\n"
    assert cost.seconds >= 1.5
    assert 200_000_000 < cost.peak_bytes < 400_000_000


def test_a_process_that_fails_says_how():
    with pytest.raises(process.ProcessFailed, match=r"exit code 3: .*no such thing"):
        process.measure([sys.executable, "-c", "import sys; sys.stderr.write('no such thing\\n'); sys.exit(3)"])


def test_an_interrupted_measurement_leaves_no_process_behind(monkeypatch):
    started = []

    def interrupt(pid):
        started.append(pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "MemoryWatch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        process.measure([sys.executable, "-c", "import time; time.sleep(60)"])
    assert len(started) == 1
    assert not psutil.pid_exists(started[0])


def test_the_interval_of_a_share_covers_it():
    low, high = share_interval(3, 1000) or (1, 0)
    assert 0.0005 < low < 0.003 < high < 0.009
    assert share_interval(0, 0) is None


def test_the_floor_counts_every_event_of_known_people(tmp_path, monkeypatch):
    monkeypatch.setattr(Bench, "run", run_in_process)
    bench = Bench(QUICK, tmp_path)
    city = cities.sample_city(bench, 500)
    floor.group_by_month(city.folder, tmp_path / "floor.parquet", threads=1)
    counted = pd.read_parquet(tmp_path / "floor.parquet")
    known = set(pd.read_parquet(city.folder / "residents.parquet")["id_number"])
    events = [pd.read_parquet(path)["id_number"].isin(known).sum() for path in event_files(city.folder).values()]
    assert counted["events"].sum() == sum(events)
    assert not counted.duplicated(["person", "source", "month"]).any()


def test_a_spark_without_the_jar_of_delta_is_no_spark_to_time(tmp_path, monkeypatch):
    (tmp_path / "jars").mkdir()
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.setattr("benchmarks.servers.shutil.which", lambda name: "/usr/bin/java")
    assert servers.find_apache_spark() != tmp_path
    (tmp_path / "jars" / "delta-spark_2.13-4.0.0.jar").touch()
    assert servers.find_apache_spark() == tmp_path
