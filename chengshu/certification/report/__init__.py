"""The certification report: one self-contained `report.html` that opens offline."""

from chengshu.certification.report.page import write_report

__all__ = ["write_report"]
