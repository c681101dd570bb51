import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from chengshu.certification.evaluation import evaluate
from chengshu.certification.evaluation_oracle import Grid
from chengshu.kernel.errors import ChengshuError
from chengshu.lake import gather
from chengshu.samplecity import write_sample_city

AS_OF = date(2025, 12, 31)


def write_run(out, ids, rng):
    """Decisions as a run writes them, by a belief that knows nothing; every third person has two benefits."""
    n = len(ids)
    p = np.round(rng.uniform(0.9, 1.0, n), 6)
    days = [AS_OF - timedelta(days=int(day)) if day < 900 else None for day in rng.integers(0, 1000, n)]
    rows = np.concatenate([np.arange(n), np.arange(0, n, 3)])
    decision = np.where(p > 0.95, "certified", "visit")
    table = pa.table(
        {
            "id_number": ids.take(pa.array(rows)),
            "benefit_code": pa.array(["pension"] * n + ["care"] * (len(rows) - n)).dictionary_encode(),
            "decision": pa.array(decision[rows].astype(object)).dictionary_encode(),
            "p_alive": p[rows],
            "last_event_on": pa.array(days, pa.date32()).take(pa.array(rows)),
        }
    )
    out.mkdir(exist_ok=True)
    pq.write_table(table, out / "decisions.parquet")
    summary = {"as_of": AS_OF.isoformat(), "max_dead_share": 0.003, "expected_dead_share": 0.003}
    (out / "summary.json").write_text(json.dumps(summary))


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluated") / "city"
    write_sample_city(folder, people=3000, seed=2)
    return folder


@pytest.fixture(scope="module")
def unrecorded(city):
    ids = pq.read_table(city / "truth.parquet")["id_number"]
    recorded = pq.read_table(city / "deaths.parquet")["id_number"]
    return ids.filter(pc.invert(pc.is_in(ids, recorded))).combine_chunks()


@pytest.fixture(scope="module")
def run(city, unrecorded, tmp_path_factory):
    """A run with its lake."""
    out = tmp_path_factory.mktemp("evaluated") / "out"
    write_run(out, unrecorded, np.random.default_rng(1))
    gather(city, out / "lake", as_of=AS_OF)
    return out


@pytest.fixture(scope="module")
def found(run, city):
    return evaluate(run, city / "truth.parquet")


def test_people_count_once_and_only_without_a_recorded_death(found, unrecorded, city):
    truth = pq.read_table(city / "truth.parquet")
    alive = truth.filter(pc.is_in(truth["id_number"], unrecorded))["alive"]
    assert found["people"] == len(unrecorded)
    assert found["dead"] == len(alive) - pc.sum(alive).as_py()


def test_each_way_of_grouping_covers_everybody(found):
    for kind in ("age", "sex", "region"):
        assert sum(row["people"] for row in found["scores"][kind]) == found["people"]
    sizes = {row["key"]: row["people"] for row in found["scores"]["benefit"]}
    assert sizes == {"pension": found["people"], "care": -(-found["people"] // 3)}
    assert len(found["scores"]["region"]) == 14


def test_the_rule_looks_at_the_last_ninety_days(found, run):
    rows = pq.read_table(run / "decisions.parquet", columns=["id_number", "last_event_on"]).to_pylist()
    seen = {row["id_number"] for row in rows if row["last_event_on"] and (AS_OF - row["last_event_on"]).days <= 90}
    assert found["rule_90_days"]["people"] == len(seen)


def test_the_oracle_is_calibrated_and_beats_a_belief_that_knows_nothing(found):
    oracle = found["oracle"]
    spread = 4 * np.sqrt(found["dead"])
    assert oracle["expected_dead"] == pytest.approx(found["dead"], abs=spread)
    assert oracle["log_loss"] < 0.6 * oracle["model_log_loss"]
    for row in found["silent_at"]:
        assert row["oracle"] > row["model"]


def test_the_figures_stand_in_the_file_as_given(found, run):
    assert json.loads((run / "evaluation.json").read_text(encoding="utf-8")) == found


def test_without_lake_and_rates_there_is_neither_region_nor_oracle(unrecorded, city, tmp_path):
    write_run(tmp_path / "out", unrecorded, np.random.default_rng(1))
    truth = pq.read_table(city / "truth.parquet", columns=["id_number", "alive"])
    truth = truth.set_column(0, "id_number", pc.utf8_lower(truth["id_number"])).slice(0, 2000)
    pq.write_table(truth, tmp_path / "known.parquet")
    found = evaluate(tmp_path / "out", tmp_path / "known.parquet")
    assert found["oracle"] is None
    assert found["scores"]["region"] == []
    assert found["people"] + found["without_truth"] == len(unrecorded)
    assert found["without_truth"] > 0


def refused(run, truth, code):
    with pytest.raises(ChengshuError) as refusal:
        evaluate(run, truth)
    assert refusal.value.code == code
    return str(refusal.value)


def test_a_truth_that_cannot_be_used_is_named(run, tmp_path):
    truth = tmp_path / "truth.parquet"
    assert str(truth) in refused(run, truth, "evaluate.truth-missing")
    truth.write_text("no parquet")
    refused(run, truth, "evaluate.truth-unreadable")
    pq.write_table(pa.table({"id_number": ["1"]}), truth)
    assert "alive" in refused(run, truth, "evaluate.column-missing")
    pq.write_table(pa.table({"id_number": ["1"], "alive": ["yes"]}), truth)
    refused(run, truth, "evaluate.truth-column")
    pq.write_table(pa.table({"id_number": ["1"], "alive": [True]}), truth)
    refused(run, truth, "evaluate.nobody-in-common")


def test_a_folder_without_a_run_is_named(tmp_path, city):
    assert "summary.json" in refused(tmp_path, city / "truth.parquet", "evaluate.no-run")


def test_the_grid_cuts_each_month_in_three_and_ends_with_the_day():
    grid = Grid.of_window(date(2024, 2, 1), date(2024, 3, 15))
    assert grid.days.tolist() == [10, 10, 9, 10, 5]
    assert grid.month.tolist() == [0, 0, 0, 1, 1]
    days = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 15)]
    assert grid.steps_of(np.array([day.toordinal() for day in days])).tolist() == [-1, 0, 2, 4]
