"""Everything that is decided on recorded deaths. Nothing stops but by a record and two people."""

from typing import Any

from django.db import transaction

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import require
from chengshu.certification import death_messages, messages, permissions
from chengshu.certification.back_pay import back_pay, first_of_next_month
from chengshu.certification.death_queries import confirmations
from chengshu.certification.death_records import is_disproved, record_of
from chengshu.certification.models import Appeal, DeathConfirmation, DisprovedLink
from chengshu.certification.run_work import lake_folder
from chengshu.certification.states import DEATH_STATE_NAMES, DEATH_WAITING, DeathState, LinkKind
from chengshu.kernel import clock
from chengshu.lake import Identity, open_load

_LONGEST_REASON = 500


def confirm_first(*, by: Actor, confirmation: DeathConfirmation) -> DeathConfirmation:
    """Confirm a recorded death, the first of two people; money goes on.

    Raises:
        NotAllowed: `by` has no such right, or it is out of scope.
        Conflict: somebody else was quicker; the record is gone or disproved.
    """
    _check_record(by, confirmation)
    with transaction.atomic():
        found = _locked(by, confirmation)
        _expect(found, DeathState.OPEN)
        facts = {"first_by": by.user, "first_at": clock.now()}
        _note(found, state=DeathState.ONCE_CONFIRMED.value, **facts)
        audit(by, "certification.confirm_death", found, person=found.person_key)
    return found


def confirm_second(*, by: Actor, confirmation: DeathConfirmation) -> DeathConfirmation:
    """Confirm a recorded death, the second of two people: money stops on the first of next month, never earlier.

    Raises:
        NotAllowed: `by` has no such right, or it is out of scope.
        Conflict: `by` was the first; somebody else was quicker; the record is gone or disproved.
    """
    _check_record(by, confirmation)
    with transaction.atomic():
        found = _locked(by, confirmation)
        _expect(found, DeathState.ONCE_CONFIRMED)
        if by.user is None or found.first_by_id == by.user.pk:
            raise death_messages.same_person(found.pk)
        stops_on = first_of_next_month(clock.today())
        facts = {"second_by": by.user, "second_at": clock.now(), "stops_on": stops_on}
        _note(found, state=DeathState.STOPPED.value, **facts)
        audit(by, "certification.stop", found, person=found.person_key, stops_on=str(stops_on))
    return found


@transaction.atomic
def refute(*, by: Actor, confirmation: DeathConfirmation, reason: str) -> DeathConfirmation:
    """Rule that a record is not this person's, before anything has stopped; no later run takes it for theirs.

    Raises:
        NotAllowed: `by` has no such right, or it is out of scope.
        UsageError: no reason.
        Conflict: somebody else was quicker; it has stopped: then it is restored.
    """
    require(by, permissions.CONFIRM)
    stated = _stated(reason)
    found = _locked(by, confirmation)
    _expect(found, *DEATH_WAITING)
    facts = {"refuted_by": by.user, "refuted_at": clock.now(), "reason": stated}
    _note(found, state=DeathState.REFUTED.value, **facts)
    link = _disprove(by, found, stated)
    audit(by, "certification.refute_death", found, person=found.person_key, reason=stated, disproved_link=link.pk)
    return found


@transaction.atomic
def restore(*, by: Actor, confirmation: DeathConfirmation, reason: str) -> DeathConfirmation:
    """Give somebody back what was stopped in error, with what was not paid since; open appeals are upheld by it.

    Raises:
        NotAllowed: `by` has no such right, or it is out of scope.
        UsageError: no reason.
        Conflict: nothing has stopped, or somebody else was quicker.
    """
    require(by, permissions.CONFIRM)
    stated = _stated(reason)
    found = _locked(by, confirmation)
    _expect(found, DeathState.STOPPED)
    now = clock.now()
    found.appeals.filter(decided_at__isnull=True).update(
        decided_by=by.user, decided_at=now, is_upheld=True, answer=stated
    )
    return _restored(by, found, stated)


@transaction.atomic
def receive_appeal(*, by: Actor, confirmation: DeathConfirmation, text: str, contact: str) -> Appeal:
    """Take down what somebody says against a stop; late ones are taken too.

    Raises:
        NotAllowed: `by` has no such right, or it is out of scope.
        UsageError: no text.
        Conflict: nothing has stopped; another appeal waits for its answer.
    """
    require(by, permissions.APPEAL)
    if not text.strip() or not contact.strip():
        raise death_messages.reason_missing()
    found = _locked(by, confirmation)
    _expect(found, DeathState.STOPPED)
    if found.appeals.filter(decided_at__isnull=True).exists():
        raise death_messages.appeal_pending(found.pk)
    appeal = Appeal.objects.create(
        confirmation=found,
        text=text.strip()[:2000],
        contact=contact.strip()[:80],
        received_by=by.user,
        received_at=clock.now(),
    )
    audit(by, "certification.receive_appeal", appeal, confirmation=found.pk, is_late=appeal.is_late)
    return appeal


