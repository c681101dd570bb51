"""What is said where a run has no figures to show."""

from pathlib import Path

from chengshu.kernel.errors import Conflict
from chengshu.kernel.texts import Text

_RUN_AGAIN = Text("请用当前数据重新认证并发布。", "Run the certification again, and publish it.")


def no_figures(run: int) -> Conflict:
    """A run of an earlier version."""
    return Conflict(
        "certification.no-figures",
        Text(f"第 {run} 次认证没有保存图表数据。", f"Run {run} has kept no figures."),
        _RUN_AGAIN,
    )


def figures_damaged(run: int, path: Path) -> Conflict:
    """A file that is not as it was written."""
    return Conflict(
        "certification.figures-damaged",
        Text(f"第 {run} 次认证的图表数据 {path.name} 已损坏。", f"The figures of run {run}, {path.name}, are damaged."),
        _RUN_AGAIN,
    )
