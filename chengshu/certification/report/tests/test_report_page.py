"""The file that `write_report` makes, read as text."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from chengshu.certification.report import page, write_report
from chengshu.certification.report.data import ReportData
from chengshu.certification.report.tests.sample_report import empty_report, sample_report, with_truth
from chengshu.kernel.errors import ChengshuError, StorageError
from chengshu.kernel.texts import Text

FOLDER = Path(page.__file__).parent
needs_asset = pytest.mark.skipif(
    not (FOLDER / page.ECHARTS_ASSET).is_file(),
    reason="run python -m chengshu.certification.report.build first",
)


def payload_of(html: str) -> dict[str, dict[str, object]]:
    found = re.search(r'<script type="application/json" id="payload">(.*?)</script>', html, re.DOTALL)
    assert found
    payload: dict[str, dict[str, object]] = json.loads(found[1])
    return payload


@needs_asset
def test_page_loads_nothing_from_anywhere():
    html = page.render_report(sample_report())
    without_licences = re.sub(r"/\*!.*?\*/", "", html, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href|action|poster)\s*=\s*[\"']?\s*(?:https?:)?//", without_licences)
    assert not re.findall(
        r"@import|url\(|\bimport\(|XMLHttpRequest|\bfetch\(|WebSocket|<link|<iframe", without_licences
    )


@needs_asset
def test_page_stays_under_one_megabyte():
    assert len(page.render_report(sample_report()).encode()) < 1_000_000


@needs_asset
def test_licence_of_the_charts_travels_with_the_page():
    html = page.render_report(sample_report())
    assert "Apache ECharts\nCopyright" in html
    assert "Apache License" in html
    assert "Baidu Inc" in html


@needs_asset
def test_policy_allows_exactly_the_scripts_and_the_style_of_the_page():
    html = page.render_report(sample_report())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    inlined = re.findall(r"<script>(.*?)</script>", html, re.DOTALL) + re.findall(
        r"<style>(.*?)</style>", html, re.DOTALL
    )
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inlined}
    assert set(re.findall(r"'sha256-([^']+)'", policy[1])) == hashes
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]


@needs_asset
def test_names_that_look_like_markup_stay_names():
    hostile = '</script><script>alert(1)</script><!-- "&\u2028{{ style }}'
    report = sample_report()
    report = replace(report, run=replace(report.run, city_name=hostile), warnings=(Text(hostile, hostile),))
    html = page.render_report(report)
    assert "alert(1)</script>" not in html
    assert payload_of(html)["data"]["warnings"] == [{"zh": hostile, "en": hostile}]
    assert html.count("<script>") == len(page.SCRIPTS)


@needs_asset
def test_figures_that_are_no_numbers_become_unknown():
    report = sample_report()
    report = replace(report, safety=replace(report.safety, p_alive_threshold=float("nan")))
    safety = payload_of(page.render_report(report))["data"]["safety"]
    assert isinstance(safety, dict)
    assert safety["p_alive_threshold"] is None


@needs_asset
def test_same_facts_give_the_same_bytes():
    assert page.render_report(sample_report()) == page.render_report(sample_report())


@needs_asset
@pytest.mark.parametrize("report", [sample_report(), with_truth(sample_report()), empty_report()])
def test_readers_without_scripts_get_the_findings_in_both_languages(report: ReportData):
    html = page.render_report(report)
    shown = re.search(r"<noscript>(.*?)</noscript>", html, re.DOTALL)
    assert shown
    assert shown[1].count("<li>") == shown[1].count('<span lang="en">') >= 17


@needs_asset
def test_written_report_replaces_the_old_one_whole(tmp_path: Path):
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    write_report(sample_report(), target)
    assert target.read_text(encoding="utf-8") == page.render_report(sample_report())
    assert list(tmp_path.iterdir()) == [target]


@needs_asset
def test_folder_that_cannot_be_written_is_named_and_the_old_report_stays(tmp_path: Path):
    target = tmp_path / "missing" / "report.html"
    with pytest.raises(StorageError) as caught:
        write_report(sample_report(), target)
    assert caught.value.code == "report.not-written"
    assert str(target) in caught.value.message.zh


def test_missing_chart_bundle_says_how_to_build_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "SCRIPTS", ("assets/never-built.js",))
    with pytest.raises(ChengshuError) as caught:
        write_report(sample_report(), tmp_path / "report.html")
    assert caught.value.code == "report.asset-missing"
    for lang in (caught.value.next_step.zh, caught.value.next_step.en):
        assert "chengshu.certification.report.build" in lang
    assert not list(tmp_path.iterdir())


def test_script_that_would_end_its_element_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "SCRIPTS", ("page/page.html",))
    with pytest.raises(ValueError, match=r"page/page\.html"):
        page.render_report(sample_report())
