"""Small trees and people for tests, made as the system itself makes them."""

from datetime import date
from itertools import count

from chengshu.accounts import actions, actor
from chengshu.accounts.domain import OrganisationKind as Kind
from chengshu.accounts.domain import OrganisationRow, Role
from chengshu.accounts.models import Organisation, Post, User
from chengshu.accounts.organisation_actions import import_organisations

ROWS = (
    OrganisationRow("city", "长河市", "Changhe", Kind.CITY, None),
    OrganisationRow("bureau", "大数据局", "Big-data bureau", Kind.DEPARTMENT, "city"),
    OrganisationRow("bureau.office", "办公室", "Office", Kind.SECTION, "bureau"),
    OrganisationRow("civil", "民政局", "Civil affairs", Kind.DEPARTMENT, "city"),
    OrganisationRow("east", "城东区", "Chengdong", Kind.COUNTY, "city", "379001"),
    OrganisationRow("east.town", "东关街道", "Dongguan", Kind.TOWN, "east", "379001001"),
    OrganisationRow("east.town.a", "花园社区", "Huayuan", Kind.COMMUNITY, "east.town", "379001001001"),
    OrganisationRow("west", "城西区", "Chengxi", Kind.COUNTY, "city", "379002"),
    OrganisationRow("west.town", "西关街道", "Xiguan", Kind.TOWN, "west", "379002001"),
)
MACHINE = actor.Actor(None, "machine:test")
_numbers = count(1)


def make_tree() -> dict[str, Organisation]:
    """A city of nine organisations, by their codes."""
    import_organisations(by=MACHINE, rows=ROWS)
    return {organisation.code: organisation for organisation in Organisation.objects.all()}


def make_user(name: str = "李梅", username: str = "") -> User:
    """Somebody without a post."""
    return actions.create_user(by=MACHINE, username=username or f"user-{next(_numbers)}", name=name)


def make_post(organisation: Organisation, role: Role, person: User | None = None, since: date | None = None) -> Post:
    """Somebody with a post."""
    return actions.appoint(by=MACHINE, person=person or make_user(), organisation=organisation, role=role, since=since)


def make_actor(organisation: Organisation, role: Role) -> actor.Actor:
    """Somebody with a post, signed in."""
    return actor.person(make_post(organisation, role).person)
