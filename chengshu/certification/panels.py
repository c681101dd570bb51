"""A chart of a page, and its table as a file has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure


@dataclass(frozen=True)
class Panel:
    """A chart that can be taken along.

    Attributes:
        key: in addresses and names of files.
        figure: as it is shown.
        heads: of the file's columns.
        rows: of the file: numbers as they are, shares in [0, 1].
    """

    key: str
    figure: Figure
    heads: Sequence[Text]
    rows: Sequence[Sequence[object]]


def percent(share: float | None, digits: int = 1) -> str:
    """A share as it is read; a dash for none.

    >>> percent(0.8888), percent(None)
    ('88.9%', '–')
    """
    return "–" if share is None else f"{share:.{digits}%}"
