"""What holds for the whole city: seasons, broken feeds, registration of deaths, mistyped IDs."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chengshu.samplecity.counties import COUNTIES
from chengshu.samplecity.randomness import stream
from chengshu.samplecity.sources import SOURCES, Season, Source
from chengshu.samplecity.window import Window

FloatArray = npt.NDArray[np.float64]

SEASON_STEPS = 4096
_SEASONS: dict[Season, tuple[float, ...]] = {
    "flat": (1.0,) * 12,
    "flu": (0.8, 0.5, 0.5, 0.6, 0.6, 0.5, 0.5, 0.6, 1.4, 2.4, 2.2, 1.4),
    "winter": (1.2, 0.9, 1.1, 1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.2),
    "festival": (1.3, 0.7, 0.9, 1.0, 1.0, 1.0, 1.0, 0.9, 1.1, 1.0, 1.0, 1.1),
    "travel": (1.6, 1.8, 0.8, 0.9, 1.1, 0.8, 1.1, 1.1, 0.8, 1.4, 0.4, 0.4),
    "checkup": (0.2, 0.2, 0.8, 2.0, 2.6, 2.2, 1.0, 0.8, 1.0, 0.8, 0.3, 0.1),
    "yearend": (1.6, 1.4, 0.8, 0.7, 0.8, 0.8, 0.9, 0.8, 0.8, 0.8, 0.9, 1.7),
}
_LATE = {"veteran_service": (0.7, 0.15), "farm_subsidy_card": (0.85, 0.4), "family_doctor": (1.0, 0.6)}
_STARTS_LATE = ("gov_app", 0.4)
_OUTAGES_A_SOURCE = 1.2


@dataclass(frozen=True)
class World:
    """The city's true figures that are not a person's.

    Attributes:
        season: (sources, months) multiples of the rate; exact for the events drawn.
        season_table: (sources, SEASON_STEPS) months, each as often as its share of the year's events.
        exposure: (sources, months, counties) share of what happened that reached us, in [0, 1].
        misattributed_share: of events that bear another person's valid ID.
        mistyped_share: of events whose ID has a wrong check digit.
        relatives_share: of deaths after which a relative goes on using the cards (pi).
        relatives_stop_rate: the chance a month that the relative stops.
        never_registered_share: of deaths.
        delay_median_days: lognormal delay from death to its registration, with `delay_sigma`.
        dead_before_share: of people dead before the first month, unregistered.
        away_start_young, away_start_old: the chance a month to leave, below 60 years and above.
        away_return: the chance a month to come back.
        terminal_days: the last days of life with their own rates.
    """

    season: FloatArray
    season_table: npt.NDArray[np.uint8]
    exposure: FloatArray
    misattributed_share: float = 1e-4
    mistyped_share: float = 1e-4
    relatives_share: float = 0.15
    relatives_stop_rate: float = 0.12
    never_registered_share: float = 0.08
    delay_median_days: float = 31.0
    delay_sigma: float = 0.95
    dead_before_share: float = 0.001
    away_start_young: float = 0.02
    away_start_old: float = 0.004
    away_return: float = 0.12
    terminal_days: int = 91
    sources: tuple[Source, ...] = field(default=SOURCES, repr=False)


def make_world(seed: int, window: Window) -> World:
    """The world of a seed."""
    tables = np.stack([_season_table(source, window) for source in SOURCES])
    counts = np.stack([np.bincount(table, minlength=window.months) for table in tables])
    totals = np.array([[_season(source, window).sum()] for source in SOURCES])
    return World(counts * totals / SEASON_STEPS, tables, _draw_exposure(seed, window.months))


def _season(source: Source, window: Window) -> FloatArray:
    """(months,) multiples, mean 1 over a year; a month that is not over has its share."""
    year = np.array(_SEASONS[source.season])
    return np.asarray((year / year.mean())[window.calendar_months] * window.covered)


def _season_table(source: Source, window: Window) -> npt.NDArray[np.uint8]:
    """(SEASON_STEPS,) months in order; a uniform place in it is a month drawn by season."""
    reached = np.cumsum(_season(source, window))
    steps = (np.arange(SEASON_STEPS) + 0.5) / SEASON_STEPS * reached[-1]
    return np.asarray(np.searchsorted(reached, steps), dtype=np.uint8)


def _draw_exposure(seed: int, months: int) -> FloatArray:
    """(sources, months, counties): a county's outages, feeds that come late, one that starts mid-way."""
    random = stream(seed, "outages")
    exposure = np.ones((len(SOURCES), months, len(COUNTIES)))
    for place, source in enumerate(SOURCES):
        for _ in range(random.poisson(_OUTAGES_A_SOURCE)):
            start, length = int(random.integers(months)), int(random.integers(1, 5))
            exposure[place, start : start + length, random.integers(len(COUNTIES))] = random.choice(
                [0.0, 0.0, 0.1, 0.4]
            )
        for back, share in zip((-2, -1), _LATE.get(source.code, ()), strict=False):
            exposure[place, back] *= share
        if source.code == _STARTS_LATE[0]:
            exposure[place, : int(months * _STARTS_LATE[1])] = 0.0
    return exposure
