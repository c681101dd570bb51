"""The 34 subsidy items of the sample city: real kinds; every amount is a sample and says so."""

from typing import Literal, NamedTuple

from chengshu.samplecity.sources import CIVIL, DISABLED, FINANCE, HEALTH, MEDICAL, SOCIAL, VETERANS

AMOUNT_NOTE = "金额为示例，以当地文件为准"
Trait = Literal["any", "disabled", "severe", "poor", "poor_disabled", "veteran", "rural", "woman"]
_AGRICULTURE = "市农业农村局"
_EDUCATION = "市教育局"
_HOUSING = "市住房和城乡建设局"
_PARTY = "市委组织部"


class Benefit(NamedTuple):
    """One item.

    Attributes:
        code: `benefit_code`.
        name: as in the documents.
        department: who pays.
        amount: yuan a month, a sample.
        ages: from the first to below the second, years.
        trait: who else may have it.
        share: of those who actually have it.
        needs_survival: whether the person must be known to live.
        cycle_months: how often that is to be shown; 0 where never.
    """

    code: str
    name: str
    department: str
    amount: float
    ages: tuple[int, int]
    trait: Trait
    share: float
    needs_survival: bool = True
    cycle_months: int = 12


BENEFITS: tuple[Benefit, ...] = (
    Benefit("disabled_living", "困难残疾人生活补贴", DISABLED, 120, (0, 150), "poor_disabled", 0.85),
    Benefit("disabled_nursing", "重度残疾人护理补贴", DISABLED, 130, (0, 150), "severe", 0.9),
    Benefit("old_age_80", "高龄津贴（80—89周岁）", CIVIL, 50, (80, 90), "any", 0.9),
    Benefit("old_age_90", "高龄津贴（90—99周岁）", CIVIL, 100, (90, 100), "any", 0.93),
    Benefit("old_age_100", "高龄津贴（100周岁及以上）", CIVIL, 300, (100, 150), "any", 0.97),
    Benefit("resident_pension", "城乡居民基本养老保险待遇", SOCIAL, 190, (60, 150), "any", 0.62),
    Benefit("employee_pension", "企业职工基本养老金", SOCIAL, 2900, (60, 150), "any", 0.15),
    Benefit("land_loss_pension", "被征地农民养老补贴", SOCIAL, 240, (60, 150), "rural", 0.06),
    Benefit("work_injury", "工伤保险定期待遇", SOCIAL, 1900, (18, 150), "severe", 0.02),
    Benefit("survivor_relief", "供养亲属抚恤金", SOCIAL, 950, (60, 150), "woman", 0.01),
    Benefit("unemployment", "失业保险金", SOCIAL, 1600, (18, 60), "any", 0.03, cycle_months=6),
    Benefit("minimum_living", "最低生活保障金", CIVIL, 560, (0, 150), "poor", 0.4, cycle_months=6),
    Benefit("destitute_support", "特困人员救助供养金", CIVIL, 1050, (60, 150), "poor", 0.08),
    Benefit("destitute_nursing", "特困人员照料护理补贴", CIVIL, 320, (70, 150), "poor", 0.05),
    Benefit("poor_elderly_service", "经济困难老年人养老服务补贴", CIVIL, 100, (65, 150), "poor", 0.25),
    Benefit("incapacity_care", "失能老年人护理补贴", CIVIL, 260, (70, 150), "severe", 0.25),
    Benefit("orphan", "孤儿基本生活费", CIVIL, 1500, (0, 18), "any", 0.05),
    Benefit("unsupported_child", "事实无人抚养儿童基本生活补贴", CIVIL, 1500, (0, 18), "any", 0.1),
    Benefit("left_behind_child", "留守儿童关爱补贴", CIVIL, 80, (0, 18), "rural", 0.3, cycle_months=6),
    Benefit("veteran_sick", "带病回乡退役军人生活补助", VETERANS, 850, (60, 150), "veteran", 0.2),
    Benefit("veteran_war", "参战参试退役军人生活补助", VETERANS, 900, (60, 150), "veteran", 0.25),
    Benefit("veteran_rural", "农村籍老义务兵老年生活补助", VETERANS, 220, (60, 150), "veteran", 0.5),
    Benefit("martyr_family", "烈士遗属定期抚恤金", VETERANS, 2600, (60, 150), "any", 0.002),
    Benefit("disabled_soldier", "残疾军人抚恤金", VETERANS, 2400, (18, 150), "veteran", 0.05),
    Benefit("family_planning", "计划生育家庭奖励扶助金", HEALTH, 100, (60, 80), "rural", 0.2),
    Benefit("lost_child", "计划生育特别扶助金", HEALTH, 900, (49, 150), "woman", 0.008),
    Benefit("village_doctor", "离岗乡村医生生活补助", HEALTH, 300, (60, 150), "rural", 0.008),
    Benefit("village_cadre", "离任村干部生活补贴", _PARTY, 260, (60, 150), "rural", 0.02),
    Benefit("old_party_member", "老党员生活补助", _PARTY, 200, (75, 150), "any", 0.03),
    Benefit("long_term_care", "长期护理保险待遇", MEDICAL, 700, (60, 150), "severe", 0.3, cycle_months=6),
    Benefit("grain_subsidy", "耕地地力保护补贴", _AGRICULTURE, 55, (30, 150), "rural", 0.18, False, 0),
    Benefit("disabled_fuel", "残疾人机动轮椅车燃油补贴", FINANCE, 22, (18, 80), "disabled", 0.06, False, 0),
    Benefit("student_aid", "困难残疾学生助学金", _EDUCATION, 180, (6, 18), "poor_disabled", 0.6, False, 0),
    Benefit("housing_aid", "公租房租赁补贴", _HOUSING, 240, (18, 150), "poor", 0.05, False, 0),
)
"""In order of precedence: nobody has more than three, the first that fit."""
