"""The worklist, a person to visit, the form, and coverage, as a browser asks for them."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chengshu.accounts.actor import person as acting
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification import queries, visit_queries
from chengshu.certification.models import Visit
from chengshu.certification.states import ItemKind, ItemState
from chengshu.certification.tests.site_factories import WEST
from chengshu.certification.tests.visit_factories import (
    NEXT_DOOR,
    OTHER_TOWN,
    SAME_TOWN,
    Lake,
    make_item,
    picture,
    record,
    run_in_force,
)
from chengshu.kernel import clock

pytestmark = pytest.mark.django_db
LIST_QUERIES, ITEM_QUERIES, COVERAGE_QUERIES = 20, 20, 18


@pytest.fixture(autouse=True)
def _lake(monkeypatch):
    monkeypatch.setattr(queries, "load_of", lambda run: Lake())


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def run():
    return run_in_force()


@pytest.fixture
def worker(tree, client):
    user = make_post(tree["east"], Role.GRASSROOTS_WORKER).person
    client.force_login(user)
    return acting(user)


def form(**changes):
    return {"client_id": str(uuid4()), "visited_on": str(clock.today()), "outcome": "alive", "note": ""} | changes


def names_on(page):
    text = page.content.decode()
    return [name for name in sorted(("甲*", "乙*", "丙*", "丁*"), key=text.find) if name in text]


def test_the_nearest_come_first_then_those_most_worth_a_visit(client, worker, run):
    make_item(run, 1, OTHER_TOWN, name="丁*", value=9)
    make_item(run, 2, SAME_TOWN, name="丙*", value=8)
    make_item(run, 3, NEXT_DOOR, name="甲*", value=2)
    make_item(run, 4, NEXT_DOOR, name="乙*", value=1)
    assert names_on(client.get(reverse("worklist"), {"near": NEXT_DOOR})) == ["甲*", "乙*", "丙*", "丁*"]
    assert names_on(client.get(reverse("worklist"))) == ["丁*", "丙*", "甲*", "乙*"]
    assert names_on(client.get(reverse("worklist"), {"near": "'; --"})) == ["丁*", "丙*", "甲*", "乙*"]


def test_where_the_last_visit_of_today_was_is_where_one_is(client, worker, run):
    make_item(run, 1, OTHER_TOWN, name="丁*", value=9)
    make_item(run, 2, SAME_TOWN, name="丙*", value=8)
    record(worker, make_item(run, 3, NEXT_DOOR, name="甲*"))
    assert names_on(client.get(reverse("worklist"))) == ["丙*", "丁*"]


def test_where_villages_are_many_one_chooses_a_town(worker, run, monkeypatch):
    monkeypatch.setattr(visit_queries, "_MOST_VILLAGES", 2)
    for key, region in enumerate((NEXT_DOOR, SAME_TOWN, SAME_TOWN)):
        make_item(run, key, region)
    assert visit_queries.villages_of(visit_queries.to_visit(worker)) == {NEXT_DOOR: 1, SAME_TOWN: 2}
    make_item(run, 9, OTHER_TOWN)
    assert visit_queries.villages_of(visit_queries.to_visit(worker, NEXT_DOOR)) == {"379001001": 3, "379001002": 1}


def test_the_list_shows_open_visits_and_audits_of_the_run_in_force_alone(client, worker, run):
    make_item(run, 1, name="甲*")
    make_item(run, 2, name="乙*", kind=ItemKind.AUDIT)
    make_item(run, 3, name="丙*", kind=ItemKind.SELF_CHECK)
    make_item(run, 4, name="丁*", state=ItemState.WITHDRAWN)
    make_item(run, 5, WEST, name="丁*")
    assert sorted(names_on(client.get(reverse("worklist")))) == ["乙*", "甲*"]
    event = AuditEvent.objects.order_by("-number")[0]
    assert event.verb == "certification.list_visits"
    assert '"rows":2' in event.payload.replace(" ", "")


def test_long_lists_come_in_pages(client, worker, run):
    for key in range(1, 53):
        make_item(run, key, name=f"第{key}*", value=-key)
    first = client.get(reverse("worklist")).content.decode()
    second = client.get(reverse("worklist"), {"page": 2}).content.decode()
    assert ("第50*" in first, "第51*" in first, 'rel="next"' in first) == (True, False, True)
    assert ("第50*" in second, "第52*" in second, 'rel="next"' in second) == (False, True, False)
    assert "52 人待走访" in first


def test_lists_open_with_a_few_queries(client, worker, run, tree, django_assert_max_num_queries):
    items = [make_item(run, key, f"379001001{key:03d}") for key in range(1, 60)]
    client.get(reverse("home"))
    with django_assert_max_num_queries(LIST_QUERIES):
        client.get(reverse("worklist"), {"near": NEXT_DOOR})
    with django_assert_max_num_queries(ITEM_QUERIES):
        client.get(reverse("worklist.one", args=[items[0].pk]))
    make_post(tree["east"], Role.DEPARTMENT_OFFICER, worker.user)
    with django_assert_max_num_queries(COVERAGE_QUERIES):
        client.get(reverse("coverage"))


def test_a_person_is_shown_in_full_with_the_form(client, worker, run):
    page = client.get(reverse("worklist.one", args=[make_item(run).pk]))
    text = page.content.decode()
    assert all(shown in text for shown in ("董云", "13812345678", "花园社区 3 号楼", 'name="outcome"'))
    assert "no-store" in page["Cache-Control"]


def test_somebody_who_was_visited_is_shown_masked_with_what_was_found(client, worker, run):
    item = make_item(run)
    record(worker, item, note="在菜园里")
    text = client.get(reverse("worklist.one", args=[item.pk])).content.decode()
    assert "董云" not in text
    assert 'name="outcome"' not in text
    assert all(shown in text for shown in ("在菜园里", worker.user.name, "在世"))


def test_the_plain_form_records_and_leads_back(client, worker, run):
    item = make_item(run)
    photo = SimpleUploadedFile("p.jpg", picture((80, 40)).read(), "image/jpeg")
    answer = client.post(reverse("worklist.record", args=[item.pk]), form(note="好", photo=photo))
    assert answer["Location"] == reverse("worklist")
    visit = Visit.objects.get()
    assert (visit.item, visit.note, visit.recorded_by) == (item, "好", worker.user)
    shown = client.get(reverse("visits.photo", args=[visit.pk]))
    assert (shown.status_code, shown["Content-Type"], shown.content[:2]) == (200, "image/jpeg", b"\xff\xd8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"visited_on": "2999-01-01"}, "晚于今天"),
        ({"visited_on": "2001-01-01"}, "太早"),
        ({"visited_on": "yesterday"}, "有效的日期"),
        ({"outcome": "asleep"}, "asleep"),
        ({"outcome": ""}, "必填"),
        ({"client_id": "7"}, "UUID"),
        ({"note": "长" * 501}, "500"),
        ({"photo": SimpleUploadedFile("p.jpg", b"<html>", "image/jpeg")}, "不是 JPEG"),
    ],
)
def test_what_cannot_be_is_said_on_the_page_and_to_the_script(client, worker, run, changes, said):
    address = reverse("worklist.record", args=[make_item(run).pk])
    if "photo" in changes:
        changes["photo"].seek(0)
    page = client.post(address, form(**changes))
    assert (page.status_code, said in page.content.decode()) == (422, True)
    if "photo" in changes:
        changes["photo"].seek(0)
    told = client.post(address, form(**changes), headers={"Accept": "application/json"})
    assert (told.status_code, said in told.json()["message"]) == (422, True)
    assert not Visit.objects.exists()


def test_the_script_is_told_who_was_quicker(client, worker, run, tree):
    item = make_item(run)
    other = make_post(tree["east.town"], Role.GRASSROOTS_WORKER).person
    record(acting(other), item)
    address = reverse("worklist.record", args=[item.pk])
    told = client.post(address, form(), headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (409, "certification.visit-closed")
    assert other.name in told.json()["message"]
    assert client.post(address, form()).status_code == 409


def test_a_stranger_sees_nothing(client, tree, run):
    item = make_item(run)
    visit = record(acting(make_post(tree["east"], Role.GRASSROOTS_WORKER).person), item, photo=picture((80, 40)))
    addresses = [
        reverse("worklist.one", args=[item.pk]),
        reverse("worklist.one", args=[99999]),
        reverse("visits.photo", args=[visit.pk]),
    ]
    for address in [*addresses, reverse("worklist"), reverse("coverage")]:
        assert client.get(address).status_code == 302
    client.force_login(make_post(tree["west"], Role.GRASSROOTS_WORKER).person)
    assert [client.get(address).status_code for address in addresses] == [403, 403, 403]
    assert client.post(reverse("worklist.record", args=[item.pk]), form()).status_code == 403
    assert "董*" not in client.get(reverse("worklist")).content.decode()
    assert client.get(reverse("coverage")).status_code == 403
    client.force_login(make_post(tree["city"], Role.OUTSIDE_DEVELOPER).person)
    for address in [*addresses, reverse("worklist"), reverse("coverage") + "?export=csv"]:
        assert client.get(address).status_code == 403


def test_before_any_run_is_published_the_page_says_so(client, worker):
    page = client.get(reverse("worklist"))
    assert (page.status_code, "还没有已发布" in page.content.decode()) == (409, True)


def test_the_token_is_fresh_and_names_who_is_signed_in(client, worker):
    told = client.get(reverse("worklist.token"))
    assert told.json()["user"] == worker.user.pk
    assert len(told.json()["token"]) == 64
    client.logout()
    assert client.get(reverse("worklist.token")).json() == {"user": None, "token": ""}


def test_the_service_worker_is_served_where_its_scope_is_the_worklist(client):
    answer = client.get(reverse("worklist.sw"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert reverse("worklist").startswith(reverse("worklist.sw").rpartition("/")[0])


def test_supervisors_see_towns_ages_and_what_was_found(client, tree, run):
    worker = acting(make_post(tree["city"], Role.HANDLER).person)
    for key, days in enumerate((0, 7, 8, 30, 31, 400)):
        make_item(run, key, days=days)
    record(worker, make_item(run, 20))
    record(worker, make_item(run, 21), outcome="dead")
    make_item(run, 22, OTHER_TOWN)
    make_item(run, 23, WEST)
    officer = acting(make_post(tree["east"], Role.DEPARTMENT_OFFICER).person)
    east, other = visit_queries.coverage(officer)
    assert (east.region_code, east.open, east.done, east.ages, east.outcomes) == (
        "379001001", 6, 2, (2, 2, 2), (1, 1, 0, 0),
    )  # fmt: skip
    assert east.share == 0.25
    assert (other.region_code, other.open, other.share) == (OTHER_TOWN[:9], 1, 0.0)
    assert visit_queries.total([east, other]).ages == (3, 2, 2)
    client.force_login(officer.user)
    text = client.get(reverse("coverage")).content.decode()
    assert "东关街道" in text
    assert "西关街道" not in text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_coverage_is_taken_along_and_that_is_on_record(client, tree, run, kind):
    make_item(run)
    client.force_login(make_post(tree["city"], Role.APPROVER).person)
    answer = client.get(reverse("coverage"), {"export": kind})
    content = b"".join(answer.streaming_content)
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.export_coverage"
    if kind == "csv":
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        assert rows[0][:5] == ["区划代码", "乡镇街道", "待走访", "已完成", "完成率"]
        assert rows[1] == ["379001001", "城东区 东关街道", "1", "0", "0.0", "1", "0", "0", "0", "0", "0", "0"]
    else:
        assert content.startswith(b"PK")


@pytest.mark.parametrize(("days", "is_late"), [(30, False), (31, True)])
def test_the_home_page_tells_a_worker_what_waits_and_what_is_late(client, worker, run, days, is_late):
    make_item(run, days=days)
    make_item(run, 2, WEST, days=days + 50)
    text = client.get(reverse("home")).content.decode()
    assert f"最早的已等 {days} 天" in text
    assert ("tile-late" in text) == is_late


def test_a_visit_may_be_recorded_for_a_day_before_today(client, worker, run):
    day = clock.today() - timedelta(days=3)
    item = make_item(run)
    client.post(reverse("worklist.record", args=[item.pk]), form(visited_on=str(day)))
    assert Visit.objects.get().visited_on == day
