"""A visitor's day in a real Chromium, on a desktop and on a phone, with and without a connection."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from chengshu.certification.tests.visit_factories import NEXT_DOOR, picture
from tests.journeys.conftest import AXE, SCREENS
from tests.journeys.visits.visits_scene import VisitsSite

pytestmark = pytest.mark.browser
each_screen = pytest.mark.parametrize("size", sorted(SCREENS))
SENT = 20_000
CONTROLLED = """new Promise((done) => {
  if (navigator.serviceWorker.controller) done();
  else navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
})"""
LIST_IS_KEPT = """(async () => {
  const cache = await caches.open("worklist-1");
  const isKept = async () => (await cache.match(window.location.href)) && (await cache.keys()).length > 6;
  for (let tries = 0; tries < 300; tries += 1) {
    if (await isKept()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("the list was not kept");
})()"""


@pytest.fixture(scope="module")
def visits_site(prepared_file, tmp_path_factory):
    served = VisitsSite(tmp_path_factory.mktemp("visits"), prepared_file)
    yield served
    served.stop()


@pytest.fixture
def scene(visits_site):
    return visits_site.scene()


class Visitor:
    """韩雪, signed in, in a browser of her own."""

    def __init__(self, browser, scene, size, **options):
        self.scene = scene
        self.context = browser.new_context(viewport=SCREENS[size], locale="zh-CN", base_url=scene.url, **options)
        self.sign_in(0)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message):
        # Chromium tells of each request that found no connection, or was refused; these tests are about both.
        expected = ("ERR_INTERNET_DISCONNECTED", "status of 409")
        if message.type == "error" and not any(known in message.text for known in expected):
            self.problems.append(message.text)

    def sign_in(self, number):
        cookie = {"name": "sessionid", "value": self.scene.sessions[number], "url": self.scene.url}
        self.context.add_cookies([cookie])

    def open_list(self):
        self.page.goto(f"{reverse('worklist')}?near={NEXT_DOOR}")
        self.page.evaluate(CONTROLLED)
        self.page.evaluate(LIST_IS_KEPT)

    def record(self, name, outcome):
        """Three taps."""
        self.page.get_by_role("link", name=f"登记走访 {name}").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_text(outcome, exact=True).click()
        dialog.get_by_role("button", name="保存").click()

    def expect_queue(self, text):
        expect(self.page.locator("#visit-queue-title")).to_contain_text(text, timeout=SENT)

    def names(self):
        return self.page.locator(".visit h2").all_inner_texts()

    def fits(self):
        return self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def visitor(chromium, scene, size):
    made = Visitor(chromium, scene, size)
    yield made
    made.context.close()
    assert made.problems == []


@each_screen
def test_three_taps_record_a_visit(visitor, scene):
    visitor.open_list()
    assert visitor.names() == ["甲*", "丁*"]
    assert visitor.fits()
    visitor.record("甲*", "在世")
    visitor.expect_queue("已发送 1 次走访")
    assert visitor.names() == ["丁*"]
    (visit,) = scene.visits()
    assert (visit["item_id"], visit["outcome"], visit["recorded_by__name"]) == (scene.near, "alive", "韩雪")


@each_screen
def test_without_a_connection_a_visit_waits_on_the_phone_and_is_sent_later(visitor, scene, tmp_path):
    photo = tmp_path / "door.jpg"
    photo.write_bytes(picture((800, 400)).read())
    page = visitor.page
    visitor.open_list()
    visitor.context.set_offline(True)
    # The list is there though the page is opened anew.
    page.reload()
    expect(page.locator(".offline-note")).to_be_visible()
    assert visitor.names() == ["甲*", "丁*"]
    page.get_by_role("link", name="登记走访 丁*").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("没找到", exact=True).click()
    dialog.get_by_label("备注").fill("门锁着")
    dialog.locator("input[type=file]").set_input_files(photo)
    dialog.get_by_role("button", name="保存").click()
    visitor.expect_queue("1 次走访等待发送")
    expect(page.locator(f"#item-{scene.far} .visit-kept")).to_be_visible()
    assert visitor.fits()
    # Closing the page loses nothing.
    page.reload()
    visitor.expect_queue("1 次走访等待发送")
    assert scene.visits() == []
    visitor.context.set_offline(False)
    visitor.expect_queue("已发送 1 次走访")
    expect(page.locator(".offline-note")).to_be_hidden()
    (visit,) = scene.visits()
    assert (visit["item_id"], visit["outcome"], visit["note"]) == (scene.far, "not_found", "门锁着")
    assert visit["photo"]


@each_screen
def test_an_opened_person_is_recorded_without_a_connection_too(visitor, scene):
    visitor.open_list()
    page = visitor.page
    page.get_by_role("link", name="甲* 的电话住址").click()
    expect(page.get_by_role("heading", name="王某")).to_be_visible()
    expect(page.get_by_role("link", name="13812345678")).to_be_visible()
    assert visitor.fits()
    visitor.context.set_offline(True)
    page.get_by_text("已迁走", exact=True).click()
    page.get_by_role("button", name="保存").click()
    # Back on the kept list, which never holds the name in full.
    page.wait_for_url("**/certification/worklist")
    visitor.expect_queue("1 次走访等待发送")
    page.goto(reverse("worklist.one", args=[scene.far]))
    assert page.url.endswith(f"/certification/worklist#item-{scene.far}")
    assert "王某" not in page.content()
    visitor.context.set_offline(False)
    visitor.expect_queue("已发送 1 次走访")
    assert [visit["outcome"] for visit in scene.visits()] == ["moved_away"]


@each_screen
def test_who_was_quicker_is_told_when_the_connection_returns(visitor, scene):
    visitor.open_list()
    visitor.context.set_offline(True)
    visitor.record("甲*", "在世")
    visitor.expect_queue("1 次走访等待发送")
    scene.let_another_be_quicker()
    visitor.context.set_offline(False)
    expect(visitor.page.locator(".visit-error")).to_contain_text("杜康已于", timeout=SENT)
    visitor.page.get_by_role("button", name="不再发送").click()
    expect(visitor.page.locator(".visit-queue li")).to_have_count(0)
    assert [visit["recorded_by__name"] for visit in scene.visits()] == ["杜康"]


@each_screen
def test_visits_of_one_account_are_never_sent_as_another_s(visitor, scene):
    visitor.open_list()
    visitor.context.set_offline(True)
    visitor.record("甲*", "在世")
    visitor.expect_queue("1 次走访等待发送")
    visitor.sign_in(1)
    visitor.context.set_offline(False)
    visitor.page.reload()
    expect(visitor.page.locator(".visit-error")).to_contain_text("另一账号")
    assert scene.visits() == []
    visitor.sign_in(0)
    visitor.page.reload()
    visitor.expect_queue("已发送 1 次走访")
    assert [visit["recorded_by__name"] for visit in scene.visits()] == ["韩雪"]


@each_screen
def test_signed_out_meanwhile_nothing_is_lost_and_the_kept_list_goes(visitor, scene):
    visitor.open_list()
    visitor.context.set_offline(True)
    visitor.record("甲*", "在世")
    visitor.expect_queue("1 次走访等待发送")
    visitor.context.clear_cookies()
    visitor.context.set_offline(False)
    expect(visitor.page.locator("[data-sign-in]")).to_be_visible(timeout=SENT)
    visitor.page.reload()
    expect(visitor.page).to_have_url(re.compile("/account/login/"))
    kept = "caches.open('worklist-1').then((cache) => cache.match('/certification/worklist')).then(Boolean)"
    assert visitor.page.evaluate(kept) is False
    visitor.sign_in(0)
    visitor.page.goto(reverse("worklist"))
    visitor.expect_queue("已发送 1 次走访")
    assert len(scene.visits()) == 1


@each_screen
def test_without_scripts_the_plain_form_works(chromium, scene, size):
    visitor = Visitor(chromium, scene, size, java_script_enabled=False)
    page = visitor.page
    page.goto(reverse("worklist"))
    page.get_by_role("link", name="登记走访 甲*").click()
    page.get_by_text("已去世", exact=True).click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已登记。")).to_be_visible()
    visitor.context.close()
    assert [visit["outcome"] for visit in scene.visits()] == ["dead"]


@each_screen
@pytest.mark.skipif(not AXE.is_file(), reason="run python -m chengshu.certification.report.build --force first")
def test_axe_finds_no_barrier(chromium, scene, size):
    # The page's own policy forbids scripts that it does not know, axe among them.
    visitor = Visitor(chromium, scene, size, bypass_csp=True)
    page = visitor.page
    for address in (reverse("worklist"), reverse("worklist.one", args=[scene.near]), reverse("coverage")):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert visitor.fits()
        page.evaluate("document.body.classList.add('is-offline')")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for is_open in (False, True):
            if is_open and address == reverse("worklist"):
                page.get_by_role("link", name="登记走访 甲*").click()
            found = page.evaluate("axe.run()")
            barriers = [(rule["id"], [node["html"][:150] for node in rule["nodes"]]) for rule in found["violations"]]
            assert barriers == []
    visitor.context.close()
