"""What a random sample of the certified says of the share of dead among them: pure."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from scipy.special import betaincinv

LEVEL = 0.95


class Interval(NamedTuple):
    """Bounds of a share."""

    low: float
    high: float


class Verdict(StrEnum):
    """What a sample says of a promised bound."""

    UNSEEN = "unseen"
    BROKEN = "broken"
    KEPT = "kept"
    OPEN = "open"


class Stage(NamedTuple):
    """How a sample stood after a day.

    Attributes:
        day: of the last visits that are counted.
        seen: people found, dead or living.
        dead: of these.
        interval: of the share of dead.
    """

    day: date
    seen: int
    dead: int
    interval: Interval

    @property
    def share(self) -> float:
        """Dead of those found."""
        return self.dead / self.seen


def exact_interval(dead: int, seen: int, level: float = LEVEL) -> Interval:
    """The exact interval of a share by a count of independent draws; everything where nothing was drawn.

    It covers the truth with at least this probability, whatever the share: for shares near 0, where the usual
    approximation by a normal distribution fails, it is the one to use.

    Args:
        dead: found dead, in [0, seen].
        seen: found at all; >= 0.
        level: of confidence, in (0, 1).

    Source:
        C. J. Clopper, E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the
        binomial, Biometrika 26 (1934), by quantiles of the beta distribution.

    >>> low, high = exact_interval(0, 300)
    >>> low, round(high, 4)
    (0.0, 0.0122)
    """
    if not 0 <= dead <= seen:
        raise ValueError(f"{dead} dead of {seen} seen")
    tail = (1 - level) / 2
    low = float(betaincinv(dead, seen - dead + 1, tail)) if dead else 0.0
    high = float(betaincinv(dead + 1, seen - dead, 1 - tail)) if dead < seen else 1.0
    return Interval(low, high)


def verdict(interval: Interval, seen: int, bound: float) -> Verdict:
    """Whether the bound of a share is refuted or confirmed by an interval; open where it lies within."""
    if not seen:
        return Verdict.UNSEEN
    if interval.low > bound:
        return Verdict.BROKEN
    return Verdict.KEPT if interval.high <= bound else Verdict.OPEN


def stages(found: Iterable[tuple[date, bool]]) -> list[Stage]:
    """How a sample stood after each day with visits.

    Args:
        found: the day of each visit that found somebody, and whether dead; in any order.
    """
    seen = dead = 0
    reached = []
    for day, of_day in groupby(sorted(found), key=lambda one: one[0]):
        results = [is_dead for _, is_dead in of_day]
        seen, dead = seen + len(results), dead + sum(results)
        reached.append(Stage(day, seen, dead, exact_interval(dead, seen)))
    return reached
