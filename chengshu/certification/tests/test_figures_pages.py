"""Feed health and figures, as somebody's posts open them."""

import csv
import io
import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree, make_user
from chengshu.certification.figure_queries import bands_found
from chengshu.certification.models import Visit, WorkItem
from chengshu.certification.states import ItemKind
from chengshu.certification.tests.figure_factories import EAST, WEST, make_figures, make_person, make_run_in_force
from chengshu.kernel import clock

pytestmark = pytest.mark.django_db
SINCE = date(2025, 1, 1)
BOTH = pytest.mark.parametrize("name", ["feeds", "figures"])


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.CERTIFICATION_FOLDER = tmp_path


@pytest.fixture
def tree():
    return make_tree()


def sign_in(client, organisation, role=Role.HANDLER):
    user = make_post(organisation, role).person
    client.force_login(user)
    return user


def page_of(client, name, **query):
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def table_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def make_item(run, kind, p_dead, outcome=None, **facts):
    item = WorkItem.objects.create(
        run=run,
        kind=kind.value,
        person_key=WorkItem.objects.count() + 1,
        region_code=EAST,
        name="王*",
        age=80,
        value=1,
        p_dead=p_dead,
        monthly_yuan=100,
        opened_at=clock.now(),
    )
    if outcome:
        make_visit(item, outcome, **facts)
    return item


def make_visit(item, outcome, **facts):
    facts = {"visited_on": date(2026, 1, 5), **facts}
    Visit.objects.create(
        client_id=uuid4(),
        item=item,
        person_key=item.person_key,
        region_code=EAST,
        outcome=outcome,
        recorded_at=clock.now(),
        **facts,
    )


@BOTH
def test_a_stranger_is_refused(client, tree, name):
    make_run_in_force()
    assert client.get(reverse(name)).status_code == 302
    for user in (make_user(), make_post(tree["east.town"], Role.RESIDENT).person):
        client.force_login(user)
        for query in ({}, {"export": "csv", "panel": "counties"}):
            answer = client.get(reverse(name), query)
            assert answer.status_code == 403
            assert "城东区" not in answer.content.decode()
    assert not AuditEvent.objects.filter(verb="certification.export_figures").exists()


@BOTH
def test_without_figures_the_page_says_what_to_do(client, tree, name):
    sign_in(client, tree["city"])
    assert client.get(reverse(name)).status_code == 409
    run = make_run_in_force()
    (run.folder / "figures.json").write_text("{")
    answer = client.get(reverse(name))
    assert answer.status_code == 409
    assert "已损坏" in answer.content.decode()


@BOTH
def test_a_page_opens_with_a_few_queries_and_without_the_rows(client, tree, name, django_assert_max_num_queries):
    run = make_run_in_force()
    (run.folder / "people.parquet").unlink()
    sign_in(client, tree["city"])
    page_of(client, name)
    with django_assert_max_num_queries(13):
        page_of(client, name)


@BOTH
def test_charts_are_loaded_where_they_are_drawn(client, tree, name):
    make_run_in_force()
    sign_in(client, tree["city"])
    assert "vendor/echarts.min.js" in page_of(client, name)
    assert "vendor/echarts.min.js" not in page_of(client, "home")


def test_a_broken_feed_names_its_department_and_its_stewards(client, tree):
    make_run_in_force()
    make_post(tree["civil"], Role.DATA_STEWARD, make_user("赵数"))
    make_post(tree["west"], Role.DATA_STEWARD, make_user("钱西"))
    make_post(tree["west.town"], Role.DATA_STEWARD, make_user("孙镇"))
    sign_in(client, tree["city"])
    page = page_of(client, "feeds")
    first, second = re.findall(r"(?s)<tr(?: id=\"broken[^>]*)?>\s*<th scope=\"row\".*?</tr>", page)
    assert all(text in first for text in ("门诊就诊", "全市", "2025-10", "仍断供", "1%", "民政局: 赵数"))
    assert all(text in second for text in ("乘车刷卡", "城西区", "2025-03", "10%", "城西区: 钱西", "没有该部门"))
    assert "孙镇" not in page


def test_stewards_elsewhere_are_not_named_to_a_county(client, tree):
    make_run_in_force()
    make_post(tree["civil"], Role.DATA_STEWARD, make_user("赵数"))
    sign_in(client, tree["west"], Role.DEPARTMENT_OFFICER)
    page = page_of(client, "feeds")
    assert "请找其数据专员" in page
    assert "赵数" not in page


