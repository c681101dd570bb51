"""The whole run over a sample city: what it leaves behind, whatever happens on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from chengshu.certification import run
from chengshu.certification.run import STAGES, Certification, Request, certify
from chengshu.kernel.errors import PackageError, StorageError, UsageError
from chengshu.samplecity import write_sample_city

AS_OF = date(2025, 12, 31)
PEOPLE = 2000
RESULTS = {"decisions.parquet", "worklist.parquet", "rejects.parquet", "summary.json", "report.html", "model.json"}
CHENGSHU = Path(sys.executable).with_name("chengshu")
PATIENCE_SECONDS = 60


def certified(city: Path, out: Path, **more: Any) -> Certification:
    return certify(Request(city, out, AS_OF, **more))


def left_in(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def edited(city: Path, to: Path, **changes: Any) -> Path:
    """A copy of the package; each named resource goes through its function, or is dropped if that is None."""
    shutil.copytree(city, to)
    descriptor = json.loads((to / "datapackage.json").read_text())
    for name, change in changes.items():
        resource = next(r for r in descriptor["resources"] if r["name"] == name.replace("_", "-"))
        if change is None:
            descriptor["resources"].remove(resource)
            (to / resource["path"]).unlink()
        else:
            pq.write_table(change(pq.read_table(to / resource["path"])), to / resource["path"])
    (to / "datapackage.json").write_text(json.dumps(descriptor))
    return to


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("certified") / "city"
    write_sample_city(folder, people=PEOPLE, seed=3)
    return folder


@pytest.fixture(scope="module")
def done(city, tmp_path_factory) -> Certification:
    """An undisturbed run with one thread."""
    return certified(city, tmp_path_factory.mktemp("certified") / "out", threads=1)


@pytest.fixture(scope="module")
def decisions(done) -> pa.Table:
    return pq.read_table(done.decisions)


def test_decisions_have_the_columns_of_the_contract(decisions):
    columns = ["id_number", "benefit_code", "decision", "p_alive", "p_away", "p_dead", "valid_until"]
    columns += ["last_event_on", "last_event_source", "reason"]
    assert set(columns) <= set(decisions.schema.names)
    for name in ("id_number", "benefit_code", "decision", "p_alive", "p_away", "p_dead", "reason"):
        assert decisions[name].null_count == 0


def test_there_is_one_row_for_each_person_and_benefit_that_needs_survival(city, decisions):
    benefits = pq.read_table(city / "benefits.parquet")
    needing = set(benefits.filter(benefits["needs_survival"])["benefit_code"].to_pylist())
    in_force = {
        (row["id_number"], row["benefit_code"])
        for row in pq.read_table(city / "entitlements.parquet").to_pylist()
        if row["benefit_code"] in needing and (row["ended_on"] is None or row["ended_on"] >= AS_OF)
    }
    found = list(zip(decisions["id_number"].to_pylist(), decisions["benefit_code"].to_pylist(), strict=True))
    assert len(found) == len(set(found))
    assert set(found) == in_force
    assert found == sorted(found)


def test_chances_are_chances(decisions):
    alive, away, dead = (decisions[f"p_{state}"].to_numpy() for state in ("alive", "away", "dead"))
    assert ((alive >= 0) & (alive <= 1) & (away >= 0)).all()
    assert alive + dead == pytest.approx(1.0, abs=2e-6)
    assert (away <= alive + 2e-6).all()


def test_a_death_is_recorded_for_those_with_a_record_and_for_nobody_else(city, decisions):
    recorded = set(pq.read_table(city / "deaths.parquet")["id_number"].to_pylist())
    everybody = set(decisions["id_number"].to_pylist())
    found = decisions.filter(pc.equal(decisions["decision"].cast(pa.string()), "death_recorded"))
    assert set(found["id_number"].to_pylist()) == recorded & everybody
    assert recorded & everybody


def test_silence_never_stops_anything(decisions):
    silent = decisions.filter(pc.is_null(decisions["last_event_on"]))
    answers = set(decisions["decision"].to_pylist())
    assert answers <= {"certified", "self_check", "visit", "death_recorded"}
    unlikely = decisions.filter(pc.less(decisions["p_alive"], 0.5))
    unlikely = unlikely.filter(pc.not_equal(unlikely["decision"].cast(pa.string()), "death_recorded"))
    assert unlikely.num_rows
    assert silent.num_rows
    assert set(unlikely["decision"].to_pylist()) <= {"self_check", "visit"}


def test_certificates_hold_until_the_next_monthly_run_at_least_and_only_certificates_do(decisions):
    is_certified = pc.equal(decisions["decision"].cast(pa.string()), "certified")
    assert pc.all(pc.equal(is_certified, pc.is_valid(decisions["valid_until"]))).as_py()
    assert pc.min(decisions["valid_until"]).as_py() >= date(2026, 1, 31)


def test_the_certified_keep_the_limit(done, decisions):
    rows = decisions.filter(pc.equal(decisions["decision"].cast(pa.string()), "certified"))
    people = rows.group_by("id_number").aggregate([("p_dead", "max"), ("p_dead", "min")])
    assert people["p_dead_max"].equals(people["p_dead_min"])
    share = pc.mean(people["p_dead_max"]).as_py()
    assert share <= 0.003
    assert share == pytest.approx(done.summary["expected_dead_share"], abs=2e-6)


def test_the_summary_adds_up(city, done, decisions):
    summary = json.loads(done.summary_path.read_text())
    assert summary["people"] == PEOPLE
    assert sum(summary["decisions"].values()) == summary["people_certifiable"]
    assert summary["people_certifiable"] == pc.count_distinct(decisions["id_number"]).as_py()
    assert sum(summary["decision_rows"].values()) == decisions.num_rows == summary["entitlements"]
    counted = {row["values"]: row["counts"] for row in decisions["decision"].value_counts().to_pylist()}
    assert counted == {code: count for code, count in summary["decision_rows"].items() if count}
    assert summary["worklist"] == summary["decisions"]["self_check"] + summary["decisions"]["visit"]
    assert summary["silent_rate"] == pytest.approx(
        summary["decisions"]["certified"] / summary["people_certifiable"], abs=1e-6
    )
    assert sum(part["people"] for part in summary["by_region"].values()) == summary["people_certifiable"]
    assert sum(part["people"] for part in summary["by_benefit"].values()) == decisions.num_rows
    for rows in summary["rows"].values():
        assert rows["read"] == rows["kept"] + sum(rows["set_aside"].values())
    feeds = [rows for name, rows in summary["rows"].items() if name.startswith("events-")]
    assert sum(rows["kept"] for rows in feeds) == summary["events"]
    files = list((city / "events").iterdir())
    assert sum(rows["read"] for rows in feeds) == sum(pq.read_metadata(file).num_rows for file in files)
    assert set(STAGES) <= set(summary["seconds"])
    assert set(STAGES) - {"report"} == set(summary["rows_by_stage"])
    stages = summary["rows_by_stage"]
    assert stages["gather"] == sum(rows["read"] for rows in summary["rows"].values())
    assert (stages["count"], stages["certify"], stages["write"]) == (summary["events"], PEOPLE, decisions.num_rows)
    assert 0 < stages["fit"] <= PEOPLE
    assert summary["peak_memory_bytes"] > 0


def test_rows_that_cannot_be_used_are_set_aside_with_their_reason(done):
    rejects = pq.read_table(done.rejects)
    codes = set(rejects["code"].to_pylist())
    assert {"unknown-person", "after-as-of", "id-length", "id-check-digit", "duplicate-resident"} <= codes
    assert rejects.num_rows == sum(sum(rows["set_aside"].values()) for rows in done.summary["rows"].values())
    for column in ("resource", "row_number", "code", "reason_zh", "reason_en"):
        assert rejects[column].null_count == 0


def test_a_run_leaves_its_results_and_nothing_else(done):
    assert left_in(done.decisions.parent) == RESULTS | {"lake"}
    assert done.report.read_text().lower().startswith("<!doctype html>")


def test_the_worklist_holds_everybody_to_be_asked_the_most_valuable_first(done):
    decisions = pq.read_table(done.decisions).to_pandas().drop_duplicates("id_number")
    worklist = pq.read_table(done.decisions.with_name("worklist.parquet")).to_pandas()
    asked = decisions[decisions["decision"].isin(["self_check", "visit"])]
    assert set(worklist["id_number"]) == set(asked["id_number"])
    assert worklist["ask_value"].is_monotonic_decreasing
    assert worklist["rank"].tolist() == list(range(1, len(worklist) + 1))


def test_running_again_changes_nothing(city, done):
    before = {name: (done.decisions.parent / name).read_bytes() for name in RESULTS - {"summary.json", "report.html"}}
    again = certified(city, done.decisions.parent, threads=1)
    assert again.summary["load_id"] == done.summary["load_id"]
    for name, content in before.items():
        assert (done.decisions.parent / name).read_bytes() == content
    assert left_in(done.decisions.parent) == RESULTS | {"lake"}


def test_threads_and_the_lakes_secret_decide_nothing(city, done, tmp_path):
    other = certified(city, tmp_path / "out", threads=2)
    assert other.decisions.read_bytes() == done.decisions.read_bytes()


def test_the_readers_language_decides_nothing(city, done, tmp_path):
    told = {**os.environ, "CHENGSHU_LANG": "en"}
    command = [CHENGSHU, "certify", city, "--as-of", AS_OF.isoformat(), "--out", tmp_path / "out", "--json"]
    subprocess.run(command, env=told, check=True, capture_output=True)
    assert (tmp_path / "out" / "decisions.parquet").read_bytes() == done.decisions.read_bytes()


def test_spark_decides_the_same(city, done, tmp_path, sail_url):
    other = certified(city, tmp_path / "out", engine=sail_url)
    assert other.summary["engine"] == sail_url
    assert other.decisions.read_bytes() == done.decisions.read_bytes()


def test_stages_are_told_in_order_and_to_their_end(city, tmp_path):
    told: list[tuple[str, float]] = []
    certify(Request(city, tmp_path / "out", AS_OF), lambda stage, share: told.append((stage, share)))
    assert list(dict.fromkeys(stage for stage, _ in told)) == list(STAGES)
    for stage in STAGES:
        shares = [share for name, share in told if name == stage]
        assert shares == sorted(shares)
        assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_without_a_recorded_death_it_runs_and_records_none(city, tmp_path):
    changed = edited(city, tmp_path / "city", deaths=lambda table: table.slice(0, 0))
    summary = certified(changed, tmp_path / "out").summary
    assert summary["decisions"]["death_recorded"] == 0
    assert 0.5 < summary["silent_rate"] < 1


def test_a_feed_that_never_arrives_changes_nothing_but_a_warning(city, tmp_path):
    """Beside a city that does not know the source at all."""

    def without(table):
        return table.filter(pc.not_equal(table["source_code"], "bus_card"))

    absent = edited(city, tmp_path / "absent", events_bus_card=None)
    unknown = edited(city, tmp_path / "unknown", events_bus_card=None, sources=without)
    late = certified(absent, tmp_path / "late")
    never = certified(unknown, tmp_path / "never")
    assert any("bus_card" in warning["en"] for warning in late.summary["warnings"])
    assert not any("bus_card" in warning["en"] for warning in never.summary["warnings"])
    assert late.decisions.read_bytes() == never.decisions.read_bytes()


def test_a_feed_without_a_row_is_one_that_never_arrives(city, tmp_path):
    absent = edited(city, tmp_path / "absent", events_bus_card=None)
    empty = edited(city, tmp_path / "empty", events_bus_card=lambda table: table.slice(0, 0))
    without, header = (certified(one, tmp_path / f"{one.name}-run") for one in (absent, empty))
    assert without.decisions.read_bytes() == header.decisions.read_bytes()


def test_nobody_to_certify_is_said_clearly_and_leaves_no_results(city, tmp_path):
    changed = edited(city, tmp_path / "city", entitlements=lambda table: table.slice(0, 0))
    with pytest.raises(PackageError) as told:
        certified(changed, tmp_path / "out")
    assert told.value.code in {"package.nobody-to-certify", "package.resource-empty"}
    assert "entitlements" in told.value.render("en")
    assert not left_in(tmp_path / "out") & RESULTS


def test_a_city_without_any_event_is_certified_by_age_alone(city, tmp_path):
    events = {path.stem: path for path in (city / "events").iterdir()}
    names = [
        resource["name"]
        for resource in json.loads((city / "datapackage.json").read_text())["resources"]
        if resource["name"].startswith("events-")
    ]
    assert len(names) == len(events)
    changed = edited(city, tmp_path / "city", **{name: lambda table: table.slice(0, 0) for name in names})
    summary = certified(changed, tmp_path / "out").summary
    assert summary["events"] == 0
    assert any("nobody was seen" in warning["en"] for warning in summary["warnings"])
    assert summary["silent_rate"] < 0.9


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"max_dead_share": 0.0}, "max-dead-share"),
        ({"max_dead_share": 1.0}, "max-dead-share"),
        ({"months": 5}, "months"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_before_anything_is_done(city, tmp_path, wrong, code):
    with pytest.raises(UsageError, match=code):
        certified(city, tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


def storage_error(city: Path, out: Path) -> StorageError:
    with pytest.raises(StorageError) as told:
        certified(city, out)
    assert told.value.next_step.zh
    assert told.value.next_step.en
    return told.value


def full(*_args: object, **_more: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_last_results_and_says_what_to_do(city, tmp_path, monkeypatch):
    out = tmp_path / "out"
    before = certified(city, out).decisions.read_bytes()
    monkeypatch.setattr(run, "write_report", full)
    told = storage_error(city, out)
    assert told.code == "storage.full"
    assert str(out) in str(told)
    assert (out / "decisions.parquet").read_bytes() == before
    assert left_in(out) == RESULTS | {"lake"}


@pytest.fixture(params=["200k", "400k"])
def tiny_disk(tmp_path, request) -> Iterator[Path]:
    """A file system too small for the lake, or for what is counted from it."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs more rights")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_too_small_is_told_as_such(city, tiny_disk):
    told = storage_error(city, tiny_disk / "out")
    assert "full" in told.code
    assert not left_in(tiny_disk / "out") & RESULTS


