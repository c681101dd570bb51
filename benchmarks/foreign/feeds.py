"""The calendar of the window, the 26 sources, and what reaches us of them: season, outages, late feeds."""

from __future__ import annotations

import calendar as almanac
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.foreign.worlds import COUNTIES, SOURCES, World

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

DAYS_PER_MONTH = 30.4375

# code, Chinese name, department, whether it is care for the sick (rises before death)
_CATALOGUE = (
    ("clinic_visit", "门诊就诊", "医保局", True),
    ("hospital_stay", "住院登记", "医保局", True),
    ("pharmacy", "定点药店购药", "医保局", True),
    ("chronic_followup", "慢病随访", "卫健委", True),
    ("vaccination", "疫苗接种", "卫健委", True),
    ("checkup", "老年人体检", "卫健委", True),
    ("home_doctor", "家庭医生签约服务", "卫健委", True),
    ("lab_report", "检验报告查询", "卫健委", True),
    ("bus_card", "敬老卡乘车", "交通局", False),
    ("coach_ticket", "客运购票", "交通局", False),
    ("rail_ticket", "铁路购票", "交通局", False),
    ("face_gate", "景区刷脸入园", "文旅局", False),
    ("library", "图书借阅", "文旅局", False),
    ("bank_counter", "社保卡柜面交易", "人社局", False),
    ("card_swipe", "社保卡消费", "人社局", False),
    ("training", "技能培训签到", "人社局", False),
    ("service_hall", "政务大厅办事", "行政审批局", False),
    ("app_login", "政务APP实名登录", "行政审批局", False),
    ("canteen", "长者食堂就餐", "民政局", False),
    ("day_care", "日间照料签到", "民政局", False),
    ("grid_visit", "网格员走访", "政法委", False),
    ("notary", "公证", "司法局", False),
    ("traffic_desk", "车驾管业务", "公安局", False),
    ("hotel", "旅馆住宿登记", "公安局", False),
    ("residence_desk", "户籍业务", "公安局", False),
    ("farm_subsidy_sign", "农资补贴签领", "农业农村局", False),
)


@dataclass(frozen=True)
class Calendar:
    """The window: whole months, the last one perhaps cut short by `as_of`."""

    as_of: date
    months: int
    first_day: date
    month_starts: Ints
    """(months + 1,) index of the first day of every month, and the number of days."""

    @property
    def days(self) -> int:
        """Days in the window; the last one is `as_of`."""
        return int(self.month_starts[-1])

    def month_of_day(self) -> Ints:
        """(days,) month in which each day lies."""
        return np.repeat(np.arange(self.months), np.diff(self.month_starts))


@dataclass(frozen=True)
class Sources:
    """What is true of each source; arrays have one entry per source."""

    code: list[str]
    name: list[str]
    department: list[str]
    is_care: NDArray[np.bool_]
    rate: Floats
    share: Floats
    rho: Floats
    """How much of the rate goes on when a relative keeps the card."""
    phi: Floats
    """How much of the rate goes on while the person is away."""
    terminal: Floats
    """Factor on the rate in the terminal phase."""
    delivers: NDArray[np.bool_]
    bursts: NDArray[np.bool_]


def lay_out_calendar(as_of: date, months: int) -> Calendar:
    """The `months` months that end with the one in which `as_of` lies."""
    last = as_of.year * 12 + as_of.month - 1
    first = last - months + 1
    lengths = [almanac.monthrange(m // 12, m % 12 + 1)[1] for m in range(first, last)] + [as_of.day]
    starts = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    return Calendar(as_of, months, date(first // 12, first % 12 + 1, 1), starts)


def draw_sources(rng: np.random.Generator, world: World) -> Sources:
    """Rates, shares and use after death of the sources; which of them the names get is chance."""
    by_rate = np.geomspace(0.02, 1.5, SOURCES)
    # Frequent sources have fewer users, roughly: a bus card weekly by some, a check-up yearly by most.
    rank = np.argsort(np.arange(SOURCES) + rng.normal(0, 5, SOURCES))
    low, high = world.share_range
    share = (low + (high - low) * np.linspace(1, 0, SOURCES) ** world.share_skew)[np.argsort(rank)]
    order = rng.permutation(SOURCES)
    is_care = np.array([care for *_, care in _CATALOGUE])
    delivers = np.zeros(SOURCES, dtype=np.bool_)
    delivers[rng.permutation(SOURCES)[: world.feeds]] = True
    bursts = is_care & world.bursts
    rho = rng.permutation(np.linspace(0.0, 0.8, SOURCES) ** 1.3 / 0.8**0.3)
    return Sources(
        code=[code for code, *_ in _CATALOGUE],
        name=[name for _, name, *_ in _CATALOGUE],
        department=[department for _, _, department, _ in _CATALOGUE],
        is_care=is_care,
        rate=by_rate[order],
        share=share[order],
        rho=rho,
        phi=np.clip(0.05 * np.exp(0.5 * rng.standard_normal(SOURCES)), 0.0, 0.5),
        terminal=np.where(is_care, world.terminal_care, world.terminal_other),
        delivers=delivers,
        bursts=bursts,
    )


def draw_intensity(rng: np.random.Generator, world: World, calendar: Calendar, sources: Sources) -> Singles:
    """Share of a month's rate that falls on each day and reaches us: (counties, sources, days)."""
    month = calendar.month_of_day()
    phase = rng.random(SOURCES) * 12
    season = 1 + world.season * np.cos(2 * np.pi * (month[None, :] - phase[:, None]) / 12)
    rhythm = season / DAYS_PER_MONTH
    if world.weekly:
        weekday = (calendar.first_day.weekday() + np.arange(calendar.days)) % 7
        rhythm = rhythm * np.where(weekday >= 5, 0.5, 1.2)
    exposure = _draw_exposure(rng, world, calendar)
    exposure[:, ~sources.delivers] = 0
    return (exposure * rhythm[None]).astype(np.float32)


def _draw_exposure(rng: np.random.Generator, world: World, calendar: Calendar) -> Singles:
    """What share reached us, by county, source and day."""
    exposure = np.ones((COUNTIES, SOURCES, calendar.days), dtype=np.float32)
    for number in range(world.outages):
        length = int(rng.integers(1, 6))
        first = calendar.months - length
        if number >= world.outages_to_the_end:
            first = int(rng.integers(0, calendar.months - length))
        days = slice(calendar.month_starts[first], calendar.month_starts[first + length])
        exposure[rng.integers(COUNTIES), rng.integers(SOURCES), days] = 0
    for source in rng.permutation(SOURCES)[: world.late_feeds]:
        exposure[:, source, -int(rng.integers(10, 46)) :] = 0
    if world.half_county:
        exposure[int(rng.integers(COUNTIES))] *= np.float32(0.5)
    return exposure
