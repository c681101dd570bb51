"""Two runs beside each other: who moved, why, and only within one's scope."""

import pytest
from django.urls import reverse

from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification.comparison import NOT_LISTED, Comparison, Move
from chengshu.certification.items import roster_of
from chengshu.certification.scope import Scope
from chengshu.certification.states import RunStatus
from chengshu.certification.tests.site_factories import EAST, PEOPLE, WEST, make_run, person

pytestmark = pytest.mark.django_db
LATER = (
    person(-11, "崔彩华"),
    person(12, "董云", p_alive=0.999, reason="本月有门诊。", reason_en="A clinic this month."),
    person(13, "张华伟", decision="visit", p_alive=0.3, money=900.0),
    person(14, "杨平龙", decision="death_recorded", p_alive=0.0),
    person(22, "黄树华", WEST, decision="visit", p_alive=0.5),
    person(31, "赵新来", EAST),
)


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def runs():
    return make_run(people=PEOPLE), make_run(people=LATER)


def compared(runs, scope=Scope(is_everybody=True)):  # noqa: B008 - frozen
    return Comparison(*(roster_of(run, scope) for run in runs))


def test_moves_count_everybody_who_is_decided_on_otherwise(runs):
    found = {(move.before, move.after): move.people for move in compared(runs).moves()}
    assert found == {
        ("visit", "certified"): 1,
        ("self_check", "visit"): 1,
        ("visit", NOT_LISTED): 1,
        ("certified", "visit"): 1,
        (NOT_LISTED, "certified"): 1,
    }


def test_those_most_worth_asking_come_first_with_both_reasons(runs):
    rows = compared(runs).page(None, start=0, length=10)
    assert [row["person_key"] for row in rows][:2] == [13, 22]
    assert {row["person_key"] for row in rows} == {12, 13, 21, 22, 31}
    by_key = {row["person_key"]: row for row in rows}
    assert by_key[12]["was"]["p_alive"] == 0.2
    assert by_key[12]["now"]["reason_en"] == "A clinic this month."
    assert by_key[21]["now"] is None
    assert by_key[31]["was"] is None


def test_pages_and_files_have_the_same_rows(runs):
    found = compared(runs)
    pages = [row for start in range(0, 6, 2) for row in found.page(None, start=start, length=2)[:2]]
    assert pages == list(found.rows(None))
    assert [row["person_key"] for row in found.rows(Move("visit", "certified"))] == [12]


def test_only_people_of_the_scope_are_compared(runs):
    west = compared(runs, Scope(regions=("379002",)))
    assert {row["person_key"] for row in west.rows(None)} == {21, 22}
    assert compared(runs, Scope()).moves() == []


def test_the_page_is_masked_and_on_record(client, tree, runs, django_assert_max_num_queries):
    earlier, later = runs
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    path = reverse("runs.compare", args=[later.pk, earlier.pk])
    with django_assert_max_num_queries(20):
        page = client.get(path, {"before": "visit", "after": "certified"}).content.decode()
    assert "董*" in page
    assert "董云" not in page
    assert "本月有门诊" in page
    assert "张*" not in page
    event = AuditEvent.objects.latest("pk")
    assert event.verb == "certification.compare_runs"
    text = b"".join(client.get(path, {"export": "csv"}).streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 6
    assert AuditEvent.objects.latest("pk").verb == "certification.export_comparison"


def test_a_run_without_results_is_not_compared(client, tree, runs):
    queued = make_run(status=RunStatus.QUEUED)
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    for pair in ([queued.pk, runs[0].pk], [runs[0].pk, queued.pk]):
        assert client.get(reverse("runs.compare", args=pair)).status_code == 404


def test_the_same_decisions_say_so(client, tree, runs):
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    assert "决定完全相同" in client.get(reverse("runs.compare", args=[runs[0].pk, runs[0].pk])).content.decode()
