from pathlib import Path

import numpy as np

from chengshu.certification.evaluation_report import read_report, show_truth
from chengshu.certification.evaluation_scores import score_group
from chengshu.certification.report import write_report
from chengshu.certification.report.tests.sample_report import sample_report
from chengshu.kernel.texts import Text


def evaluated():
    p = np.linspace(0.01, 0.99, 200)
    return {"people": 200, "scores": {"all": [score_group("all", Text("", ""), p, p > 0.3)]}}


def test_a_report_read_back_is_the_report(tmp_path):
    report = sample_report()
    write_report(report, tmp_path / "report.html")
    assert read_report(tmp_path / "report.html") == report


def test_the_truth_is_shown_and_nothing_else_changes(tmp_path):
    report, path = sample_report(), tmp_path / "report.html"
    write_report(report, path)
    assert show_truth(tmp_path, Path("city/truth.parquet"), evaluated())
    shown = read_report(path)
    assert shown is not None
    truth = shown.calibration.truth
    assert truth is not None
    assert truth.brier == evaluated()["scores"]["all"][0]["brier"]
    assert sum([band.people for band in truth.bands]) == 200
    assert "truth.parquet" in truth.origin.zh
    assert shown.funnel == report.funnel
    assert shown.sources == report.sources


def test_without_a_report_that_can_be_read_nothing_is_written(tmp_path):
    assert not show_truth(tmp_path, Path("truth.parquet"), evaluated())
    (tmp_path / "report.html").write_text("<html></html>")
    assert not show_truth(tmp_path, Path("truth.parquet"), evaluated())
    assert (tmp_path / "report.html").read_text() == "<html></html>"
