"""Write a city as a city data package, with truth and oracle beside it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.foreign.city import City
from benchmarks.foreign.feeds import DAYS_PER_MONTH
from benchmarks.foreign.identity import COUNTY_CODES
from benchmarks.foreign.oracle import AWAY, HOME, ILL
from benchmarks.foreign.people import NEVER

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# code, Chinese name, department, yuan a month, needs survival, cycle in months, lowest age, share of those
_BENEFITS = (
    ("resident_pension", "城乡居民基本养老金", "人社局", 210.0, True, 12, 60, 0.80),
    ("worker_pension", "企业职工养老金", "人社局", 2900.0, True, 12, 60, 0.20),
    ("old_age_allowance", "高龄津贴", "民政局", 100.0, True, 12, 80, 0.95),
    ("subsistence", "最低生活保障", "民政局", 560.0, True, 6, 0, 0.12),
    ("disability_care", "重度残疾人护理补贴", "残联", 120.0, True, 12, 0, 0.06),
    ("veteran_grant", "优抚对象补助", "退役军人局", 890.0, True, 12, 55, 0.04),
    ("land_lost_aid", "失地农民生活补贴", "自然资源局", 260.0, True, 12, 18, 0.25),
    ("winter_heating", "冬季取暖补助", "民政局", 45.0, False, 12, 0, 0.15),
    ("one_off_training", "技能培训补贴", "人社局", 300.0, False, 12, 18, 0.05),
)
_RECORDERS = np.array(["民政殡葬登记", "公安户籍注销", "卫健死亡医学证明"])


def write_package(city: City, out: Path, posterior: Floats, *, seed: int, notes: dict[str, object]) -> None:
    """Write the package, `truth.parquet`, `oracle.parquet` and `world.json`."""
    (out / "events").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 7])
    resources = [
        _write_residents(city, out, rng),
        *_write_benefits(city, out, rng),
        _write_sources(city, out),
        *_write_events(city, out, rng),
        _write_deaths(city, out, rng),
    ]
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"foreign-{city.world.name}",
        "resources": resources,
    }
    _write_json(out / "datapackage.json", descriptor)
    _write_truth(city, out)
    _write_oracle(city, out, posterior)
    facts = {"world": city.world.name, "as_of": city.calendar.as_of.isoformat(), "seed": seed}
    _write_json(out / "world.json", facts | notes | {"sources": _describe_sources(city)})


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _dates(city: City, day: NDArray[np.integer]) -> pa.Array:
    """Days of the window as dates; `NEVER` as null."""
    dates = np.datetime64(city.calendar.first_day, "D") + day.astype("timedelta64[D]")
    return pa.array(dates, mask=day >= NEVER)


def _resource(name: str, path: str, **extra: str) -> dict[str, str]:
    return {"name": name, "path": path, "format": "parquet", **extra}


def _region_codes(city: City, rng: np.random.Generator) -> NDArray[np.str_]:
    codes = np.array(COUNTY_CODES)[city.people.county]
    if city.world.region_digits == 6:
        return codes
    town = rng.integers(100, 118, len(codes)).astype("U3")
    return np.char.add(codes, town)


def _write_residents(city: City, out: Path, rng: np.random.Generator) -> dict[str, str]:
    people = city.people
    table = pa.table(
        {
            "id_number": people.id_number,
            "name": people.name,
            "sex": pa.array(np.where(people.male, 1, 2), pa.int8()),
            "birth_date": pa.array(people.birth),
            "region_code": _region_codes(city, rng),
        }
    )
    pq.write_table(table.take(rng.permutation(len(people))), out / "residents.parquet")
    return _resource("residents", "residents.parquet")


def _write_benefits(city: City, out: Path, rng: np.random.Generator) -> list[dict[str, str]]:
    """The catalogue, and for everybody at least one entitlement that needs survival."""
    columns = list(zip(*_BENEFITS, strict=True))
    names = ["benefit_code", "name", "department", "monthly_amount", "needs_survival", "cycle_months"]
    pq.write_table(pa.table({n: list(c) for n, c in zip(names, columns, strict=False)}), out / "benefits.parquet")
    age = city.people.age_at_start
    holds = np.stack([(age >= low) & (rng.random(len(age)) < share) for *_, low, share in _BENEFITS], axis=1)
    needs = np.array(columns[4])
    without = ~holds[:, needs].any(axis=1)
    holds[without, np.where(age[without] >= 60, 0, 3)] = True
    person, benefit = np.nonzero(holds)
    started = np.datetime64(city.calendar.first_day, "D") - rng.integers(30, 2000, len(person)).astype("timedelta64[D]")
    table = pa.table(
        {
            "id_number": city.people.id_number[person],
            "benefit_code": np.array(columns[0])[benefit],
            "started_on": pa.array(started),
            "monthly_amount": np.array(columns[3])[benefit],
        }
    )
    pq.write_table(table, out / "entitlements.parquet")
    return [_resource("benefits", "benefits.parquet"), _resource("entitlements", "entitlements.parquet")]


def _write_sources(city: City, out: Path) -> dict[str, str]:
    sources = city.sources
    table = pa.table({"source_code": sources.code, "name": sources.name, "department": sources.department})
    pq.write_table(table, out / "sources.parquet")
    return _resource("sources", "sources.parquet")


def _write_events(city: City, out: Path, rng: np.random.Generator) -> list[dict[str, str]]:
    """One file per source that delivers, in no particular order."""
    resources = []
    for number in np.flatnonzero(city.sources.delivers):
        code = city.sources.code[number]
        events = rng.permutation(np.flatnonzero(city.traces.source == number))
        ids = pa.array(city.people.id_number).take(pa.array(city.traces.person[events]))
        table = pa.table({"id_number": ids, "occurred_on": _dates(city, city.traces.day[events])})
        pq.write_table(table, out / "events" / f"{code}.parquet")
        name = "events-" + code.replace("_", "-")
        resources.append(_resource(name, f"events/{code}.parquet", source_code=code))
    return resources


def _write_deaths(city: City, out: Path, rng: np.random.Generator) -> dict[str, str]:
    lives = city.lives
    known = np.flatnonzero(lives.recorded < city.calendar.days)
    table = pa.table(
        {
            "id_number": pa.array(city.people.id_number[known], pa.string()),
            "died_on": _dates(city, lives.died[known]),
            "recorded_on": _dates(city, lives.recorded[known]),
            "record_source": pa.array(_RECORDERS[rng.integers(0, len(_RECORDERS), len(known))], pa.string()),
        }
    )
    pq.write_table(table, out / "deaths.parquet")
    return _resource("deaths", "deaths.parquet")


def _write_truth(city: City, out: Path) -> None:
    alive = city.lives.died >= NEVER
    home_ill = city.lives.terminal_from < NEVER
    table = pa.table(
        {
            "id_number": city.people.id_number,
            "alive": alive,
            "died_on": _dates(city, city.lives.died),
            "away": alive & city.lives.away[:, -1] & ~home_ill,
        }
    )
    pq.write_table(table, out / "truth.parquet")


def last_event_days(city: City) -> Ints:
    """Day of each person's last event, `NEVER` where there is none."""
    last = np.full(len(city.people), -1, dtype=np.int64)
    np.maximum.at(last, city.traces.person, city.traces.day)
    return np.where(last < 0, NEVER, last)


