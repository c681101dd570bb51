"""Entries of the ledger of disproved links that are made by hand."""

from datetime import date

from django.db import transaction

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import require
from chengshu.certification import death_messages, messages, permissions
from chengshu.certification.models import DisprovedLink, Run
from chengshu.certification.queries import roster_in_force
from chengshu.certification.states import LinkKind
from chengshu.kernel import clock
from chengshu.lake import LONGEST_SOURCE


@transaction.atomic
def disprove_events(*, by: Actor, person_key: int, source: str, day: date | None, reason: str) -> DisprovedLink:
    """Rule that records of a source are not this person's: of one day, or all of them without a day.

    Raises:
        NotAllowed: `by` has no such right, or the person is out of scope.
        UsageError: no reason; a day to come.
        Conflict: the ledger has it; nothing is in force.
    """
    require(by, permissions.CONFIRM)
    stated = " ".join(reason.split())[:500]
    if not stated or not source.strip():
        raise death_messages.reason_missing()
    if day is not None and day > clock.today():
        raise death_messages.day_ahead(day)
    run, roster = roster_in_force(by)
    person = roster.person(person_key)
    if person is None:
        raise messages.stranger()
    # One writer at a time: two who enter the same at once wait for each other here.
    Run.objects.select_for_update().get(pk=run.pk)
    record = {"kind": LinkKind.EVENTS.value, "source": source.strip()[:LONGEST_SOURCE], "day": day}
    if DisprovedLink.objects.filter(person_key=person_key, **record).exists():
        raise death_messages.disproved_already()
    facts = {"region_code": person["region_code"], "name": person["name"], "reason": stated}
    link = DisprovedLink.objects.create(
        person_key=person_key, ruled_by=by.user, ruled_at=clock.now(), **record, **facts
    )
    audit(by, "certification.disprove_events", link, person=person_key, source=link.source, day=str(day or ""))
    return link
