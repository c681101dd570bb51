"""A city of a few people, as a package that each test bends in one place."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from chengshu import lake
from chengshu.kernel.identifiers import format_id_numbers
from chengshu.lake import Load

AS_OF = date(2025, 12, 31)
BASES = [
    37170119500101001,
    37170219610203002,
    37170119720304003,
    37170319830405004,
    37170119940506005,
]
ANN, BOB, CAI, DAN, EVE = format_id_numbers(BASES).to_pylist()
PEOPLE = [ANN, BOB, CAI, DAN, EVE]
STRANGER = format_id_numbers([37170119500101999])[0].as_py()


def resident(number: str, **changes: object) -> dict[str, object]:
    """A row of residents that agrees with the ID number."""
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    sex = 1 if int(number[16]) % 2 else 2
    row: dict[str, object] = {"id_number": number, "name": "王某", "sex": sex, "birth_date": born}
    return row | {"region_code": number[:6], "phone": "13812345678"} | changes


@dataclass
class SmallCity:
    """Rows by resource; `write` makes a package of CSV files of them."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    descriptor: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            lines = [",".join(rows[0])] + [",".join(_cell(value) for value in row.values()) for row in rows]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.describe(folder)
        return folder

    def describe(self, folder: Path) -> None:
        resources = []
        for name in self.tables:
            resource: dict[str, Any] = {"name": name, "path": f"{name}.csv"}
            if name.startswith("events-"):
                resource["source_code"] = name.removeprefix("events-")
            resources.append(resource | self.descriptor.get(name, {}))
        (folder / "datapackage.json").write_text(json.dumps({"name": "small", "resources": resources}))


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def small_city(**tables: list[dict[str, Any]]) -> SmallCity:
    """A sound city of five; named tables replace its own, `events_clinic` for `events-clinic`."""
    own: dict[str, list[dict[str, Any]]] = {
        "residents": [resident(number) for number in PEOPLE],
        "benefits": [
            {
                "benefit_code": "B1",
                "name": "高龄津贴",
                "department": "民政局",
                "monthly_amount": 100,
                "needs_survival": "true",
                "cycle_months": 12,
            }
        ],
        "entitlements": [entitlement(ANN), entitlement(BOB)],
        "sources": [
            {"source_code": "clinic", "name": "门诊", "department": "医保局"},
            {"source_code": "bus", "name": "公交", "department": "交通局"},
        ],
        "events-clinic": [event(ANN, "2025-03-01"), event(ANN, "2025-03-09"), event(BOB, "2025-04-02")],
        "events-bus": [event(CAI, "2025-05-05")],
        "deaths": [death(DAN)],
    }
    return SmallCity(own | {name.replace("_", "-"): rows for name, rows in tables.items()})


def event(number: str | None, day: object, **more: object) -> dict[str, object]:
    return {"id_number": number, "occurred_on": day} | more


def entitlement(number: str, **changes: object) -> dict[str, object]:
    row = {"id_number": number, "benefit_code": "B1", "started_on": "2015-01-01", "monthly_amount": 100}
    return row | changes


def death(number: str, **changes: object) -> dict[str, object]:
    row = {
        "id_number": number,
        "died_on": "2025-06-01",
        "recorded_on": "2025-06-10",
        "record_source": "hospital",
    }
    return row | changes


def visit(number: str, **changes: object) -> dict[str, object]:
    return {"id_number": number, "visited_on": "2025-07-01", "outcome": "alive"} | changes


def gathered(tmp_path: Path, city: SmallCity, **options: Any) -> Load:
    """The load of a city, in the lake `tmp_path/lake`."""
    return lake.gather(city.write(tmp_path / "city"), tmp_path / "lake", **{"as_of": AS_OF} | options)


def rejects(load: Load) -> list[tuple[str, int, str, str]]:
    """Resource, row, field and code of the rows set aside."""
    return [(row["resource"], row["row_number"], row["field"], row["code"]) for row in load.rejects().to_pylist()]
