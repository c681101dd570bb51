"""Pages of recorded deaths, notices, appeals and the ledger, as a browser asks for them."""

import re
from datetime import date

import pytest
from django.urls import reverse

from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_actor, make_post, make_tree
from chengshu.certification import death_actions
from chengshu.certification.death_records import open_confirmations
from chengshu.certification.models import Appeal, DeathConfirmation, DisprovedLink
from chengshu.certification.tests.death_factories import WEST, key_of, make_lake, make_run, person_row
from chengshu.kernel import clock
from chengshu.lake.tests.small_city import ANN, BOB, DAN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _january():
    with clock.fixed(date(2026, 1, 20)):
        yield


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def load(tmp_path, settings):
    return make_lake(tmp_path, settings)


@pytest.fixture
def run(load, tree):
    dead = {"decision": "death_recorded", "p_alive": 0.0, "p_dead": 1.0}
    rows = [
        person_row(key_of(load, ANN), **dead),
        person_row(key_of(load, BOB), name="赵*"),
        person_row(key_of(load, DAN), region_code=WEST, name="钱**", **dead),
    ]
    made = make_run(load.load_id, rows, status="published", is_in_force=True)
    open_confirmations(made, clock.now())
    return made


@pytest.fixture
def ann(run, load):
    return DeathConfirmation.objects.get(person_key=key_of(load, ANN))


@pytest.fixture
def stopped(ann, tree):
    by = [make_actor(tree["east"], Role.DEPARTMENT_OFFICER) for _ in range(2)]
    death_actions.confirm_first(by=by[0], confirmation=ann)
    return death_actions.confirm_second(by=by[1], confirmation=ann)


def sign_in(client, organisation, role=Role.DEPARTMENT_OFFICER):
    user = make_post(organisation, role).person
    client.force_login(user)
    return user


def text_of(answer):
    return re.sub(r"(?s)<[^>]*>", " ", answer.content.decode())


def test_the_list_shows_what_is_in_scope_masked_and_is_on_record(client, tree, ann):
    sign_in(client, tree["east"])
    page = text_of(client.get(reverse("deaths")))
    assert "王*" in page
    assert "钱**" not in page
    assert ANN not in page
    assert "310.00" in page
    assert AuditEvent.objects.filter(verb="certification.list_deaths").count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=at_stake", 2),
        ("state=stopped", 0),
        ("region=379002", 1),
        ("region=3790", 2),
        ("region=9", 0),
        ("region=999999999999", 0),
        ("region=x1", 0),
        ("region=%27", 0),
        ("state=nonsense", 2),
        ("state=late", 0),
        ("state=appealed", 0),
    ],
)
def test_the_list_is_narrowed(client, tree, ann, query, found):
    sign_in(client, tree["city"], Role.HANDLER)
    answer = client.get(f"{reverse('deaths')}?{query}")
    assert answer.status_code == 200
    assert answer.content.decode().count('href="/certification/deaths/') == found


