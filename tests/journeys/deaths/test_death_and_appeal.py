"""A recorded death: one person confirms, the same is refused, another stops it; an appeal brings it back with all."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from chengshu.accounts.actor import person
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification import run_actions
from chengshu.certification.back_pay import back_pay, first_of_next_month
from chengshu.certification.models import DeathConfirmation, DisprovedLink
from chengshu.certification.tests.death_factories import key_of, make_lake, make_run, person_row
from chengshu.kernel import clock
from chengshu.lake.tests.small_city import ANN, BOB
from tests.journeys.deaths.desks import CHROMIUM, SCREENS, Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium, or set CHENGSHU_CHROMIUM"),
]


@pytest.fixture
def staff(site, tmp_path, settings):
    """A published run with one death on record, and people of the east."""
    tree = make_tree()
    load = make_lake(tmp_path, settings)
    rows = [
        person_row(key_of(load, ANN), decision="death_recorded", p_alive=0.0, p_dead=1.0),
        person_row(key_of(load, BOB), decision="visit", p_alive=0.001, p_dead=0.999),
    ]
    run = make_run(load.load_id, rows)
    roles = {"handler": Role.HANDLER, "approver": Role.APPROVER}
    made = {name: make_post(tree["city"], role).person for name, role in roles.items()}
    made |= {name: make_post(tree["east"], Role.DEPARTMENT_OFFICER).person for name in ("first", "second", "third")}
    made["worker"] = make_post(tree["east.town"], Role.GRASSROOTS_WORKER).person
    made["stranger"] = make_post(tree["west"], Role.DEPARTMENT_OFFICER).person
    run_actions.propose_run(by=person(made["handler"]), run=run)
    run_actions.publish_run(by=person(made["approver"]), run=run)
    return made


@pytest.mark.parametrize("screen", list(SCREENS))
def test_from_a_record_to_a_stop_and_back(chromium, site, staff, screen):
    def sits(name: str) -> Desk:
        return Desk(chromium, site, staff[name], screen)

    page = confirm_once_and_be_refused(sits("first"))
    assert sits("stranger").status_of(page) == 404
    stop_and_print_the_notice(sits("second"), page)
    # Two months later the person comes to the village office.
    since = (clock.today().replace(day=1) - timedelta(days=40)).replace(day=1)
    DeathConfirmation.objects.update(stops_on=since)
    take_the_appeal_down(sits("worker"), page)
    owed = back_pay(310, since, clock.today())
    assert owed > 310
    uphold_it(sits("third"), page, f"{owed:,.2f}")
    verbs = ["confirm_death", "stop", "receive_appeal", "restore", "decide_appeal"]
    told = AuditEvent.objects.filter(verb__in=[f"certification.{verb}" for verb in verbs]).order_by("number")
    assert [event.verb.removeprefix("certification.") for event in told] == verbs


def confirm_once_and_be_refused(first: Desk) -> str:
    """From the home page to the record; gives the address of its page."""
    first.page.goto("/")
    first.check()
    first.page.locator(".tile a").first.click()
    expect(first.page.get_by_role("heading", name="死亡登记核实与停发")).to_be_visible()
    first.check()
    first.page.get_by_role("link", name="王*").click()
    expect(first.page.get_by_role("heading", name="登记内容")).to_be_visible()
    page = first.page.url.removeprefix(first.address)
    first.check()
    first.press("第一次核实：登记属实")
    expect(first.page.get_by_text("第一次核实由您完成，须由另一位同事再次核实。")).to_be_visible()
    first.check()
    # The button is gone; whoever sends the form all the same is refused in words.
    first.page.evaluate(
        """(address) => {
            const form = document.querySelector('form[action$="/refute"]');
            form.action = address;
            form.submit();
        }""",
        f"{page}/stop",
    )
    expect(first.page.get_by_text("第二次须由另一人核实")).to_be_visible()
    first.check()
    assert DeathConfirmation.objects.get().state == "once_confirmed"
    return page


def stop_and_print_the_notice(second: Desk, page: str) -> None:
    second.page.goto(page)
    second.press("第二次核实：登记属实，停发")
    expect(second.page.get_by_text("请打印告知书")).to_be_visible()
    second.check()
    found = DeathConfirmation.objects.get()
    assert (found.state, found.stops_on) == ("stopped", first_of_next_month(clock.today()))
    second.page.get_by_role("link", name=re.compile("告知书 CR-")).click()
    expect(second.page.get_by_role("heading", name="停发待遇告知书")).to_be_visible()
    second.check()
    second.unfold("以完整姓名打印")
    second.page.get_by_label("查看目的").fill("寄送告知书")
    second.press("显示姓名")
    expect(second.page.locator(".letter-to")).to_contain_text(ANN)
    second.page.emulate_media(media="print")
    expect(second.page.get_by_role("button", name="打印")).to_be_hidden()
    expect(second.page.get_by_role("navigation", name="主导航")).to_be_hidden()


def take_the_appeal_down(worker: Desk, page: str) -> None:
    worker.page.goto(page)
    worker.page.get_by_role("link", name="空白申诉书").click()
    expect(worker.page.get_by_role("heading", name="申诉书")).to_be_visible()
    worker.check()
    worker.page.goto(page)
    worker.page.get_by_role("link", name="登记申诉").click()
    worker.page.get_by_label("申诉内容").fill("我还在世，登记的是同名的人。")
    worker.page.get_by_label("联系人与电话").fill("王某 13800000000")
    worker.check()
    worker.press("受理")
    expect(worker.page.get_by_text("申诉已受理。")).to_be_visible()
    worker.check()


def uphold_it(third: Desk, page: str, owed: str) -> None:
    third.page.goto(page)
    third.page.get_by_label("答复").fill("查明在世，登记为同名之人。")
    third.press("申诉成立，恢复发放")
    expect(third.page.get_by_text(owed, exact=True)).to_be_visible()
    third.check()
    third.page.goto("/certification/disproved")
    expect(third.page.get_by_text("查明在世，登记为同名之人。")).to_be_visible()
    third.check()
    link = DisprovedLink.objects.get()
    assert (link.kind, link.source) == ("death_record", "hospital")
