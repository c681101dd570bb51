"""Where everybody is counted and judged: on this machine, or where a server keeps the rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chengshu.certification.counts import Counted, CountStore, count_everybody
from chengshu.certification.judging import judge_everybody
from chengshu.certification.population import Population
from chengshu.certification.ranges import Answers
from chengshu.certification.remote import RemoteDesk
from chengshu.certification.window import Window
from chengshu.kernel.workers import Workers
from chengshu.lake import Engine, Load
from chengshu.survival.parameters import Parameters


class Desk(Protocol):
    """Counts everybody's events, and judges by them once the model is fitted."""

    def count(self, choices: list[npt.NDArray[np.int64]], progress: Callable[[float], None]) -> Counted:
        """Totals of everybody's counts, and the counts of chosen people."""

    def judge(self, model: Parameters, progress: Callable[[float], None]) -> Answers:
        """The model's answers for everybody."""

    def discard(self) -> None:
        """Remove what was kept in between."""


@dataclass(frozen=True)
class LocalDesk:
    """Works on this machine, a range on each engine or worker at a time; counts wait on disk for the model."""

    engines: list[Engine]
    load: Load
    population: Population
    window: Window
    store: CountStore
    workers: Workers

    def count(self, choices: list[npt.NDArray[np.int64]], progress: Callable[[float], None]) -> Counted:
        """Totals of everybody's counts, and the counts of chosen people."""
        return count_everybody(self.engines, self.load, self.population, self.store, self.window, choices, progress)

    def judge(self, model: Parameters, progress: Callable[[float], None]) -> Answers:
        """The model's answers for everybody."""
        return judge_everybody(self.population, self.store, model, self.window, workers=self.workers, progress=progress)

    def discard(self) -> None:
        """Remove the counts."""
        self.store.discard()


def desk_at(
    engines: list[Engine], load: Load, population: Population, window: Window, workers: Workers, folder: Path
) -> Desk:
    """A desk where the engines' rows are; what has to be kept in between goes into ``folder``."""
    if engines[0].is_remote:
        return RemoteDesk(engines[0], load, population, window)
    return LocalDesk(engines, load, population, window, CountStore(folder), workers)
