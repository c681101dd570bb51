"""Everything that happens to a person to visit: looked up before the visit, and recorded after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import require
from chengshu.certification import messages, permissions, queries, visit_messages, visit_photos, visit_queries
from chengshu.certification.models import Visit, WorkItem
from chengshu.certification.states import ITEM_KIND_NAMES, ItemKind, ItemState, Outcome
from chengshu.kernel import clock
from chengshu.kernel.texts import Text
from chengshu.lake import Identity
from chengshu.ui.language import say

EARLIEST_DAYS = 60
LONGEST_NOTE = 500
_PURPOSE = Text("{kind}，核实是否在世", "{kind}, to see whether they are alive")


def show_item(*, by: Actor, item: WorkItem) -> Identity | None:
    """Name, phone and address of somebody to visit, in full; put on record with the visit as the purpose.

    Returns:
        None where the load of the run no longer knows the person.

    Raises:
        NotAllowed: `by` does not visit people, or not this one.
        StorageError: the lake cannot be read.
    """
    require(by, permissions.RECORD)
    if not visit_queries.is_theirs(by, item):
        raise messages.stranger()
    known = queries.load_of(item.run).identities_of([item.person_key])
    purpose = say(_PURPOSE.format(kind=say(ITEM_KIND_NAMES[ItemKind(item.kind)])))
    audit(by.for_purpose(purpose), "certification.show_item", item, person_key=item.person_key)
    return known.get(item.person_key)


def record_visit(
    *,
    by: Actor,
    item: WorkItem,
    client_id: UUID,
    visited_on: date,
    outcome: str,
    note: str = "",
    photo: BinaryIO | None = None,
) -> Visit:
    """Record what was found at the door, which does the item; sent twice, it is one visit.

    Somebody who was taken off the list while the visitor was on the way is recorded all the same: what was seen is
    worth keeping, and does whatever item the next run opened for them.

    Args:
        by: the visitor.
        item: of the kinds visit and audit.
        client_id: made by the phone for this visit.
        visited_on: today, or up to 60 days ago.
        outcome: of `Outcome`.
        note: at most 500 characters; more are cut off.
        photo: a JPEG, PNG or WebP of at most 10 MB.

    Raises:
        NotAllowed: `by` does not visit people, or not this one.
        UsageError: a day, an outcome or a photo that cannot be.
        Conflict: somebody else was quicker; the number was used for another visit.
    """
    require(by, permissions.RECORD)
    if not visit_queries.is_theirs(by, item):
        raise messages.stranger()
    said = (visited_on, outcome)
    if (known := _sent_before(by, item, client_id, said)) is not None:
        return known
    _check(item, visited_on, outcome)
    # Made before anything is locked: it takes as long as everything else together.
    jpeg = visit_photos.as_jpeg(photo) if photo is not None else b""
    with _kept(jpeg) as name, transaction.atomic():
        item = WorkItem.objects.select_for_update().get(pk=item.pk)
        if (known := _sent_before(by, item, client_id, said)) is not None:
            visit_photos.drop(name)
            return known
        visit = Visit(client_id=client_id, visited_on=visited_on, outcome=outcome, photo=name, recorded_by=by.user)
        visit.note = " ".join(note.split())[:LONGEST_NOTE]
        _do(_current(item), visit)
        facts = {"item": visit.item_id, "person_key": visit.person_key, "visited_on": str(visited_on)}
        audit(by, "certification.record_visit", visit, **facts, outcome=outcome, photo=bool(name))
    return visit


def show_photo(*, by: Actor, visit: Visit) -> str:
    """The name of a visit's photo, put on record.

    Raises:
        NotAllowed: `by` has no business with that person, or there is no photo.
    """
    require(by, permissions.LOOK)
    if not visit.photo or not visit_queries.is_theirs_to_see(by, visit):
        raise messages.stranger()
    audit(by, "certification.show_photo", visit, person_key=visit.person_key)
    return visit.photo


def _sent_before(by: Actor, item: WorkItem, client_id: UUID, said: tuple[date, str]) -> Visit | None:
    """The visit that a phone sends again because it never heard that it had arrived."""
    known = Visit.objects.select_related("item").filter(client_id=client_id).first()
    if known is None:
        return None
    is_same = known.recorded_by_id == (by.user.pk if by.user else None) and known.person_key == item.person_key
    if not is_same or (known.visited_on, known.outcome) != said:
        raise visit_messages.sent_before()
    return known


def _check(item: WorkItem, visited_on: date, outcome: str) -> None:
    today = clock.today()
    if visited_on > today:
        raise visit_messages.day_ahead(visited_on, today)
    days = timedelta(days=EARLIEST_DAYS)
    earliest = max(today - days, item.opened_at.astimezone().date() - days)
    if visited_on < earliest:
        raise visit_messages.day_too_early(visited_on, earliest)
    if outcome not in set(Outcome):
        raise visit_messages.unknown_outcome(outcome)


def _current(item: WorkItem) -> WorkItem:
    """The item that a visit does: itself, or what the run in force opened for the person in its place."""
    if item.state == ItemState.WITHDRAWN:
        same = WorkItem.objects.select_for_update().filter(person_key=item.person_key, kind__in=visit_queries.KINDS)
        item = same.filter(state=ItemState.OPEN).order_by("-pk").first() or item
    last = item.visits.select_related("recorded_by").order_by("-pk").first()
    if item.state == ItemState.DONE or last is not None:
        raise visit_messages.closed_meanwhile(item, last)
    return item


def _do(item: WorkItem, visit: Visit) -> None:
    """Keep a visit, which does an item that is open."""
    visit.item, visit.person_key, visit.region_code = item, item.person_key, item.region_code
    visit.recorded_at = clock.now()
    visit.save(force_insert=True)
    if item.state == ItemState.OPEN:
        item.state, item.closed_at = ItemState.DONE.value, visit.recorded_at
        item.save(update_fields=["state", "closed_at"])


@contextmanager
def _kept(jpeg: bytes) -> Iterator[str]:
    """The name of a picture that lies there before its visit does, and goes where the visit comes to nothing."""
    name = visit_photos.keep(jpeg) if jpeg else ""
    try:
        yield name
    except BaseException:
        visit_photos.drop(name)
        raise