def _write_oracle(city: City, out: Path, posterior: Floats) -> None:
    recorded = city.lives.recorded < city.calendar.days
    alive = np.where(recorded, 0.0, posterior[:, [HOME, AWAY, ILL]].sum(axis=1))
    table = pa.table(
        {
            "id_number": city.people.id_number,
            "p_alive": alive,
            "p_away": np.where(recorded, 0.0, posterior[:, AWAY]),
            "recorded": recorded,
            "last_event_on": _dates(city, last_event_days(city)),
            "birth_date": pa.array(city.people.birth),
            "county": np.array(COUNTY_CODES)[city.people.county],
        }
    )
    pq.write_table(table, out / "oracle.parquet")


def _describe_sources(city: City) -> list[dict[str, object]]:
    """What is true of each source, for whoever compares estimates with it."""
    sources = city.sources
    using = city.people.rate > 0
    mean = city.people.rate.sum(axis=0) / np.maximum(using.sum(axis=0), 1)
    shares = using.mean(axis=0)
    return [
        {
            "source_code": code,
            "rate_of_users": round(float(mean[k]), 4),
            "share_of_users": round(float(shares[k]), 4),
            "rho": round(float(sources.rho[k]), 4),
            "phi": round(float(sources.phi[k]), 4),
            "events": int((city.traces.source == k).sum()),
        }
        for k, code in enumerate(sources.code)
    ]


def window_note(city: City) -> dict[str, object]:
    """What the world's file says of the window."""
    first = city.calendar.first_day
    days = timedelta(days=city.calendar.days - 1)
    return {
        "first_day": first.isoformat(),
        "last_day": (first + days).isoformat(),
        "days_per_month": DAYS_PER_MONTH,
    }
