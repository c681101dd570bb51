"""What a benchmark found: rows with a bar and a figure, and the file that keeps them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]
FORMAT = 1


class Interval(NamedTuple):
    """What else the figure may well have been: a 95% interval, or the range over repeated runs."""

    low: float
    high: float


@dataclass(frozen=True)
class Bar:
    """What a figure must reach; without an end it only informs."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, figure: float | None) -> bool | None:
        """Whether it is reached; None where nothing is asked, False where there is no figure."""
        if self.at_least is None and self.at_most is None:
            return None
        if figure is None or math.isnan(figure):
            return False
        return self._low <= figure <= self._high

    @property
    def _low(self) -> float:
        return -math.inf if self.at_least is None else self.at_least

    @property
    def _high(self) -> float:
        return math.inf if self.at_most is None else self.at_most

    def __str__(self) -> str:
        if self.at_least is not None and self.at_most is not None:
            return f"{self.at_least:g} to {self.at_most:g}"
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        key: stable and dotted; scripts may rely on it.
        what: what was measured, for a reader.
        figure: None where it could not be measured; `note` then says why.
        unit: of figure, bar and interval; empty for a ratio.
        facts: figures beside it that the table has no room for.
    """

    key: str
    what: str
    figure: float | None
    unit: str = ""
    bar: Bar = field(default_factory=Bar)
    interval: Interval | None = None
    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        return self.bar.holds(self.figure)

    def as_json(self) -> Json:
        """The row with all that it says, its bar as numbers."""
        return {
            "key": self.key,
            "what": self.what,
            "figure": self.figure,
            "unit": self.unit,
            "interval": list(self.interval) if self.interval else None,
            "bar": {"at_least": self.bar.at_least, "at_most": self.bar.at_most},
            "met": self.is_met,
            "note": self.note,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, kept: Json) -> Row:
        """The row that `as_json` gave."""
        return cls(
            kept["key"],
            kept["what"],
            kept["figure"],
            kept["unit"],
            Bar(**kept["bar"]),
            Interval(*kept["interval"]) if kept["interval"] else None,
            kept["note"],
            kept["facts"],
        )


@dataclass(frozen=True)
class Outcome:
    """One benchmark's rows, or the error that it ended with."""

    rows: list[Row]
    seconds: float
    measured_on: date
    error: str | None = None

    def as_json(self) -> Json:
        """The outcome as the file keeps it."""
        return {
            "measured_on": self.measured_on.isoformat(),
            "seconds": round(self.seconds, 1),
            "error": self.error,
            "rows": [row.as_json() for row in self.rows],
        }

    @classmethod
    def from_json(cls, kept: Json) -> Outcome:
        """The outcome that `as_json` gave."""
        rows = [Row.from_json(row) for row in kept["rows"]]
        return cls(rows, kept["seconds"], date.fromisoformat(kept["measured_on"]), kept["error"])


def read_outcomes(path: Path) -> dict[str, Outcome]:
    """Outcomes of earlier runs; none where there is no file of this format."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    if kept.get("format") != FORMAT:
        return {}
    return {name: Outcome.from_json(outcome) for name, outcome in kept["benchmarks"].items()}


def write_outcomes(path: Path, outcomes: Mapping[str, Outcome], *, machine: Json, settings: Json) -> None:
    """Write all outcomes with the machine and the sizes that they come from, replacing the file at once."""
    content = {
        "format": FORMAT,
        "machine": machine,
        "settings": settings,
        "benchmarks": {name: outcome.as_json() for name, outcome in outcomes.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    text = json.dumps(_without_nan(content), ensure_ascii=False, indent=1, allow_nan=False)
    half.write_text(text + "\n", encoding="utf-8")
    half.replace(path)


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: null says that there is no figure. Six digits are more than any figure here holds."""
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
