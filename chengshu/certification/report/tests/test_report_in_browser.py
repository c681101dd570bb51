"""The page in a real Chromium: quiet, offline, never wider than the screen, open to everyone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from chengshu.certification.report import page as report_page
from chengshu.certification.report import write_report
from chengshu.certification.report.tests.sample_report import empty_report, sample_report, with_truth

FOLDER = Path(report_page.__file__).parent
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("CHENGSHU_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 360, "height": 740},
}
Scheme = Literal["light", "dark"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium, or set CHENGSHU_CHROMIUM"),
    pytest.mark.skipif(not AXE.is_file(), reason="run python -m chengshu.certification.report.build --force first"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = {"sample": sample_report(), "truth": with_truth(sample_report()), "empty": empty_report()}
    for name, report in made.items():
        write_report(report, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture(params=list(SCREENS))
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=SCREENS[request.param], color_scheme="light")
    yield context
    context.close()


class Visit:
    """An open page with everything that it complained about or asked for."""

    def __init__(self, context: BrowserContext, file: Path) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())

    def overflow(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", ["sample", "truth", "empty"])
def test_page_is_quiet_offline_and_fits_the_screen(screen: BrowserContext, reports: dict[str, Path], name: str):
    visit = Visit(screen, reports[name])
    visit.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    visit.page.get_by_role("button", name="English").click()
    charts = visit.page.locator(".chart")
    for i in range(charts.count()):
        charts.nth(i).hover()
    assert visit.complaints == []
    assert visit.requests == [reports[name].as_uri()]
    assert visit.overflow() <= 0


def test_every_chart_is_drawn_and_shows_its_figures_on_hover(screen: BrowserContext, reports: dict[str, Path]):
    visit = Visit(screen, reports["sample"])
    holders = visit.page.locator(".chart")
    assert holders.count() == 12
    for i in range(holders.count()):
        canvas = holders.nth(i).locator("canvas").first
        assert canvas.evaluate("c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size") > 8
    matrix = visit.page.locator("#feeds .chart")
    x, y = matrix.evaluate("each => drawn.get(each).chart.convertToPixel({ gridIndex: 0 }, [30, 10])")
    matrix.hover(position={"x": x, "y": y + 8})
    visit.page.wait_for_selector("#feeds .tip")
    assert "到数率" in visit.page.locator("#feeds .tip").inner_text()
    assert visit.complaints == []


def test_language_switch_changes_every_word_and_back(screen: BrowserContext, reports: dict[str, Path]):
    visit = Visit(screen, reports["sample"])
    assert visit.page.locator("html").get_attribute("lang") == "zh-CN"
    before = visit.page.locator("main h2, main h3").all_inner_texts()
    visit.page.get_by_role("button", name="English").press("Enter")
    after = visit.page.locator("main h2, main h3").all_inner_texts()
    assert visit.page.locator("html").get_attribute("lang") == "en"
    assert len(before) == len(after)
    assert not set(before) & set(after)
    assert "Benefit certification report" in visit.page.title()
    visit.page.get_by_role("button", name="中文").press("Enter")
    assert visit.page.locator("main h2, main h3").all_inner_texts() == before


def test_table_sorts_by_keyboard_and_is_saved_as_csv(screen: BrowserContext, reports: dict[str, Path]):
    visit = Visit(screen, reports["sample"])
    visit.page.locator("#county_rate summary").first.press("Enter")
    table = visit.page.locator("#county_rate table")
    people = table.get_by_role("button", name="人数")
    people.press("Enter")
    people.press("Enter")
    counts = [int(text.replace(",", "")) for text in table.locator("tbody tr td:nth-child(3)").all_inner_texts()]
    assert counts == sorted(counts)
    assert table.locator("th[aria-sort=ascending]").count() == 1
    with visit.page.expect_download() as saved:
        visit.page.locator("#county_rate .plain").click()
    rows = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("县（市、区）,代码,人数")
    assert len(rows) == 15


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [
        ("sample", "desktop", "light"),
        ("sample", "desktop", "dark"),
        ("sample", "phone", "light"),
        ("sample", "phone", "dark"),
        ("truth", "desktop", "light"),
        ("empty", "phone", "dark"),
    ],
)
def test_axe_finds_no_barrier(chromium: Browser, reports: dict[str, Path], name: str, size: str, scheme: Scheme):
    # The page's own policy forbids scripts that it does not know, axe among them.
    context = chromium.new_context(viewport=SCREENS[size], color_scheme=scheme, bypass_csp=True)
    visit = Visit(context, reports[name])
    visit.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = visit.page.evaluate("axe.run()")
    context.close()
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]] == []