@transaction.atomic
def decide_appeal(*, by: Actor, appeal: Appeal, is_upheld: bool, answer: str) -> Appeal:
    """Answer an appeal: uphold it, which restores, or dismiss it, which somebody does who did not confirm the stop.

    Raises:
        NotAllowed: `by` has no such right, or it is out of scope.
        UsageError: no answer.
        Conflict: somebody else was quicker; `by` would dismiss an appeal against a stop of their own.
    """
    require(by, permissions.CONFIRM)
    stated = _stated(answer)
    # The confirmation first, as everywhere: whoever locks in one order never waits for each other in a circle.
    found = _locked(by, appeal.confirmation)
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if appeal.is_decided:
        raise death_messages.appeal_answered(appeal.pk)
    _expect(found, DeathState.STOPPED)
    if not is_upheld and by.user is not None and by.user.pk in (found.first_by_id, found.second_by_id):
        raise death_messages.own_stop(appeal.pk)
    facts = {"decided_by": by.user, "decided_at": clock.now(), "is_upheld": is_upheld, "answer": stated}
    _note(appeal, **facts)
    if is_upheld:
        _restored(by, found, stated)
    audit(by, "certification.decide_appeal", appeal, confirmation=found.pk, is_upheld=is_upheld, answer=stated)
    return appeal


def unmask(*, by: Actor, confirmation: DeathConfirmation, purpose: str) -> Identity | None:
    """The full identity behind a confirmation, for a purpose, on record; None where the load knows nobody.

    Raises:
        NotAllowed: it is out of scope.
        UsageError: no purpose.
    """
    found = confirmations(by).filter(pk=confirmation.pk).select_related("run").first()
    if found is None:
        raise messages.stranger()
    asked = by.for_purpose(purpose)
    load = open_load(lake_folder(), load_id=found.run.load_id)
    identity = load.identities_of([found.person_key]).get(found.person_key)
    audit(asked, "certification.unmask", found, person=found.person_key)
    return identity


def _check_record(by: Actor, confirmation: DeathConfirmation) -> None:
    """Refuse what rests on no record. Reads files, and so comes before anything is locked."""
    require(by, permissions.CONFIRM)
    if by.user is None:
        raise death_messages.nobody_signed_in()
    found = confirmations(by).filter(pk=confirmation.pk).select_related("run").first()
    if found is None:
        raise messages.stranger()
    if is_disproved(found) or record_of(found) is None:
        raise death_messages.record_gone(found.pk)


def _locked(by: Actor, confirmation: DeathConfirmation) -> DeathConfirmation:
    found = confirmations(by).select_for_update().filter(pk=confirmation.pk).first()
    if found is None:
        raise messages.stranger()
    return found


def _expect(found: DeathConfirmation, *states: DeathState) -> None:
    if found.state not in states:
        raise death_messages.moved_on(found.pk, DEATH_STATE_NAMES[DeathState(found.state)])


def _restored(by: Actor, found: DeathConfirmation, reason: str) -> DeathConfirmation:
    owed = back_pay(found.monthly_yuan, found.stops_on, clock.today())
    facts = {"restored_by": by.user, "restored_at": clock.now(), "reason": reason, "back_pay_yuan": owed}
    _note(found, state=DeathState.RESTORED.value, **facts)
    link = _disprove(by, found, reason)
    audit(
        by,
        "certification.restore",
        found,
        person=found.person_key,
        back_pay_yuan=str(owed),
        reason=reason,
        disproved_link=link.pk,
    )
    return found


def _disprove(by: Actor, found: DeathConfirmation, reason: str) -> DisprovedLink:
    """The record in the ledger, once: whoever is alive after all has none of their own."""
    record = {"kind": LinkKind.DEATH_RECORD.value, "source": found.record_source, "day": found.died_on}
    known = DisprovedLink.objects.filter(person_key=found.person_key, **record).first()
    return known or DisprovedLink.objects.create(
        person_key=found.person_key,
        region_code=found.region_code,
        name=found.name,
        reason=reason,
        ruled_by=by.user,
        ruled_at=clock.now(),
        **record,
    )


def _stated(reason: str) -> str:
    stated = " ".join(reason.split())[:_LONGEST_REASON]
    if len(stated) < 2:
        raise death_messages.reason_missing()
    return stated


def _note(row: DeathConfirmation | Appeal, **facts: Any) -> None:
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
