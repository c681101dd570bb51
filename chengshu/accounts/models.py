"""People, the organisation tree, and posts: who is what, where, since when."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from chengshu.accounts.audit_models import AuditEvent, AuditHead
from chengshu.accounts.domain import ADMINISTRATORS, STEP_DIGITS, OrganisationKind, Role, is_within
from chengshu.accounts.querysets import OrganisationQuerySet, PostQuerySet, UserQuerySet
from chengshu.accounts.token_models import ApiToken

__all__ = ["ApiToken", "AuditEvent", "AuditHead", "Organisation", "Post", "User"]

_DEEPEST = 8
_CODE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "letters, digits, dots, underscores and hyphens")
# Plain texts: migrations must not depend on what the enumerations come to be.
_KINDS = sorted(kind.value for kind in OrganisationKind)
_ROLES = sorted(role.value for role in Role)
_CITY = OrganisationKind.CITY.value
_ADMINISTRATORS = sorted(role.value for role in ADMINISTRATORS)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc] # built at run time
    """People's accounts; made by `actions.create_user` only."""


class User(AbstractBaseUser):
    """One person's account. It says who somebody is; what somebody may do follows from posts."""

    username = models.CharField(max_length=64, unique=True, validators=[_CODE])
    name = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.username})"

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds anywhere; asked once for this object, which lives as long as a request."""
        held = self.posts.held().values_list("role", flat=True) if self.is_active else ()
        return frozenset(map(Role, held))

    def has_role(self, *roles: Role) -> bool:
        """Whether the person holds one of the roles anywhere, today."""
        return self.is_active and self.posts.held().filter(role__in=roles).exists()


class Organisation(models.Model):
    """A city, and each department, county, town, community and enterprise in it: a tree.

    `path` is the parent's and four digits more, so that a subtree is one range of an index.
    """

    code = models.CharField(max_length=64, unique=True, validators=[_CODE])
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    region_code = models.CharField(max_length=12, blank=True, db_index=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=STEP_DIGITS * _DEEPEST, unique=True)

    objects: ClassVar[models.Manager[Organisation]] = OrganisationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="organisation_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind=_CITY, parent__isnull=True) | (~Q(kind=_CITY) & Q(parent__isnull=False)),
                name="organisation_only_the_city_is_on_top",
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind=_CITY), name="organisation_one_city"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="organisation_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def is_within(self, ancestor: Organisation) -> bool:
        """Whether it is the other organisation or stands below it."""
        return is_within(self.path, ancestor.path)


class Post(models.Model):
    """A person in an organisation, with a role, from a day on and until it is ended.

    An end is recorded when it comes, never planned: what is held today is exactly what has no `until`, and the
    database itself can keep an administrator's role from meeting another one.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=32)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects: ClassVar[models.Manager[Post]] = PostQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=_ROLES), name="post_role_is_known"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="post_ends_later"),
            models.UniqueConstraint(
                fields=["person", "organisation", "role"], condition=Q(until__isnull=True), name="post_held_once"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(until__isnull=True, role__in=_ADMINISTRATORS),
                name="post_administrators_are_separate_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}, {self.organisation}"
