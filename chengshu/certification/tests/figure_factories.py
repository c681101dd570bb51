"""A run with results for pages: a few people by hand, and figures of two counties, two benefits and two sources."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chengshu.certification.figures_kept import (
    FIGURES,
    KeptBand,
    KeptBenefit,
    KeptBroken,
    KeptCut,
    KeptFeeds,
    KeptFigures,
    KeptGroup,
    KeptLateDeath,
    KeptSource,
    write_figures,
)
from chengshu.certification.models import Run
from chengshu.certification.states import RunStatus
from chengshu.kernel import clock

EAST, WEST = "379001", "379002"
DEPARTMENTS = ["市人社局", "市民政局"]
BENEFITS = [
    {"code": "old_age", "name": "高龄津贴", "department": "市民政局"},
    {"code": "pension", "name": "养老金", "department": "市人社局"},
]
MONTHS = tuple(date(2025, month, 1) for month in range(1, 13))


def make_person(key: int, **facts: Any) -> dict[str, Any]:
    """A row of people.parquet; a certified woman of the east on both benefits unless said otherwise."""
    row = {
        "person_key": key,
        "name": f"王*{key % 10}",
        "id_masked": f"3790011940********{key % 10}",
        "name_key_1": key,
        "name_key_2": key,
        "region_code": "379001001001",
        "sex": 2,
        "age": 85,
        "departments": 0b11,
        "benefit_bits": 0b11,
        "benefits": 2,
        "monthly_yuan": 300.0,
        "decision": "certified",
        "p_alive": 0.9995,
        "p_away": 0.0,
        "p_dead": 0.0005,
        "valid_until": date(2026, 12, 31),
        "last_event_on": date(2025, 12, 3),
        "last_event_source": "clinic",
        "ask_value": 0.0,
        "reason": "2025-12-03 有门诊记录。",
        "reason_en": "Seen at a clinic on 2025-12-03.",
    }
    return {**row, **facts}


def make_run_in_force(people: list[dict[str, Any]] | None = None, figures: KeptFigures | None = None) -> Run:
    """A published run with its rows and figures; `settings.CERTIFICATION_FOLDER` is a folder of the test."""
    now = clock.now()
    summary = {"departments": DEPARTMENTS, "benefits": BENEFITS, "decisions": {"certified": 1}, "silent_rate": 0.9}
    run = Run.objects.create(
        as_of=date(2025, 12, 31),
        max_dead_share=0.003,
        load_id="load-000001",
        status=RunStatus.PUBLISHED.value,
        requested_at=now,
        finished_at=now,
        published_at=now,
        summary=summary,
        is_in_force=True,
    )
    run.folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(people or [make_person(1)]), run.folder / "people.parquet")
    write_figures(run.folder / FIGURES, figures or make_figures())
    return run


def group(code: str, certified: int, self_check: int = 0, visit: int = 0, death_recorded: int = 0) -> KeptGroup:
    """People of a group by decision."""
    return KeptGroup(code=code, certified=certified, self_check=self_check, visit=visit, death_recorded=death_recorded)


def make_cut(kind: str, code: str, people: int, counties: tuple[KeptGroup, ...]) -> KeptCut:
    """A cut in which 90% are certified; of those on old_age three are to be visited."""
    asked = people // 10
    return KeptCut.model_validate(
        {
            "kind": kind,
            "code": code,
            "counties": counties,
            "benefits": (group("old_age", 20, 10, 3), group("pension", people - asked, asked)),
            "ages": (group("60", people // 2), group("80", people - people // 2 - asked, asked)),
            "sexes": (group("1", people // 2), group("2", people - people // 2 - asked, asked)),
        }
    )


def make_figures(**facts: Any) -> KeptFigures:
    """Figures of a city of 1,000 people, 400 in the east and 600 in the west."""
    east, west = group(EAST, 360, 40), group(WEST, 560, 38, 2)
    whole = tuple(0.98 for _ in MONTHS)
    broken = (*whole[:9], 0.0, 0.0, 0.02)
    sources = (
        KeptSource(code="clinic", name="门诊就诊", department="市民政局", bits=3.5),
        KeptSource(code="bus", name="乘车刷卡", department="市人社局", bits=1.5),
    )
    feeds = KeptFeeds(
        months=MONTHS,
        sources=sources,
        city=(broken, whole),
        counties={EAST: (broken, whole), WEST: (broken, (*whole[:2], 0.1, *whole[3:]))},
        broken=(
            KeptBroken(source="clinic", county="", first_month=MONTHS[9], last_month=MONTHS[11], came=0.01),
            KeptBroken(source="bus", county=WEST, first_month=MONTHS[2], last_month=MONTHS[2], came=0.1),
        ),
    )
    made = KeptFigures(
        as_of=date(2025, 12, 31),
        county_names={EAST: "城东区", WEST: "城西区"},
        benefits=tuple(KeptBenefit(**benefit) for benefit in BENEFITS),
        cuts=(
            make_cut("city", "", 1000, (east, west)),
            make_cut("county", EAST, 400, (east,)),
            make_cut("county", WEST, 600, (west,)),
            make_cut("department", "市民政局", 300, (group(EAST, 100), group(WEST, 170, 30))),
            make_cut("department", "市人社局", 900, (group(EAST, 300), group(WEST, 570, 30))),
        ),
        records=(
            KeptBand(p_low=0.0, p_high=0.1, people=4, predicted=0.05, alive=0),
            KeptBand(p_low=0.99, p_high=0.999, people=500, predicted=0.996, alive=498),
        ),
        late_deaths=(
            KeptLateDeath(months_from=0, months_to=0, people=9, p_alive=0.8, low=0.7, high=0.9),
            KeptLateDeath(months_from=6, months_to=11, people=20, p_alive=0.1, low=0.05, high=0.15),
        ),
        feeds=feeds,
    )
    return made.model_copy(update=facts)
