"""Pages of lists that are too long to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_LAST = 2_000


@dataclass(frozen=True)
class OpenPage:
    """A page of a list of which only the next is known; for `{% pages page %}`.

    Attributes:
        number: from 1.
        length: rows of a page.
        rows: of this one.
        has_next: whether there are more.
    """

    number: int
    length: int
    rows: Sequence[Any] = field(default=())
    has_next: bool = False

    @classmethod
    def asked(cls, number: str | None, length: int) -> OpenPage:
        """The page that a query asks for; the first for anything that is no number."""
        wanted = int(number) if number and number.isascii() and number.isdecimal() else 1
        return cls(min(max(wanted, 1), _LAST), length)

    @property
    def start(self) -> int:
        """Rows before it."""
        return (self.number - 1) * self.length

    def filled(self, rows: Sequence[Any]) -> OpenPage:
        """The same with its rows, and one more where there are others."""
        return replace(self, rows=rows[: self.length], has_next=len(rows) > self.length)

    @property
    def has_previous(self) -> bool:
        """Whether it is not the first."""
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        """Whether there are pages to go to."""
        return self.has_next or self.has_previous

    @property
    def previous_page_number(self) -> int:
        """The page before."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The page after."""
        return self.number + 1
