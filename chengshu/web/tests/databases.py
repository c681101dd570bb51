"""Running the same tests on SQLite and on PostgreSQL, and installations of their own for whole commands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from psycopg import sql

from chengshu.web.databases import database_settings

_DEFAULT = "default"
_COMMAND = Path(sys.executable).with_name("chengshu")


@contextmanager
def default_database(url: str) -> Iterator[None]:
    """Work on a new, migrated database of a server within the block, where the tests' own was before."""
    with _working_on(database_settings(url, Path("unused")) | {"CONN_MAX_AGE": 0}):
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        yield
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def database_in_file(file: Path) -> Iterator[None]:
    """Work on a prepared SQLite file within the block, as an installation does: threads share none in memory."""
    with _working_on(database_settings(None, file)):
        yield


@contextmanager
def _working_on(settings: dict[str, Any]) -> Iterator[None]:
    own = connections[_DEFAULT]
    own_settings = connections.settings[_DEFAULT]
    own_of_django = dict(own_settings)
    connections.settings[_DEFAULT] = connections.configure_settings({_DEFAULT: settings})[_DEFAULT]
    del connections[_DEFAULT]
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections[_DEFAULT].close()
        own_settings.update(own_of_django)
        connections.settings[_DEFAULT] = own_settings
        connections[_DEFAULT] = own
        ContentType.objects.clear_cache()


def new_postgres_database(server_url: str, name: str, *, template: str = "prepared") -> str:
    """Make a database on the server, a copy of another one, and give its address."""
    with psycopg.connect(server_url, autocommit=True) as server:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
    return server_url.rpartition("/")[0] + f"/{name}"


@dataclass(frozen=True)
class Installation:
    """A folder and a database that only one test uses, for commands in processes of their own."""

    var: Path
    database_url: str
    hosts: ClassVar[str] = "127.0.0.1"

    @property
    def file(self) -> Path:
        """Where SQLite keeps it."""
        return self.var / "chengshu.sqlite3"

    def prepare(self) -> None:
        """Make the tables."""
        prepared = self.run("database", "prepare")
        assert prepared.returncode == 0, prepared.stderr

    @property
    def environment(self) -> dict[str, str]:
        """For processes that work on it."""
        mine = {"CHENGSHU_VAR": str(self.var), "DATABASE_URL": self.database_url, "CHENGSHU_LANG": "en"}
        return os.environ | mine | {"COLUMNS": "200", "CHENGSHU_HOSTS": self.hosts}

    def run(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run `chengshu` with arguments."""
        command = [str(_COMMAND), *map(str, arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def start_python(self, program: str) -> "subprocess.Popen[str]":
        """Begin a Python program that may use Django at once."""
        begin = "from chengshu.web.django_start import start_django; start_django()\n"
        return subprocess.Popen([sys.executable, "-c", begin + program], env=self.environment, text=True)
