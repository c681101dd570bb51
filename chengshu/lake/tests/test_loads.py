"""A load is whole or not at all, stays as it was, and comes again for nothing."""

import errno
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from chengshu import lake
from chengshu.kernel import clock
from chengshu.kernel.errors import StorageError
from chengshu.lake import gathering, loads, lock, tables
from chengshu.lake.tests.small_city import ANN, AS_OF, CAI, PEOPLE, event, gathered, small_city


def told_in_both(error, code, *facts):
    assert error.code == code
    for lang in ("zh", "en"):
        for fact in facts:
            assert fact in error.render(lang)


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_same_package_again_leads_to_the_same_load_at_once(tmp_path, monkeypatch):
    first = gathered(tmp_path, small_city())
    before = files_under(tmp_path / "lake")
    monkeypatch.setattr(gathering._Load, "run", lambda *args, **options: pytest.fail("gathered again"))
    again = lake.gather(tmp_path / "city", tmp_path / "lake", as_of=AS_OF)
    assert again.load_id == first.load_id
    assert files_under(tmp_path / "lake") == before


@pytest.mark.parametrize("change", ["a row", "as_of", "descriptor"])
def test_what_a_load_depends_on_leads_to_another(tmp_path, change):
    first = gathered(tmp_path, small_city())
    city, as_of = tmp_path / "city", AS_OF
    if change == "a row":
        with (city / "events-bus.csv").open("a") as file:
            file.write(f"{ANN},2025-02-02\n")
    elif change == "as_of":
        as_of = date(2025, 11, 30)
    else:
        (city / "datapackage.json").write_text((city / "datapackage.json").read_text().replace("small", "large"))
    assert lake.gather(city, tmp_path / "lake", as_of=as_of).load_id != first.load_id


def test_an_earlier_load_stays_as_it_was(tmp_path):
    first = gathered(tmp_path, small_city())
    second = gathered(tmp_path, small_city(events_bus=[event(CAI, "2025-05-05"), event(CAI, "2025-05-06")]))
    earlier = lake.open_load(tmp_path / "lake", load_id=first.load_id)
    counts = []
    for load in (earlier, second, lake.open_load(tmp_path / "lake")):
        with lake.open_engine() as engine:
            counts.append(engine.table(engine.events(load)).num_rows)
    assert counts == [4, 5, 5]
    assert earlier.identities().equals(first.identities())
    assert earlier.as_of == AS_OF
    assert earlier.counts == first.counts
    assert [load.load_id for load in lake.list_loads(tmp_path / "lake")] == [first.load_id, second.load_id]


def test_a_person_keeps_the_key_from_load_to_load(tmp_path):
    first = gathered(tmp_path, small_city())
    second = gathered(tmp_path, small_city(events_bus=[event(CAI, "2025-05-06")]))
    assert first.residents().equals(second.residents())


def test_a_load_knows_when_it_was_gathered(tmp_path):
    with clock.fixed(date(2026, 1, 5)):
        gathered(tmp_path, small_city())
    assert lake.open_load(tmp_path / "lake").gathered_at.date() == date(2026, 1, 5)


def test_nothing_gathered_yet(tmp_path):
    with pytest.raises(StorageError) as caught:
        lake.open_load(tmp_path)
    told_in_both(caught.value, "lake.no-load", str(tmp_path))


def test_a_load_that_is_not_there(tmp_path):
    load = gathered(tmp_path, small_city())
    with pytest.raises(StorageError) as caught:
        lake.open_load(tmp_path / "lake", load_id="load-000009")
    told_in_both(caught.value, "lake.unknown-load", "load-000009", load.load_id)


