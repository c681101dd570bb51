"""Charts of pages: what ECharts draws, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chengshu.kernel.texts import Text

Options = dict[str, Any]


class Linked(NamedTuple):
    """A cell of a table that leads somewhere: the keyboard's way to where a click on the chart goes."""

    text: object
    href: str

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Figure:
    """A chart that says something.

    Attributes:
        title: with units.
        finding: what it shows, in one sentence.
        options: for ECharts, without functions: numbers and texts only. Values that name a colour as
            `var(--tblr-...)` are put into the theme's own in the browser.
        heads: of the table beside it.
        rows: of that table, ready to be read; a cell may be `Linked`.
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
    """Where a click on the n-th item of the first series leads; items of others carry an `href` of their own."""

    @property
    def drawn(self) -> Options:
        """The options with the links put into the first series."""
        if not self.links:
            return self.options
        first, *others = self.options["series"]
        items = [{**_item(value), "href": href} for value, href in zip(first["data"], self.links, strict=True)]
        return {**self.options, "series": [{**first, "data": items}, *others]}


def _item(value: Any) -> Options:
    return value if isinstance(value, dict) else {"value": value}