def test_a_county_looks_at_its_own_feeds(client, tree):
    make_run_in_force()
    sign_in(client, tree["east"], Role.DEPARTMENT_OFFICER)
    page = page_of(client, "feeds", county=WEST)
    assert f'value="{EAST}"' in page
    assert f'value="{WEST}"' not in page
    assert "乘车刷卡" in page
    assert "城西区" not in page


def test_a_county_is_chosen(client, tree):
    make_run_in_force()
    sign_in(client, tree["city"])
    assert f'value="{WEST}" selected' in page_of(client, "feeds", county=WEST)
    rows = table_of(client.get(reverse("feeds"), {"county": WEST, "export": "csv"}))
    assert rows[0][:3] == ["数据源", "部门", "2025-01"]
    assert rows[2][0] == "乘车刷卡"
    assert rows[2][4] == "0.1"


def test_a_steward_sees_at_home_what_is_broken(client, tree):
    make_run_in_force()
    sign_in(client, tree["civil"], Role.DATA_STEWARD)
    assert "断供的数据源" in page_of(client, "home")


def test_the_bureau_sees_every_county(client, tree):
    make_run_in_force()
    sign_in(client, tree["city"])
    page = page_of(client, "figures")
    assert "城东区" in page
    assert "城西区" in page
    assert f"{reverse('people')}?region={WEST}&decision=visit" in page
    assert f"{reverse('people')}?benefit=old_age&decision=visit" in page
    assert f"{reverse('people')}?age_from=80&age_to=89" in page
    assert f"{reverse('people')}?p_from=0.99&p_to=0.999" in page
    assert "<5" not in page


def test_a_county_sees_its_own_figures_first_and_the_citys_total(client, tree):
    make_run_in_force()
    sign_in(client, tree["east"], Role.DEPARTMENT_OFFICER)
    page = page_of(client, "figures")
    assert f'value="county-{EAST}" selected' in page
    assert f"region={EAST}&benefit=old_age" in page
    assert "城西区" not in page
    city = page_of(client, "figures", of="city")
    assert "城西区" not in city
    assert "<5" in city
    assert page_of(client, "figures", of=f"county-{WEST}").count("城西区") == 0


def test_a_town_sees_the_citys_totals_alone(client, tree):
    make_run_in_force()
    sign_in(client, tree["east.town"], Role.GRASSROOTS_WORKER)
    page = page_of(client, "figures", of=f"county-{EAST}")
    assert 'value="city" selected' in page
    assert "城东区" not in page


def test_few_people_are_withheld_from_whoever_may_not_see_them(client, tree):
    make_run_in_force()
    sign_in(client, tree["east.town"], Role.GRASSROOTS_WORKER)
    rows = table_of(client.get(reverse("figures"), {"export": "csv", "panel": "benefits"}))
    old_age = next(row for row in rows if row[0] == "高龄津贴")
    assert old_age[1:] == ["33", "20", "10", "<5", "0", ""]
    records = table_of(client.get(reverse("figures"), {"export": "csv", "panel": "records"}))
    assert records[-1][1] == "<5"
    assert records[-1][3:] == ["", "", ""]


