"""What each viewer may see: one scope per model, which every list, export and API begins with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from chengshu.accounts.domain import OVERSEERS, end_of_subtree

if TYPE_CHECKING:
    # Ruff does not see the two that only a base class names.
    from chengshu.accounts.models import AuditEvent, Organisation, Post, User  # noqa: F401

_NOBODY = Q(pk__in=[])


def within(paths: Iterable[str], field: str) -> Q:
    """Rows whose path lies in one of the subtrees; no row where there is none.

    Args:
        paths: of the subtrees' tops.
        field: how to reach the path from the row, such as `organisation__path`.
    """
    scope = _NOBODY
    for path in paths:
        scope |= Q(**{f"{field}__gte": path, f"{field}__lt": end_of_subtree(path)})
    return scope


def overseen_paths(viewer: User) -> list[str]:
    """Tops of the subtrees that the viewer's posts of today open; none for outsiders and closed accounts."""
    if not viewer.is_active:
        return []
    held = viewer.posts.held().filter(role__in=sorted(OVERSEERS))
    return sorted(set(held.values_list("organisation__path", flat=True)))


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations."""

    def within(self, top: Organisation) -> Self:
        """The organisation and all below it, by one range of the index on `path`."""
        return self.filter(within([top.path], "path"))

    def visible_to(self, viewer: User) -> Self:
        """Those that the viewer's posts open."""
        return self.filter(within(overseen_paths(viewer), "path"))


class UserQuerySet(models.QuerySet["User"]):
    """People's accounts."""

    def visible_to(self, viewer: User) -> Self:
        """The viewer, and whoever holds a post in what the viewer's posts open."""
        # A subquery instead of a join: somebody of many posts is still one row.
        in_view = within(overseen_paths(viewer), "posts__organisation__path")
        colleagues = self.model._default_manager.filter(in_view, posts__until__isnull=True)
        return self.filter(Q(pk=viewer.pk) | Q(pk__in=colleagues.values("pk")))


class PostQuerySet(models.QuerySet["Post"]):
    """Posts."""

    def held(self) -> Self:
        """Those of today."""
        return self.filter(until__isnull=True)

    def visible_to(self, viewer: User) -> Self:
        """The viewer's own, and those in what the viewer's posts open."""
        return self.filter(Q(person=viewer) | within(overseen_paths(viewer), "organisation__path"))


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Events of the audit trail; `queries.audit_events` says who may read them."""
