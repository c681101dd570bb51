"""The bench: what all benchmarks of a run share: sizes, a folder for cities, runs of the command line."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from benchmarks.process import Measured, ProcessFailed, measure
from benchmarks.results import Json

AS_OF = date(2025, 12, 31)
ROOT = Path(__file__).resolve().parent.parent
_COMMAND = Path(sys.executable).with_name("chengshu")
_FREE_BYTES_BESIDES = 2 * 10**9
_BYTES_PER_EVENT = 80
"""Of package, lake and what a run spills, with room to spare; it was about 50 when last measured."""


@dataclass(frozen=True)
class Sizes:
    """How large the cities are: people, and for the whole city events too."""

    foreign_people: int = 60_000
    base_seeds: tuple[int, ...] = (1, 2, 3)
    other_seeds: tuple[int, ...] = (1, 2)
    """Foreign cities drawn of world `base`, and of each of the others; their people are judged together."""
    city_people: int = 4_140_000
    city_events: int = 100_000_000
    growth: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    """Cities of the growth series, as multiples of the whole city's events."""
    repeats: int = 2
    engine_people: int = 200_000
    csv_people: int = 500_000
    determinism_people: int = 100_000
    audit_events: int = 100_000
    kills: int = 50

    def at_most(self, people: int) -> Sizes:
        """The same with no city above so many people; events shrink along."""
        city = min(self.city_people, people)
        return replace(
            self,
            foreign_people=min(self.foreign_people, people),
            city_people=city,
            city_events=round(self.city_events * city / self.city_people),
            engine_people=min(self.engine_people, people),
            csv_people=min(self.csv_people, people),
            determinism_people=min(self.determinism_people, people),
        )


QUICK = replace(Sizes(), kills=4, base_seeds=(1,), other_seeds=(1,), growth=(0.5, 1.0), repeats=1).at_most(1_500)


@dataclass(frozen=True)
class Run:
    """A finished `chengshu certify`: its summary, and its cost as seen from outside."""

    out: Path
    summary: Json
    seconds: float
    peak_bytes: int

    @property
    def decisions(self) -> Path:
        """One row per person and benefit."""
        return self.out / "decisions.parquet"


@dataclass
class Bench:
    """What the benchmarks of one run share.

    Args:
        sizes: of the cities.
        folder: for cities and runs; everything in it may be deleted.
        keep: leave cities and runs there for the next time.
    """

    sizes: Sizes
    folder: Path
    keep: bool = False
    _began: float = field(default_factory=time.monotonic)
    _runs: dict[str, Run] = field(default_factory=dict)

    def say(self, what: str) -> None:
        """A line of progress, with the minutes since the start."""
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        sys.stderr.write(f"[{minutes:3d}:{seconds:02d}] {what}\n")
        sys.stderr.flush()

    def certify(self, city: Path, name: str, *, keep_lake: bool = False, **options: object) -> Run:
        """Run `chengshu certify` on a city, in a process of its own; once for each name.

        Args:
            city: the package.
            name: of the folder for what it writes, which is emptied first.
            keep_lake: else the lake goes at once, being the largest part of it.
            options: of the command, such as `max_dead_share=0.01`.

        Raises:
            ProcessFailed: with what the command complained of.
        """
        if name in self._runs:
            return self._runs[name]
        out = self.folder / "runs" / name
        shutil.rmtree(out, ignore_errors=True)
        asked = ("certify", city, "--as-of", AS_OF.isoformat(), "--out", out, "--json")
        cost = self.run(command(*asked, *_as_arguments(options)))
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        if not keep_lake and not self.keep:
            shutil.rmtree(out / "lake", ignore_errors=True)
        self.say(f"  certified {name}: {cost.seconds:.1f} s, {cost.peak_bytes / 1e9:.2f} GB")
        self._runs[name] = Run(out, summary, cost.seconds, cost.peak_bytes)
        return self._runs[name]

    def run(self, arguments: list[str]) -> Measured:
        """Run a command and measure it; an error names no folder of this machine."""
        try:
            return measure(arguments, {"CHENGSHU_LANG": "en"})
        except ProcessFailed as failure:
            raise ProcessFailed(without_paths(str(failure), self.folder)) from failure

    def forget(self, folder: Path) -> None:
        """Delete a folder of the bench, unless everything is to be kept."""
        if not self.keep:
            shutil.rmtree(folder, ignore_errors=True)

    def need_room(self, events: int) -> None:
        """Refuse to begin what the disk cannot hold.

        Raises:
            OSError: says how much is needed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        needed = events * _BYTES_PER_EVENT + _FREE_BYTES_BESIDES
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise OSError(f"needs {needed / 1e9:.0f} GB free on disk, {free / 1e9:.0f} GB are")


def command(*arguments: object) -> list[str]:
    """The command line of the system, as a user types it."""
    return [str(_COMMAND), *(str(argument) for argument in arguments)]


def without_paths(text: str, folder: Path) -> str:
    """The text without the places of this machine."""
    return text.replace(str(folder), "BENCH").replace(str(ROOT), ".")


def _as_arguments(options: Mapping[str, object]) -> list[str]:
    """`max_dead_share=0.01` as `--max-dead-share 0.01`."""
    return [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
