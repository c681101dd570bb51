"""Which database the site works on."""

from pathlib import Path
from typing import Any

import dj_database_url

_WAIT_SECONDS = 30
_SQLITE = "django.db.backends.sqlite3"


def database_settings(url: str | None, sqlite_file: Path) -> dict[str, Any]:
    """Django's settings of the one database.

    Args:
        url: `DATABASE_URL`; none or empty for SQLite in a file.
        sqlite_file: that file.
    """
    settings: dict[str, Any] = {"ENGINE": _SQLITE, "NAME": str(sqlite_file)}
    if url:
        settings = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if settings["ENGINE"] == _SQLITE:
        settings["OPTIONS"] = _sqlite_options()
    return settings


def _sqlite_options() -> dict[str, Any]:
    """Readers do not wait for the writer (WAL), and writers queue at the beginning of their transaction.

    A transaction that begins by reading and writes later would fail at once where another has written in between;
    begun with IMMEDIATE it waits for its turn instead. `synchronous=NORMAL` loses no transaction when a process
    is killed; FULL keeps the last ones through a loss of power too, and that is what an audit trail is for.
    """
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": _WAIT_SECONDS,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
