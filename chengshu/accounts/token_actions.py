"""Issuing, using and revoking API tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from chengshu.accounts import messages
from chengshu.accounts.actor import Actor, person
from chengshu.accounts.audit import audit
from chengshu.accounts.models import ApiToken
from chengshu.kernel import clock
from chengshu.kernel.errors import NotAllowed
from chengshu.kernel.texts import Text

SCOPES = {
    "certification.read": Text("读取认证结果", "read certification"),
    "profile.read": Text("读取本人岗位", "read one's own posts"),
}
_PREFIX = "cs_"
_SECRET_BYTES = 32
_LONGEST_DAYS = 366


@transaction.atomic
def issue_token(*, by: Actor, name: str, scopes: Sequence[str], last_day: date) -> tuple[ApiToken, str]:
    """Make a token for oneself; its secret is given here and never again.

    Raises:
        NotAllowed: nobody is signed in.
        Conflict: `accounts.token-invalid`: no name, an unknown scope, or a day that is past or too far ahead.
    """
    if by.user is None:
        raise _not_signed_in()
    today = clock.today()
    if not name.strip() or not scopes or set(scopes) - set(SCOPES):
        raise messages.token_invalid()
    if not today <= last_day <= today + timedelta(days=_LONGEST_DAYS):
        raise messages.token_day(today, today + timedelta(days=_LONGEST_DAYS))
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = ApiToken(
        person=by.user,
        name=name.strip(),
        start=secret[:8],
        digest=_digest(secret),
        scopes=sorted(scopes),
        created_at=clock.now(),
        expires_at=timezone.make_aware(datetime.combine(last_day, time(23, 59, 59))),
    )
    token.full_clean()
    token.save(force_insert=True)
    audit(by, "accounts.issue_token", token, name=token.name, scopes=token.scopes, last_day=str(last_day))
    return token, secret


@transaction.atomic
def revoke_token(*, by: Actor, token: ApiToken) -> None:
    """Let a token of one's own open nothing any more.

    Raises:
        NotAllowed: it is somebody else's.
    """
    if by.user is None or token.person_id != by.user.pk:
        raise _not_signed_in()
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        audit(by, "accounts.revoke_token", token, name=token.name)


def holder_of(secret: str, scope: str) -> Actor:
    """Who acts by a token.

    Raises:
        NotAllowed: `accounts.token-refused`: unknown, revoked, expired, or without the scope; it does not tell which.
    """
    token = ApiToken.objects.select_related("person").filter(digest=_digest(secret)).first()
    if token is None or not token.is_valid or not token.person.is_active or scope not in token.scopes:
        raise messages.token_refused()
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=clock.now())
    return person(token.person)


def _digest(secret: str) -> str:
    # A secret of 256 random bits needs no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


def _not_signed_in() -> NotAllowed:
    return messages.token_refused()
