"""A city of a few people as the site has it: a lake, a run with results, and staff in their places."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chengshu.certification.models import Run
from chengshu.certification.states import RunStatus
from chengshu.kernel import clock
from chengshu.lake import Load
from chengshu.lake.tests.small_city import ANN, BOB, CAI, DAN, EVE, death, gathered, resident, small_city

AS_OF = date(2025, 12, 31)
DEPARTMENTS = ["医保局", "民政局"]
CIVIL, HEALTH = 0b10, 0b01
EAST, WEST = "379001001001", "379002001001"
REGIONS = {ANN: EAST, BOB: EAST, CAI: WEST, DAN: WEST, EVE: EAST}
_COLUMNS = {
    "person_key": pa.int64(),
    "name": pa.string(),
    "id_masked": pa.string(),
    "name_key_1": pa.int64(),
    "name_key_2": pa.int64(),
    "region_code": pa.string(),
    "sex": pa.int8(),
    "age": pa.int16(),
    "departments": pa.int64(),
    "benefits": pa.int16(),
    "monthly_yuan": pa.float64(),
    "decision": pa.string(),
    "p_alive": pa.float64(),
    "p_dead": pa.float64(),
    "ask_value": pa.float64(),
    "last_event_on": pa.date32(),
    "reason": pa.string(),
    "reason_en": pa.string(),
}


def make_lake(tmp_path: Path, settings: Any, deaths: list[dict[str, Any]] | None = None) -> Load:
    """Five people of two counties, of whom ANN and DAN have a death on record; the site works on it."""
    settings.LAKE = tmp_path / "lake"
    settings.CERTIFICATION_FOLDER = tmp_path / "certification"
    residents = [resident(number, region_code=region) for number, region in REGIONS.items()]
    found = [death(ANN), death(DAN, record_source="funeral home")] if deaths is None else deaths
    return gathered(tmp_path, small_city(residents=residents, deaths=found))


def key_of(load: Load, number: str) -> int:
    """The person_key of an ID number."""
    identities = load.identities()
    return int(identities["person_key"][identities["id_number"].to_pylist().index(number)].as_py())


def person_row(key: int, **changes: Any) -> dict[str, Any]:
    """A row of people.parquet: somebody in the east, certified, paid 310 yuan by the civil affairs bureau."""
    row = {
        "person_key": key,
        "name": "王*",
        "id_masked": "379001**********03",
        "name_key_1": 0,
        "name_key_2": 0,
        "region_code": EAST,
        "sex": 1,
        "age": 75,
        "departments": CIVIL,
        "benefits": 1,
        "monthly_yuan": 310.0,
        "decision": "certified",
        "p_alive": 0.999,
        "p_dead": 0.001,
        "ask_value": 1.0,
        "last_event_on": date(2025, 12, 1),
        "reason": "有记录",
        "reason_en": "seen",
    }
    return row | changes


def make_run(load_id: str, rows: list[dict[str, Any]], **changes: Any) -> Run:
    """A finished run with these people as its results."""
    facts: dict[str, Any] = {
        "as_of": AS_OF,
        "max_dead_share": 0.003,
        "load_id": load_id,
        "status": RunStatus.FINISHED.value,
        "requested_at": clock.now(),
        "summary": {"departments": DEPARTMENTS},
    }
    run = Run.objects.create(**(facts | changes))
    run.folder.mkdir(parents=True)
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in _COLUMNS.items()}
    pq.write_table(pa.table(columns), run.folder / "people.parquet")
    return run
