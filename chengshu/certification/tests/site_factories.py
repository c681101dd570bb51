"""Runs with results for tests of the site: a few people in people.parquet, written by hand."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chengshu.accounts.actor import Actor
from chengshu.certification.models import Run
from chengshu.certification.states import RunStatus
from chengshu.kernel.masking import masked_id, masked_name, name_key

MACHINE = Actor(None, "machine:test")
AS_OF = date(2025, 12, 31)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DEPARTMENTS = ["市人力资源和社会保障局", "市民政局"]
SECRET = b"n" * 32
EAST, WEST = "379001001001", "379002001001"


def person(key, name="崔彩华", region=EAST, decision="certified", p_alive=0.999, money=100.0, departments=1, **changes):
    """A row of people.parquet."""
    number = f"{region[:6]}19400101{abs(key) % 10000:04d}"
    row = {
        "person_key": key,
        "name": masked_name(name),
        "id_masked": masked_id(number),
        "name_key_1": name_key(name[:2], SECRET),
        "name_key_2": name_key(name[-2:], SECRET),
        "region_code": region,
        "sex": 2,
        "age": 85,
        "departments": departments,
        "benefits": 1,
        "monthly_yuan": money,
        "decision": decision,
        "p_alive": p_alive,
        "p_away": 0.0,
        "p_dead": 1 - p_alive,
        "valid_until": date(2026, 1, 31) if decision == "certified" else None,
        "last_event_on": date(2025, 12, 1),
        "last_event_source": "bus",
        "ask_value": 0.0 if decision == "certified" else (1 - p_alive) * money,
        "reason": "近6个月有2次公交老年卡刷卡记录。",
        "reason_en": "2 records of 公交老年卡刷卡 in the last 6 months.",
    }
    return row | changes


PEOPLE = (
    person(-11, "崔彩华"),
    person(12, "董云", decision="visit", p_alive=0.2, money=300.0),
    person(13, "张华伟", decision="self_check", p_alive=0.93),
    person(14, "杨平龙", decision="death_recorded", p_alive=0.0),
    person(21, "冯义金", WEST, decision="visit", p_alive=0.1, departments=2),
    person(22, "黄树华", WEST),
)


def make_run(status=RunStatus.FINISHED, people=PEOPLE, as_of=AS_OF, **facts):
    """A run with results."""
    summary = {
        "silent_rate": 0.5,
        "worklist": 3,
        "departments": DEPARTMENTS,
        "months": 36,
        "expected_dead_share": 0.002,
        "decisions": {"certified": 2, "self_check": 1, "visit": 2, "death_recorded": 1},
        "by_region": {"379001": {}, "379002": {}},
        "warnings": [],
        "seconds": {"total": 1.0},
    }
    run = Run.objects.create(
        as_of=as_of,
        max_dead_share=0.003,
        load_id="load-000001",
        status=status,
        requested_at=NOW,
        summary=summary,
        **facts,
    )
    write_people(run.folder, people)
    return run


def write_people(folder: Path, people):
    """people.parquet in a run's folder, in its order."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = sorted(people, key=lambda row: (row["region_code"], -row["ask_value"], row["person_key"]))
    pq.write_table(pa.Table.from_pylist(list(rows)), folder / "people.parquet")
