"""What the sample city says of itself agrees with what is in its tables."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from chengshu.kernel.identifiers import check_id_numbers
from chengshu.samplecity.sources import SOURCES

AS_OF = date(2025, 12, 31)
STRONG = [source.code for source in SOURCES if source.relatives == 0]
WEAK = [source.code for source in SOURCES if source.relatives >= 0.6]


def table(city: Path, name: str) -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(city / f"{name}.parquet").to_pandas()
    return frame


def after_death(city: Path, code: str) -> tuple[int, int]:
    """Events after the bearer's death, and all events of a source."""
    events = table(city, f"events/{code}").merge(table(city, "truth"), on="id_number")
    is_after = pd.to_datetime(events.occurred_on).dt.normalize() > pd.to_datetime(events.died_on)
    return int(is_after.sum()), len(events)


def world(city: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((city / "truth-world.json").read_text(encoding="utf-8"))
    return figures


def test_every_id_is_valid_and_agrees_with_birth_date_and_sex(city: Path) -> None:
    residents = pq.read_table(city / "residents.parquet")
    check = check_id_numbers(residents["id_number"], today=AS_OF)
    assert not check.problem.any()
    rows = residents.to_pandas()
    assert [f"{day:%Y%m%d}" for day in rows.birth_date] == [text[6:14] for text in check.number.to_pylist()]
    assert np.array_equal(check.base % 2 == 1, rows.sex == 1)


def test_residents_are_those_of_the_truth_with_one_entered_twice(city: Path) -> None:
    residents, truth = table(city, "residents"), table(city, "truth")
    assert len(residents) == len(truth) + 1
    assert set(residents.id_number.str.upper()) == set(truth.id_number)
    assert truth.id_number.is_unique


def test_namesakes_happen(city: Path) -> None:
    assert table(city, "residents").drop_duplicates("id_number").name.duplicated().sum() > 50


def test_truth_is_of_one_piece(city: Path) -> None:
    truth = table(city, "truth")
    assert (truth.alive == truth.died_on.isna()).all()
    assert not (truth.away & ~truth.alive).any()
    assert 0.85 < truth.alive.mean() < 0.94
    assert 0.01 < truth.away.mean() < 0.08


def test_strong_sources_fall_silent_at_death(city: Path) -> None:
    counts = [after_death(city, code) for code in STRONG]
    assert sum(total for _, total in counts) > 5000
    assert sum(after for after, _ in counts) <= 2  # another's ID typed by mistake


def test_relatives_go_on_with_weak_sources(city: Path) -> None:
    counts = [after_death(city, code) for code in WEAK]
    assert sum(after for after, _ in counts) > 50


def test_recorded_deaths_are_true_and_come_late_or_never(city: Path) -> None:
    deaths = table(city, "deaths").drop_duplicates("id_number")
    joined = deaths.merge(table(city, "truth"), on="id_number", suffixes=("_recorded", ""))
    assert len(joined) == len(deaths)
    assert (joined.died_on_recorded == joined.died_on).mean() > 0.98
    assert (deaths.recorded_on <= AS_OF).all()
    assert (deaths.recorded_on > deaths.died_on).all()
    long_dead = table(city, "truth").query("died_on < @day", local_dict={"day": AS_OF - timedelta(days=200)})
    assert 0.84 < long_dead.id_number.isin(deaths.id_number).mean() < 0.97


def test_death_rates_follow_the_law_that_is_told(city: Path) -> None:
    rates, figures = table(city, "truth-rates"), world(city)
    residents = table(city, "residents").drop_duplicates("id_number").set_index("id_number")
    born = residents.loc[rates.id_number, "birth_date"]
    middle_age = np.array([(date(2024, 7, 1) - day).days / 365.2425 for day in born])
    sex = residents.loc[rates.id_number, "sex"].astype(str)
    yearly = np.array(
        [figures["hazard"]["annual_death_probability"][one][int(age)] for one, age in zip(sex, middle_age, strict=True)]
    )
    expected = (1 - np.exp(-3 * yearly * rates.hazard_multiplier)).sum()
    assert (~table(city, "truth").alive).sum() == pytest.approx(expected, rel=0.15)


def test_living_people_leave_as_many_events_as_their_rates_say(city: Path) -> None:
    rates, truth, figures = table(city, "truth-rates"), table(city, "truth"), world(city)
    place = figures["sources"].index("med_outpatient")
    season, exposure = np.array(figures["season"][place]), np.array(figures["exposure"][place]).mean(axis=1)
    living = set(truth.id_number[truth.alive & ~truth.away])
    expected = rates[rates.id_number.isin(living)].med_outpatient.sum() * (season * exposure).sum()
    seen = table(city, "events/med_outpatient").id_number.isin(living).sum()
    assert seen == pytest.approx(expected, rel=0.06)
    assert seen < expected * 1.05  # absence takes some away


def test_broken_and_late_feeds_are_as_silent_as_told(city: Path) -> None:
    figures = world(city)
    place = figures["sources"].index("gov_app")
    months = table(city, "events/gov_app").occurred_on.map(lambda day: (day.year - 2023) * 12 + day.month - 1)
    is_closed = np.array(figures["exposure"][place]).max(axis=1) == 0
    assert is_closed.sum() >= 12
    assert not is_closed[months].any()


def test_few_rows_are_unusable_but_some_are(city: Path) -> None:
    known = set(table(city, "truth").id_number)
    events = pd.concat([table(city, f"events/{source.code}") for source in SOURCES])
    strangers = ~events.id_number.isin(known)
    future = events.occurred_on.map(str) > f"{AS_OF} 99"
    assert 5 <= strangers.sum() < 0.001 * len(events)
    assert 1 <= future.sum() <= 3


def test_everyone_has_one_to_three_subsidies_fit_for_their_age(city: Path) -> None:
    entitlements = table(city, "entitlements")
    counts = entitlements.groupby("id_number").size()
    assert set(counts.unique()) == {1, 2, 3}
    assert len(counts) == len(table(city, "truth"))
    born = pd.to_datetime(entitlements.id_number.str[6:14])
    is_eighty = entitlements.benefit_code == "old_age_80"
    assert ((AS_OF.year - born[is_eighty].dt.year) >= 80).all()
    ended = entitlements.dropna(subset="ended_on")
    assert (ended.ended_on >= ended.started_on).all()


def test_ninety_day_rule_does_as_in_real_cities(city: Path) -> None:
    truth = table(city, "truth")
    events = pd.concat([table(city, f"events/{source.code}") for source in SOURCES])
    days = pd.to_datetime(events.occurred_on).dt.normalize()
    recent = events.id_number[(days > pd.Timestamp(AS_OF) - pd.Timedelta(days=90)) & (days <= pd.Timestamp(AS_OF))]
    open_cases = truth[~truth.id_number.isin(table(city, "deaths").id_number)]
    certified = open_cases[open_cases.id_number.isin(recent)]
    assert len(certified) / len(open_cases) == pytest.approx(0.71, abs=0.04)
    assert (~certified.alive).mean() == pytest.approx(0.004, abs=0.003)
