"""Somebody at a screen, for journeys through the site in a real Chromium."""

import os
import shutil
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from chengshu.accounts.models import User
from chengshu.certification import report

AXE = Path(report.__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("CHENGSHU_CHROMIUM") or shutil.which("chromium")
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 360, "height": 740},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Desk:
    """Somebody at a screen; `complaints` is what the browser had against a page."""

    def __init__(self, browser: Browser, address: str, user: User, screen: str) -> None:
        self.address = address
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context = browser.new_context(viewport=SCREENS[screen], base_url=address, locale="zh-CN")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal is a page with status 409, which the browser notes.
        if message.type in ("error", "warning") and "409" not in message.text:
            self.complaints.append(message.text)

    def status_of(self, page: str) -> int:
        """What the site answers to a page."""
        answer = self.page.goto(page)
        return answer.status if answer else 0

    def press(self, name: str) -> None:
        """A button."""
        self.page.get_by_role("button", name=name).click()

    def unfold(self, name: str) -> None:
        """A part of the page that is folded away."""
        self.page.locator("summary", has_text=name).click()

    def check(self) -> None:
        """The page fits the screen, is quiet, and is open to everyone."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, self.page.url
        assert self.complaints == []
        if AXE.is_file():
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
            found = self.page.evaluate(
                "(tags) => axe.run({runOnly: {type: 'tag', values: tags}}).then((result) => result.violations)", RULES
            )
            told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
            assert told == [], f"{self.page.url}: {told}"
