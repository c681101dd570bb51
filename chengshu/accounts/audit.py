"""Writing the audit trail: one function, called by every action within the transaction of its change."""

from typing import Any, Protocol

from django.db import transaction

from chengshu.accounts import chain
from chengshu.accounts.actor import Actor
from chengshu.accounts.models import AuditEvent, AuditHead
from chengshu.kernel import clock


class Recorded(Protocol):
    """What an event can be about: anything with a primary key."""

    @property
    def pk(self) -> Any:
        """Its key."""


@transaction.atomic
def audit(by: Actor, verb: str, about: Recorded, **facts: Any) -> AuditEvent:
    """Add an event to the chain; it is there if, and only if, the transaction of the change is.

    Call it last in an action. The head of the chain stays locked until the transaction ends: on PostgreSQL by
    its row lock, on SQLite because a transaction holds the one write lock from its beginning. Whoever audits
    first and changes rows afterwards keeps all others waiting meanwhile, and on PostgreSQL can meet them in a
    deadlock, which the database then ends by failing one of the two.

    Args:
        by: who, and for which purpose.
        verb: dotted, such as `accounts.appoint`.
        about: the record.
        facts: what the event says beyond that; texts, numbers, truth values, lists and mappings.
    """
    head = _locked_head()
    link = chain.Link(
        number=head.number + 1,
        at=chain.instant(now := clock.now()),
        actor_id=by.user.pk if by.user else None,
        actor=by.label,
        verb=verb,
        object_type=_type_of(about),
        object_id=str(about.pk),
        purpose=by.purpose,
        payload=chain.canonical_payload(facts),
    )
    columns = {**link._asdict(), "at": now}
    event = AuditEvent(
        **columns, previous_hash=head.hash, hash=chain.digest(link, head.hash, chain.preferred_function())
    )
    event.save(force_insert=True)
    AuditHead.objects.filter(pk=head.pk).update(number=event.number, hash=event.hash)
    return event


def _locked_head() -> AuditHead:
    """The head, locked until the transaction ends; the first writer of all makes it.

    `ignore_conflicts`, because two first writers may come at once: the second waits for the first to commit.
    """
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(number=0, hash=chain.GENESIS)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get()
    return head


def _type_of(about: Recorded) -> str:
    """`accounts.post` for a model's row, else the name of its type."""
    meta = getattr(about, "_meta", None)
    return meta.label_lower if meta else type(about).__name__.lower()
