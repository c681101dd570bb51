"""What every test of the project may lean on: both databases, a Spark server, steady Hypothesis runs, markers."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from chengshu.web.tests.databases import Installation

# A slow shared machine is no failure, and a failing example is printed with the line that replays it.
settings.register_profile("chengshu", deadline=None, print_blob=True)
settings.load_profile("chengshu")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that asks for the Spark server, so that `-m "not spark"` needs no list kept by hand."""
    for item in items:
        if "sail_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)


_DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses the database once on SQLite and once on PostgreSQL."""
    if metafunc.definition.get_closest_marker("django_db") or "transactional_db" in metafunc.fixturenames:
        metafunc.parametrize("database", _DATABASES, indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database that Django works on; nothing is done for tests that use none."""
    kind = getattr(request, "param", None)
    if kind is None:
        yield
        return
    # Imported here: it needs Django, which most tests do not.
    from django.db import connection  # noqa: PLC0415

    from chengshu.accounts.tests.guards import let_flush_pass  # noqa: PLC0415
    from chengshu.web.tests.databases import default_database  # noqa: PLC0415

    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    if kind == "sqlite":
        let_flush_pass(connection)
        yield
        return
    blocker.unblock()
    with default_database(request.getfixturevalue("postgres_url")):
        let_flush_pass(connection)
        blocker.restore()
        yield
        blocker.unblock()
    blocker.restore()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL server of this test run's own."""
    from chengshu.web.tests.postgres_server import running_postgres  # noqa: PLC0415

    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that `chengshu database prepare` has made, to copy."""
    from chengshu.web.tests.databases import Installation  # noqa: PLC0415

    made = Installation(tmp_path_factory.mktemp("prepared"), "")
    made.prepare()
    return made.file


@pytest.fixture(scope="session")
def prepared_server(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server with a database `prepared` that `chengshu database prepare` has made, to copy."""
    from chengshu.web.tests.databases import Installation, new_postgres_database  # noqa: PLC0415

    url = new_postgres_database(postgres_url, "prepared", template="template1")
    Installation(tmp_path_factory.mktemp("prepared"), url).prepare()
    return postgres_url


@pytest.fixture(params=_DATABASES)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> "Installation":
    """An installation with a prepared, empty database, on each kind of database; for commands as users type them."""
    from chengshu.web.tests.databases import Installation, new_postgres_database  # noqa: PLC0415

    if request.param == "postgres":
        server = request.getfixturevalue("prepared_server")
        return Installation(tmp_path / "var", new_postgres_database(server, f"test_{uuid4().hex}"))
    made = Installation(tmp_path / "var", "")
    made.var.mkdir()
    shutil.copy(request.getfixturevalue("prepared_file"), made.file)
    return made


@pytest.fixture(autouse=True)
def quick_passwords(settings: "Settings") -> None:
    """Hash passwords by what is quick: slow hashing is what makes a password safe, and a test run long."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def plain_static_names(settings: "Settings") -> None:
    """Pages name files as they lie there: names with digests need all of them collected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(scope="session")
def sail_url() -> Iterator[str]:
    """Address of a Spark Connect server (Sail) on loopback, for the length of the test session.

    Returns:
        `sc://127.0.0.1:PORT`; the port is one that was free.
    """
    # Imported here: loading Sail's runtime takes longer than most test runs that do not need it.
    from pysail.spark import SparkConnectServer  # noqa: PLC0415

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    try:
        yield f"sc://{host}:{port}"
    finally:
        server.stop()
