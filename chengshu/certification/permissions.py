"""Who may do what with certification."""

from rules import add_perm
from rules.predicates import Predicate

from chengshu.accounts.domain import OrganisationKind, Role
from chengshu.accounts.models import User
from chengshu.accounts.permissions import holds
from chengshu.certification.scope import Scope

RUN = "certification.run"
PUBLISH = "certification.publish"
LOOK = "certification.look"
RECORD = "certification.record"
CONFIRM = "certification.confirm"
SUPERVISE = "certification.supervise"
APPEAL = "certification.appeal"

# Administrators run the platform; they have no business with anybody's pension.
LOOKERS = (
    Role.DATA_STEWARD,
    Role.DISPATCHER,
    Role.HANDLER,
    Role.APPROVER,
    Role.DEPARTMENT_OFFICER,
    Role.GRASSROOTS_WORKER,
)
VISITORS = frozenset({Role.GRASSROOTS_WORKER, Role.HANDLER, Role.DEPARTMENT_OFFICER})
SUPERVISORS = frozenset({Role.DEPARTMENT_OFFICER, Role.HANDLER, Role.APPROVER})
_REGIONS = {OrganisationKind.COUNTY, OrganisationKind.TOWN, OrganisationKind.COMMUNITY}
BUREAU = "dept-01"
"""Code of the organisation that runs certification for the whole city."""


def _looks(user: User, target: object = None) -> bool:
    return bool(user.is_active and user.roles.intersection(LOOKERS))


add_perm(RUN, holds(Role.HANDLER))
add_perm(PUBLISH, holds(Role.APPROVER))
add_perm(LOOK, Predicate(_looks, name="looks"))
add_perm(RECORD, holds(Role.GRASSROOTS_WORKER) | holds(Role.HANDLER) | holds(Role.DEPARTMENT_OFFICER))
add_perm(SUPERVISE, holds(Role.DEPARTMENT_OFFICER) | holds(Role.HANDLER) | holds(Role.APPROVER))
add_perm(CONFIRM, holds(Role.DEPARTMENT_OFFICER) | holds(Role.APPROVER) | holds(Role.HANDLER))
CONFIRMERS = frozenset({Role.DEPARTMENT_OFFICER, Role.APPROVER, Role.HANDLER})
add_perm(APPEAL, _looks)  # whoever the family turns to takes it down


def scope_of(user: User | None) -> Scope:
    """What somebody's posts of today open; everything on the server's own command line."""
    if user is None:
        return Scope(is_everybody=True)
    if not user.is_active:
        return Scope()
    held = user.posts.held().filter(role__in=[role.value for role in LOOKERS]).select_related("organisation")
    regions, departments = set(), set()
    for post in held:
        organisation = post.organisation
        if organisation.kind == OrganisationKind.CITY or organisation.code.split("-")[:2] == BUREAU.split("-"):
            return Scope(is_everybody=True)
        if organisation.kind in _REGIONS and organisation.region_code:
            regions.add(organisation.region_code)
        elif organisation.kind == OrganisationKind.DEPARTMENT:
            departments.add(organisation.name)
    return Scope(regions=tuple(sorted(regions)), departments=tuple(sorted(departments)))
