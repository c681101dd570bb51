"""A report as a real run would give it, about a city that does not exist."""

from dataclasses import replace
from datetime import date, datetime

import numpy as np

from chengshu.certification.report.data import (
    AgeRow,
    BandRow,
    BenefitRow,
    BrokenFeed,
    Calibration,
    CountyRow,
    DecisionCounts,
    Estimate,
    FeedRow,
    Feeds,
    Funnel,
    LapseMonth,
    LateDeathPoint,
    RejectRow,
    ReportData,
    RunFacts,
    Safety,
    SourceRow,
    StageRow,
    Totals,
    TruthBand,
    TruthCheck,
)
from chengshu.kernel.texts import Text


def words(text: str) -> list[str]:
    return text.split()


COUNTIES = words("中心区 济平县 云溪县 临河市 南岭县 东湖区 西山区 北原县 青林县 白石县 长乐县 太和县 丰城县 高新区")
SOURCES = words(
    "门诊就诊 住院结算 药店购药 人脸核身 乘车刷卡 社保卡待遇支取 电费缴纳 水费缴纳 燃气缴费 手机实名活跃 "
    "政务服务办件 不动产登记 婚姻登记 机动车年检 驾驶证业务 养老机构入住 老年餐厅就餐 家庭医生随访 疫苗接种 "
    "体检 图书馆借阅 公园年卡 法律援助 邮政寄递 低保核查 残疾人服务"
)
DEPARTMENTS = words("市医保局 市卫健委 市公安局 市交通局 市人社局 市供电公司 市水务局 市民政局 市政务局 市残联")
BENEFITS = words(
    "城乡居民基本养老保险 企业职工基本养老保险 机关事业单位养老保险 高龄津贴 经济困难老年人服务补贴 "
    "特困人员救助供养 城乡低保 残疾人生活补贴 重度残疾人护理补贴 退役军人优抚 烈属定期抚恤 计划生育家庭扶助"
)
MONTHS = tuple(date(2023 + i // 12, i % 12 + 1, 1) for i in range(36))


def around(value: float, width: float) -> Estimate:
    return Estimate(value=value, low=max(0.0, value - width), high=value + width)


def split(people: int, silent: float, generator: np.random.Generator) -> DecisionCounts:
    rest = 1 - silent - 0.012
    certified, self_check, visit, dead = generator.multinomial(people, [silent, rest * 0.7, rest * 0.3, 0.012])
    return DecisionCounts(
        certified=int(certified), self_check=int(self_check), visit=int(visit), death_recorded=int(dead)
    )


def add_up(parts: list[DecisionCounts]) -> DecisionCounts:
    return DecisionCounts(
        certified=sum(part.certified for part in parts),
        self_check=sum(part.self_check for part in parts),
        visit=sum(part.visit for part in parts),
        death_recorded=sum(part.death_recorded for part in parts),
    )


def sample_counties(generator: np.random.Generator) -> tuple[CountyRow, ...]:
    return tuple(
        CountyRow(
            code=f"3709{i + 1:02d}",
            name=name,
            decisions=split(int(generator.integers(200, 900)), 0.66 if i == 1 else 0.84 + 0.012 * (i % 8), generator),
            expected_dead_share=around(0.0022 + 0.0004 * (i % 5), 0.0011),
        )
        for i, name in enumerate(COUNTIES)
    )


def sample_sources(generator: np.random.Generator) -> tuple[SourceRow, ...]:
    return tuple(
        SourceRow(
            code=f"source_{i:02d}",
            name=name,
            department=DEPARTMENTS[i % 10],
            events=int(generator.integers(2_000, 90_000)),
            people=int(generator.integers(500, 20_000)),
            bits_per_event=float(6.5 * np.exp(-i / 9)),
            use_after_death=around(0.6 * (i + 1) / 26, 0.08) if i % 4 else None,
            use_while_away=0.02 * (i % 6),
            season=tuple(1 + 0.3 * np.sin((m + i) / 2) for m in range(12)) if i % 3 else (),
        )
        for i, name in enumerate(SOURCES)
    )


def sample_feeds(generator: np.random.Generator) -> Feeds:
    exposure = generator.normal(1.0, 0.05, (26, 36)).round(3)
    exposure[4, 20:24], exposure[9, 33:], exposure[13, 5:9], exposure[2, 30] = 0.04, 0.32, 0.7, 1.4
    rows = tuple(
        FeedRow(source_code=f"source_{i:02d}", source_name=name, exposure=tuple(map(float, exposure[i])))
        for i, name in enumerate(SOURCES[:25])
    )
    silent = FeedRow(source_code="source_25", source_name=SOURCES[25], exposure=(None,) * 36)
    broken = (
        broken_feed(4, 20, 23, 0.04, None),
        broken_feed(9, 33, 35, 0.0, 1),
        broken_feed(7, 32, 35, 0.08, 3),
    )
    return Feeds(months=MONTHS, rows=(*rows, silent), broken=broken)


def broken_feed(source: int, first: int, last: int, exposure: float, county: int | None) -> BrokenFeed:
    return BrokenFeed(
        source_code=f"source_{source:02d}",
        source_name=SOURCES[source],
        department=DEPARTMENTS[source % 10],
        first_month=MONTHS[first],
        last_month=MONTHS[last],
        exposure=exposure,
        county_code=None if county is None else f"3709{county + 1:02d}",
        county_name=None if county is None else COUNTIES[county],
    )


def sample_benefits(generator: np.random.Generator) -> tuple[BenefitRow, ...]:
    names = [f"{name}{suffix}" for suffix in ("", "（二档）", "（专项）") for name in BENEFITS][:34]
    people = generator.integers(24, 2_400, 34)
    return tuple(
        BenefitRow(
            code=f"B{i:02d}",
            name=name,
            department=DEPARTMENTS[i % 10],
            people=int(people[i]),
            certified=int(people[i] * (0.71 + 0.008 * i)),
            monthly_yuan=float(people[i] * (120 + 60 * (i % 7))),
        )
        for i, name in enumerate(names)
    )


def sample_calibration() -> Calibration:
    edges = (0.0, 0.1, 0.5, 0.8, 0.9, 0.97, 0.99, 0.999, 1.0)
    people = (90, 60, 130, 150, 320, 410, 1_480, 5_200)
    bands = tuple(
        BandRow(p_low=low, p_high=high, people=count, mean_p_alive=(low + high) / 2)
        for low, high, count in zip(edges, edges[1:], people, strict=False)
    )
    late = tuple(
        LateDeathPoint(months_since_death=m, people=80 - 5 * m, p_alive=around(float(0.93 * np.exp(-m / 2.6)), 0.05))
        for m in range(10)
    )
    return Calibration(bands=bands, late_deaths=late)


def sample_truth() -> TruthCheck:
    bands = tuple(
        TruthBand(
            p_low=band.p_low,
            p_high=band.p_high,
            people=band.people,
            predicted=band.mean_p_alive,
            observed=Estimate(
                value=band.mean_p_alive * 0.99,
                low=band.mean_p_alive * 0.95,
                high=min(1.0, band.mean_p_alive * 1.02),
            ),
        )
        for band in sample_calibration().bands
    )
    origin = Text("与样例城市的真实情况逐人核对。", "Checked person by person against the sample city's truth.")
    return TruthCheck(origin=origin, bands=bands, brier=0.0123, log_loss=0.0456)


def sample_rejects() -> tuple[RejectRow, ...]:
    return (
        RejectRow(
            resource="events-med-outpatient",
            code="id.check-digit",
            reason=Text("身份证号校验位不对", "Wrong check digit"),
            rows=702,
        ),
        RejectRow(
            resource="residents",
            code="row.duplicate",
            reason=Text("同一身份证号出现两次", "The same ID number twice"),
            rows=311,
        ),
        RejectRow(
            resource="entitlements",
            code="benefit.unknown",
            reason=Text("待遇代码不在待遇表中", "Benefit code not in the benefits table"),
            rows=274,
        ),
    )


def sample_report() -> ReportData:
    generator = np.random.default_rng(7)
    counties = sample_counties(generator)
    people = add_up([county.decisions for county in counties])
    ages = tuple(
        AgeRow(age_from=age, age_to=age + 9 if age < 90 else None, decisions=split(900, rate, generator))
        for age, rate in ((16, 0.62), (50, 0.81), (60, 0.9), (70, 0.92), (80, 0.86), (90, 0.71))
    )
    return ReportData(
        run=RunFacts(
            city_name="平江市",
            as_of=date(2025, 12, 31),
            generated_at=datetime(2026, 1, 4, 9, 30),
            version="0.1.0",
            engine="duckdb",
            is_simulated=True,
            peak_memory_bytes=1_340_000_000,
        ),
        totals=Totals(people=30_000, entitlements=11_482, events_read=735_204, rows_set_aside=1_287),
        funnel=Funnel(
            residents=30_000,
            people=people,
            benefit_rows=DecisionCounts(certified=8_731, self_check=640, visit=310, death_recorded=120),
            certified_unseen=57,
        ),
        safety=Safety(max_dead_share=0.003, expected_dead_share=around(0.0029, 0.0006), p_alive_threshold=0.962),
        counties=counties,
        ages=ages,
        benefits=sample_benefits(generator),
        calibration=sample_calibration(),
        sources=sample_sources(generator),
        feeds=sample_feeds(generator),
        lapses=tuple(
            LapseMonth(
                month=date(2026 + i // 12, i % 12 + 1, 1),
                certificates=int(1_900 * np.exp(-(((i - 5) / 4) ** 2))),
            )
            for i in range(18)
        ),
        rejects=sample_rejects(),
        stages=(
            StageRow(name=Text("归集", "Gather"), seconds=4.2, rows=735_204),
            StageRow(name=Text("按月汇总", "Monthly counts"), seconds=0.8, rows=735_204),
            StageRow(name=Text("估计参数", "Fit"), seconds=3.1),
            StageRow(name=Text("逐人判断", "Filter"), seconds=2.2, rows=30_000),
        ),
        warnings=(
            Text(
                "“残疾人服务”从未送来数据，本次没有使用。",
                "“残疾人服务” never sent any data and was not used.",
            ),
        ),
    )


def with_truth(report: ReportData) -> ReportData:
    return replace(report, calibration=replace(report.calibration, truth=sample_truth()))


def empty_report() -> ReportData:
    report = sample_report()
    return replace(
        report,
        totals=Totals(people=0, entitlements=0, events_read=0, rows_set_aside=0),
        funnel=Funnel(residents=0, people=DecisionCounts(), benefit_rows=DecisionCounts()),
        safety=Safety(max_dead_share=0.003, expected_dead_share=None, p_alive_threshold=None),
        counties=(),
        ages=(),
        benefits=(),
        calibration=Calibration(bands=()),
        sources=(),
        feeds=Feeds(months=(), rows=(), broken=()),
        lapses=(),
        rejects=(),
        stages=(),
        warnings=(),
    )
