"""What the sentences say, checked against figures small enough to do by hand."""

from dataclasses import replace
from datetime import date

from chengshu.certification.report import findings
from chengshu.certification.report.data import (
    BenefitRow,
    CountyRow,
    DecisionCounts,
    Estimate,
    LapseMonth,
    LateDeathPoint,
)
from chengshu.certification.report.tests.sample_report import empty_report, sample_report, with_truth


def county(name: str, certified: int, visit: int, dead: Estimate | None = None) -> CountyRow:
    decisions = DecisionCounts(certified=certified, visit=visit)
    return CountyRow(code="370901", name=name, decisions=decisions, expected_dead_share=dead)


def test_lowest_county_is_named_with_its_rate():
    report = replace(sample_report(), counties=(county("济平县", 62, 38), county("中心区", 90, 10)))
    assert findings.county_rate(report).zh == "济平县静默认证率最低：62.0%；中心区最高：90.0%。"


def test_a_county_of_three_people_is_not_ranked():
    report = replace(sample_report(), counties=(county("小县", 0, 3), county("中心区", 90, 10)))
    assert "小县" not in findings.county_rate(report).zh


def test_county_counts_as_above_the_limit_only_when_its_whole_interval_is():
    wide, narrow = Estimate(value=0.006, low=0.001, high=0.02), Estimate(value=0.006, low=0.004, high=0.008)
    unsure = replace(sample_report(), counties=(county("甲县", 90, 10, wide),))
    sure = replace(sample_report(), counties=(county("甲县", 90, 10, wide), county("乙县", 90, 10, narrow)))
    assert "没有哪个县" in findings.county_dead(unsure).zh
    assert findings.county_dead(sure).zh.startswith("乙县明显高于")


def test_headline_counts_only_those_whom_somebody_has_to_ask():
    report = sample_report()
    people = DecisionCounts(certified=800, self_check=120, visit=30, death_recorded=50)
    report = replace(report, funnel=replace(report.funnel, people=people))
    assert "80.0%" in findings.headline(report).zh
    assert findings.headline(report).en.endswith("150 still have to be asked.")


def test_largest_money_is_told_with_the_weakest_benefit():
    rows = tuple(
        BenefitRow(code=name, name=name, department="市人社局", people=100, certified=count, monthly_yuan=45_678.4)
        for name, count in (("高龄津贴", 70), ("养老金", 95))
    )
    text = findings.benefit(replace(sample_report(), benefits=rows))
    assert "高龄津贴" in text.zh
    assert "45,678" in text.zh
    assert "30 people" in text.en


def test_first_month_under_one_half_is_when_a_death_is_noticed():
    points = tuple(
        LateDeathPoint(months_since_death=m, people=50, p_alive=Estimate(value=p, low=p, high=p))
        for m, p in ((0, 0.95), (1, 0.7), (2, 0.4), (3, 0.2))
    )
    assert "第 2 个月" in findings.late_deaths(points).zh
    assert "70.0%" in findings.late_deaths(points[:2]).zh


def test_without_truth_the_page_says_that_nothing_was_checked():
    report = sample_report()
    assert "还没有用事实核对" in findings.calibration(report).zh
    assert "还没有" not in findings.calibration(with_truth(report)).zh


def test_month_with_most_lapses_is_named():
    months = (
        LapseMonth(month=date(2026, 3, 1), certificates=5),
        LapseMonth(month=date(2026, 4, 1), certificates=9),
    )
    assert "2026-04：9 份" in findings.lapses(replace(sample_report(), lapses=months)).zh


def test_feed_that_never_arrived_is_named_and_not_counted_as_thin():
    text = findings.feeds(sample_report())
    assert text.zh == "900 个“来源·月份”中，有 7 个到数不足一半。从未到数的来源：残疾人服务。"


def test_those_certified_without_one_record_are_counted():
    report = sample_report()
    seen = replace(report, funnel=replace(report.funnel, certified_unseen=0))
    unseen = replace(report, funnel=replace(report.funnel, certified_unseen=1234))
    assert "1,234 人在整个观察期内没有任何记录" in findings.funnel(unseen).zh
    assert "without one record in the whole window: 1,234." in findings.funnel(unseen).en
    assert "都有记录" in findings.funnel(seen).zh
    assert "Everybody certified silently was seen" in findings.funnel(seen).en


def test_gaps_are_promised_to_be_harmless_only_after_the_last_record():
    text = findings.broken(sample_report())
    assert text.zh.startswith("发现 3 处中断或严重缺数，请联系 3 个部门补数。某人最后一条记录之后的缺数不会降低")
    assert "after somebody's last record" in text.en
    assert "nobody" not in text.en


def test_a_city_with_nobody_in_it_still_gets_sentences():
    assert findings.headline(empty_report()) == findings.funnel(empty_report())
    assert "无从估计" in findings.safety(empty_report()).zh
