"""One site and one browser for all journeys of a process."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, sync_playwright

from tests.journeys.site import Site

CHROMIUM = os.environ.get("CHENGSHU_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 360, "height": 740},
}
SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A city of 2,000 people, certified and published."""
    made = Site(tmp_path_factory.mktemp("site"))
    made.prepare()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHENGSHU_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=list(SCREENS))
def screen(request: pytest.FixtureRequest) -> ViewportSize:
    """A desktop and a phone."""
    return SCREENS[request.param]


@pytest.fixture
def sign_in(site: Site, chromium: Browser) -> Iterator[SignIn]:
    """Open a page on which somebody is signed in; complaints of the browser fail the test at its end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(username: str | None, screen: ViewportSize, **options: object) -> Page:
        context = chromium.new_context(viewport=screen, locale="zh-CN", reduced_motion="reduce", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: _has_failed(request, complaints))
        page.on("request", lambda request: _is_ours(request.url, site, complaints))
        if username:
            page.goto(f"{site.url}/account/login/")
            page.fill("[name=login]", username)
            page.fill("[name=password]", site.password)
            page.click("button[type=submit]:not([form])")
            page.wait_for_url(f"{site.url}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _has_failed(request: Request, complaints: list[str]) -> None:
    """Whoever leaves a page gives up what it still asked for: that is no failure."""
    if "ERR_ABORTED" not in (request.failure or ""):
        complaints.append(f"failed: {request.url}")


def _is_ours(url: str, site: Site, complaints: list[str]) -> None:
    if not url.startswith((site.url, "data:", "blob:")):
        complaints.append(f"asked elsewhere: {url}")


AXE = Path(__file__).parents[2] / "chengshu/certification/report/node_modules/axe-core/axe.min.js"
