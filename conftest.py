"""What every test of the project may lean on: a Spark server, steady Hypothesis runs, markers."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

# A slow shared machine is no failure, and a failing example is printed with the line that replays it.
settings.register_profile("chengshu", deadline=None, print_blob=True)
settings.load_profile("chengshu")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that asks for the Spark server, so that `-m "not spark"` needs no list kept by hand."""
    for item in items:
        if "sail_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)


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