@pytest.mark.parametrize("table", loads.TABLES)
def test_delta_tables_use_only_what_duckdb_can_read_from_their_files(tmp_path, table):
    load = gathered(tmp_path, small_city())
    delta = DeltaTable(load.folder(table), version=load.versions[table])
    protocol, configuration = delta.protocol(), delta.metadata().configuration
    assert not set(protocol.reader_features or []) & {"columnMapping", "deletionVectors"}
    assert not set(protocol.writer_features or []) & {"columnMapping", "deletionVectors"}
    assert configuration.get("delta.columnMapping.mode", "none") == "none"
    assert configuration.get("delta.enableDeletionVectors", "false") == "false"
    assert sum(pq.read_metadata(file).num_rows for file in load.files(table)) == load.read(table).num_rows


def test_row_groups_tell_their_range_of_people(tmp_path):
    load = gathered(tmp_path, small_city())
    for file in load.files("events"):
        facts = pq.read_metadata(file)
        for place, name in enumerate(["person_key", "person_no"]):
            assert facts.row_group(0).column(place).path_in_schema == name
            assert facts.row_group(0).column(place).statistics.has_min_max


def whole_texts(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_id_number_name_or_phone_stands_open_in_the_lake(tmp_path):
    bad = [event(ANN, "2026-05-05"), event(f"{CAI}1", "2025-01-01")]
    gathered(tmp_path, small_city(events_bus=bad))
    content = whole_texts(tmp_path / "lake")
    for secret in [*PEOPLE, "王某", "13812345678"]:
        assert secret.encode() not in content


def test_another_key_opens_no_identity(tmp_path):
    load = gathered(tmp_path, small_city())
    (tmp_path / "lake" / "secret.key").write_text("00" * 32)
    with pytest.raises(StorageError) as caught:
        load.identities()
    told_in_both(caught.value, "lake.wrong-key", "secret.key", "CHENGSHU_IDENTITY_KEY")


def test_a_key_that_is_none_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGSHU_IDENTITY_KEY", "not hexadecimal")
    with pytest.raises(StorageError) as caught:
        gathered(tmp_path, small_city())
    told_in_both(caught.value, "lake.wrong-key", "CHENGSHU_IDENTITY_KEY")


def test_a_key_from_the_environment_is_not_written_down(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGSHU_IDENTITY_KEY", "12" * 32)
    load = gathered(tmp_path, small_city())
    assert not (tmp_path / "lake" / "secret.key").exists()
    assert load.identities().num_rows == len(PEOPLE)


def stop_at(monkeypatch, owner, name, error, call=1):
    """Let the n-th call of a function fail."""
    calls = []
    original = getattr(owner, name)

    def failing(*args, **options):
        calls.append(name)
        if len(calls) == call:
            raise error
        return original(*args, **options)

    monkeypatch.setattr(owner, name, failing)


STOPS = [
    (gathering, "gather_deaths", 1),
    (tables.TableWriter, "write", 3),
    (tables.TableWriter, "commit", 5),
    (gathering, "record_load", 1),
]


@pytest.mark.parametrize(("owner", "name", "call"), STOPS, ids=[stop[1] for stop in STOPS])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")], ids=["ctrl-c", "full"]
)
def test_a_run_that_stops_leaves_the_last_good_load_and_no_file(tmp_path, monkeypatch, owner, name, call, error):
    first = gathered(tmp_path, small_city())
    before = {file for file in files_under(tmp_path / "lake") if file.endswith(".parquet")}
    with monkeypatch.context() as patch:
        stop_at(patch, owner, name, error, call)
        with pytest.raises(BaseException) as caught:
            gathered(tmp_path, small_city(events_bus=[event(CAI, "2025-05-06")]))
    if isinstance(error, OSError):
        told_in_both(caught.value, "lake.disk-full", str(tmp_path / "lake"))
    else:
        assert caught.type is KeyboardInterrupt
    after = {file for file in files_under(tmp_path / "lake") if file.endswith(".parquet")}
    assert after == before
    assert lake.open_load(tmp_path / "lake").load_id == first.load_id
    assert lake.open_load(tmp_path / "lake").read("events").equals(first.read("events"))
    assert gathered(tmp_path, small_city(events_bus=[event(CAI, "2025-05-06")])).load_id != first.load_id


RUN = """
import resource, sys
from datetime import date
from pathlib import Path
from chengshu import lake
from chengshu.kernel.errors import StorageError
if len(sys.argv) > 3:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
print("ready", flush=True)
try:
    lake.gather(Path(sys.argv[1]), Path(sys.argv[2]), as_of=date(2025, 12, 31))
except StorageError as error:
    print(error.code)
"""


def run_apart(city, lake_dir, *more):
    command = [sys.executable, "-c", RUN, str(city), str(lake_dir), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_full_disk_is_said_so(tmp_path):
    rows = [
        event(number, f"2025-{month:02d}-{day:02d}")
        for number in PEOPLE
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    city = small_city(events_bus=rows).write(tmp_path / "city")
    run = run_apart(city, tmp_path / "lake", "2000")
    output, _ = run.communicate(timeout=60)
    assert output.split() == ["ready", "lake.disk-full"]
    assert lake.list_loads(tmp_path / "lake") == []


def test_a_run_killed_at_any_moment_leaves_the_last_good_load(tmp_path):
    first = gathered(tmp_path, small_city())
    other = small_city(events_bus=[event(CAI, "2025-05-06")]).write(tmp_path / "other")
    start = time.monotonic()
    lake.gather(other, tmp_path / "measured", as_of=AS_OF)
    length = time.monotonic() - start
    for share in (0.3, 0.6, 0.9):
        run = run_apart(other, tmp_path / "lake")
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        time.sleep(length * share)
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=60)
        load = lake.open_load(tmp_path / "lake")
        assert load.read("events").num_rows == 4
        assert load.identities().num_rows == len(PEOPLE)
        assert load.load_id in {first.load_id, "load-000002"}
    last = lake.gather(other, tmp_path / "lake", as_of=AS_OF)
    named = {Path(file).name for load in (first, last) for table in loads.TABLES for file in load.files(table)}
    found = {path.name for table in loads.TABLES for path in (tmp_path / "lake" / table).glob("*.parquet")}
    assert found == named
    assert not list((tmp_path / "lake").glob("spill-*"))


def test_two_gatherings_do_not_mix(tmp_path):
    gathered(tmp_path, small_city())
    with lock.gathering_lock(tmp_path / "lake"), pytest.raises(StorageError) as caught:
        gathered(tmp_path, small_city(events_bus=[event(CAI, "2025-05-06")]))
    told_in_both(caught.value, "lake.locked", str(os.getpid()), str(tmp_path / "lake"))


def test_no_right_to_write(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(StorageError) as caught:
        gathered(tmp_path, small_city())
    told_in_both(caught.value, "lake.not-writable", str(tmp_path / "lake"))


def test_a_lake_below_a_file(tmp_path):
    city = small_city().write(tmp_path / "city")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        lake.gather(city, tmp_path / "file" / "lake", as_of=AS_OF)
    told_in_both(caught.value, "lake.not-writable", "lake")


def test_a_failing_run_writes_no_temporary_file_that_stays(tmp_path, monkeypatch):
    stop_at(monkeypatch, gathering, "gather_deaths", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        gathered(tmp_path, small_city())
    left = files_under(tmp_path / "lake")
    assert left <= {"gather.lock", "secret.key"}


@pytest.mark.parametrize("name", ["结果 1", "a#b", "a?b", "a%", "a*b"])
def test_a_lake_may_stand_in_a_folder_of_any_name(tmp_path, name):
    load = gathered(tmp_path / name, small_city())
    with lake.open_engine("duckdb") as engine:
        assert engine.table(engine.events(load)).num_rows == load.event_count > 0


@pytest.mark.parametrize("name", ["a%20b", "[x]", "a\\b"])
def test_a_folder_to_which_delta_finds_no_way_is_told(tmp_path, name):
    with pytest.raises(StorageError) as caught:
        gathered(tmp_path / name, small_city())
    told_in_both(caught.value, "lake.folder-name", name)
