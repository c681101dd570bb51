"""The work of sending links and codes, which may be cut off at any moment and done again."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.certification import queries, self_check_messages, sms
from chengshu.certification.models import Run, SelfCheckLink, WorkItem
from chengshu.certification.self_check_keys import Keys, code_digest, id_end, new_keys, secret_digest
from chengshu.certification.self_check_queries import CUT_OFF, asking_office, items_asked, may_send
from chengshu.certification.self_check_states import MOST_ATTEMPTS, VALID_DAYS, Channel
from chengshu.certification.states import ItemState
from chengshu.kernel import clock
from chengshu.kernel.errors import Conflict
from chengshu.kernel.masking import masked_phone
from chengshu.kernel.texts import Text
from chengshu.lake import Identity

MESSAGE = Text(
    "【{office}】请您确认待遇领取资格，只需一分钟。请点 {link} ，"
    "或打开 {page} 输入验证码 {code} 。{days} 天内有效，不收费。请勿转发。",
    "[{office}] Please confirm that you still receive your benefit; it takes a minute. Open {link} or go to {page}"
    " and type {code}. Valid for {days} days, free of charge. Do not pass it on.",
)
MESSAGES = ~Q(channel__in=[Channel.NO_PHONE, Channel.FAILED])
"""Links of messages that were handed over, or are about to be."""
_AT_ONCE = 200
_HANDED_OVER = MESSAGES & ~Q(channel=Channel.PENDING)


def send_links(*, by: Actor, items: Sequence[int], site: str) -> int:
    """Send a link to each of these within a scope who needs one; done again, it goes on where it was cut off.

    Whoever holds a message that is still good is left alone, and so is whoever this job has asked before it was cut
    off. One that was cut off between making a link and handing it over makes another: none is lost, and of two
    messages the later one opens.

    Returns:
        How many were sent.

    Raises:
        NotAllowed: `by` sends no links any more.
    """
    require_sender(by)
    sent = 0
    for start in range(0, len(items), _AT_ONCE):
        chosen = items_asked(by).filter(pk__in=items[start : start + _AT_ONCE], state=ItemState.OPEN)
        sent += _send_some(by, list(chosen), site)
    return sent


def _send_some(by: Actor, items: Sequence[WorkItem], site: str) -> int:
    keys_by_run: dict[int, list[int]] = {}
    for item in items:
        keys_by_run.setdefault(item.run_id, []).append(item.person_key)
    known = {
        run.pk: queries.load_of(run).identities_of(keys_by_run[run.pk])
        for run in Run.objects.filter(pk__in=list(keys_by_run))
    }
    sent = 0
    for item in items:
        identity = known[item.run_id].get(item.person_key)
        try:
            link = send_to(by, item.pk, identity, site, _HANDED_OVER)
        except Conflict:  # confirmed or sent to meanwhile, by somebody quicker
            continue
        sent += link.channel not in (Channel.NO_PHONE, Channel.FAILED)
    return sent


def require_sender(by: Actor) -> None:
    """Refuse whoever sends no links.

    Raises:
        NotAllowed: `certification.may-not-send`.
    """
    if not may_send(by):
        raise self_check_messages.may_not_send()


def message(keys: Keys, site: str) -> str:
    """What a resident reads on their phone, in Chinese: the site cannot know who reads English."""
    page = f"{site}certification/check"
    facts = {"link": f"{page}/{keys.secret}", "page": page, "code": keys.code, "days": VALID_DAYS}
    return MESSAGE.format(office=asking_office().zh, **facts).zh


def send_to(by: Actor, pk: int, identity: Identity | None, site: str, spared: Q) -> SelfCheckLink:
    """Make a link and hand its message over.

    Args:
        by: who sends it; may do so.
        pk: of an item within their scope.
        identity: whose phone it goes to; None for somebody whom the lake does not know.
        site: address of the site, with a slash at its end.
        spared: condition on links: whoever holds such a one gets no other.

    Raises:
        Conflict: the person need not be asked any more, or holds a link that is spared.
    """
    phone = (identity.phone or "").strip() if identity else ""
    keys = new_keys()
    if identity is None or not phone:
        return _make(by, pk, keys, identity, spared, Channel.NO_PHONE)
    # The row is there before the message goes: no message ever leads to nothing, and no lock is held while the
    # gateway takes its time.
    link, gateway = _make(by, pk, keys, identity, spared, Channel.PENDING), sms.gateway()
    try:
        gateway.send(phone, message(keys, site))
    except OSError:
        return _note(by, link, Channel.FAILED.value)
    return _note(by, link, gateway.name)


@transaction.atomic
def _make(by: Actor, pk: int, keys: Keys, identity: Identity | None, spared: Q, channel: Channel) -> SelfCheckLink:
    """A link in place of all earlier ones of the same person.

    One without a phone is made as well, for nobody to know: it keeps that there was nowhere to send it to.
    """
    item = WorkItem.objects.select_for_update().get(pk=pk)
    now = clock.now()
    if item.state != ItemState.OPEN:
        raise self_check_messages.item_gone()
    live = item.links.filter(used_at=None, expires_at__gt=now)
    if live.filter(spared, attempts__lt=MOST_ATTEMPTS).exists():
        raise self_check_messages.sent_just_now()
    live.update(expires_at=CUT_OFF)
    link = SelfCheckLink.objects.create(
        item=item,
        digest=secret_digest(keys.secret),
        code_digest=code_digest(keys.code, id_end(identity.id_number) if identity else ""),
        sent_to=masked_phone(identity.phone if identity else None),
        channel=channel.value,
        created_by=by.user,
        created_at=now,
        expires_at=now + timedelta(days=VALID_DAYS),
    )
    audit(by, "certification.make_self_check", item, link=link.pk, to=link.sent_to, channel=link.channel)
    return link


@transaction.atomic
def _note(by: Actor, link: SelfCheckLink, channel: str) -> SelfCheckLink:
    link.channel = channel
    link.save(update_fields=["channel"])
    audit(by, "certification.send_self_check", link, item=link.item_id, to=link.sent_to, channel=channel)
    return link
