"""What an organisation and a role are, and who may not be whom: pure rules, without a database."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from chengshu.kernel.texts import Text

STEP_DIGITS = 4
"""Digits of one step of a path; a parent holds at most `MOST_CHILDREN` organisations."""
MOST_CHILDREN = 10**STEP_DIGITS - 2


class OrganisationKind(StrEnum):
    """Kinds of organisation in a city's tree."""

    CITY = "city"
    DEPARTMENT = "department"
    SECTION = "section"
    COUNTY = "county"
    TOWN = "town"
    COMMUNITY = "community"
    ENTERPRISE = "enterprise"


KIND_NAMES = {
    OrganisationKind.CITY: Text("市", "city"),
    OrganisationKind.DEPARTMENT: Text("部门", "department"),
    OrganisationKind.SECTION: Text("科室", "section"),
    OrganisationKind.COUNTY: Text("区县", "county"),
    OrganisationKind.TOWN: Text("乡镇街道", "town"),
    OrganisationKind.COMMUNITY: Text("村社区", "community"),
    OrganisationKind.ENTERPRISE: Text("公共企业", "public enterprise"),
}
_PARENTS: dict[OrganisationKind, frozenset[OrganisationKind | None]] = {
    OrganisationKind.CITY: frozenset({None}),
    OrganisationKind.DEPARTMENT: frozenset({OrganisationKind.CITY, OrganisationKind.COUNTY}),
    OrganisationKind.SECTION: frozenset({OrganisationKind.DEPARTMENT, OrganisationKind.ENTERPRISE}),
    OrganisationKind.COUNTY: frozenset({OrganisationKind.CITY}),
    OrganisationKind.TOWN: frozenset({OrganisationKind.COUNTY}),
    OrganisationKind.COMMUNITY: frozenset({OrganisationKind.TOWN}),
    OrganisationKind.ENTERPRISE: frozenset({OrganisationKind.CITY, OrganisationKind.COUNTY}),
}


class Role(StrEnum):
    """What a person does in an organisation; a right follows from a post that is held, never from a name."""

    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDITOR = "auditor"
    DATA_STEWARD = "data_steward"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    APPROVER = "approver"
    DEPARTMENT_OFFICER = "department_officer"
    GRASSROOTS_WORKER = "grassroots_worker"
    RESIDENT = "resident"
    OUTSIDE_DEVELOPER = "outside_developer"


ROLE_NAMES = {
    Role.SYSTEM_ADMINISTRATOR: Text("系统管理员", "system administrator"),
    Role.SECURITY_ADMINISTRATOR: Text("安全管理员", "security administrator"),
    Role.AUDITOR: Text("审计员", "auditor"),
    Role.DATA_STEWARD: Text("数据专员", "data steward"),
    Role.DISPATCHER: Text("分派员", "dispatcher"),
    Role.HANDLER: Text("承办人", "handler"),
    Role.APPROVER: Text("审批人", "approver"),
    Role.DEPARTMENT_OFFICER: Text("部门经办人", "department officer"),
    Role.GRASSROOTS_WORKER: Text("基层工作人员", "grass-roots worker"),
    Role.RESIDENT: Text("居民", "resident"),
    Role.OUTSIDE_DEVELOPER: Text("外部开发者", "outside developer"),
}
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR})
"""Three roles that no two of which one person may have (三员分立): who runs, who grants, who looks on."""
OUTSIDERS = frozenset({Role.RESIDENT, Role.OUTSIDE_DEVELOPER})
"""Roles whose holders see what is their own, and nothing of the organisation that they are registered with."""
OVERSEERS = frozenset(set(Role) - OUTSIDERS)
"""Roles whose holders see their organisation and all below it."""


class OrganisationRow(NamedTuple):
    """One organisation as a city hands its tree over, a parent before its children."""

    code: str
    name: str
    name_en: str
    kind: OrganisationKind
    parent_code: str | None
    region_code: str = ""


def may_stand_under(kind: OrganisationKind, parent: OrganisationKind | None) -> bool:
    """Whether an organisation of one kind may stand under another, or at the top.

    >>> may_stand_under(OrganisationKind.TOWN, OrganisationKind.COUNTY)
    True
    >>> may_stand_under(OrganisationKind.TOWN, None)
    False
    """
    return parent in _PARENTS[kind]


def conflicting_roles(role: Role, held: Iterable[Role]) -> frozenset[Role]:
    """Which of the roles that somebody holds forbid this one: an administrator's role excludes the other two.

    >>> conflicting_roles(Role.AUDITOR, [Role.HANDLER, Role.SYSTEM_ADMINISTRATOR]) == {Role.SYSTEM_ADMINISTRATOR}
    True
    """
    return (ADMINISTRATORS - {role}).intersection(held) if role in ADMINISTRATORS else frozenset()


def is_within(path: str, ancestor: str) -> bool:
    """Whether the organisation at a path is another one, or stands below it.

    >>> is_within("000100020001", "00010002"), is_within("00010003", "00010002")
    (True, False)
    """
    return path.startswith(ancestor)


def end_of_subtree(path: str) -> str:
    """The first path behind a subtree, so that `path <= x < end` is the subtree and an index finds it.

    Paths are digits only, which every collation of every database puts in the same order.

    >>> end_of_subtree("00010002")
    '00010003'
    """
    return str(int(path) + 1).zfill(len(path))


def path_of_child(parent_path: str, place: int) -> str:
    """The path of the n-th child, n from 1.

    >>> path_of_child("0001", 12)
    '00010012'
    """
    return f"{parent_path}{place:0{STEP_DIGITS}d}"
