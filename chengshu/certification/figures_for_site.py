"""What figures.json holds, computed from a run."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from chengshu.certification.domain import Decision
from chengshu.certification.evaluation_scores import Floats, Ints
from chengshu.certification.feeds import broken_feeds, county_shares, found_in
from chengshu.certification.figures import AGES, BANDS
from chengshu.certification.figures_kept import (
    DIGITS,
    KeptBand,
    KeptBenefit,
    KeptBroken,
    KeptCut,
    KeptFeeds,
    KeptFigures,
    KeptGroup,
    KeptLateDeath,
    KeptSource,
    Matrix,
)
from chengshu.certification.fitting import HELD_OUT_SHARE
from chengshu.certification.people import benefits_of, department_masks, departments_of
from chengshu.certification.report.data import ReportData
from chengshu.certification.writing import Certified
from chengshu.survival.parameters import Parameters

_SEXES = (1, 2)
_KINDS = len(Decision)


def kept_figures(data: ReportData, all_of: Certified, model: Parameters, chance: Floats) -> KeptFigures:
    """The figures that pages show.

    Args:
        data: of the report, which has some of them already.
        all_of: decisions and what they rest on.
        model: fitted.
        chance: (people,) by which people were held out.
    """
    return KeptFigures(
        as_of=all_of.window.as_of,
        county_names={county.code: county.name for county in data.counties},
        benefits=tuple(KeptBenefit(**benefit) for benefit in benefits_of(all_of.outcome.rows)),
        cuts=_cuts(all_of),
        records=_bands_of_records(all_of, chance),
        late_deaths=tuple(
            KeptLateDeath(
                months=point.months_since_death,
                people=point.people,
                p_alive=point.p_alive.value,
                low=point.p_alive.low,
                high=point.p_alive.high,
            )
            for point in data.calibration.late_deaths
        ),
        feeds=_feeds(data, all_of, model),
    )


def _feeds(data: ReportData, all_of: Certified, model: Parameters) -> KeptFeeds:
    found = found_in(all_of, model)
    has_events = [bool(source["events"]) for source in all_of.sources.to_pylist()]
    shares = county_shares(found)
    return KeptFeeds(
        months=tuple(all_of.window.starts),
        sources=tuple(
            KeptSource(code=source.code, name=source.name, department=source.department, bits=source.bits_per_event)
            for source in data.sources
        ),
        city=_matrix(found.city, has_events),
        counties={code: _matrix(shares[number], has_events) for number, code in enumerate(all_of.population.counties)},
        broken=tuple(
            KeptBroken(
                source=feed.source_code,
                county=feed.county_code or "",
                first_month=feed.first_month,
                last_month=feed.last_month,
                came=round(feed.exposure, DIGITS),
            )
            for feed in broken_feeds(all_of, found, {})
        ),
    )


def _matrix(shares: Floats, has_events: list[bool]) -> Matrix:
    return tuple(
        tuple(row) if sent else (None,) * len(row)
        for row, sent in zip(np.round(shares, DIGITS).tolist(), has_events, strict=True)
    )


def _bands_of_records(all_of: Certified, chance: Floats) -> tuple[KeptBand, ...]:
    """Everybody who was held out, by the chance of being alive that they got with all records of death hidden.

    Nobody of them taught the model. Who has no record counts as alive: deaths that nobody has recorded yet make the
    share a little too high.
    """
    people = all_of.population.people
    held_out = (chance < HELD_OUT_SHARE) & ~all_of.population.died_before
    p_alive = 1 - all_of.answers.posterior.p_dead[held_out].astype(np.float64)
    return bands_of(p_alive, people.death_month[held_out] < 0)


def bands_of(p_alive: Floats, alive: npt.NDArray[np.bool_]) -> tuple[KeptBand, ...]:
    """Predicted and observed by bands of chance; bands without people are left out."""
    band = np.searchsorted(BANDS[1:-1], p_alive, side="right")
    size = len(BANDS) - 1
    people = np.bincount(band, minlength=size)
    believed, living = (np.bincount(band, weights=weights, minlength=size) for weights in (p_alive, alive))
    return tuple(
        KeptBand(
            p_low=low,
            p_high=high,
            people=int(people[place]),
            predicted=min(1.0, float(believed[place] / people[place])),
            alive=int(living[place]),
        )
        for place, (low, high) in enumerate(pairwise(BANDS))
        if people[place]
    )


def _cuts(all_of: Certified) -> tuple[KeptCut, ...]:
    """Everybody's figures, each county's and each department's, all by the same groups."""
    outcome, counties = all_of.outcome, all_of.population.counties
    rows, masks = outcome.rows, department_masks(outcome.rows)
    payers = rows.benefits["department"].to_pylist()
    everybody = _Tables(all_of, np.flatnonzero(outcome.is_eligible), np.ones(rows.benefits.num_rows, dtype=bool))
    found = [everybody.cut("city", "", None)]
    found += [everybody.cut("county", code, number) for number, code in enumerate(counties)]
    for number, name in enumerate(departments_of(rows)):
        who = np.flatnonzero(outcome.is_eligible & ((masks >> number) & 1 == 1))
        own = np.array([payer == name for payer in payers], dtype=bool)
        found.append(_Tables(all_of, who, own).cut("department", name, None))
    return tuple(found)


