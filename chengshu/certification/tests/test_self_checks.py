"""A message is sent, a face is looked at, somebody is alive: once, in time, and on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from chengshu.accounts.actor import person as acting
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification import faces, self_check_delivery, sms
from chengshu.certification import self_check_actions as residents
from chengshu.certification import self_check_send_actions as senders
from chengshu.certification.attempts import GUESS_SECONDS, MOST_GUESSES
from chengshu.certification.models import SelfCheckLink, Visit, WorkItem
from chengshu.certification.self_check_keys import reference_of
from chengshu.certification.self_check_queries import link_of, sending
from chengshu.certification.states import ItemState, Outcome
from chengshu.certification.tests.self_check_factories import SITE, code_in, inbox, make_questions, secret_in
from chengshu.kernel import clock
from chengshu.kernel.errors import ChengshuError, Conflict, NotAllowed, UsageError

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 6, 9, tzinfo=UTC)
ADDRESS = "203.0.113.7"


@pytest.fixture(autouse=True)
def _own(settings, tmp_path):
    cache.clear()
    settings.VAR, settings.CHENGSHU_SMS, settings.CHENGSHU_FACES = tmp_path, "file", "sandbox"


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def handler(tree):
    return acting(make_post(tree["city"], Role.HANDLER).person)


@pytest.fixture
def asked(monkeypatch):
    return make_questions(monkeypatch)


def sent(handler, item, at=START):
    with clock.fixed(at):
        senders.send_link(by=handler, pk=item.pk, site=SITE)
    return inbox()[-1]


def answer(token, is_match=True):
    reference = reference_of(link_of(token).digest)
    request = faces.Sandbox().start(faces.FaceRequest(reference, 0, "/back")).partition("request=")[2]
    opened = faces.Sandbox().opened(request.replace("%3A", ":"))
    return opened.match if is_match else opened.no_match


def confirmed(token, at=START):
    with clock.fixed(at):
        return residents.confirm_self_check(token=token, answer=answer(token))


def refused(code, error=ChengshuError):
    return pytest.raises(error, match=code)


def by_code(message, digits, address=ADDRESS, at=START):
    with clock.fixed(at):
        return residents.open_by_code(code=code_in(message), digits=digits, address=address)


def test_a_message_names_the_office_and_only_digests_are_kept(handler, asked):
    message = sent(handler, asked[13])
    assert message["to"] == "12600000013"
    assert message["text"].startswith("【长河市大数据局】")
    link = SelfCheckLink.objects.get()
    kept = " ".join(str(value) for value in vars(link).values())
    assert secret_in(message) not in kept
    assert code_in(message) not in kept
    assert (link.channel, link.sent_to) == ("file", "*********13")
    assert link.expires_at - link.created_at == timedelta(days=14)
    written = " ".join(map(str, AuditEvent.objects.values_list("payload", flat=True)))
    assert "12600000013" not in written
    assert secret_in(message) not in written
    assert sms.sms_file().stat().st_mode & 0o077 == 0


def test_whoever_has_no_phone_is_told_of_and_gets_nothing(handler, asked):
    link = senders.send_link(by=handler, pk=asked[15].pk, site=SITE)
    assert (link.channel, link.sent_to) == ("none", "")
    assert inbox() == []


def test_a_confirmation_is_a_visit_like_any_other(handler, asked):
    token = secret_in(sent(handler, asked[13]))
    visit = confirmed(token)
    assert (visit.person_key, visit.outcome, visit.is_self_check) == (13, Outcome.ALIVE, True)
    assert (visit.recorded_by, visit.visited_on) == (None, START.date())
    assert visit.region_code == asked[13].region_code
    asked[13].refresh_from_db()
    assert (asked[13].state, asked[13].closed_at) == (ItemState.DONE, START)
    event = AuditEvent.objects.get(verb="certification.confirm_self_check")
    assert (event.actor, event.actor_id, event.object_id) == ("resident", None, str(visit.pk))


def test_a_link_is_used_once(handler, asked):
    token = secret_in(sent(handler, asked[13]))
    held = answer(token)
    confirmed(token)
    for again in (
        lambda: residents.confirm_self_check(token=token, answer=held),
        lambda: residents.open_link(token=token),
    ):
        with refused("check-used", Conflict):
            again()
    assert Visit.objects.count() == 1


def test_a_link_ends_after_a_fortnight(handler, asked):
    token = secret_in(sent(handler, asked[13]))
    confirmed_late = START + timedelta(days=14)
    with refused("check-expired", Conflict):
        confirmed(token, confirmed_late)
    with clock.fixed(confirmed_late - timedelta(seconds=1)):
        residents.open_link(token=token)


def test_a_newer_message_takes_the_place_of_the_older(handler, asked):
    older = secret_in(sent(handler, asked[13]))
    newer = secret_in(sent(handler, asked[13], START + timedelta(hours=1)))
    with refused("check-expired"), clock.fixed(START + timedelta(hours=2)):
        residents.open_link(token=older)
    confirmed(newer, START + timedelta(hours=2))


def test_nobody_gets_two_messages_within_ten_minutes(handler, asked, tree):
    other = acting(make_post(tree["city"], Role.HANDLER).person)
    sent(handler, asked[13])
    with refused("sent-just-now", Conflict):
        sent(other, asked[13], START + timedelta(minutes=9))
    assert len(inbox()) == 1


@pytest.mark.parametrize("token", ["x" * 43, "", "1:2:3", "../../etc"])
def test_unknown_links_open_nothing(asked, token):
    for attempt in (
        lambda: residents.open_link(token=token),
        lambda: residents.confirm_self_check(token=token, answer=""),
    ):
        with pytest.raises(UsageError):
            attempt()


def test_an_answer_of_nobody_s_confirms_nothing(handler, asked):
    token, other = (secret_in(sent(handler, asked[key])) for key in (13, 23))
    for forged in ("", "x", answer(other), answer(token)[:-1]):
        with refused("check-face-answer", UsageError), clock.fixed(START):
            residents.confirm_self_check(token=token, answer=forged)
    assert not Visit.objects.exists()


def test_an_answer_of_the_face_service_grows_old(handler, asked, monkeypatch):
    token = secret_in(sent(handler, asked[13]))
    old = answer(token)
    monkeypatch.setattr(faces, "ANSWER_SECONDS", -1)
    with refused("check-face-answer"):
        residents.confirm_self_check(token=token, answer=old)


def test_five_faces_of_somebody_else_end_a_link(handler, asked):
    token = secret_in(sent(handler, asked[13]))
    for left in (4, 3, 2, 1):
        with refused(f"{left} more tries"), clock.fixed(START):
            residents.confirm_self_check(token=token, answer=answer(token, is_match=False))
    with refused("tried-out"), clock.fixed(START):
        residents.confirm_self_check(token=token, answer=answer(token, is_match=False))
    with refused("tried-out", Conflict):
        confirmed(token)
    assert not Visit.objects.exists()
    assert AuditEvent.objects.filter(verb="certification.self_check_failed").count() == 5


def test_what_is_no_longer_asked_is_not_confirmed(handler, asked):
    token = secret_in(sent(handler, asked[13]))
    WorkItem.objects.filter(pk=asked[13].pk).update(state=ItemState.WITHDRAWN)
    with refused("check-not-needed", Conflict):
        confirmed(token)


def test_a_code_with_the_end_of_the_id_number_opens_the_same(handler, asked):
    token = by_code(sent(handler, asked[13]), "013x")
    confirmed(token)
    with refused("check-used"):
        residents.open_link(token=token)


def test_five_wrong_ends_end_a_code_without_telling_whose_it_is(handler, asked):
    message = sent(handler, asked[13])
    for _ in range(5):
        with refused("check-code", UsageError):
            by_code(message, "0000")
    with refused("check-tried-out", Conflict):
        by_code(message, "013X")
    with refused("check-code"):
        by_code(message, "0000")


def test_an_address_guesses_ten_times_in_a_quarter_of_an_hour(handler, asked, monkeypatch):
    message = sent(handler, asked[13])
    for number in range(MOST_GUESSES):
        with refused("check-code"):
            residents.open_by_code(code=f"{number:06d}", digits="9999", address=ADDRESS)
    with refused("check-too-often", Conflict):
        by_code(message, "013X")
    assert GUESS_SECONDS == 15 * 60
    assert by_code(message, "013X", address="203.0.113.8")


def test_right_codes_of_a_whole_village_behind_one_address_are_no_guesses(handler, asked):
    message = sent(handler, asked[13])
    for _ in range(MOST_GUESSES + 1):
        by_code(message, "013X")


def test_one_subscriber_s_addresses_are_one(asked):
    for number in range(MOST_GUESSES):
        with refused("check-code"):
            residents.open_by_code(code="000000", digits="9999", address=f"2001:db8::{number:x}")
    with refused("check-too-often"):
        residents.open_by_code(code="000000", digits="9999", address="2001:db8::ffff")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DISPATCHER, Role.RESIDENT, Role.DATA_STEWARD])
def test_others_send_nothing(tree, asked, role):
    by = acting(make_post(tree["city"], role).person)
    for attempt in (
        lambda: senders.send_link(by=by, pk=asked[13].pk, site=SITE),
        lambda: senders.ask_to_send(by=by, items=[asked[13].pk], site=SITE),
        lambda: self_check_delivery.send_links(by=by, items=[asked[13].pk], site=SITE),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert inbox() == []


def test_nobody_sends_to_people_of_another_county(tree, asked):
    west = acting(make_post(tree["west"], Role.DEPARTMENT_OFFICER).person)
    with refused("item-gone", Conflict):
        senders.send_link(by=west, pk=asked[13].pk, site=SITE)
    assert self_check_delivery.send_links(by=west, items=[item.pk for item in asked.values()], site=SITE) == 1
    assert [message["to"] for message in inbox()] == ["12600000023"]


def test_a_job_sends_to_all_and_tells_how_far_it_has_come(handler, asked, tree):
    job = senders.ask_to_send(by=handler, items=[item.pk for item in asked.values()], site=SITE)
    before = sending(handler, job)
    assert before
    assert (before.people, before.sent, before.is_done, before.share) == (3, 0, False, 0.0)
    self_check_delivery.send_links(by=handler, items=[item.pk for item in asked.values()], site=SITE)
    after = sending(handler, job)
    assert after
    assert (after.sent, after.failed, [item.name for item in after.no_phone]) == (2, 0, ["李**"])
    assert after.share == 1.0
    assert sending(acting(make_post(tree["city"], Role.HANDLER).person), job) is None
    assert {message["to"] for message in inbox()} == {"12600000013", "12600000023"}


def test_a_job_that_was_cut_off_goes_on_and_sends_nothing_twice(handler, asked, monkeypatch):
    items = [asked[13].pk, asked[23].pk]
    calls = []

    def broken(self, phone, text):
        calls.append(phone)
        if len(calls) == 2:
            raise KeyboardInterrupt
        whole(self, phone, text)

    whole = sms.FileGateway.send
    monkeypatch.setattr(sms.FileGateway, "send", broken)
    with pytest.raises(KeyboardInterrupt):
        self_check_delivery.send_links(by=handler, items=items, site=SITE)
    self_check_delivery.send_links(by=handler, items=items, site=SITE)
    assert sorted(message["to"] for message in inbox()) == ["12600000013", "12600000023"]
    for message in inbox():
        residents.open_link(token=secret_in(message))


def test_a_gateway_that_refuses_is_told_of_and_may_be_tried_again(handler, asked, monkeypatch):
    with monkeypatch.context() as patched:

        def refuse(self, phone, text):
            raise ConnectionError("no route")

        patched.setattr(sms.FileGateway, "send", refuse)
        assert senders.send_link(by=handler, pk=asked[13].pk, site=SITE).channel == "failed"
    assert senders.send_link(by=handler, pk=asked[13].pk, site=SITE).channel == "file"


def test_messages_may_go_to_the_console(handler, asked, settings, capsys):
    settings.CHENGSHU_SMS = "console"
    assert senders.send_link(by=handler, pk=asked[13].pk, site=SITE).channel == "console"
    assert "12600000013" in capsys.readouterr().out


def test_a_gateway_that_nobody_knows_is_an_error_of_set_up(settings):
    settings.CHENGSHU_SMS = "pigeon"
    with pytest.raises(Exception, match="pigeon"):
        sms.gateway()


def test_without_a_face_service_nothing_is_confirmed(handler, asked, settings):
    token = secret_in(sent(handler, asked[13]))
    held = answer(token)
    settings.CHENGSHU_FACES = ""
    with refused("no-face-service", Conflict), clock.fixed(START):
        residents.begin_face_step(token=token, return_to="/")
    with refused("no-face-service", Conflict), clock.fixed(START):
        residents.confirm_self_check(token=token, answer=held)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_wins_and_the_other_is_told(handler, asked):
    if connection.vendor == "sqlite":
        pytest.skip("its one write lock lets nobody in at once")
    token = secret_in(sent(handler, asked[13], clock.now()))
    held = answer(token)

    def confirm(_):
        try:
            return residents.confirm_self_check(token=token, answer=held).pk
        except Conflict as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(confirm, range(4)))
    assert Visit.objects.count() == 1
    assert sorted(map(str, told))[1:] == ["certification.check-used"] * 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_at_once_one_sends(handler, asked):
    if connection.vendor == "sqlite":
        pytest.skip("its one write lock lets nobody in at once")

    def send(_):
        try:
            return senders.send_link(by=handler, pk=asked[13].pk, site=SITE).channel
        except Conflict as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(send, range(4)))
    assert told == ["certification.sent-just-now"] * 3 + ["file"]
    assert len(inbox()) == 1
