"""Every write to people and posts: authorise, check, change, audit."""

from datetime import date

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from chengshu.accounts import messages, permissions
from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.domain import Role, conflicting_roles
from chengshu.accounts.models import Organisation, Post, User
from chengshu.accounts.permissions import require
from chengshu.kernel import clock


@transaction.atomic
def create_user(*, by: Actor, username: str, name: str, password: str | None = None) -> User:
    """Open an account; it may do nothing until its person is appointed.

    Args:
        by: a system administrator.
        username: letters, digits, dots, underscores and hyphens; unique.
        name: as others read it.
        password: none for somebody who signs in by other means.

    Raises:
        NotAllowed: `by` is no system administrator.
        Conflict: `accounts.invalid` or `accounts.username-taken`.
    """
    require(by, permissions.CHANGE_USERS)
    user = User(username=username, name=name, password=make_password(password), created_at=clock.now())
    _check(user)
    user.save(force_insert=True)
    audit(by, "accounts.create_user", user, username=username, name=name)
    return user


@transaction.atomic
def set_active(*, by: Actor, user: User, is_active: bool) -> User:
    """Close an account, or open it again. Its posts and what it did stay.

    Raises:
        NotAllowed: `by` has no such right over the person, or is the person.
    """
    require(by, permissions.CHANGE_USERS, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active != is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        audit(by, "accounts.set_active", user, is_active=is_active)
    return user


@transaction.atomic
def set_password(*, by: Actor, user: User, password: str) -> User:
    """Give somebody a new password, such as the first one. The trail says that it was done, not what it is.

    Raises:
        NotAllowed: `by` has no such right over the person, or is the person.
    """
    require(by, permissions.CHANGE_USERS, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    user.password = make_password(password)
    user.save(update_fields=["password"])
    audit(by, "accounts.set_password", user)
    return user


@transaction.atomic
def appoint(*, by: Actor, person: User, organisation: Organisation, role: Role, since: date | None = None) -> Post:
    """Give somebody a role in an organisation.

    Args:
        by: a security administrator over both the organisation and the person, and not the person.
        person: whom.
        organisation: where.
        role: as what.
        since: from which day on, today by default; not ahead, for what is planned is not held.

    Raises:
        NotAllowed: `by` has no such right.
        Conflict: `accounts.administrators-are-separate`, `accounts.already-appointed`, `accounts.post-ahead`.
    """
    require(by, permissions.APPOINT, organisation)
    require(by, permissions.APPOINT, person)
    since = since or clock.today()
    if since > clock.today():
        raise messages.post_ahead(since)
    # Locked, so that two appointments of one person come one after the other; the constraints stand behind.
    person = User.objects.select_for_update().get(pk=person.pk)
    held = list(person.posts.held())
    if conflicts := conflicting_roles(role, (Role(post.role) for post in held)):
        raise messages.administrators_are_separate(person.name, role, conflicts)
    if any((post.organisation_id, post.role) == (organisation.pk, role) for post in held):
        raise messages.already_appointed(person.name, role, organisation.name)
    post = Post(person=person, organisation=organisation, role=role, since=since)
    _check(post)
    post.save(force_insert=True)
    audit(by, "accounts.appoint", post, person=person.username, organisation=organisation.code, role=role)
    return post


@transaction.atomic
def end_post(*, by: Actor, post: Post) -> Post:
    """End a post today.

    Raises:
        NotAllowed: `by` has no such right, or the post is theirs.
        Conflict: `accounts.post-ended`: somebody else has ended it already.
    """
    require(by, permissions.APPOINT, post)
    post = Post.objects.select_for_update(of=("self",)).select_related("person", "organisation").get(pk=post.pk)
    if post.until is not None:
        raise messages.post_ended(post.until)
    post.until = max(clock.today(), post.since)
    post.save(update_fields=["until"])
    facts = {"person": post.person.username, "organisation": post.organisation.code, "role": post.role}
    audit(by, "accounts.end_post", post, **facts)
    return post


def record_export(*, by: Actor, of: str, kind: str, query: str) -> None:
    """Put on record that somebody takes a list along.

    Args:
        by: who.
        of: which list.
        kind: of file.
        query: what narrowed it.
    """
    audit(by, f"{of}.export", by.user or User(), kind=kind, query=query[:2000])


def _check(record: User | Post) -> None:
    """Fields and constraints, with words instead of a database's error.

    Raises:
        Conflict: says which field and why.
    """
    try:
        record.full_clean()
    except ValidationError as error:
        if isinstance(record, User) and User.objects.filter(username=record.username).exists():
            raise messages.username_taken(record.username) from error
        raise messages.invalid(error) from error
