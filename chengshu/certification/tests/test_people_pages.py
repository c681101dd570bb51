"""The list of people and a person's page: masked, scoped, and every look on record."""

import pytest
from django.urls import reverse

from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification import queries
from chengshu.certification.permissions import scope_of
from chengshu.certification.scope import Scope
from chengshu.certification.states import RunStatus
from chengshu.certification.tests.site_factories import SECRET, make_run

pytestmark = pytest.mark.django_db
QUERIES = 15


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def run():
    return make_run(status=RunStatus.PUBLISHED, is_in_force=True)


def names_on(client, **query):
    page = client.get(reverse("people"), query)
    assert page.status_code == 200
    text = page.content.decode()
    return {name for name in ("崔**", "董*", "张**", "杨**", "冯**", "黄**") if name in text}


def test_the_city_sees_everybody_masked(client, tree, run):
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    assert len(names_on(client)) == 6
    assert "崔彩华" not in client.get(reverse("people")).content.decode()


def test_a_county_sees_its_own(client, tree, run):
    client.force_login(make_post(tree["east"], Role.DEPARTMENT_OFFICER).person)
    assert names_on(client) == {"崔**", "董*", "张**", "杨**"}


def test_a_department_sees_whom_it_pays(client, tree, run):
    client.force_login(make_post(tree["civil"], Role.DEPARTMENT_OFFICER).person)
    assert names_on(client) == {"冯**"}


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.OUTSIDE_DEVELOPER])
def test_outsiders_see_nobody(client, tree, run, role):
    client.force_login(make_post(tree["city"], role).person)
    for address in (reverse("people"), reverse("people.one", args=[12]), reverse("people") + "?export=csv"):
        assert client.get(address).status_code == 403


def test_a_post_that_has_ended_opens_nothing(tree):
    post = make_post(tree["east"], Role.HANDLER)
    assert not scope_of(post.person).is_empty
    post.until = post.since
    post.save()
    assert scope_of(post.person) == Scope()


def test_filters_narrow(client, tree, run):
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    assert names_on(client, decision="visit") == {"董*", "冯**"}
    assert names_on(client, region="379002") == {"冯**", "黄**"}
    assert names_on(client, p_to="0.15") == {"冯**", "杨**"}
    assert names_on(client, age_from="90") == set()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_holds_the_rows_of_the_list_and_goes_on_record(client, tree, run, kind):
    client.force_login(make_post(tree["east"], Role.DEPARTMENT_OFFICER).person)
    answer = client.get(reverse("people"), {"export": kind})
    content = b"".join(answer.streaming_content)
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.export_people"
    if kind == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert len(lines) == 5
        assert "冯" not in content.decode()


def test_each_page_that_is_shown_goes_on_record(client, tree, run):
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    names_on(client, decision="visit")
    event = AuditEvent.objects.order_by("-number")[0]
    assert event.verb == "certification.list_people"
    assert "decision=visit" in event.payload


def test_the_list_opens_with_a_few_queries(client, tree, run, django_assert_num_queries):
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    names_on(client)
    with django_assert_num_queries(QUERIES):
        client.get(reverse("people"))


def test_nothing_in_force_is_said_so(client, tree):
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    page = client.get(reverse("people"))
    assert page.status_code == 409
    assert "还没有已发布的认证结果" in page.content.decode()


def test_a_person_of_another_county_is_no_person(client, tree, run):
    client.force_login(make_post(tree["east"], Role.HANDLER).person)
    assert client.get(reverse("people.one", args=[21])).status_code == 403
    assert client.post(reverse("people.one", args=[21]), {"purpose": "核实高龄津贴"}).status_code == 403


def test_people_are_found_by_two_signs_of_their_name_within_scope(tree, run, monkeypatch):
    class Lake:
        def name_secret(self):
            return SECRET

    monkeypatch.setattr(queries, "load_of", lambda run: Lake())
    east = Scope(regions=("379001",))
    for query in ("董云", "崔彩", "彩华", "崔彩华"):
        assert len(queries.people_named(east, query, most=9)) == 1, query
    assert queries.people_named(east, "黄树", most=9) == []
    assert queries.people_named(east, "董", most=9) == []
    assert queries.people_named(Scope(), "董云", most=9) == []
