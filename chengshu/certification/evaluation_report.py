"""The truth put into a report that is already there: its facts are read back from the page itself."""

import json
import re
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from chengshu.certification.report import write_report
from chengshu.certification.report.data import Estimate, ReportData, TruthBand, TruthCheck
from chengshu.kernel.texts import Text

REPORT = "report.html"
_PAYLOAD = re.compile(r'<script type="application/json" id="payload">(.*?)</script>', re.DOTALL)
_ORIGIN = Text("chengshu evaluate：与 {name} 比较，{people} 人", "chengshu evaluate: against {name}, {people} people")


def show_truth(out: Path, truth: Path, found: dict[str, Any]) -> bool:
    """Write OUT/report.html again, with the calibration against the truth.

    Args:
        out: folder of the run.
        truth: its name tells where the truth comes from.
        found: what `evaluate` gave.

    Returns:
        Whether there was a report whose facts could be read back.
    """
    report = read_report(out / REPORT)
    if report is None:
        return False
    calibration = replace(report.calibration, truth=_truth_check(truth, found))
    write_report(replace(report, calibration=calibration), out / REPORT)
    return True


def read_report(path: Path) -> ReportData | None:
    """The facts of a report; None where there is none, or one of another version."""
    try:
        payload = _PAYLOAD.search(path.read_text(encoding="utf-8"))
        if payload is None:
            return None
        report: ReportData = from_plain(ReportData, json.loads(payload[1])["data"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return report


def from_plain(kind: Any, value: Any) -> Any:
    """The opposite of the report's `to_plain`: plain values as the dataclasses, texts and dates they were.

    Raises:
        KeyError, TypeError, ValueError: the value is not one of this kind.
    """
    if get_origin(kind) is UnionType:
        (inner,) = (part for part in get_args(kind) if part is not type(None))
        return None if value is None else from_plain(inner, value)
    if get_origin(kind) is tuple:
        return tuple(from_plain(get_args(kind)[0], item) for item in value)
    if kind is Text:
        return Text(value["zh"], value["en"])
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{item.name: from_plain(hints[item.name], value[item.name]) for item in fields(kind)})
    if kind is datetime or kind is date:
        return kind.fromisoformat(value)
    return value


def _truth_check(truth: Path, found: dict[str, Any]) -> TruthCheck:
    score = found["scores"]["all"][0]
    bands = tuple(
        TruthBand(
            p_low=band["p_low"],
            p_high=band["p_high"],
            people=band["people"],
            predicted=band["predicted"],
            observed=Estimate(**band["observed"]),
        )
        for band in score["bands"]
    )
    origin = _ORIGIN.format(name=truth.name, people=f"{found['people']:,}")
    return TruthCheck(origin=origin, bands=bands, brier=score["brier"], log_loss=score["log_loss"])
