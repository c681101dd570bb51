"""Everything that the model estimates from a city, and the priors that rule where the city says little."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray

AGE_BANDS_YEARS = (18, 45, 60, 70, 80)  # lower edges of bands 1..5; band 0 is below 18
AGE_BANDS = len(AGE_BANDS_YEARS) + 1
# Prior of a source's use after death where no recorded death says anything.
PRIOR_RELATIVE_FACTOR = 0.25
PRIOR_AWAY_FACTOR = 0.05
PRIOR_RELATIVE_SHARE = 0.15
PRIOR_RELATIVE_STOP = 0.12
PRIOR_BACKLOG_YEARS = 0.5
PRIOR_NEVER_REGISTERED = 0.08
PRIOR_ACTIVITY_SPREAD = 0.1
LEAST_ACTIVITY_SPREAD = 1e-3
PRIOR_HABIT_STOP = 0.003
PRIOR_AWAY_START = 0.01
PRIOR_AWAY_RETURN = 0.2
# A last illness of two months in the mean, with a monthly chance of one in two to end in death.
FAILING_EXIT = 0.5
PRIOR_STRAY_SHARE = 5e-4


@dataclass(frozen=True)
class Parameters:
    """A fitted model.

    Attributes:
        user_share: (strata, sources) share of people who use a source at all, in (0, 1).
        shape: (strata, sources) gamma shape of users' monthly rates; > 0.
        rate: (strata, sources) gamma rate of users' monthly rates, months; > 0.
        exposure: (counties, sources, months) season times the share of the feed that arrived; >= 0, about 1.
        ahead: (counties, sources, 12) exposure expected in the twelve months after the window; >= 0.
        away_factor: (sources,) rate while away relative to present.
        failing_factor: (sources,) rate in the last illness relative to present.
        relative_factor: (sources,) rate after death, while a relative uses the card, relative to present.
        stray_rate: (sources,) other people's events a month that land on somebody by a mistyped ID.
        relative_share: probability that anything is used after a death.
        relative_stop: monthly probability that such use ends.
        away_start: (strata,) monthly probability of going away.
        away_return: monthly probability of coming back.
        hazard_multiplier: (2, age bands) multiplier of the life table.
        never_registered: share of deaths that never reach the records.
        delay_cdf: (ten-day steps,) share of registered deaths on record within so many steps.
        backlog_years: years of unregistered deaths that lay in the files when the window opened.
        habit_stop: (sources,) monthly probability that somebody gives a source up for good.
        burst: (sources,) mean events of a visit; follow-up visits within days say nothing new.
        activity_spread: variance of a factor, with mean 1, that all of a person's rates have in common.
        month_lengths: (months,) length of each step relative to a full month; the last may be a part.
        broken: (counties, sources, months) where a county's feed departed from the city's.
        relative_evidence: (sources,) events that were due after known deaths, the prior's included: what taught
            relative_factor.
    """

    user_share: FloatArray
    shape: FloatArray
    rate: FloatArray
    exposure: FloatArray
    ahead: FloatArray
    away_factor: FloatArray
    failing_factor: FloatArray
    relative_factor: FloatArray
    stray_rate: FloatArray
    away_start: FloatArray
    hazard_multiplier: FloatArray
    delay_cdf: FloatArray
    month_lengths: FloatArray
    broken: BoolArray
    relative_evidence: FloatArray
    habit_stop: FloatArray
    burst: FloatArray
    relative_share: float = PRIOR_RELATIVE_SHARE
    relative_stop: float = PRIOR_RELATIVE_STOP
    away_return: float = PRIOR_AWAY_RETURN
    never_registered: float = PRIOR_NEVER_REGISTERED
    backlog_years: float = PRIOR_BACKLOG_YEARS
    use_stops_at_record: bool = True
    activity_spread: float = LEAST_ACTIVITY_SPREAD
    history: tuple[dict[str, float], ...] = field(default=(), compare=False)

    @property
    def months(self) -> int:
        """Length of the window."""
        return int(self.exposure.shape[2])

    @property
    def sources(self) -> int:
        """Number of sources."""
        return int(self.exposure.shape[1])

    def of_county(self, county: int) -> "Parameters":
        """The same model of one county alone, then number 0."""
        own = slice(county, county + 1)
        return replace(self, exposure=self.exposure[own], ahead=self.ahead[own], broken=self.broken[own])

    def in_single_precision(self) -> "Parameters":
        """The same model in 32-bit floats, in which everybody is judged in half the time."""
        single: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.dtype == np.float64:
                single[name] = value.astype(np.float32)
        return replace(self, **single)


def initial(*, counties: int, strata: int, sources: int, month_lengths: FloatArray) -> Parameters:
    """The priors alone, before anything was seen: steady habits, nothing shared between sources."""
    months = len(month_lengths)
    steps = np.arange(1, 3 * months + 7)
    return Parameters(
        user_share=np.full((strata, sources), 0.4),
        shape=np.full((strata, sources), 0.8),
        rate=np.full((strata, sources), 1.6),
        exposure=np.ones((counties, sources, months)) * month_lengths,
        ahead=np.ones((counties, sources, 12)),
        away_factor=np.full(sources, PRIOR_AWAY_FACTOR),
        failing_factor=np.ones(sources),
        relative_factor=np.full(sources, PRIOR_RELATIVE_FACTOR),
        stray_rate=np.full(sources, PRIOR_STRAY_SHARE * 0.2),
        away_start=np.full(strata, PRIOR_AWAY_START),
        hazard_multiplier=np.ones((2, AGE_BANDS)),
        delay_cdf=-np.expm1(-steps / 5.0),
        habit_stop=np.zeros(sources),
        burst=np.ones(sources),
        month_lengths=np.asarray(month_lengths, dtype=float),
        broken=np.zeros((counties, sources, months), dtype=bool),
        relative_evidence=np.full(sources, 5.0),
    )


def age_band(age_years: FloatArray) -> IntArray:
    """Number of the age band, same shape as age_years."""
    return np.searchsorted(np.asarray(AGE_BANDS_YEARS), age_years, side="right").astype(np.int64)
