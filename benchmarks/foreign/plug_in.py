"""A crude plug-in filter for reference: counts over time as rates, textbook defaults for all the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.foreign.feeds import DAYS_PER_MONTH, Calendar, Sources
from benchmarks.foreign.people import People
from benchmarks.foreign.traces import Traces
from benchmarks.foreign.worlds import World

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

_PRIOR_MONTHS = 3.0


@dataclass
class Guess:
    """Estimated rates and an average person's hazard."""

    county: Ints
    rate: Singles
    people: People

    def rates_in(self, month: int, rows: slice) -> Singles:
        """The same estimate in every month."""
        return self.rate[rows]

    def daily_hazard(self, month: int, rows: slice) -> Floats:
        """The life table's, for the person's age and sex."""
        return self.people.daily_hazard(month, rows) / self.people.frailty[rows] / self.people.hazard_multiplier


def guess_rates(people: People, traces: Traces, calendar: Calendar, sources: Sources) -> Guess:
    """Rates as counts over months, pulled to the city's mean by a prior worth three months."""
    kinds = len(sources.code)
    counts = np.bincount(traces.person * kinds + traces.source, minlength=len(people) * kinds)
    counts = counts.reshape(len(people), kinds)
    mean = counts.mean(axis=0) / calendar.months
    rate = (counts + mean * _PRIOR_MONTHS) / (calendar.months + _PRIOR_MONTHS)
    plain = replace(people, frailty=np.ones(len(people)))
    return Guess(people.county, rate.astype(np.float32), plain)


def default_sources(sources: Sources) -> Sources:
    """The same sources, with textbook values for what only the oracle knows."""
    ones = np.ones(len(sources.code))
    return replace(sources, phi=0.05 * ones, rho=0.3 * ones, terminal=ones)


def default_world(world: World) -> World:
    """The same window, with textbook values for what only the oracle knows."""
    return World("plug-in", months=world.months, death_feed=world.death_feed)


def even_intensity(like: Singles) -> Singles:
    """No season, no outage: every day alike."""
    return np.full_like(like, 1 / DAYS_PER_MONTH)


def even_stray(rate: Singles, like: Singles) -> Singles:
    """One in a thousand events is a stranger's."""
    daily = rate.mean(axis=0)[None, :, None] * 0.001 / DAYS_PER_MONTH
    return np.broadcast_to(daily, like.shape).astype(np.float32)
