"""The random sample of a run: what was found beside what was promised."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from chengshu.accounts.actor import person as acting
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree, make_user
from chengshu.certification import audit_sample_queries as reads
from chengshu.certification.audit_figures import findings, interval_figure
from chengshu.certification.auditing import Verdict, exact_interval
from chengshu.certification.items import draw_audit
from chengshu.certification.models import Visit, WorkItem
from chengshu.certification.states import ItemState, RunStatus
from chengshu.certification.tests.site_factories import EAST, MACHINE, NOW, WEST, make_run, person
from chengshu.kernel.errors import NotAllowed
from chengshu.kernel.texts import Text

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 8)
CERTIFIED = [
    person(number, "崔彩华" if number < 40 else "黄树华", EAST if number < 40 else WEST) for number in range(60)
]


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def handler(tree):
    return acting(make_post(tree["city"], Role.HANDLER).person)


@pytest.fixture
def run():
    made = make_run(RunStatus.PUBLISHED, people=CERTIFIED, is_in_force=True, published_at=NOW)
    draw_audit(made, NOW, people=50)
    return made


def visit(item, outcome, day=DAY):
    return Visit.objects.create(
        client_id=uuid.uuid4(),
        item=item,
        person_key=item.person_key,
        region_code=item.region_code,
        visited_on=day,
        outcome=outcome,
        recorded_at=NOW,
    )


def visit_all(run, *outcomes):
    items = list(WorkItem.objects.filter(run=run).order_by("pk"))
    for item, outcome in zip(items, outcomes, strict=False):
        visit(item, outcome)
    return items


def page_of(client, user, run, **query):
    client.force_login(user)
    return client.get(reverse("runs.audit", args=[run.pk]), query)


def test_found_counts_and_not_found_does_not(run):
    visit_all(run, "alive", "alive", "dead", "moved_away", "not_found", "not_found")
    sample = reads.audit_sample(MACHINE, run)
    assert (sample.people, sample.seen, sample.dead, sample.moved_away) == (50, 4, 1, 1)
    assert (sample.not_found, sample.waiting, sample.withdrawn) == (2, 44, 0)
    assert sample.interval == exact_interval(1, 4)
    assert (sample.promised, sample.bound) == (0.002, 0.003)


def test_the_last_visit_that_found_something_out_counts(run):
    first, second, third, *_ = WorkItem.objects.filter(run=run).order_by("pk")
    visit(first, "alive")
    visit(first, "not_found", DAY + timedelta(days=9))
    visit(second, "not_found")
    visit(second, "dead", DAY + timedelta(days=2))
    visit(third, "alive", DAY + timedelta(days=5))
    visit(third, "dead", DAY + timedelta(days=4))
    sample = reads.audit_sample(MACHINE, run)
    assert (sample.seen, sample.dead, sample.not_found) == (3, 1, 0)
    assert [(stage.day, stage.seen, stage.dead) for stage in sample.stages] == [
        (DAY, 1, 0),
        (DAY + timedelta(days=2), 2, 1),
        (DAY + timedelta(days=5), 3, 1),
    ]


def test_whoever_a_later_sample_has_taken_the_place_of_waits_no_more(run):
    visit_all(run, "alive")
    later = make_run(RunStatus.PUBLISHED, people=CERTIFIED)
    draw_audit(later, NOW, people=50)
    WorkItem.objects.filter(run=run, visits__isnull=False).update(state=ItemState.DONE)
    sample = reads.audit_sample(MACHINE, run)
    assert (sample.waiting, sample.withdrawn, sample.seen) == (0, 49, 1)


def test_the_figure_has_title_units_source_finding_and_the_same_as_a_table(run):
    visit_all(run, *["dead"] * 10, *["alive"] * 30)
    sample = reads.audit_sample(MACHINE, run)
    assert sample.verdict == Verdict.BROKEN
    with translation.override("zh-hans"):
        figure = interval_figure(sample, Text("来源", "source"))
    assert "%" in figure.title.zh
    assert figure.finding == findings(sample)
    assert "承诺没有兑现" in findings(sample).zh
    assert "broken" in findings(sample).en
    assert len(figure.rows) == 1
    assert figure.rows[0][:4] == [str(DAY), "40", "10", "25.00%"]
    assert {series.get("name") for series in figure.options["series"]} >= {"抽查死亡占比", "模型预期", "承诺上限"}


def test_before_any_visit_the_page_says_so(client, handler, run):
    page = page_of(client, handler.user, run).content.decode()
    assert "还没有走访结果" in page
    assert "data-chart" not in page


def test_a_run_that_is_not_published_has_no_sample(client, handler):
    assert "还没有抽样" in page_of(client, handler.user, make_run()).content.decode()


def test_the_page_shows_the_sample_beside_the_promise(client, handler, run):
    visit_all(run, "alive", "dead", "not_found")
    answer = page_of(client, handler.user, run)
    page = answer.content.decode()
    assert "data-chart" in page
    assert "0.200%" in page
    assert "0.30%" in page
    assert "崔彩华" not in page
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.list_audit_sample"
    assert reverse("runs.audit", args=[run.pk]) in client.get(reverse("runs.one", args=[run.pk])).content.decode()


@pytest.mark.parametrize(("found", "rows"), [("dead", 1), ("waiting", 46), ("seen", 3), ("not_found", 1), ("x", 50)])
def test_each_figure_leads_to_its_rows(client, handler, run, found, rows):
    visit_all(run, "alive", "moved_away", "dead", "not_found")
    assert len(page_of(client, handler.user, run, found=found).context["rows"]) == rows


def test_the_rows_are_those_of_one_s_scope(client, tree, run):
    rows = page_of(client, make_post(tree["west"], Role.DEPARTMENT_OFFICER).person, run).context["rows"]
    assert {item.region_code for item, _ in rows} == {WEST}
    assert rows


def test_strangers_are_shown_nothing(client, tree, run):
    assert client.get(reverse("runs.audit", args=[run.pk])).status_code == 302
    for user in (make_user(), make_post(tree["city"], Role.AUDITOR).person):
        assert page_of(client, user, run).status_code in (302, 403)
        for read in (reads.audit_sample, reads.sample_people):
            with pytest.raises(NotAllowed):
                read(acting(user), run)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_taking_the_sample_along_is_on_record(client, handler, run, kind):
    visit_all(run, "dead")
    answer = page_of(client, handler.user, run, export=kind, found="dead")
    content = b"".join(answer.streaming_content)
    if kind == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert "已去世" in lines[1]
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.export_audit_sample"


def test_the_page_opens_with_a_few_queries(client, handler, run, django_assert_max_num_queries):
    visit_all(run, *["alive"] * 40)
    page_of(client, handler.user, run)
    with django_assert_max_num_queries(17):
        client.get(reverse("runs.audit", args=[run.pk]))
