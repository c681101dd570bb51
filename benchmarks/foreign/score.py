"""Score what a run believed of a foreign city: `python -m benchmarks.foreign.score OUT_OF_CERTIFY CITY`.

Everything is counted over people without a recorded death: those are the ones that a bureau wonders about.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Report: TypeAlias = dict[str, Any]

RULE_DAYS = 90
LIMITS = (0.003, 0.01)
AGE_BANDS = (("<60", 0, 60), ("60-69", 60, 70), ("70-79", 70, 80), ("80+", 80, 200))


@dataclass(frozen=True)
class Beliefs:
    """What somebody believes: one entry per person."""

    id_number: NDArray[np.object_]
    p_alive: Floats

    @classmethod
    def of_oracle(cls, city: Path) -> Beliefs:
        """The exact filter's."""
        return cls.read(city / "oracle.parquet")

    @classmethod
    def read(cls, path: Path) -> Beliefs:
        """Those in a `decisions.parquet`, which may hold several rows per person."""
        rows = pd.read_parquet(path, columns=["id_number", "p_alive"]).drop_duplicates("id_number")
        return cls(rows["id_number"].to_numpy(object), rows["p_alive"].to_numpy(np.float64))


def compare(beliefs: Beliefs, city: Path) -> Report:
    """Score beliefs against the truth, with the oracle and the 90-day rule beside them."""
    people = _join(beliefs, city)
    alive = people["alive"].to_numpy(bool)
    model, oracle = people["p_alive"].to_numpy(np.float64), people["p_oracle"].to_numpy(np.float64)
    seen = people["seen"].to_numpy(bool)
    rule_dead = float(1 - alive[seen].mean())
    n_model, n_oracle = (largest_set(p, ~alive, rule_dead) for p in (model, oracle))
    return {
        "people": len(people),
        "missing": int(people.attrs["missing"]),
        "truly_dead": int((~alive).sum()),
        "rule": {"silent": float(seen.mean()), "dead_share": rule_dead},
        "oracle": {"silent": n_oracle / len(people)},
        "model": {"silent": n_model / len(people)},
        "model_to_oracle": n_model / n_oracle if n_oracle else float("nan"),
        "rule_to_oracle": float(seen.sum() / n_oracle) if n_oracle else float("nan"),
        "limits": {str(limit): _keep_limit(model, alive, limit) for limit in LIMITS},
        "calibration": _calibrate_by_age(model, alive, people["age"].to_numpy(np.int64)),
        "brier": float(np.mean((model - alive) ** 2)),
        "log_loss": log_loss(model, alive),
        "oracle_brier": float(np.mean((oracle - alive) ** 2)),
        "oracle_log_loss": log_loss(oracle, alive),
        "expected_dead": float((1 - model).sum()),
    }


def largest_set(p_alive: Floats, dead: Bools, dead_share: float) -> int:
    """Size of the largest set of highest `p_alive` with at most that true share of dead.

    Ties are taken whole, so that nobody gains from an order that happens to know the truth.
    """
    order = np.argsort(-p_alive, kind="stable")
    ranked = p_alive[order]
    ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
    share = np.cumsum(dead[order])[ends] / (ends + 1)
    fitting = np.flatnonzero(share <= dead_share)
    return int(ends[fitting[-1]] + 1) if len(fitting) else 0


def log_loss(p_alive: Floats, alive: Bools) -> float:
    """Mean negative log-likelihood in nats; beliefs are clipped to 1e-6 from certainty."""
    clipped = np.clip(p_alive, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(alive, np.log(clipped), np.log1p(-clipped))))


def _join(beliefs: Beliefs, city: Path) -> pd.DataFrame:
    """One row per person without a recorded death."""
    as_of = date.fromisoformat(json.loads((city / "world.json").read_text(encoding="utf-8"))["as_of"])
    truth = pd.read_parquet(city / "truth.parquet", columns=["id_number", "alive"])
    oracle = pd.read_parquet(city / "oracle.parquet").rename(columns={"p_alive": "p_oracle"})
    people = truth.merge(oracle, on="id_number", validate="one_to_one")
    people = people[~people["recorded"]]
    believed = pd.DataFrame({"id_number": beliefs.id_number, "p_alive": beliefs.p_alive})
    joined = people.merge(believed, on="id_number", validate="one_to_one")
    today = pd.Timestamp(as_of)
    joined["age"] = ((today - pd.to_datetime(joined["birth_date"])).dt.days / 365.25).astype(int)
    quiet = (today - pd.to_datetime(joined["last_event_on"])).dt.days
    joined["seen"] = (quiet <= RULE_DAYS).to_numpy(bool)
    joined.attrs["missing"] = len(people) - len(joined)
    return joined


