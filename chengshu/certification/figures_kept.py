"""figures.json: the figures of a run that pages show, kept beside its rows, so that no page counts millions of people.

Sums over people alone: nobody can be found in it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chengshu.certification import figure_messages

FIGURES = "figures.json"
DIGITS = 3
"""Of a share that came: finer than anybody reads, and 26 sources, 36 months and 14 counties stay below 200 kB."""

Share = Annotated[float, Field(ge=0, le=1)]
Came = Annotated[float, Field(ge=0)] | None
"""Share of what was due that came; None where a source never sent anything."""
Count = Annotated[int, Field(ge=0)]
Matrix = tuple[tuple[Came, ...], ...]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptSource(_Kept):
    """One source, in the order of the rows of every matrix; `bits` is the mean evidence of one event."""

    code: str
    name: str
    department: str
    bits: float | None


class KeptBroken(_Kept):
    """Months in which a feed broke; `county` is empty where the whole city's did."""

    source: str
    county: str
    first_month: date
    last_month: date
    came: Annotated[float, Field(ge=0)]


class KeptFeeds(_Kept):
    """Shares that came: (sources, months) of the city, and of each county by its code."""

    months: tuple[date, ...]
    sources: tuple[KeptSource, ...]
    city: Matrix
    counties: dict[str, Matrix]
    broken: tuple[KeptBroken, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for matrix in (self.city, *self.counties.values()):
            if len(matrix) != len(self.sources) or any(len(row) != len(self.months) for row in matrix):
                raise ValueError("a matrix that is not sources by months")
        known = {source.code for source in self.sources}
        if any(broken.source not in known for broken in self.broken):
            raise ValueError("a broken feed of no source")
        return self


class KeptGroup(_Kept):
    """People of one group by decision; `code` is a county's, a benefit's, the first year of an age band, or a sex."""

    code: str
    certified: Count
    self_check: Count
    visit: Count
    death_recorded: Count

    @property
    def people(self) -> int:
        """All of them."""
        return self.certified + self.self_check + self.visit + self.death_recorded


class KeptCut(_Kept):
    """Everybody, or the people of a county or paid by a department, by group."""

    kind: Literal["city", "county", "department"]
    code: str
    counties: tuple[KeptGroup, ...]
    benefits: tuple[KeptGroup, ...]
    ages: tuple[KeptGroup, ...]
    sexes: tuple[KeptGroup, ...]


class KeptBand(_Kept):
    """People given a chance of being alive in [p_low, p_high), the last one closed.

    `alive` of them were found alive, which `predicted` is the mean chance of; in `records`, no death of theirs is on
    record.
    """

    p_low: Share
    p_high: Share
    people: Count
    predicted: Share
    alive: Count


class KeptLateDeath(_Kept):
    """What held-out people who had died so many months before were given without the register; `high` 95%."""

    months_from: Count
    months_to: Count | None
    people: Count
    p_alive: Share
    low: Share
    high: Share


class KeptBenefit(_Kept):
    """A benefit and who pays it, in order of `benefit_bits`."""

    code: str
    name: str
    department: str


class KeptFigures(_Kept):
    """All of it."""

    edition: Literal[1] = 1
    as_of: date
    county_names: dict[str, str]
    benefits: tuple[KeptBenefit, ...]
    cuts: tuple[KeptCut, ...]
    records: tuple[KeptBand, ...]
    late_deaths: tuple[KeptLateDeath, ...]
    feeds: KeptFeeds

    def cut(self, kind: str, code: str = "") -> KeptCut | None:
        """One of the cuts; None where the run has no such."""
        return next((cut for cut in self.cuts if (cut.kind, cut.code) == (kind, code)), None)


def write_figures(path: Path, figures: KeptFigures) -> None:
    """Write them, without a space that nobody reads."""
    path.write_text(figures.model_dump_json() + "\n", encoding="utf-8")


def read_figures(folder: Path, run: int) -> KeptFigures:
    """The figures of a run.

    Args:
        folder: of the run.
        run: its number, for what is said where they are missing.

    Raises:
        Conflict: `certification.no-figures`, the run was made before figures were kept, or the file is damaged.
    """
    try:
        return KeptFigures.model_validate_json((folder / FIGURES).read_bytes())
    except FileNotFoundError as error:
        raise figure_messages.no_figures(run) from error
    except (ValidationError, OSError) as error:
        raise figure_messages.figures_damaged(run, folder / FIGURES) from error
