"""Reads across rows; each takes who looks."""

from chengshu.accounts import permissions
from chengshu.accounts.actor import Actor
from chengshu.accounts.models import AuditEvent, Organisation, Post, User
from chengshu.accounts.permissions import require
from chengshu.accounts.querysets import AuditEventQuerySet, OrganisationQuerySet, PostQuerySet, UserQuerySet


def organisations_in_view(by: Actor) -> OrganisationQuerySet:
    """Organisations that somebody's posts open, in the order of the tree."""
    everything = Organisation.objects.all()
    return everything.visible_to(by.user) if by.user else everything


def people_in_view(by: Actor) -> UserQuerySet:
    """Accounts of colleagues in these organisations, and one's own."""
    everything: UserQuerySet = User.objects.order_by("username")
    return everything.visible_to(by.user) if by.user else everything


def posts_in_view(by: Actor) -> PostQuerySet:
    """Posts in these organisations, past ones too, and one's own."""
    everything = Post.objects.select_related("person", "organisation").order_by("organisation__path", "pk")
    return everything.visible_to(by.user) if by.user else everything


def audit_events(by: Actor) -> AuditEventQuerySet:
    """The trail, the newest first.

    Raises:
        NotAllowed: `by` is no auditor.
    """
    require(by, permissions.READ_AUDIT)
    return AuditEvent.objects.order_by("-number")