def _keep_limit(p_alive: Floats, alive: Bools, limit: float) -> Report:
    """Certify as many as expected deaths allow, then count the true ones."""
    order = np.argsort(-p_alive, kind="stable")
    expected = np.cumsum(1 - p_alive[order]) / np.arange(1, len(order) + 1)
    taken = order[: int(np.searchsorted(expected, limit, side="right"))]
    dead = float((~alive[taken]).mean()) if len(taken) else float("nan")
    hoped = float(expected[len(taken) - 1]) if len(taken) else float("nan")
    return {
        "silent": len(taken) / len(order),
        "dead_share": dead,
        "ratio": dead / limit,
        "expected": hoped,
        "ratio_to_expected": dead / hoped,
    }


def _calibrate(p_alive: Floats, alive: Bools) -> Report:
    """Of people given 0.9 to 0.97: mean belief and share alive, and their difference in points."""
    chosen = (p_alive >= 0.9) & (p_alive < 0.97)
    if not chosen.any():
        return {"n": 0}
    mean, share, n = float(p_alive[chosen].mean()), float(alive[chosen].mean()), int(chosen.sum())
    error = 100 * float(np.sqrt(np.sum(p_alive[chosen] * (1 - p_alive[chosen]))) / n)
    return {"n": n, "mean": mean, "alive": share, "points": 100 * (share - mean), "error_points": error}


def _calibrate_by_age(p_alive: Floats, alive: Bools, age: NDArray[np.int64]) -> Report:
    result = {"all": _calibrate(p_alive, alive)}
    for name, low, high in AGE_BANDS:
        band = (age >= low) & (age < high)
        result[name] = _calibrate(p_alive[band], alive[band])
    return result


def outage_effect(before: Path, after: Path, city: Path, county: str) -> Report:
    """What an outage in one county did to its living people who were certified before it."""
    keys = ["id_number", "benefit_code"]
    first = pd.read_parquet(before / "decisions.parquet", columns=[*keys, "decision"])
    second = pd.read_parquet(after / "decisions.parquet", columns=[*keys, "decision"])
    oracle = pd.read_parquet(city / "oracle.parquet", columns=["id_number", "county"])
    truth = pd.read_parquet(city / "truth.parquet", columns=["id_number", "alive"])
    rows = first.merge(second, on=keys, suffixes=("", "_after")).merge(oracle, on="id_number")
    rows = rows.merge(truth, on="id_number")
    rows = rows[(rows["county"] == county) & rows["alive"] & (rows["decision"] == "certified")]
    shares = rows["decision_after"].value_counts(normalize=True)
    return {"certified_before": len(rows), **{str(name): float(share) for name, share in shares.items()}}


def render(report: Report, *, title: str) -> str:
    """The report as a few lines of text."""
    rule, model = report["rule"], report["model"]
    lines = [
        f"[{title}] {report['people']} people without a record, {report['truly_dead']} of them dead,"
        f" {report['expected_dead']:.0f} expected; {report['missing']} missing from the run",
        f"  at the rule's dead share {rule['dead_share']:.4%}: rule {rule['silent']:.2%},"
        f" {title} {model['silent']:.2%},"
        f" oracle {report['oracle']['silent']:.2%}; {title}/oracle {report['model_to_oracle']:.4f},"
        f" rule/oracle {report['rule_to_oracle']:.4f}",
    ]
    for limit, kept in report["limits"].items():
        lines.append(
            f"  limit {limit}: certifies {kept['silent']:.2%}, dead {kept['dead_share']:.4%},"
            f" ratio {kept['ratio']:.3f} (of what it expected {kept['ratio_to_expected']:.3f})"
        )
    for band, found in report["calibration"].items():
        if found["n"]:
            lines.append(
                f"  p in [0.9, 0.97) {band:>5}: n {found['n']}, mean {found['mean']:.4f},"
                f" alive {found['alive']:.4f},"
                f" {found['points']:+.2f} points (chance alone ±{found['error_points']:.2f})"
            )
    lines.append(
        f"  Brier {report['brier']:.6f} (oracle {report['oracle_brier']:.6f}),"
        f" log loss {report['log_loss']:.5f} (oracle {report['oracle_log_loss']:.5f})"
    )
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Score a run and print the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.foreign.score", description=__doc__)
    parser.add_argument("out", type=Path, help="what `chengshu certify --out` wrote")
    parser.add_argument("city", type=Path, help="the foreign city")
    parser.add_argument("--cut", type=Path, help="a run over the city's twin without one county's last four months")
    parser.add_argument("--cut-city", type=Path, help="that twin")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    report = compare(Beliefs.read(asked.out / "decisions.parquet"), asked.city)
    if asked.cut and asked.cut_city:
        county = json.loads((asked.cut_city / "world.json").read_text(encoding="utf-8"))["cut_county"]
        report["outage"] = outage_effect(asked.out, asked.cut, asked.city, county)
    text = json.dumps(report, indent=1) + "\n" if asked.json else render(report, title="model")
    sys.stdout.write(text)
    if "outage" in report and not asked.json:
        sys.stdout.write(f"  outage: {report['outage']}\n")


if __name__ == "__main__":
    main()
