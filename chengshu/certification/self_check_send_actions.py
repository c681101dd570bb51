"""Sending links and codes: to one person at once, or to a whole list by a job."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.certification import queries, self_check_messages
from chengshu.certification.models import SelfCheckLink
from chengshu.certification.self_check_delivery import MESSAGES, require_sender, send_to
from chengshu.certification.self_check_queries import item_to_ask
from chengshu.certification.self_check_states import RESEND_AFTER
from chengshu.certification.tasks import send_self_checks_task
from chengshu.kernel import clock


def send_link(*, by: Actor, pk: int, site: str) -> SelfCheckLink:
    """Send somebody a link and a code.

    Args:
        by: a handler or an officer.
        pk: of the work item.
        site: address of the site that the link leads to, with a slash at its end.

    Returns:
        What became of it: its channel is `none` for somebody without a phone, `failed` where the gateway refused.

    Raises:
        NotAllowed: `by` sends no links.
        Conflict: the person need not be asked, is a stranger, or got a message a moment ago.
    """
    require_sender(by)
    item = item_to_ask(by, pk)
    identity = queries.load_of(item.run).identities_of([item.person_key]).get(item.person_key)
    return send_to(by, item.pk, identity, site, MESSAGES & Q(created_at__gt=clock.now() - RESEND_AFTER))


@transaction.atomic
def ask_to_send(*, by: Actor, items: Sequence[int], site: str) -> UUID:
    """Have a job send a link to everybody of a list; `self_check_queries.sending` tells how far it has come.

    Raises:
        NotAllowed: `by` sends no links, or is nobody.
    """
    require_sender(by)
    if by.user is None:
        raise self_check_messages.may_not_send()
    since = clock.now()
    # The job is a row of this database: it is there if, and only if, the record of it is.
    job = send_self_checks_task.enqueue(user_pk=by.user.pk, items=list(items), site=site, since=since.isoformat())
    audit(by, "certification.ask_to_send_self_checks", by.user, items=len(items), job=str(job.id))
    return UUID(str(job.id))
