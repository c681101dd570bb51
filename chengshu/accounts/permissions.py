"""Rights as predicates over roles and the organisation tree; no right is stored anywhere."""

from __future__ import annotations

from rules.permissions import add_perm, has_perm, perm_exists
from rules.predicates import Predicate

from chengshu.accounts.actor import Actor
from chengshu.accounts.domain import Role
from chengshu.accounts.models import Organisation, Post, User
from chengshu.accounts.querysets import within
from chengshu.kernel.errors import NotAllowed
from chengshu.kernel.texts import Text

CHANGE_ORGANISATIONS = "accounts.change_organisations"
CHANGE_USERS = "accounts.change_users"
APPOINT = "accounts.appoint"
READ_AUDIT = "accounts.read_audit"

Target = Organisation | Post | User | None


def holds(role: Role) -> Predicate:
    """A predicate: the user holds the role in the target's organisation or above it.

    Without a target: anywhere. A person is reached through any organisation in which they hold a post; somebody
    without a post belongs to no organisation yet, and is reached from anywhere.
    """

    def is_over(user: User, target: Target = None) -> bool:
        if not user.is_active:
            return False
        held = user.posts.held().filter(role=role).values_list("organisation__path", flat=True)
        paths = list(held)
        return bool(paths) and _reaches(paths, target)

    return Predicate(is_over, name=f"is_{role}_over")


def _reaches(paths: list[str], target: Target) -> bool:
    if target is None:
        return True
    if isinstance(target, User):
        posts = target.posts.held()
        return posts.filter(within(paths, "organisation__path")).exists() or not posts.exists()
    organisation = target.organisation if isinstance(target, Post) else target
    return any(organisation.path.startswith(path) for path in paths)


def _is_somebody_else(user: User, target: Target = None) -> bool:
    """Nobody grants or takes a role of their own."""
    owner = target.person if isinstance(target, Post) else target
    return owner != user


is_somebody_else = Predicate(_is_somebody_else)

add_perm(CHANGE_ORGANISATIONS, holds(Role.SYSTEM_ADMINISTRATOR))
add_perm(CHANGE_USERS, holds(Role.SYSTEM_ADMINISTRATOR) & is_somebody_else)
add_perm(APPOINT, holds(Role.SECURITY_ADMINISTRATOR) & is_somebody_else)
add_perm(READ_AUDIT, holds(Role.AUDITOR))


def may(by: Actor, permission: str, target: Target = None) -> bool:
    """Whether somebody has a right over something."""
    if by.user is None:
        return True
    # A right that nobody has declared is a slip in the code, not a refusal.
    if not perm_exists(permission):
        raise KeyError(permission)
    return bool(has_perm(permission, by.user, target))


def require(by: Actor, permission: str, target: Target = None) -> None:
    """Refuse whoever lacks the right.

    Raises:
        NotAllowed: `accounts.not-allowed`; it names the right, not what the record holds.
    """
    if not may(by, permission, target):
        raise NotAllowed(
            "accounts.not-allowed",
            Text("{who} 无权执行 {permission}。", "{who} may not do {permission}.").format(
                who=by.label, permission=permission
            ),
            Text(
                "请向本单位的安全管理员申请相应岗位。", "Ask the security administrator for a post that has this right."
            ),
        )
