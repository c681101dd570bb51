"""Feed health and figures in a real Chromium: drawn without a complaint, fitting a phone, leading to people."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from chengshu.accounts.domain import Role
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification.report.tests.test_report_in_browser import AXE
from chengshu.certification.tests.figure_factories import EAST, WEST, make_person, make_run_in_force
from chengshu.ui.build import VENDOR
from chengshu.web.tests.databases import Installation
from tests.journeys.site import free_port

CHROMIUM = os.environ.get("CHENGSHU_CHROMIUM") or shutil.which("chromium")
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 360, "height": 740},
}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium, or set CHENGSHU_CHROMIUM"),
    pytest.mark.skipif(not VENDOR.is_dir(), reason="run python -m chengshu.ui.build first"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """An address that answers, and the cookie of somebody of the city who is signed in there."""

    url: str
    session: str


def seed() -> None:
    """Put a city, a run and a session into an installation; prints the session. Run in a process of its own."""
    tree = make_tree()
    people = [
        make_person(1, name="甲*1"),
        make_person(2, name="乙*2", decision="visit", region_code="379002001001"),
        make_person(3, name="丙*3", decision="self_check"),
    ]
    Path(site_settings.CERTIFICATION_FOLDER).mkdir()
    make_run_in_force(people)
    client = Client()
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    sys.stdout.write(client.cookies[site_settings.SESSION_COOKIE_NAME].value)


@pytest.fixture(scope="module")
def site(prepared_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Installation(tmp_path_factory.mktemp("site"), "")
    shutil.copy(prepared_file, made.file)
    begin = "from chengshu.web.django_start import start_django; start_django()\n"
    program = f"{begin}from {__name__} import seed; seed()"
    command = [sys.executable, "-c", program]
    session = subprocess.run(command, env=made.environment, capture_output=True, text=True, check=True).stdout
    port = free_port()
    serve = [str(Path(sys.executable).with_name("chengshu")), "serve", "--port", str(port), "--no-worker"]
    server = subprocess.Popen(serve, env=made.environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(port)
        yield Site(url, session)
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(port: int) -> None:
    """Until a site answers."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(port)


class Visit:
    """A signed-in page with everything that it complained about."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        context.add_cookies([{"name": site_settings.SESSION_COOKIE_NAME, "value": site.session, "url": site.url}])
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.strange: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "request", lambda request: None if request.url.startswith(site.url) else self.strange.append(request.url)
        )
        self.base = site.url

    def go(self, name: str, query: str = "") -> None:
        self.page.goto(f"{self.base}{reverse(name)}{query}")
        self.page.wait_for_selector(".chart svg")

    def overflow(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def at(self, chart: int, series: int, item: int) -> dict[str, float]:
        """Where the middle of a chart's item is drawn."""
        script = """([chart, series, item]) => {
            const place = document.querySelectorAll(".chart")[chart];
            place.scrollIntoView({ block: "center", behavior: "instant" });
            const model = echarts.getInstanceByDom(place).getModel().getSeriesByIndex(series);
            const shape = model.getData().getItemGraphicEl(item).getBoundingRect().clone();
            shape.applyTransform(model.getData().getItemGraphicEl(item).getComputedTransform() || [1, 0, 0, 1, 0, 0]);
            const box = place.getBoundingClientRect();
            return { x: box.x + shape.x + shape.width / 2, y: box.y + shape.y + shape.height / 2 };
        }"""
        return dict(self.page.evaluate(script, [chart, series, item]))


@pytest.fixture(params=[(size, scheme) for size in SCREENS for scheme in ("light", "dark")], ids="-".join)
def screen(request, chromium: Browser) -> Iterator[BrowserContext]:
    size, scheme = request.param
    context = chromium.new_context(viewport=SCREENS[size], color_scheme=scheme, locale="zh-CN", bypass_csp=False)
    yield context
    context.close()


@pytest.mark.parametrize("name", ["feeds", "figures"])
def test_a_page_is_quiet_and_fits(screen, site, name):
    visit = Visit(screen, site)
    visit.go(name)
    visit.page.evaluate("document.querySelectorAll('details.chart-table').forEach((each) => { each.open = true; })")
    charts = visit.page.locator(".chart")
    for number in range(charts.count()):
        charts.nth(number).hover()
    assert visit.complaints == []
    assert visit.strange == []
    assert visit.overflow() <= 0
    # every chart is drawn with words of its own
    assert all(charts.nth(number).locator("svg text").count() > 1 for number in range(charts.count()))


def test_a_bar_leads_to_its_people_by_mouse_and_by_keyboard(screen, site):
    visit = Visit(screen, site)
    visit.go("figures")
    spot = visit.at(0, 1, 0)
    visit.page.mouse.click(spot["x"], spot["y"])
    visit.page.wait_for_url(f"**/people?region={EAST}&decision=self_check")
    assert "丙*3" in visit.page.locator("main").inner_text()
    assert "甲*1" not in visit.page.locator("main").inner_text()
    visit.go("figures")
    visit.page.locator("details.chart-table summary").first.press("Enter")
    visit.page.locator("details.chart-table").first.get_by_role("link", name="城西区").press("Enter")
    visit.page.wait_for_url(f"**/people?region={WEST}")
    assert "乙*2" in visit.page.locator("main").inner_text()


def test_a_broken_month_tells_its_share_and_leads_to_whom_to_call(screen, site):
    visit = Visit(screen, site)
    visit.go("feeds")
    spot = visit.at(0, 1, 1)
    visit.page.mouse.move(spot["x"], spot["y"])
    visit.page.wait_for_function("document.querySelector('.chart').textContent.includes('2025-11')")
    visit.page.mouse.click(spot["x"], spot["y"])
    visit.page.wait_for_url("**/feeds#broken-clinic")
    assert "民政局" in visit.page.locator("#broken-clinic").inner_text()


def test_a_county_is_chosen_and_its_table_taken_along(screen, site):
    visit = Visit(screen, site)
    visit.go("feeds")
    visit.page.get_by_label("县（市、区）").select_option("城西区")
    visit.page.get_by_role("button", name="查看").click()
    visit.page.wait_for_url(f"**/feeds?county={WEST}")
    with visit.page.expect_download() as saved:
        visit.page.get_by_role("link", name="CSV").click()
    assert saved.value.suggested_filename == "feeds.csv"


@pytest.mark.skipif(not AXE.is_file(), reason="run python -m chengshu.certification.report.build --force first")
@pytest.mark.parametrize("name", ["feeds", "figures"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(chromium: Browser, site, name, scheme):
    # The page's own policy forbids scripts that it does not know, axe among them.
    context = chromium.new_context(viewport=SCREENS["phone"], color_scheme=scheme, locale="zh-CN", bypass_csp=True)
    visit = Visit(context, site)
    visit.go(name)
    visit.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = visit.page.evaluate("axe.run()")
    context.close()
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]] == []
