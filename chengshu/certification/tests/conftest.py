"""A folder of a test's own for what runs leave."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def own_folders(settings: "Settings", tmp_path: Path) -> None:
    """Runs, photos and the lake of one test."""
    settings.CERTIFICATION_FOLDER = tmp_path / "certification"
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.LAKE = tmp_path / "lake"


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Words in Chinese, whatever a page before was read in."""
    with translation.override("zh-hans"):
        yield
