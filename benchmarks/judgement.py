"""What a run decided of a foreign city's people, beside the truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.bench import AS_OF, Run
from benchmarks.foreign.score import RULE_DAYS


def judge(run: Run, city: Path, *, as_of: date = AS_OF) -> pd.DataFrame:
    """Belief, decision and truth per person.

    Returns:
        One row per person without a recorded death, by id_number: p_alive, p_oracle, alive, age (years),
        seen (an event within 90 days), county, certified and visit (for some benefit).
    """
    people = pd.read_parquet(city / "oracle.parquet").rename(columns={"p_alive": "p_oracle"})
    people = people[~people["recorded"]].set_index("id_number").drop(columns=["p_away", "recorded"])
    truth = pd.read_parquet(city / "truth.parquet", columns=["id_number", "alive"]).set_index("id_number")
    people = people.join(truth, validate="one_to_one").join(_decided(run), validate="one_to_one")
    today = pd.Timestamp(as_of)
    people["age"] = ((today - pd.to_datetime(people["birth_date"])).dt.days / 365.25).astype(np.int64)
    people["seen"] = (today - pd.to_datetime(people["last_event_on"])).dt.days <= RULE_DAYS
    people = people.dropna(subset=["p_alive"])
    return people.astype({"alive": bool, "certified": bool, "visit": bool})


def _decided(run: Run) -> pd.DataFrame:
    """Belief and decisions per person; a person has a row for each benefit."""
    rows = pd.read_parquet(run.decisions, columns=["id_number", "decision", "p_alive"])
    rows["certified"], rows["visit"] = (rows["decision"] == word for word in ("certified", "visit"))
    by_person = rows.groupby("id_number")
    return by_person.agg(p_alive=("p_alive", "first"), certified=("certified", "any"), visit=("visit", "any"))


def differing_decisions(one: Path, other: Path) -> tuple[int, float]:
    """Rows of two `decisions.parquet` that are decided differently, and the largest difference in P(alive).

    A row that only one of them holds differs.
    """
    keys, columns = ["id_number", "benefit_code"], ["decision", "p_alive"]
    first, second = (pd.read_parquet(path, columns=keys + columns) for path in (one, other))
    both = first.merge(second, on=keys, how="outer", suffixes=("", "_other"), validate="one_to_one")
    decided = both[["decision", "decision_other"]].astype(object).fillna("")
    differs = decided["decision"] != decided["decision_other"]
    gap = (both["p_alive"] - both["p_alive_other"]).abs()
    return int(differs.sum()), float(gap.fillna(0.0).max())
