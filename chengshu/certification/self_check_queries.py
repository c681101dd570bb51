"""Reads of self-checks: for staff within their scope, and for the resident who holds a link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django_tasks import default_task_backend
from django_tasks.base import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from chengshu.accounts.actor import Actor
from chengshu.accounts.domain import OrganisationKind
from chengshu.accounts.models import Organisation
from chengshu.accounts.permissions import may, require
from chengshu.certification import permissions, queries, self_check_messages
from chengshu.certification.models import SelfCheckLink, WorkItem
from chengshu.certification.permissions import scope_of
from chengshu.certification.self_check_keys import code_start, is_pass, pk_of_pass, secret_digest
from chengshu.certification.self_check_states import MOST_ATTEMPTS, Asked, Channel
from chengshu.certification.states import ItemKind, ItemState
from chengshu.kernel import clock
from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.texts import Text

MOST_AT_ONCE = 5_000
_JOB_FACTS = {"user_pk", "items", "site", "since"}
_NO_MESSAGE = (Channel.PENDING.value, Channel.NO_PHONE.value, Channel.FAILED.value)


def may_send(by: Actor) -> bool:
    """Whether somebody sends links to those within their scope."""
    return may(by, permissions.CONFIRM) or may(by, permissions.RECORD)


def items_asked(by: Actor) -> QuerySet[WorkItem]:
    """Everybody within a scope who is asked to confirm themselves, with the last message to each, most telling first.

    Raises:
        NotAllowed: `by` has no business with people.
    """
    require(by, permissions.LOOK)
    last = SelfCheckLink.objects.filter(item=OuterRef("pk")).order_by("-pk")
    items = WorkItem.objects.filter(kind=ItemKind.SELF_CHECK).exclude(state=ItemState.WITHDRAWN)
    return (
        items.visible_to(scope_of(by.user), queries.departments_in_force())
        .annotate(
            channel=Subquery(last.values("channel")[:1]),
            sent_at=Subquery(last.values("created_at")[:1]),
            sent_to=Subquery(last.values("sent_to")[:1]),
            expires_at=Subquery(last.values("expires_at")[:1]),
            attempts=Subquery(last.values("attempts")[:1]),
        )
        .order_by("-value", "pk")
    )


def asked_so_far(asked: Asked, now: datetime) -> Q:
    """Condition on `items_asked` for how far the question has come; `asked_of` in the database."""
    is_open, is_live = Q(state=ItemState.OPEN), Q(expires_at__gt=now, attempts__lt=MOST_ATTEMPTS)
    is_message = ~Q(channel__in=[Channel.NO_PHONE, Channel.FAILED])
    conditions = {
        Asked.DONE: Q(state=ItemState.DONE),
        Asked.UNSENT: is_open & Q(channel=None),
        Asked.NO_PHONE: is_open & Q(channel=Channel.NO_PHONE),
        Asked.FAILED: is_open & Q(channel=Channel.FAILED),
        Asked.SENT: is_open & Q(channel__isnull=False) & is_message & is_live,
        Asked.EXPIRED: is_open
        & Q(channel__isnull=False)
        & is_message
        & (Q(expires_at__lte=now) | Q(attempts__gte=MOST_ATTEMPTS)),
    }
    return conditions[asked]


def asked_of(item: WorkItem, now: datetime) -> Asked:
    """How far the question to one of `items_asked` has come."""
    channel, expires_at, attempts = (getattr(item, name) for name in ("channel", "expires_at", "attempts"))
    if item.state == ItemState.DONE:
        return Asked.DONE
    if channel is None:
        return Asked.UNSENT
    if channel in (Channel.NO_PHONE, Channel.FAILED):
        return Asked.NO_PHONE if channel == Channel.NO_PHONE else Asked.FAILED
    return Asked.SENT if expires_at > now and attempts < MOST_ATTEMPTS else Asked.EXPIRED


def item_to_ask(by: Actor, pk: int) -> WorkItem:
    """Somebody within a scope who has yet to confirm.

    Raises:
        Conflict: `certification.item-gone`; it does not tell whether there is such a person.
    """
    item = items_asked(by).filter(pk=pk, state=ItemState.OPEN).first()
    if item is None:
        raise self_check_messages.item_gone()
    return item


@dataclass(frozen=True)
class Sending:
    """How far a job has come that sends messages.

    Attributes:
        people: to send to.
        sent: messages handed over.
        failed: the gateway refused.
        no_phone: people without a phone number, to be visited instead.
        skipped: had confirmed or had got a message meanwhile; known once the job is done.
        is_done: nothing is left.
        has_failed: the job ended by a fault.
    """

    people: int
    sent: int
    failed: int
    no_phone: QuerySet[WorkItem]
    skipped: int
    is_done: bool
    has_failed: bool

    @property
    def share(self) -> float:
        """Done of all, in [0, 1]."""
        reached = self.sent + self.failed + len(self.no_phone) + self.skipped
        return 1.0 if self.is_done else min(reached / self.people, 1.0) if self.people else 0.0


def sending(by: Actor, job: UUID) -> Sending | None:
    """A job of somebody's own; None for strangers.

    Read from the links that it has made, so that it is right whatever happens to the worker.
    """
    try:
        result = default_task_backend.get_result(str(job))
    except TaskResultDoesNotExist:
        return None
    asked = result.kwargs
    if by.user is None or set(asked) != _JOB_FACTS or asked["user_pk"] != by.user.pk:
        return None
    since, items = datetime.fromisoformat(asked["since"]), asked["items"]
    links = SelfCheckLink.objects.filter(item__in=items, created_at__gte=since, created_by=by.user)
    counts = dict(links.values_list("channel").annotate(Count("item", distinct=True)))
    without = WorkItem.objects.filter(pk__in=links.filter(channel=Channel.NO_PHONE).values("item"))
    is_done = result.is_finished
    sent = sum(number for channel, number in counts.items() if channel not in _NO_MESSAGE)
    failed = counts.get(Channel.FAILED.value, 0)
    without = without.visible_to(scope_of(by.user), queries.departments_in_force()).order_by("-value")
    skipped = len(items) - sent - failed - counts.get(Channel.NO_PHONE.value, 0) if is_done else 0
    return Sending(len(items), sent, failed, without, skipped, is_done, result.status == TaskResultStatus.FAILED)


def to_send_to(items: QuerySet[WorkItem]) -> list[int]:
    """Of `items_asked`, those who hold no message that is still good.

    Raises:
        Conflict: nobody.
        UsageError: more than one job takes.
    """
    now = clock.now()
    wanting = items.filter(state=ItemState.OPEN).exclude(asked_so_far(Asked.SENT, now))
    found = list(wanting.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if not found:
        raise self_check_messages.nobody_to_send_to()
    if len(found) > MOST_AT_ONCE:
        raise self_check_messages.too_many_to_send_to(MOST_AT_ONCE)
    return found


def link_of(token: str) -> SelfCheckLink:
    """The link that a resident holds: by its secret, or by the pass that a code gave.

    Raises:
        UsageError: there is none.
    """
    if is_pass(token):
        found, refusal = Q(pk=pk_of_pass(token)), self_check_messages.pass_expired()
    else:
        found, refusal = Q(digest=secret_digest(token)), self_check_messages.unknown_link()
    link = SelfCheckLink.objects.select_related("item").filter(found).first()
    if link is None:
        raise refusal
    return link


def links_by_code(code: str) -> QuerySet[SelfCheckLink]:
    """All links of a code, the newest first: one range of the index."""
    start = code_start(code)
    # "g" comes behind every hexadecimal sign.
    return SelfCheckLink.objects.filter(code_digest__gte=start, code_digest__lt=f"{start}g").order_by("-pk")


def refusal_of(link: SelfCheckLink, item: WorkItem, now: datetime) -> ChengshuError | None:
    """Why a link does not open its question; None where it does."""
    if link.used_at is not None:
        return self_check_messages.link_used(timezone.localtime(link.used_at).date())
    if item.state != ItemState.OPEN:
        return self_check_messages.not_asked_any_more()
    if link.attempts >= MOST_ATTEMPTS:
        return self_check_messages.link_tried_out()
    if link.expires_at <= now:
        return self_check_messages.link_expired()
    return None


def asking_office() -> Text:
    """Who asks: the city's office that runs certification."""
    named = {
        office.code: office
        for office in Organisation.objects.filter(Q(kind=OrganisationKind.CITY) | Q(code=permissions.BUREAU))
    }
    bureau = named.pop(permissions.BUREAU, None)
    city = next(iter(named.values()), None)
    zh = (city.name if city else "本市") + (bureau.name if bureau else "大数据局")
    en = ", ".join(
        [bureau.name_en if bureau else "The Big-data Bureau", *([city.name_en] if city and city.name_en else [])]
    )
    return Text(zh, en)


CUT_OFF = F("created_at") + timedelta(microseconds=1)
"""When a link ends that another takes the place of."""
