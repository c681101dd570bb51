"""Charts of pages: what ECharts draws, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chengshu.kernel.texts import Text

Options = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A chart that says something.

    Attributes:
        title: with units.
        finding: what it shows, in one sentence.
        options: for ECharts, without functions: numbers and texts only. Values that name a colour as
            `var(--tblr-...)` are put into the theme's own in the browser.
        heads: of the table beside it.
        rows: of that table, ready to be read.
        source: where the figures come from.
        height: px.
    """

    title: Text
    options: Options
    heads: Sequence[Text]
    rows: Sequence[Sequence[object]]
    source: Text
    finding: Text | None = None
    height: int = 320
    links: Sequence[str] = field(default=())
    """Where a click on the n-th item of the first series leads."""
