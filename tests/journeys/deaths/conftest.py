"""What journeys lean on."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from chengshu.web.tests.databases import database_in_file
from tests.journeys.deaths.desks import CHROMIUM


@pytest.fixture
def site(
    transactional_db: None,
    plain_static_names: None,
    prepared_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Address of the site, served by threads of this process over a database of this test alone.

    Pytest-django's own server starts before the settings of a test, and shares a database in memory.
    """
    # Playwright keeps a loop running in this thread, in which Django would refuse to ask the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    is_sqlite = connection.vendor == "sqlite"
    file = Path(shutil.copy(prepared_file, tmp_path / "site.sqlite3")) if is_sqlite else None
    with database_in_file(file) if file else nullcontext():
        server = LiveServer("127.0.0.1")
        yield server.url
        server.stop()
        if not file:
            _end_other_connections()


def _end_other_connections() -> None:
    """Threads of the site that have yet to end would keep the tests' database from being dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def chromium(site: str) -> Iterator[Browser]:
    """A Chromium for one test; it closes before the site does, which else would keep its lines open."""
    with sync_playwright() as playwright:
        # Beside a running loop Django keeps connections of its own, which would be those of the last test.
        _forget_connection()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
        _forget_connection()


def _forget_connection() -> None:
    connections[DEFAULT_DB_ALIAS].close()
    del connections[DEFAULT_DB_ALIAS]
