"""The 26 sources from 10 departments, and how people leave traces in each: a registry, figures invented."""

from typing import Literal, NamedTuple

Season = Literal["flat", "flu", "winter", "festival", "travel", "checkup", "yearend"]
Group = Literal["all", "disabled", "veteran", "rural"]

MEDICAL = "市医疗保障局"
HEALTH = "市卫生健康委员会"
SOCIAL = "市人力资源和社会保障局"
CIVIL = "市民政局"
POLICE = "市公安局"
TRANSPORT = "市交通运输局"
VETERANS = "市退役军人事务局"
DISABLED = "市残疾人联合会"
FINANCE = "市财政局"
DATA = "市大数据局"


class Source(NamedTuple):
    """One source.

    Attributes:
        code: `source_code`.
        name: what clerks call it.
        department: who hands it over.
        users: share of its group that uses it at all.
        rate: events a month of a user of 70.
        ages: rate at 20, 50, 70 and 90 years as multiples.
        woman: a woman's rate as a multiple.
        rural: a countryman's chance to use it, as a multiple.
        shape: of the gamma among users; small: a few use it much.
        away: the rate while away, as a multiple (phi).
        relatives: the rate at which relatives go on after a death, as a multiple (rho).
        terminal: the rate in the last three months of life, as a multiple.
        season: which months are busy.
        group: who may use it at all.
        has_region: whether its events carry a region.
        has_time: whether its events carry a time of day.
    """

    code: str
    name: str
    department: str
    users: float
    rate: float
    ages: tuple[float, float, float, float] = (0.7, 0.8, 1.0, 1.0)
    woman: float = 1.0
    rural: float = 1.0
    shape: float = 2.0
    away: float = 0.03
    relatives: float = 0.0
    terminal: float = 0.4
    season: Season = "flat"
    group: Group = "all"
    has_region: bool = False
    has_time: bool = False


_CARE = (0.5, 0.7, 1.0, 1.3)
_OUTDOOR = (1.0, 1.3, 1.0, 0.25)
_TRAVEL = (2.5, 2.5, 1.0, 0.15)

