"""All that the lake and the model know of one person: for the person's page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.certification.domain import Found
from chengshu.certification.model_file import read_model
from chengshu.certification.models import Run
from chengshu.certification.population import VISIT_LOGS, strata_of
from chengshu.certification.window import Window
from chengshu.kernel.regions import are_urban
from chengshu.lake import CELL_SOURCES, Load, monthly_counts, open_engine
from chengshu.survival.evidence import NO_RECORD, Cells, People, Visits
from chengshu.survival.explaining import Explained, explain

_COUNTY_DIGITS = 6


@dataclass(frozen=True)
class Dossier:
    """One person.

    Attributes:
        entitlements: benefit_code, name, department, started_on, ended_on, monthly_amount.
        months: first day of each.
        sources: names, by number.
        counts: (sources, months) events.
        explained: what the model says, month by month and source by source.
        death: died_on, recorded_on, record_source; None where no death is on record.
        visits: of the lake: visited_on, outcome, visitor, note.
    """

    entitlements: list[dict[str, Any]]
    months: list[date]
    sources: list[str]
    counts: npt.NDArray[np.int64]
    explained: Explained
    death: dict[str, Any] | None
    visits: list[dict[str, Any]]


def read_dossier(run: Run, load: Load, row: dict[str, Any], found: list[tuple[date, str]]) -> Dossier:
    """Read all of it.

    Args:
        run: whose model speaks.
        load: that the run certified.
        row: of the person in people.parquet.
        found: day and outcome of visits recorded on the site.
    """
    key = int(row["person_key"])
    window = Window(run.as_of, int(run.summary["months"]))
    sources = load.sources().sort_by("source_no")
    resident = load.of_person("residents", key)[0]
    cells = _cells(load, key, window)
    visits = load.of_person("visits", key)
    counts = np.zeros((load.source_count, window.months), dtype=np.int64)
    counts[cells.source, cells.month] = cells.events.astype(np.int64)
    all_found = [(visit["visited_on"], visit["outcome"]) for visit in visits] + found
    return Dossier(
        entitlements=_entitlements(load, key),
        months=window.starts,
        sources=sources["name"].to_pylist()[: load.source_count],
        counts=counts,
        explained=_explained(run, resident, cells, window, all_found),
        death=next(iter(load.of_person("deaths", key)), None),
        visits=visits,
    )


def _entitlements(load: Load, key: int) -> list[dict[str, Any]]:
    benefits = {row["benefit_code"]: row for row in load.benefits().to_pylist()}
    return [
        {**entitlement, **{name: benefits[entitlement["benefit_code"]][name] for name in ("name", "department")}}
        for entitlement in load.of_person("entitlements", key)
    ]


def _cells(load: Load, key: int, window: Window) -> Cells:
    """The person's events by month and source."""
    number = load.number_of(key) or 0
    people = range(number, number + 1)
    with open_engine(threads=1) as engine:
        counts = monthly_counts(engine.events(load, people=people), first_month=window.first_month, people=people)
        rows = engine.table(counts.filter(counts.person_key == key).order_by("cell"))
    cell = rows["cell"].to_numpy().astype(np.int64)
    month, source = cell // CELL_SOURCES, cell % CELL_SOURCES
    part = rows["last_day"].to_numpy() / window.days[month]
    events = rows["events"].to_numpy().astype(np.float64)
    return Cells(np.zeros(len(cell), dtype=np.int64), month, source, events, part)


def _explained(
    run: Run, resident: dict[str, Any], cells: Cells, window: Window, found: list[tuple[date, str]]
) -> Explained:
    counties = sorted(run.summary["by_region"])
    model = read_model(run.folder / "model.json").of_county(counties.index(resident["region_code"][:_COUNTY_DIGITS]))
    return explain(_person(resident, window), cells, model, _visits(found, window))


def _person(resident: dict[str, Any], window: Window) -> People:
    """The person as the model wants them, the record of a death hidden; their county's number is 0."""
    born = np.array([resident["birth_date"]], dtype="datetime64[D]")
    sex = np.array([resident["sex"]], dtype=np.int8)
    age_years = (np.datetime64(window.as_of) - born).astype(np.int64) / 365.25
    none = np.full(1, NO_RECORD, dtype=np.int16)
    return People(
        county=np.zeros(1, dtype=np.int16),
        stratum=strata_of(age_years, sex, are_urban(pa.array([resident["region_code"]]))),
        sex=sex,
        age_months=(-window.month_of(born)).astype(np.int32),
        risk=np.ones(1, dtype=np.float32),
        death_month=none,
        record_month=none,
    )


def _visits(found: list[tuple[date, str]], window: Window) -> Visits:
    day = np.array([day for day, _ in found], dtype="datetime64[D]")
    month = window.month_of(day)
    recent = (month >= 0) & (month < window.months)
    logs = np.array([VISIT_LOGS[Found[outcome.upper()]] for _, outcome in found]).reshape(-1, 5)
    return Visits(np.zeros(int(recent.sum()), dtype=np.int64), month[recent], logs[recent])