class _Tables:
    """People by county, group and decision, each counted in one pass.

    Args:
        all_of: the decisions.
        who: positions of the people that count.
        benefits: (benefits,) which of them are shown.
    """

    def __init__(self, all_of: Certified, who: Ints, benefits: npt.NDArray[np.bool_]) -> None:
        outcome, population = all_of.outcome, all_of.population
        rows = outcome.rows
        self._counties = population.counties
        self._size = len(population.counties)
        self._codes = rows.benefits["benefit_code"].to_pylist()
        self._decision, self._county = outcome.decision, population.people.county
        band = np.searchsorted([low for low, _ in AGES], population.age_years[who], side="right") - 1
        self._age = self._tabulated(who, np.maximum(band, 0), len(AGES))
        self._sex = self._tabulated(who, (population.people.sex[who] == _SEXES[1]).astype(np.int64), len(_SEXES))
        shown = np.zeros(len(outcome.decision), dtype=bool)
        shown[who] = True
        counted = np.flatnonzero(shown[rows.person] & benefits[rows.benefit])
        self._benefit = self._tabulated(rows.person[counted], rows.benefit[counted], len(self._codes))

    def _tabulated(self, who: Ints, group: npt.NDArray[np.integer], groups: int) -> Ints:
        """(counties, groups, decisions) people."""
        cell = (self._county[who].astype(np.int64) * groups + group) * _KINDS + self._decision[who]
        counts = np.bincount(cell, minlength=self._size * groups * _KINDS)
        return np.asarray(counts.reshape(self._size, groups, _KINDS))

    def cut(self, kind: str, code: str, county: int | None) -> KeptCut:
        """Of one county, or of all."""
        ages, sexes, benefits = (
            table.sum(axis=0) if county is None else table[county] for table in (self._age, self._sex, self._benefit)
        )
        by_county = self._sex.sum(axis=1)
        own = range(self._size) if county is None else [county]
        return KeptCut(
            kind=kind,  # type: ignore[arg-type] # checked as it is made
            code=code,
            counties=_groups((self._counties[number], by_county[number]) for number in own),
            benefits=_groups(zip(self._codes, benefits, strict=True)),
            ages=_groups((str(low), counts) for (low, _), counts in zip(AGES, ages, strict=True)),
            sexes=_groups((str(sex), counts) for sex, counts in zip(_SEXES, sexes, strict=True)),
        )


def _groups(named: Iterable[tuple[str, Ints]]) -> tuple[KeptGroup, ...]:
    """Groups that have anybody in them."""
    return tuple(
        KeptGroup(code=code, **{decision.code: int(counts[decision]) for decision in Decision})
        for code, counts in named
        if counts.any()
    )