SOURCES: tuple[Source, ...] = (
    Source(
        "med_outpatient", "门诊就医结算", MEDICAL, 0.72, 0.34,
        _CARE, 1.15, 0.85, 1.2, 0.08, 0.02, 2.5, "winter", has_region=True,
    ),
    Source(
        "med_inpatient", "住院结算", MEDICAL, 0.55, 0.028,
        (0.4, 0.5, 1.0, 1.6), 0.95, 0.9, 0.8, 0.15, 0.0, 4.0, "winter", has_region=True,
    ),
    Source(
        "pharmacy", "药店医保购药", MEDICAL, 0.45, 0.28,
        _CARE, 1.1, 0.7, 1.2, 0.05, 0.3, 1.0, "winter",
    ),
    Source(
        "vaccination", "疫苗接种", HEALTH, 0.4, 0.05,
        (1.2, 0.6, 1.0, 0.7), 1.05, 0.9, 3.0, 0.05, 0.0, 0.2, "flu", has_region=True,
    ),
    Source(
        "health_checkup", "老年人健康体检", HEALTH, 0.5, 0.07,
        (0.1, 0.2, 1.0, 0.9), 1.05, 1.0, 4.0, 0.02, 0.0, 0.3, "checkup", has_region=True,
    ),
    Source(
        "family_doctor", "家庭医生随访", HEALTH, 0.3, 0.13,
        (0.3, 0.5, 1.0, 1.4), 1.05, 1.1, 2.0, 0.05, 0.01, 1.8,
    ),
    Source(
        "pension_withdrawal", "养老金取款", SOCIAL, 0.32, 0.32,
        (0.0, 0.1, 1.0, 0.9), 1.0, 1.1, 1.5, 0.4, 0.8, 0.8, "festival",
    ),
    Source(
        "social_card", "社保卡业务办理", SOCIAL, 0.2, 0.03,
        (1.0, 1.1, 1.0, 0.5), 1.0, 0.9, 2.0, 0.05, 0.1, 0.4,
    ),
    Source(
        "face_check", "养老待遇人脸认证", SOCIAL, 0.35, 0.08,
        (0.0, 0.1, 1.0, 0.8), 1.0, 1.0, 5.0, 0.7, 0.0, 0.3,
    ),
    Source(
        "elder_care", "居家养老上门服务", CIVIL, 0.05, 0.7,
        (0.0, 0.1, 0.8, 2.0), 1.2, 0.5, 1.0, 0.0, 0.01, 1.2,
    ),
    Source(
        "meal_service", "长者食堂就餐", CIVIL, 0.04, 1.4,
        (0.0, 0.2, 1.0, 1.4), 1.0, 0.5, 0.8, 0.0, 0.15, 0.4, "festival", has_time=True,
    ),
    Source(
        "civil_window", "民政窗口办事", CIVIL, 0.12, 0.04,
        (1.2, 1.2, 1.0, 0.5), 1.0, 1.0, 2.0, 0.02, 0.05, 0.6, has_region=True,
    ),
    Source(
        "hotel", "旅馆住宿登记", POLICE, 0.06, 0.09,
        _TRAVEL, 0.8, 0.5, 1.0, 0.5, 0.0, 0.1, "travel",
    ),
    Source(
        "border_crossing", "出入境记录", POLICE, 0.015, 0.04,
        _TRAVEL, 1.0, 0.3, 0.8, 0.3, 0.0, 0.05, "travel",
    ),
    Source(
        "id_card", "身份证件办理", POLICE, 0.5, 0.009,
        (1.5, 1.2, 1.0, 0.6), 1.0, 1.0, 5.0, 0.05, 0.01, 0.3, has_region=True,
    ),
    Source(
        "vehicle_affairs", "车驾管业务", POLICE, 0.08, 0.04,
        (1.5, 2.5, 1.0, 0.05), 0.5, 1.0, 2.0, 0.1, 0.05, 0.2,
    ),
    Source(
        "bus_card", "公交老年卡刷卡", TRANSPORT, 0.2, 0.75,
        _OUTDOOR, 1.15, 0.25, 0.8, 0.01, 0.15, 0.2, "festival", has_time=True,
    ),
    Source(
        "rail", "铁路实名购票", TRANSPORT, 0.1, 0.12,
        _TRAVEL, 0.9, 0.7, 1.0, 0.5, 0.02, 0.1, "travel", has_time=True,
    ),
    Source(
        "coach", "长途客运实名购票", TRANSPORT, 0.1, 0.13,
        _OUTDOOR, 1.1, 1.5, 1.0, 0.2, 0.02, 0.15, "travel",
    ),
    Source(
        "veteran_service", "优抚对象服务", VETERANS, 0.8, 0.16,
        (1.0, 1.0, 1.0, 0.9), 1.0, 1.0, 3.0, 0.1, 0.02, 0.6, "yearend", "veteran",
    ),
    Source(
        "rehab_service", "残疾人康复服务", DISABLED, 0.35, 0.35,
        (1.6, 1.1, 1.0, 0.7), 1.0, 0.8, 1.5, 0.02, 0.0, 0.6, group="disabled",
    ),
    Source(
        "assistive_device", "辅助器具适配", DISABLED, 0.25, 0.03,
        (1.3, 1.0, 1.0, 0.8), 1.0, 0.8, 3.0, 0.02, 0.01, 0.8, group="disabled",
    ),
    Source(
        "farm_subsidy_card", "惠农补贴一卡通取款", FINANCE, 0.35, 0.14,
        (0.1, 1.0, 1.0, 0.8), 0.9, 1.0, 2.0, 0.3, 0.7, 0.7, "yearend", "rural",
    ),
    Source(
        "utility_payment", "水电气缴费", DATA, 0.2, 0.28,
        (0.4, 1.2, 1.0, 0.5), 0.9, 0.8, 3.0, 0.3, 0.8, 0.8,
    ),
    Source(
        "phone_topup", "手机缴费", DATA, 0.2, 0.3,
        (1.2, 1.2, 1.0, 0.4), 0.95, 0.9, 2.0, 0.5, 0.6, 0.7,
    ),
    Source(
        "gov_app", "政务服务刷脸登录", DATA, 0.08, 0.35,
        (2.5, 2.0, 1.0, 0.15), 0.95, 0.7, 0.8, 0.4, 0.02, 0.3,
    ),
)  # fmt: skip
