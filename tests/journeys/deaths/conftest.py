"""What journeys lean on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.journeys.deaths.desks import CHROMIUM


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch, site: str) -> Iterator[Browser]:
    """A Chromium for one test; it closes before the site does, which else would keep its lines open."""
    # Playwright keeps a loop running in this thread, in which Django would refuse to ask the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(transactional_db: None, plain_static_names: None) -> Iterator[str]:
    """Address of the site, served by a thread of this process; pytest-django's own starts before the settings."""
    server = LiveServer("127.0.0.1")
    server._live_server_modified_settings.enable()
    yield server.url
    server._live_server_modified_settings.disable()
    server.stop()