@pytest.mark.parametrize("name", ["deaths", "disproved"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lists_are_handed_out_on_record(client, tree, ann, name, kind):
    sign_in(client, tree["east"])
    answer = client.get(reverse(name), {"export": kind})
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf" if kind == "csv" else b"PK")
    assert ANN.encode() not in content
    assert "钱".encode() not in content
    assert AuditEvent.objects.order_by("-number")[0].verb == f"certification.{name}.export"


@pytest.mark.parametrize("name", ["deaths", "disproved"])
def test_lists_take_few_queries_however_long(client, tree, run, name, django_assert_max_num_queries):
    DeathConfirmation.objects.bulk_create(
        DeathConfirmation(
            run=run,
            person_key=number,
            region_code=WEST,
            name="孙*",
            age=80,
            monthly_yuan=9.5,
            died_on=run.as_of,
            opened_at=clock.now(),
        )
        for number in range(200)
    )
    DisprovedLink.objects.bulk_create(
        DisprovedLink(person_key=number, region_code=WEST, kind="events", reason="x", ruled_at=clock.now())
        for number in range(200)
    )
    sign_in(client, tree["city"], Role.HANDLER)
    client.get(reverse(name))
    with django_assert_max_num_queries(20):
        client.get(reverse(name))


def test_strangers_reach_nothing(client, tree, stopped):
    appeal = Appeal.objects.create(confirmation=stopped, text="在世", contact="王", received_at=clock.now())
    pages = [reverse(f"deaths.{name}", args=[stopped.pk]) for name in ("one", "notice", "appeal", "appeal_form")]
    changes = [reverse(f"deaths.{name}", args=[stopped.pk]) for name in ("confirm", "stop", "refute", "restore")]
    sign_in(client, tree["west"])
    assert [client.get(page).status_code for page in pages] == [404] * 4
    assert [client.post(page, {"reason": "不是"}).status_code for page in changes] == [404] * 4
    decide = reverse("appeals.decide", args=[appeal.pk])
    assert client.post(decide, {"answer": "维持", "decision": "uphold"}).status_code == 404
    sign_in(client, tree["city"], Role.AUDITOR)
    client.logout()
    for page in [*pages, reverse("deaths"), reverse("disproved"), reverse("disproved.add")]:
        assert client.get(page).status_code == 302
    sign_in(client, tree["east"], Role.RESIDENT)
    for name in ("deaths", "disproved", "disproved.add"):
        assert client.get(reverse(name)).status_code == 403


def test_two_people_on_the_page(client, tree, ann):
    first = sign_in(client, tree["east"])
    page = reverse("deaths.one", args=[ann.pk])
    assert "第一次核实：登记属实" in text_of(client.get(page))
    assert client.post(reverse("deaths.confirm", args=[ann.pk])).status_code == 302
    assert "第一次核实由您完成" in text_of(client.get(page))
    refused = client.post(reverse("deaths.stop", args=[ann.pk]))
    assert refused.status_code == 409
    assert "第二次须由另一人核实" in text_of(refused)
    sign_in(client, tree["east"])
    assert client.post(reverse("deaths.confirm", args=[ann.pk])).status_code == 409
    answer = client.post(reverse("deaths.stop", args=[ann.pk]), follow=True)
    assert "自 2026-02-01 起停发" in text_of(answer)
    assert first.name in text_of(answer)


def test_a_worker_looks_and_decides_nothing(client, tree, ann):
    sign_in(client, tree["east.town"], Role.GRASSROOTS_WORKER)
    page = client.get(reverse("deaths.one", args=[ann.pk])).content.decode()
    assert f"deaths/{ann.pk}/confirm" not in page
    assert client.post(reverse("deaths.confirm", args=[ann.pk])).status_code == 403


def test_the_identity_takes_a_purpose(client, tree, ann):
    sign_in(client, tree["east"])
    page = reverse("deaths.one", args=[ann.pk])
    assert ANN not in client.get(page).content.decode()
    assert ANN not in client.post(page, {"purpose": ""}).content.decode()
    assert ANN in client.post(page, {"purpose": "核对死亡登记"}).content.decode()
    assert AuditEvent.objects.get(verb="certification.unmask").purpose == "核对死亡登记"


def test_refuting_takes_a_reason(client, tree, ann):
    sign_in(client, tree["east"])
    refute = reverse("deaths.refute", args=[ann.pk])
    assert client.post(refute, {"reason": ""}).status_code == 422
    assert client.get(refute).status_code == 302
    page = text_of(client.post(refute, {"reason": "上门见到本人"}, follow=True))
    assert "登记有误" in page
    assert "上门见到本人" in text_of(client.get(reverse("disproved")))


def test_the_notice_says_why_by_what_and_what_to_do(client, tree, stopped):
    sign_in(client, tree["east"])
    notice = reverse("deaths.notice", args=[stopped.pk])
    page = text_of(client.get(notice))
    for words in (
        stopped.notice_number,
        "hospital",
        "2025-06-01",
        "2025-06-10",
        "2026-02-01",
        "2026-03-21",
        "60 天",
        "民政局",
        "12345",
        "310.00",
    ):
        assert words in page
    assert ANN not in page
    full = text_of(client.post(notice, {"purpose": "寄送告知书"}))
    assert ANN in full
    english = client.get(notice, headers={"Accept-Language": "en"})
    assert "Notice of a benefit stopped" in text_of(english)


def test_there_is_no_notice_before_anything_stops(client, tree, ann):
    sign_in(client, tree["east"])
    for name in ("notice", "appeal", "appeal_form"):
        assert client.get(reverse(f"deaths.{name}", args=[ann.pk])).status_code == 404


def test_an_appeal_from_the_form_to_the_answer(client, tree, stopped):
    sign_in(client, tree["east.town"], Role.GRASSROOTS_WORKER)
    appeal = reverse("deaths.appeal", args=[stopped.pk])
    assert client.get(appeal).status_code == 200
    assert "领取人姓名" in text_of(client.get(reverse("deaths.appeal_form", args=[stopped.pk])))
    assert client.post(appeal, {"text": "", "contact": ""}).status_code == 422
    form = {"text": "<b>他还在世</b>", "contact": "王某 13800000000"}
    page = client.post(appeal, form, follow=True).content.decode()
    assert "&lt;b&gt;他还在世" in page
    assert client.post(appeal, form).status_code == 409
    sign_in(client, tree["east"])
    assert "申诉待答复" in text_of(client.get(reverse("home")))
    decide = reverse("appeals.decide", args=[Appeal.objects.get().pk])
    assert client.post(decide, {"answer": "", "decision": "uphold"}).status_code == 422
    with clock.fixed(date(2026, 3, 15)):
        page = text_of(client.post(decide, {"answer": "查明在世", "decision": "uphold"}, follow=True))
    assert "450.00" in page
    assert client.post(decide, {"answer": "维持", "decision": "dismiss"}).status_code == 409
    assert "不再有效" in text_of(client.get(reverse("deaths.notice", args=[stopped.pk])))


def test_the_home_page_says_what_waits_and_what_is_late(client, tree, ann):
    sign_in(client, tree["east"])
    assert "死亡登记待核实" in text_of(client.get(reverse("home")))
    with clock.fixed(date(2026, 3, 15)):
        assert "有的已超过 30 天" in text_of(client.get(reverse("home")))
    sign_in(client, tree["east.town"], Role.GRASSROOTS_WORKER)
    assert "死亡登记待核实" not in text_of(client.get(reverse("home")))


def test_the_ledger_is_added_to_by_hand(client, tree, run, load):
    sign_in(client, tree["east"])
    add = reverse("disproved.add")
    form = {"person_key": key_of(load, BOB), "source": "bus", "day": "2025-05-05", "reason": "卡由孙子使用"}
    assert "公交" in text_of(client.get(add))
    assert client.post(add, {**form, "source": "elsewhere"}).status_code == 422
    assert client.post(add, {**form, "person_key": "9" * 30}).status_code == 422
    assert client.post(add, {**form, "person_key": 5}).status_code == 403
    assert client.post(add, {**form, "day": "2027-01-01"}).status_code == 400
    assert "卡由孙子使用" in text_of(client.post(add, form, follow=True))
    assert client.post(add, form).status_code == 409
    sign_in(client, tree["east.town"], Role.GRASSROOTS_WORKER)
    assert client.get(add).status_code == 403