def test_a_folder_that_cannot_be_made_is_told_with_a_next_step(city, tmp_path):
    (tmp_path / "file").write_text("")
    assert storage_error(city, tmp_path / "file" / "out").code == "storage.not-permitted"


@pytest.mark.parametrize("out", ["/proc/x", "/var/" + "x" * 300])
def test_a_folder_that_no_disk_takes_is_told_with_a_next_step(city, out):
    assert storage_error(city, Path(out)).code == "storage.not-permitted"


def test_a_folder_that_may_not_be_written_to_is_told_with_a_next_step(city, tmp_path, monkeypatch):
    """Root may write anywhere, so that the question itself is answered with no."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    told = storage_error(city, tmp_path / "out")
    assert told.code == "storage.not-permitted"
    assert not left_in(tmp_path / "out")


def start(city: Path, out: Path) -> "subprocess.Popen[bytes]":
    command = [str(CHENGSHU), "certify", str(city), "--as-of", AS_OF.isoformat(), "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for(path: Path, pattern: str, process: "subprocess.Popen[bytes]") -> None:
    """Until the process has made such a file; fail if it ends or takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not any(path.glob(pattern)):
        assert process.poll() is None, "the run ended too soon"
        assert time.monotonic() < until, f"no {pattern} after {PATIENCE_SECONDS} s"
        time.sleep(0.005)


@pytest.mark.parametrize("moment", ["lake/*", ".*/counts/*"])
def test_an_interrupted_run_ends_with_130_and_leaves_no_half(city, tmp_path, moment):
    out = tmp_path / "out"
    out.mkdir()
    process = start(city, out)
    wait_for(out, moment, process)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said.decode()
    assert "Traceback" not in said.decode()
    assert left_in(out) <= {"lake"}


def test_killed_runs_leave_nothing_that_the_next_one_minds(city, done, tmp_path):
    moments = np.random.default_rng(7)
    out = tmp_path / "out"
    for _ in range(5):
        process = start(city, out)
        until = time.monotonic() + PATIENCE_SECONDS
        while not out.exists() and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(moments.uniform(0.0, 1.5))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_SECONDS)
        if (out / "decisions.parquet").exists():
            assert (out / "decisions.parquet").read_bytes() == done.decisions.read_bytes()
    again = certified(city, out)
    assert again.decisions.read_bytes() == done.decisions.read_bytes()
    assert left_in(out) == RESULTS | {"lake"}
