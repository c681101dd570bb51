"""Every change to self-checks: messages sent by staff; codes, faces and confirmations of residents."""

import uuid
from hmac import compare_digest

from django.db import transaction
from django.db.models import F

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.certification import faces, self_check_messages
from chengshu.certification.attempts import Guess
from chengshu.certification.faces import FaceRequest
from chengshu.certification.models import SelfCheckLink, Visit, WorkItem
from chengshu.certification.self_check_keys import code_digest, make_pass, reference_of, tidy
from chengshu.certification.self_check_queries import link_of, links_by_code, refusal_of
from chengshu.certification.self_check_states import MOST_ATTEMPTS
from chengshu.certification.states import ItemState, Outcome
from chengshu.kernel import clock
from chengshu.kernel.errors import ChengshuError

RESIDENT = Actor(None, "resident")
"""Whoever holds a link. Names nobody, and is never asked for a right: the link itself is the right."""


def open_link(*, token: str) -> SelfCheckLink:
    """Show a resident the question; that it was opened is on record.

    Raises:
        UsageError: there is no such link.
        Conflict: it is used, expired, tried too often, or needed no more.
    """
    link = link_of(token)
    refusal = refusal_of(link, link.item, clock.now())
    if refusal is not None:
        raise refusal
    audit(RESIDENT, "certification.open_self_check", link, item=link.item_id)
    return link


def open_by_code(*, code: str, digits: str, address: str) -> str:
    """Exchange a code and the last four signs of an ID number for a pass that stands for the link's secret.

    A wrong end counts against every open link of that code, a wrong code against the address that it came from.

    Raises:
        UsageError: they do not belong together.
        Conflict: the address has guessed too often; the link is used, expired, tried too often, or needed no more.
    """
    guess = Guess(address)
    code, wanted = tidy(code), code_digest(tidy(code), tidy(digits))
    with transaction.atomic():
        tried = list(links_by_code(code).select_related("item").select_for_update(of=("self",)))
        link = next((one for one in tried if compare_digest(one.code_digest, wanted)), None)
        refusal = _count_guess(tried) if link is None else refusal_of(link, link.item, clock.now())
        if link is not None and refusal is None:
            audit(RESIDENT, "certification.open_self_check", link, item=link.item_id, how="code")
    if link is not None:
        guess.was_right()
    if link is None or refusal is not None:
        raise refusal or self_check_messages.wrong_code()
    return make_pass(link.pk)


def begin_face_step(*, token: str, return_to: str) -> str:
    """Where to send a resident for the face step.

    Raises:
        UsageError: there is no such link.
        Conflict: it cannot be used any more, or there is no face service.
    """
    link = open_link(token=token)
    return faces.service().start(FaceRequest(reference_of(link.digest), link.item.person_key, return_to))


def confirm_self_check(*, token: str, answer: str) -> Visit:
    """Record that a resident is alive, once the face service has said that it is they.

    Raises:
        UsageError: there is no such link; the answer is none of the service's; the face is somebody else's.
        Conflict: the link is used, expired, tried too often, or needed no more.
    """
    held = link_of(token)
    is_match = faces.service().is_match(answer, reference_of(held.digest))
    with transaction.atomic():
        # The item first, as sending does: two who lock two rows in two orders wait for each other for ever.
        item = WorkItem.objects.select_for_update().get(pk=held.item_id)
        link = SelfCheckLink.objects.select_for_update().get(pk=held.pk)
        refusal = refusal_of(link, item, clock.now())
        if refusal is None and is_match:
            return _confirm(item, link)
        if refusal is None:
            refusal = _count_face(link)
    # Outside of the transaction, which keeps what was counted.
    raise refusal


def _confirm(item: WorkItem, link: SelfCheckLink) -> Visit:
    now = clock.now()
    visit = Visit.objects.create(
        client_id=uuid.uuid5(uuid.NAMESPACE_URL, link.digest),
        item=item,
        person_key=item.person_key,
        region_code=item.region_code,
        visited_on=clock.today(),
        outcome=Outcome.ALIVE.value,
        is_self_check=True,
        recorded_at=now,
    )
    WorkItem.objects.filter(pk=item.pk).update(state=ItemState.DONE.value, closed_at=now)
    SelfCheckLink.objects.filter(pk=link.pk).update(used_at=now)
    audit(RESIDENT, "certification.confirm_self_check", visit, item=item.pk, link=link.pk)
    return visit


def _count_guess(tried: list[SelfCheckLink]) -> ChengshuError:
    now = clock.now()
    live = [link for link in tried if refusal_of(link, link.item, now) is None]
    for link in live:
        _count_attempt(link, "code")
    return self_check_messages.wrong_code()


def _count_face(link: SelfCheckLink) -> ChengshuError:
    _count_attempt(link, "face")
    left = MOST_ATTEMPTS - link.attempts - 1
    return self_check_messages.face_not_matched(left) if left > 0 else self_check_messages.link_tried_out()


def _count_attempt(link: SelfCheckLink, what: str) -> None:
    SelfCheckLink.objects.filter(pk=link.pk).update(attempts=F("attempts") + 1)
    audit(RESIDENT, "certification.self_check_failed", link, item=link.item_id, what=what)
