from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from chengshu.accounts import actions
from chengshu.accounts.actor import Actor, machine, person
from chengshu.accounts.domain import ADMINISTRATORS, Role
from chengshu.accounts.models import AuditEvent, Post
from chengshu.accounts.permissions import may
from chengshu.accounts.tests.factories import MACHINE, make_actor, make_post, make_tree, make_user
from chengshu.kernel import clock
from chengshu.kernel.errors import Conflict, NotAllowed, UsageError

pytestmark = pytest.mark.django_db
TODAY = date(2025, 12, 31)


@pytest.fixture(autouse=True)
def stopped_clock():
    with clock.fixed(TODAY):
        yield


@pytest.fixture
def tree():
    return make_tree()


@pytest.mark.parametrize("held", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_the_three_administrators_are_separate_people(tree, held, role):
    post = make_post(tree["city"], held)
    with pytest.raises(Conflict) as refused:
        make_post(tree["city"], role, post.person)
    separate = "accounts.administrators-are-separate"
    assert refused.value.code == ("accounts.already-appointed" if role == held else separate)


def test_the_database_itself_keeps_the_administrators_apart(tree):
    post = make_post(tree["city"], Role.AUDITOR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(person=post.person, organisation=tree["east"], role="security_administrator", since=TODAY)


@pytest.mark.parametrize("wrong", [{"role": "king"}, {"until": TODAY - timedelta(1)}])
def test_the_database_itself_refuses_what_is_no_post(tree, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(
            **{"person": make_user(), "organisation": tree["city"], "role": "handler", "since": TODAY} | wrong
        )


def test_an_ended_post_gives_no_right_and_can_be_given_again(tree):
    post = make_post(tree["city"], Role.AUDITOR)
    assert post.person.has_role(Role.AUDITOR)
    ended = actions.end_post(by=MACHINE, post=post)
    assert ended.until == TODAY
    assert not post.person.has_role(Role.AUDITOR)
    assert make_post(tree["city"], Role.SYSTEM_ADMINISTRATOR, post.person).pk != post.pk


def test_of_two_who_end_a_post_one_is_told(tree):
    post = make_post(tree["city"], Role.HANDLER)
    actions.end_post(by=MACHINE, post=post)
    with pytest.raises(Conflict, match=r"accounts\.post-ended"):
        actions.end_post(by=MACHINE, post=post)


def test_no_post_begins_ahead(tree):
    with pytest.raises(Conflict, match=r"accounts\.post-ahead"):
        make_post(tree["city"], Role.HANDLER, since=TODAY + timedelta(1))


def test_a_security_administrator_appoints_others_below_and_never_oneself(tree):
    own = make_post(tree["east"], Role.SECURITY_ADMINISTRATOR)
    security = person(own.person)
    somebody = make_user()
    post = actions.appoint(by=security, person=somebody, organisation=tree["east.town"], role=Role.GRASSROOTS_WORKER)
    assert post.since == TODAY
    for target in (tree["west"], tree["city"]):
        with pytest.raises(NotAllowed):
            actions.appoint(by=security, person=make_user(), organisation=target, role=Role.HANDLER)
    with pytest.raises(NotAllowed):
        actions.appoint(by=security, person=own.person, organisation=tree["east"], role=Role.HANDLER)
    with pytest.raises(NotAllowed):
        actions.end_post(by=security, post=own)
    with pytest.raises(NotAllowed):
        actions.end_post(by=security, post=make_post(tree["west"], Role.HANDLER))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SECURITY_ADMINISTRATOR}))
def test_nobody_else_appoints(tree, role):
    with pytest.raises(NotAllowed) as refused:
        actions.appoint(
            by=make_actor(tree["city"], role), person=make_user(), organisation=tree["east"], role=Role.HANDLER
        )
    assert refused.value.code == "accounts.not-allowed"


def test_a_system_administrator_opens_and_closes_accounts_but_not_their_own(tree):
    own = make_post(tree["city"], Role.SYSTEM_ADMINISTRATOR)
    system = person(own.person)
    user = actions.create_user(by=system, username="wang", name="王海", password="correct horse battery")
    assert user.check_password("correct horse battery")
    post = make_post(tree["east"], Role.HANDLER, user)
    actions.set_active(by=system, user=user, is_active=False)
    assert not may(person(user), "accounts.appoint", tree["east"])
    assert not post.person.__class__.objects.get(pk=user.pk).has_role(Role.HANDLER)
    with pytest.raises(NotAllowed):
        actions.set_active(by=system, user=own.person, is_active=False)


@pytest.mark.parametrize(
    ("username", "code"), [("wang", "accounts.username-taken"), ("王 海", "accounts.invalid"), ("", "accounts.invalid")]
)
def test_a_name_that_will_not_do_is_refused_with_words(username, code):
    make_user(username="wang")
    with pytest.raises(Conflict) as refused:
        actions.create_user(by=MACHINE, username=username, name="王海")
    assert refused.value.code == code


def test_every_write_leaves_its_event_and_no_secret(tree):
    user = actions.create_user(by=MACHINE, username="wang", name="王海", password="correct horse battery")
    post = make_post(tree["city"], Role.HANDLER, user)
    actions.end_post(by=MACHINE, post=post)
    actions.set_active(by=MACHINE, user=user, is_active=False)
    verbs = list(AuditEvent.objects.order_by("number").values_list("verb", flat=True))
    writes = ["import_organisations", "create_user", "appoint", "end_post", "set_active"]
    assert verbs == [f"accounts.{write}" for write in writes]
    assert not AuditEvent.objects.filter(payload__contains="correct horse").exists()
    last = AuditEvent.objects.latest("number")
    assert (last.actor, last.object_type, last.object_id) == ("machine:test", "accounts.user", str(user.pk))


def test_a_right_that_nobody_declared_is_a_slip_in_the_code(tree):
    with pytest.raises(KeyError, match="no_such_right"):
        may(make_actor(tree["city"], Role.AUDITOR), "accounts.no_such_right")


def test_a_purpose_has_to_say_something():
    assert Actor(None, "x").for_purpose("  核实  补贴 ").purpose == "核实 补贴"
    for nothing in ("", " x ", "x" * 401):
        with pytest.raises(UsageError, match=r"usage\.purpose"):
            machine().for_purpose(nothing)
