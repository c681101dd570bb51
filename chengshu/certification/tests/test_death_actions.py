"""From a record to a stop, and back: two people, a record, a notice, a way to appeal."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chengshu.accounts.actor import person
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import MACHINE, make_actor, make_tree
from chengshu.certification import death_actions, disproved_actions, run_actions, run_work
from chengshu.certification.death_queries import confirmations, disproved_links, money, waiting_deaths
from chengshu.certification.models import DeathConfirmation, DisprovedLink, Visit
from chengshu.certification.states import DeathState, Outcome
from chengshu.certification.tests.death_factories import EAST, HEALTH, WEST, key_of, make_lake, make_run, person_row
from chengshu.kernel import clock
from chengshu.kernel.errors import Conflict, NotAllowed, UsageError
from chengshu.lake import DeathLink, EventLink
from chengshu.lake.tests.small_city import ANN, BOB, CAI, DAN, death

pytestmark = pytest.mark.django_db
NOW = date(2026, 1, 20)


@pytest.fixture(autouse=True)
def _january():
    with clock.fixed(NOW):
        yield


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def load(tmp_path, settings):
    return make_lake(tmp_path, settings)


def rows_of(load):
    dead = {"decision": "death_recorded", "p_alive": 0.0, "p_dead": 1.0}
    return [
        person_row(key_of(load, ANN), **dead),
        person_row(key_of(load, BOB), decision="visit", p_alive=0.0001, p_dead=0.9999),
        person_row(key_of(load, CAI), region_code=WEST),
        person_row(key_of(load, DAN), region_code=WEST, departments=HEALTH, monthly_yuan=100.5, **dead),
    ]


def publish(run, tree):
    run_actions.propose_run(by=make_actor(tree["city"], Role.HANDLER), run=run)
    return run_actions.publish_run(by=make_actor(tree["city"], Role.APPROVER), run=run)


@pytest.fixture
def run(load, tree):
    return publish(make_run(load.load_id, rows_of(load)), tree)


@pytest.fixture
def ann(run, load):
    return DeathConfirmation.objects.get(person_key=key_of(load, ANN))


@pytest.fixture
def officers(tree):
    return [make_actor(tree["east"], Role.DEPARTMENT_OFFICER) for _ in range(3)]


def stopped(confirmation, officers):
    death_actions.confirm_first(by=officers[0], confirmation=confirmation)
    return death_actions.confirm_second(by=officers[1], confirmation=confirmation)


def appeal_of(confirmation, by):
    return death_actions.receive_appeal(by=by, confirmation=confirmation, text="他还在世", contact="王某 13800000000")


def test_a_publication_opens_what_is_on_record_and_nothing_else(run, load):
    found = {one.person_key: one for one in DeathConfirmation.objects.all()}
    assert set(found) == {key_of(load, ANN), key_of(load, DAN)}
    ann, dan = found[key_of(load, ANN)], found[key_of(load, DAN)]
    assert (ann.died_on, ann.record_source, ann.state) == (date(2025, 6, 1), "hospital", "open")
    assert (dan.record_source, dan.monthly_yuan, dan.region_code) == ("funeral home", 100.5, WEST)
    assert ann.stops_on is None
    assert AuditEvent.objects.get(verb="certification.publish_run").payload.count('"confirmations":2') == 1


def test_a_later_publication_opens_none_twice(run, load, tree):
    publish(make_run(load.load_id, rows_of(load)), tree)
    assert DeathConfirmation.objects.count() == 2


def test_confirmations_are_opened_in_bulk(run, load, tree, django_assert_max_num_queries):
    from chengshu.certification.death_records import open_confirmations  # noqa: PLC0415

    DeathConfirmation.objects.all().delete()
    with django_assert_max_num_queries(4):
        assert open_confirmations(run, clock.now()) == 2


def test_two_people_stop_what_is_paid_from_next_month(ann, officers):
    once = death_actions.confirm_first(by=officers[0], confirmation=ann)
    assert (once.state, once.stops_on) == ("once_confirmed", None)
    done = death_actions.confirm_second(by=officers[1], confirmation=ann)
    assert (done.state, done.stops_on) == ("stopped", date(2026, 2, 1))
    assert done.notice_number == f"CR-2026-{done.pk:06d}"
    assert (done.notice_on, done.appeal_until) == (date(2026, 1, 20), date(2026, 3, 21))
    verbs = list(AuditEvent.objects.filter(object_id=str(ann.pk), object_type__endswith="deathconfirmation"))
    assert [event.verb for event in verbs] == ["certification.confirm_death", "certification.stop"]


def test_one_person_is_not_two(ann, officers):
    death_actions.confirm_first(by=officers[0], confirmation=ann)
    with pytest.raises(Conflict, match="death-two-people"):
        death_actions.confirm_second(by=officers[0], confirmation=ann)
    assert DeathConfirmation.objects.get(pk=ann.pk).state == DeathState.ONCE_CONFIRMED


def test_two_at_once_one_wins_and_none_becomes_the_second_unawares(ann, officers):
    seen_by_both = DeathConfirmation.objects.get(pk=ann.pk)
    death_actions.confirm_first(by=officers[0], confirmation=ann)
    with pytest.raises(Conflict, match="death-moved-on"):
        death_actions.confirm_first(by=officers[1], confirmation=seen_by_both)
    assert DeathConfirmation.objects.get(pk=ann.pk).state == DeathState.ONCE_CONFIRMED
    death_actions.confirm_second(by=officers[1], confirmation=seen_by_both)
    for action in (death_actions.confirm_second, death_actions.confirm_first):
        with pytest.raises(Conflict, match="death-moved-on"):
            action(by=officers[2], confirmation=seen_by_both)
    with pytest.raises(Conflict, match="death-moved-on"):
        death_actions.refute(by=officers[2], confirmation=seen_by_both, reason="他还在世")


def test_no_program_stops_anybody(ann, officers):
    with pytest.raises(NotAllowed, match="death-takes-people"):
        death_actions.confirm_first(by=MACHINE, confirmation=ann)
    death_actions.confirm_first(by=officers[0], confirmation=ann)
    with pytest.raises(NotAllowed, match="death-takes-people"):
        death_actions.confirm_second(by=MACHINE, confirmation=ann)


def test_the_database_itself_refuses_a_stop_by_one(ann, officers):
    facts = {"state": "stopped", "stops_on": date(2026, 2, 1), "first_by": officers[0].user, "first_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        DeathConfirmation.objects.filter(pk=ann.pk).update(**facts)
    facts |= {"second_by": officers[0].user, "second_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        DeathConfirmation.objects.filter(pk=ann.pk).update(**facts)


def test_nothing_stops_on_probability_or_on_a_visit(run, load, tree, officers):
    bob = key_of(load, BOB)
    Visit.objects.create(
        client_id="00000000-0000-0000-0000-000000000001",
        person_key=bob,
        region_code=EAST,
        visited_on=NOW,
        outcome=Outcome.DEAD.value,
        recorded_at=clock.now(),
    )
    publish(make_run(load.load_id, rows_of(load)), tree)
    assert not DeathConfirmation.objects.filter(person_key=bob).exists()
    # Whoever opened one by other means would not get far: there is no record behind it.
    made = DeathConfirmation.objects.create(
        run=run,
        person_key=bob,
        region_code=EAST,
        name="王*",
        age=75,
        monthly_yuan=1.0,
        died_on=NOW,
        opened_at=clock.now(),
    )
    with pytest.raises(Conflict, match="death-record-gone"):
        death_actions.confirm_first(by=officers[0], confirmation=made)
    with pytest.raises(Conflict, match="death-record-gone"):
        death_actions.confirm_second(by=officers[1], confirmation=made)
    assert not DeathConfirmation.objects.filter(stops_on__isnull=False).exists()


def test_a_record_that_was_withdrawn_stops_nobody(ann, tree, officers, tmp_path, settings):
    death_actions.confirm_first(by=officers[0], confirmation=ann)
    later = make_lake(tmp_path, settings, deaths=[death(DAN, record_source="funeral home")])
    publish(make_run(later.load_id, [person_row(ann.person_key)]), tree)
    with pytest.raises(Conflict, match="death-record-gone"):
        death_actions.confirm_second(by=officers[1], confirmation=ann)


def test_a_refuted_record_is_in_the_ledger_and_opens_no_more(ann, load, tree, officers):
    done = death_actions.refute(by=officers[0], confirmation=ann, reason="上门见到本人")
    assert (done.state, done.reason) == ("refuted", "上门见到本人")
    link = DisprovedLink.objects.get()
    assert (link.person_key, link.kind, link.source, link.day) == (
        ann.person_key,
        "death_record",
        "hospital",
        date(2025, 6, 1),
    )
    known = run_work.disproved_before(link.ruled_at)
    assert list(known.deaths) == [DeathLink(ann.person_key, date(2025, 6, 1), "hospital")]
    assert not known.events
    publish(make_run(load.load_id, rows_of(load)), tree)
    assert DeathConfirmation.objects.filter(person_key=ann.person_key).count() == 1
    with pytest.raises(Conflict, match="death-record-gone"):
        death_actions.confirm_first(by=officers[1], confirmation=ann)


def test_another_record_of_the_same_person_opens_anew(ann, tree, officers, tmp_path, settings):
    death_actions.refute(by=officers[0], confirmation=ann, reason="上门见到本人")
    later = make_lake(tmp_path, settings, deaths=[death(ANN, died_on="2025-11-03", recorded_on="2025-11-05")])
    publish(make_run(later.load_id, rows_of(later)), tree)
    states = DeathConfirmation.objects.filter(person_key=ann.person_key).values_list("state", "died_on")
    assert set(states) == {("refuted", date(2025, 6, 1)), ("open", date(2025, 11, 3))}


def test_restoring_pays_back_and_disproves(ann, load, tree, officers):
    stopped(ann, officers)
    with clock.fixed(date(2026, 4, 16)):
        back = death_actions.restore(by=officers[0], confirmation=ann, reason="本人到场")
        publish(make_run(load.load_id, rows_of(load)), tree)
        with pytest.raises(Conflict, match="death-moved-on"):
            death_actions.restore(by=officers[1], confirmation=ann, reason="本人到场")
    assert (back.state, back.back_pay_yuan) == ("restored", Decimal("775.00"))
    assert DeathConfirmation.objects.filter(person_key=ann.person_key).count() == 1
    assert DisprovedLink.objects.filter(person_key=ann.person_key, kind="death_record").count() == 1


def test_before_the_stop_begins_nothing_is_owed(ann, officers):
    stopped(ann, officers)
    assert death_actions.restore(by=officers[2], confirmation=ann, reason="本人到场").back_pay_yuan == 0


def test_an_appeal_upheld_restores(ann, tree, officers):
    stopped(ann, officers)
    appeal = appeal_of(ann, make_actor(tree["east.town"], Role.GRASSROOTS_WORKER))
    with pytest.raises(Conflict, match="appeal-pending"):
        appeal_of(ann, officers[0])
    with clock.fixed(date(2026, 3, 1)):
        done = death_actions.decide_appeal(by=officers[2], appeal=appeal, is_upheld=True, answer="查明在世")
    ann.refresh_from_db()
    assert (done.is_upheld, ann.state, ann.back_pay_yuan) == (True, "restored", Decimal("310.00"))
    with pytest.raises(Conflict, match="appeal-answered"):
        death_actions.decide_appeal(by=officers[0], appeal=appeal, is_upheld=False, answer="维持")


def test_who_stopped_it_does_not_dismiss_the_appeal(ann, officers):
    stopped(ann, officers)
    appeal = appeal_of(ann, officers[0])
    for by in officers[:2]:
        with pytest.raises(Conflict, match="appeal-own-stop"):
            death_actions.decide_appeal(by=by, appeal=appeal, is_upheld=False, answer="维持停发")
    death_actions.decide_appeal(by=officers[2], appeal=appeal, is_upheld=False, answer="维持停发")
    ann.refresh_from_db()
    assert ann.state == DeathState.STOPPED
    with clock.fixed(date(2026, 9, 1)):
        late = appeal_of(ann, officers[0])
        assert late.is_late
        death_actions.restore(by=officers[0], confirmation=ann, reason="本人到场")
    late.refresh_from_db()
    assert (late.is_upheld, late.answer) == (True, "本人到场")


def test_nothing_is_appealed_before_it_stops_and_nothing_without_words(ann, officers):
    with pytest.raises(Conflict, match="death-moved-on"):
        appeal_of(ann, officers[0])
    with pytest.raises(Conflict, match="death-moved-on"):
        death_actions.restore(by=officers[0], confirmation=ann, reason="本人到场")
    for reason in ("", "  ", "。"):
        with pytest.raises(UsageError, match="reason-missing"):
            death_actions.refute(by=officers[0], confirmation=ann, reason=reason)


def test_strangers_do_nothing_and_see_nothing(ann, tree):
    west = make_actor(tree["west"], Role.DEPARTMENT_OFFICER)
    assert not confirmations(west).filter(pk=ann.pk).exists()
    for action, extra in (
        (death_actions.confirm_first, {}),
        (death_actions.confirm_second, {}),
        (death_actions.refute, {"reason": "不是"}),
        (death_actions.restore, {"reason": "不是"}),
        (death_actions.unmask, {"purpose": "核实"}),
        (death_actions.receive_appeal, {"text": "不是", "contact": "王"}),
    ):
        with pytest.raises(NotAllowed, match="not-in-scope"):
            action(by=west, confirmation=ann, **extra)
    worker = make_actor(tree["east.town"], Role.GRASSROOTS_WORKER)
    with pytest.raises(NotAllowed, match="not-allowed"):
        death_actions.confirm_first(by=worker, confirmation=ann)
    with pytest.raises(NotAllowed, match="not-allowed"):
        confirmations(make_actor(tree["city"], Role.AUDITOR))


def test_a_department_sees_those_whom_it_pays_by_the_list_of_each_run(run, ann, tree):
    civil = make_actor(tree["civil"], Role.DEPARTMENT_OFFICER)
    assert list(confirmations(civil)) == [ann]
    other = make_run("x", [], status="published", summary={"departments": ["民政局"]})
    mine, theirs = (
        DeathConfirmation.objects.create(
            run=other,
            person_key=key,
            region_code=WEST,
            departments=bits,
            name="李*",
            age=80,
            monthly_yuan=1.0,
            died_on=NOW,
            opened_at=clock.now(),
        )
        for key, bits in ((1, 0b01), (2, 0b10))
    )
    assert set(confirmations(civil)) == {ann, mine}
    assert set(confirmations(make_actor(tree["city"], Role.HANDLER))) >= {ann, mine, theirs}
    assert list(confirmations(civil).select_for_update().filter(pk=mine.pk)) == [mine]


def test_money_at_stake_stopped_and_given_back(ann, officers, tree):
    handler = make_actor(tree["city"], Role.HANDLER)
    assert (money(handler).at_stake, money(handler).at_stake_yuan) == (2, 410.5)
    assert money(officers[0]).at_stake_yuan == 310.0
    stopped(ann, officers)
    with clock.fixed(date(2026, 3, 1)):
        found = money(handler)
    assert (found.at_stake_yuan, found.stopped_yuan, found.stopped_since) == (100.5, 310.0, date(2026, 2, 1))
    assert found.prevented_yuan == Decimal("310.00")
    with clock.fixed(date(2026, 3, 1)):
        death_actions.restore(by=officers[0], confirmation=ann, reason="本人到场")
    assert (money(handler).restored, money(handler).restored_yuan) == (1, Decimal("310.00"))
    assert money(make_actor(tree["west"], Role.APPROVER)).restored == 0


def test_what_waits_for_whom(ann, officers):
    assert waiting_deaths(officers[0]).number == 1
    death_actions.confirm_first(by=officers[0], confirmation=ann)
    assert waiting_deaths(officers[0]).number == 0
    assert (waiting_deaths(officers[1]).number, waiting_deaths(officers[1]).is_late) == (1, False)
    with clock.fixed(date(2026, 3, 1)):
        assert waiting_deaths(officers[1]).is_late


def test_the_identity_is_shown_for_a_purpose_and_on_record(ann, officers):
    identity = death_actions.unmask(by=officers[0], confirmation=ann, purpose="核对死亡登记")
    assert identity is not None
    assert (identity.id_number, identity.name) == (ANN, "王某")
    event = AuditEvent.objects.get(verb="certification.unmask")
    assert event.purpose == "核对死亡登记"
    with pytest.raises(UsageError, match="purpose"):
        death_actions.unmask(by=officers[0], confirmation=ann, purpose=" ")


def test_the_ledger_takes_entries_by_hand_within_scope(run, load, tree, officers):
    facts: dict[str, Any] = {"source": "bus", "day": date(2025, 5, 5), "reason": "卡由孙子使用"}
    link = disproved_actions.disprove_events(by=officers[0], person_key=key_of(load, BOB), **facts)
    assert (link.kind, link.region_code, link.name) == ("events", EAST, "王*")
    with pytest.raises(Conflict, match="disproved-already"):
        disproved_actions.disprove_events(by=officers[1], person_key=key_of(load, BOB), **facts)
    with pytest.raises(NotAllowed, match="not-in-scope"):
        disproved_actions.disprove_events(by=officers[0], person_key=key_of(load, CAI), **facts)
    with pytest.raises(UsageError, match="disproved-day"):
        disproved_actions.disprove_events(
            by=officers[0], person_key=key_of(load, BOB), **facts | {"day": date(2027, 1, 1)}
        )
    assert list(disproved_links(officers[1])) == [link]
    assert not disproved_links(make_actor(tree["west"], Role.DEPARTMENT_OFFICER)).exists()
    known = run_work.disproved_before(link.ruled_at)
    assert list(known.events) == [EventLink(link.person_key, link.source, link.day)]
    assert not known.deaths
    assert not run_work.disproved_before(link.ruled_at - timedelta(seconds=1)).events


def test_a_closed_account_confirms_nothing(ann, officers):
    user = officers[0].user
    user.is_active = False
    user.save()
    with pytest.raises(NotAllowed):
        death_actions.confirm_first(by=person(user), confirmation=ann)
