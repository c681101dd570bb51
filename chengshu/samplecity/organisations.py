"""The sample city's organisations: as many as the city that the platform is built for, with names of no real place."""

from collections.abc import Iterator
from typing import NamedTuple

from chengshu.samplecity.counties import COUNTIES, FIRST_TOWN, TOWNS, VILLAGES, County

CITY_CODE = "3790"
BUREAU_CODE = "dept-01"
_DEPARTMENTS = """
大数据局 Big-data Bureau
政府办公室 Government Office
发展和改革委员会 Development and Reform Commission
教育局 Education Bureau
科学技术局 Science and Technology Bureau
工业和信息化局 Industry and Information Technology Bureau
民族宗教事务局 Ethnic and Religious Affairs Bureau
公安局 Public Security Bureau
民政局 Civil Affairs Bureau
司法局 Justice Bureau
财政局 Finance Bureau
人力资源和社会保障局 Human Resources and Social Security Bureau
自然资源和规划局 Natural Resources and Planning Bureau
生态环境局 Ecology and Environment Bureau
住房和城乡建设局 Housing and Urban-Rural Development Bureau
城市管理局 Urban Management Bureau
交通运输局 Transport Bureau
水利局 Water Resources Bureau
农业农村局 Agriculture and Rural Affairs Bureau
商务局 Commerce Bureau
文化和旅游局 Culture and Tourism Bureau
卫生健康委员会 Health Commission
退役军人事务局 Veterans Affairs Bureau
应急管理局 Emergency Management Bureau
审计局 Audit Office
外事办公室 Foreign Affairs Office
国有资产监督管理委员会 State-owned Assets Commission
市场监督管理局 Market Regulation Bureau
体育局 Sports Bureau
统计局 Statistics Bureau
医疗保障局 Healthcare Security Bureau
行政审批服务局 Administrative Approval Bureau
地方金融监督管理局 Local Financial Regulation Bureau
信访局 Petitions Bureau
乡村振兴局 Rural Revitalisation Bureau
林业局 Forestry Bureau
海洋发展局 Marine Development Bureau
投资促进局 Investment Promotion Bureau
园林绿化中心 Parks and Greening Centre
住房公积金管理中心 Housing Provident Fund Centre
社会保险中心 Social Insurance Centre
公共就业服务中心 Public Employment Centre
疾病预防控制中心 Centre for Disease Control
残疾人联合会 Disabled Persons' Federation
妇女联合会 Women's Federation
总工会 Federation of Trade Unions
红十字会 Red Cross Society
慈善总会 Charity Federation
税务局 Tax Bureau
气象局 Meteorological Bureau
邮政管理局 Postal Administration
档案馆 Archives
消防救援支队 Fire and Rescue Brigade
"""
_SECTIONS = (
    ("办公室", "Office"),
    ("业务科", "Operations Section"),
    ("政策法规科", "Policy Section"),
    ("信息科", "Data Section"),
)
_CITY_ENTERPRISES = (
    ("水务集团", "Water Group"),
    ("供电公司", "Power Supply"),
    ("燃气集团", "Gas Group"),
    ("热力集团", "Heating Group"),
    ("公交集团", "Bus Group"),
    ("轨道交通集团", "Metro Group"),
    ("机场集团", "Airport Group"),
    ("港口集团", "Port Group"),
    ("环境集团", "Sanitation Group"),
    ("有线电视网络公司", "Cable Network"),
    ("殡葬服务中心", "Funeral Services"),
    ("一卡通公司", "City Card"),
)
_COUNTY_ENTERPRISES = (("供水公司", "Water Supply"), ("燃气公司", "Gas"), ("公交公司", "Bus"), ("热力公司", "Heating"))
_COUNTIES_EN = (
    "Chengdong,Chengxi,Hekou,Nanhu,Beishan,Anping,Linhe,Qingshi,Wanghai,Liuquan,Yunling,Changning,Dongchuan,Jintang"
)
_FIRST = (("和", "He"), ("永", "Yong"), ("新", "Xin"), ("龙", "Long"), ("凤", "Feng"), ("石", "Shi"), ("白", "Bai"))
_SECOND = (("平", "ping"), ("兴", "xing"), ("泉", "quan"), ("岭", "ling"), ("桥", "qiao"), ("湾", "wan"))
_PLACES = tuple((first + last, first_en + last_en) for first, first_en in _FIRST for last, last_en in _SECOND)


class SampleOrganisation(NamedTuple):
    """One organisation; `kind` is one of city, department, section, county, town, community, enterprise."""

    code: str
    name: str
    name_en: str
    kind: str
    parent_code: str | None
    region_code: str = ""


def sample_organisations() -> Iterator[SampleOrganisation]:
    """The whole tree, a parent before its children; the same at every call.

    One city, 53 departments with four sections each, 14 counties with 12 towns of 40 communities, 68 enterprises.
    Regions are those that the sample city's people live in.
    """
    yield SampleOrganisation(CITY_CODE, "长河市", "Changhe", "city", None, f"{CITY_CODE}00")
    yield from _departments()
    for place, (name, english) in enumerate(_CITY_ENTERPRISES, 1):
        yield SampleOrganisation(f"ent-{place:02d}", f"长河{name}", f"Changhe {english}", "enterprise", CITY_CODE)
    for county, english in zip(COUNTIES, _COUNTIES_EN.split(","), strict=True):
        yield from _county(county, english)


def _departments() -> Iterator[SampleOrganisation]:
    for place, line in enumerate(_DEPARTMENTS.strip().splitlines(), 1):
        name, english = line.split(" ", 1)
        code = f"dept-{place:02d}"
        yield SampleOrganisation(code, name, english, "department", CITY_CODE)
        for number, (section, section_en) in enumerate(_SECTIONS, 1):
            yield SampleOrganisation(
                f"{code}-{number}", f"{name}{section}", f"{english}, {section_en}", "section", code
            )


def _county(county: County, english: str) -> Iterator[SampleOrganisation]:
    code = str(county.code)
    yield SampleOrganisation(code, county.name, english, "county", CITY_CODE, code)
    for number, (name, name_en) in enumerate(_COUNTY_ENTERPRISES, 1):
        yield SampleOrganisation(
            f"ent-{code}-{number}", f"{county.name}{name}", f"{english} {name_en}", "enterprise", code, code
        )
    for town in range(1, TOWNS + 1):
        yield from _town(county, town)


def _town(county: County, number: int) -> Iterator[SampleOrganisation]:
    code = county.code * 1000 + number + (0 if county.is_urban else FIRST_TOWN)
    # Towns of neighbouring counties begin elsewhere in the list, so that not all counties have the same.
    name, english = _PLACES[(number * 3 + county.code) % len(_PLACES)]
    kind = ("街道", "Subdistrict") if county.is_urban else ("镇", "Town")
    yield SampleOrganisation(str(code), f"{name}{kind[0]}", f"{english} {kind[1]}", "town", str(county.code), str(code))
    suffix = ("社区", "Community") if county.is_urban else ("村", "Village")
    for village in range(1, VILLAGES + 1):
        place, place_en = _PLACES[village - 1]
        region = str(code * 1000 + village)
        yield SampleOrganisation(
            region, f"{place}{suffix[0]}", f"{place_en} {suffix[1]}", "community", str(code), region
        )
