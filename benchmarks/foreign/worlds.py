"""The worlds: everything in which one foreign city differs from another."""

from __future__ import annotations

from dataclasses import dataclass, replace

SOURCES = 26
COUNTIES = 14


@dataclass(frozen=True)
class World:
    """Parameters of one world; shares are in [0, 1], rates per month unless the name says otherwise."""

    name: str
    months: int = 36
    seen_in_90_days: float = 0.725
    """Share of people at home with an event within 90 days; the rates are scaled until this holds."""
    rate_law: str = "gamma"
    rate_shape: float = 0.8
    """Shape of the gamma, or sigma of the lognormal, of one user's rate around the stratum's mean."""
    activity_sigma: float = 0.0
    """Sigma of a person's own lognormal activity, shared by all of the sources."""
    share_range: tuple[float, float] = (0.05, 0.80)
    share_skew: float = 2.2
    """How many of the sources only few use; 1 spreads the shares evenly over the range."""
    retreat: float = 0.5
    """How much less (in log odds) the old and the country people take to any source."""
    hazard_multiplier: float = 1.05
    """Against a life table close to CL1 and CL2 (2010-2013)."""
    frailty_sigma: float = 0.3
    away_start: float = 0.01
    away_law: str = "geometric"
    away_mean_months: float = 4.0
    away_sigma: float = 1.1
    relatives: float = 0.20
    relative_stop: float = 0.15
    relatives_stop_at_registration: bool = False
    terminal_share: float = 0.0
    """Share of deaths with a terminal phase before them (geometric, `terminal_days` on average)."""
    terminal_days: float = 75.0
    terminal_care: float = 3.0
    terminal_other: float = 0.4
    stray: float = 0.001
    delay_median_days: float = 30.0
    delay_sigma: float = 0.8
    never_registered: float = 0.08
    season: float = 0.3
    outages: int = 16
    outages_to_the_end: int = 4
    late_feeds: int = 3
    feeds: int = SOURCES
    half_county: bool = False
    turnover: float = 0.0
    """Monthly probability that a user stops a source (and, as often, that somebody starts one)."""
    age_decline: bool = False
    bursts: bool = False
    weekly: bool = False
    death_feed: bool = True
    region_digits: int = 6


BASE = World("base")

WORLDS: dict[str, World] = {
    "base": BASE,
    "lognormal": World(
        "lognormal",
        rate_law="lognormal",
        rate_shape=0.9,
        activity_sigma=0.7,
        away_law="lognormal",
        relatives_stop_at_registration=True,
        relative_stop=0.02,
        terminal_share=0.6,
        hazard_multiplier=0.8,
        region_digits=9,
    ),
    "drift": World("drift", hazard_multiplier=1.25, turnover=0.012, age_decline=True, bursts=True, weekly=True),
    "poor": World("poor", months=24, feeds=12, never_registered=0.30, relatives=0.35, half_county=True),
    "nolabels": replace(BASE, name="nolabels", death_feed=False),
    "outage": replace(BASE, name="outage"),
}
