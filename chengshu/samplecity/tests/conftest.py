"""One small city, made once for the tests that only read it."""

from pathlib import Path

import pytest

from chengshu.samplecity import write_sample_city

PEOPLE = 4000


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of 4,000 people in Parquet."""
    out = tmp_path_factory.mktemp("sample") / "city"
    write_sample_city(out, people=PEOPLE, seed=11)
    return out