def test_a_department_sees_the_people_whom_it_pays_everywhere(client, tree):
    make_run_in_force()
    sign_in(client, tree["civil"], Role.DEPARTMENT_OFFICER)
    page = page_of(client, "figures")
    assert 'value="department-市民政局" selected' in page
    assert "城西区" in page
    assert 'value="department-市人社局"' not in page
    city = table_of(client.get(reverse("figures"), {"of": "city", "export": "csv", "panel": "benefits"}))
    assert next(row for row in city if row[0] == "高龄津贴")[4] == "3"  # its own benefit
    assert "counties" not in page_of(client, "figures", of="city").split("grid-charts")[1].split("benefits")[0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("panel", ["counties", "benefits", "ages", "sexes", "records", "late_deaths"])
def test_every_chart_is_taken_along_and_that_is_on_record(client, tree, panel, kind):
    make_run_in_force()
    sign_in(client, tree["city"])
    answer = client.get(reverse("figures"), {"export": kind, "panel": panel})
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf" if kind == "csv" else b"PK")
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.export_figures"


def test_a_chart_that_there_is_not_is_not_found(client, tree):
    make_run_in_force()
    sign_in(client, tree["city"])
    assert client.get(reverse("figures"), {"export": "csv", "panel": "../x"}).status_code == 404


def test_visits_and_audits_are_held_against_what_the_model_said():
    run = make_run_in_force()
    dead = [make_item(run, ItemKind.VISIT, 0.6, "dead") for _ in range(3)]
    make_item(run, ItemKind.VISIT, 0.6, "alive")
    make_item(run, ItemKind.VISIT, 0.6, "not_found")
    make_item(run, ItemKind.VISIT, 0.6)
    make_item(run, ItemKind.AUDIT, 0.0005, "alive")
    make_item(run, ItemKind.VISIT, 0.6, "alive", is_self_check=True)
    make_item(run, ItemKind.VISIT, 0.6, "alive", visited_on=date(2024, 12, 31))
    make_visit(dead[0], "alive", visited_on=date(2026, 1, 9))  # the later visit counts
    (band,) = bands_found(ItemKind.VISIT, SINCE)
    assert (band.p_low, band.p_high, band.people, band.alive) == (0.1, 0.5, 4, 2)
    assert band.predicted == pytest.approx(0.4)
    (audited,) = bands_found(ItemKind.AUDIT, SINCE)
    assert (audited.p_low, audited.p_high, audited.people, audited.alive) == (0.999, 1.0, 1, 1)


@pytest.mark.parametrize(
    ("p_dead", "low"), [(0.0, 0.999), (1.0, 0.0), (0.9, 0.1), (0.25, 0.5), (0.001, 0.999), (0.0011, 0.99)]
)
def test_edges_of_bands(p_dead, low):
    make_item(make_run_in_force(), ItemKind.VISIT, p_dead, "alive")
    (band,) = bands_found(ItemKind.VISIT, SINCE)
    assert band.p_low == low


def test_the_page_shows_what_visits_found(client, tree):
    run = make_run_in_force()
    for _ in range(6):
        make_item(run, ItemKind.AUDIT, 0.002, "alive")
    sign_in(client, tree["city"])
    rows = table_of(client.get(reverse("figures"), {"export": "csv", "panel": "audits"}))
    assert rows[1][:2] == ["0.99–0.999", "6"]
    assert float(rows[1][5]) == pytest.approx(1 - 0.025 ** (1 / 6))


def test_a_link_of_a_chart_leads_to_its_people_alone(client, tree):
    people = [
        make_person(1, name="甲*1", benefit_bits=0b01, departments=0b10),
        make_person(2, name="乙*2", benefit_bits=0b10, departments=0b01),
        make_person(3, name="丙*3", benefit_bits=0b11, departments=0b11, region_code="379002001001"),
    ]
    make_run_in_force(people)
    sign_in(client, tree["city"])
    for query, names in (
        ({"benefit": "old_age"}, "甲丙"),
        ({"benefit": "pension", "region": EAST}, "乙"),
        ({"department": "市人社局"}, "乙丙"),
        ({"department": "市民政局", "benefit": "pension"}, "丙"),
    ):
        page = page_of(client, "people", **query)
        assert "".join(name for name in "甲乙丙" if f"{name}*" in page) == names


def test_a_benefit_that_there_is_not_is_told(client, tree):
    make_run_in_force()
    sign_in(client, tree["city"])
    assert "errorlist" in page_of(client, "people", benefit="nothing")


def test_both_pages_are_read_in_english(client, tree):
    make_run_in_force()
    sign_in(client, tree["city"])
    client.cookies["django_language"] = "en"
    assert "The silent rate is lowest for 城东区 (90.0%)" in page_of(client, "figures")
    assert "2 of 2 sources broke" in page_of(client, "feeds", county=WEST)
    assert "Civil affairs" in page_of(client, "feeds")


def test_nothing_at_all_still_makes_a_page(client, tree):
    nothing = make_figures()
    feeds = nothing.feeds.model_copy(update={"months": (), "sources": (), "city": (), "counties": {}, "broken": ()})
    cut = nothing.cuts[0].model_copy(update={"counties": (), "benefits": (), "ages": (), "sexes": ()})
    empty = make_figures(feeds=feeds, cuts=(cut,), records=(), late_deaths=())
    make_run_in_force(figures=empty)
    sign_in(client, tree["city"])
    assert "没有断供的数据源" in page_of(client, "feeds")
    page_of(client, "figures")
    page_of(client, "home")
