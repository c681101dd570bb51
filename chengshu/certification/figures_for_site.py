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
from chengshu.certification.people import benefits_of, department_masks, departments_of
from chengshu.certification.report.data import ReportData
from chengshu.certification.writing import Certified
from chengshu.survival.parameters import Parameters

_SEXES = (1, 2)
_KINDS = len(Decision)
_SINCE = (0, 1, 2, 3, 6, 12, 24)
_LEAST_MEAN, _Z95 = 5, 1.959964


def kept_figures(data: ReportData, all_of: Certified, model: Parameters, blind: Floats) -> KeptFigures:
    """The figures that pages show.

    Args:
        data: of the report, which has some of them already.
        all_of: decisions and what they rest on.
        model: fitted.
        blind: (people,) chances of being alive that held-out people got without the register of deaths; NaN for
            everybody else.
    """
    return KeptFigures(
        as_of=all_of.window.as_of,
        county_names={county.code: county.name for county in data.counties},
        benefits=tuple(KeptBenefit(**benefit) for benefit in benefits_of(all_of.outcome.rows)),
        cuts=_cuts(all_of),
        records=_bands_of_records(all_of, blind),
        late_deaths=_late_deaths(all_of, blind),
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
    """A row for every source; the last ones may have no events, and no share."""
    rows, none = np.round(shares, DIGITS).tolist(), (None,) * shares.shape[1]
    return tuple(tuple(rows[number]) if sent else none for number, sent in enumerate(has_events))


def _bands_of_records(all_of: Certified, blind: Floats) -> tuple[KeptBand, ...]:
    """Held-out people by the chance that they got without the register, and whose death is on record.

    Predicted is that no death of theirs is on record by now, which is known of everybody, unlike whether they live.
    Of dead ones the model knows who would be off the records still: with D the chance of being dead without the
    register and d that of somebody without a record, these are U = d (1 - D) / (1 - d), by Bayes.
    """
    tested = ~np.isnan(blind)
    p_alive, d = blind[tested], all_of.answers.posterior.p_dead[tested].astype(np.float64)
    off_record = np.minimum(d * p_alive / np.maximum(1 - d, 1e-9), 1 - p_alive)
    return bands_of(p_alive, p_alive + off_record, all_of.population.people.death_month[tested] < 0)


def _late_deaths(all_of: Certified, blind: Floats) -> tuple[KeptLateDeath, ...]:
    """How soon the model notices deaths that nobody tells it of, by whole months since then."""
    died = all_of.population.people.death_month
    since = all_of.window.months - 1 - died
    told = ~np.isnan(blind) & (died >= 0)
    points = []
    for start, stop in zip(_SINCE, (*_SINCE[1:], None), strict=True):
        p = blind[told & (since >= start) & (since < (stop or all_of.window.months))]
        if len(p) < _LEAST_MEAN:
            continue
        mean, spread = float(p.mean()), _Z95 * float(p.std(ddof=1)) / float(np.sqrt(len(p)))
        points.append(
            KeptLateDeath(
                months_from=start,
                months_to=stop and stop - 1,
                people=len(p),
                p_alive=mean,
                low=max(0.0, mean - spread),
                high=min(1.0, mean + spread),
            )
        )
    return tuple(points)


def bands_of(p_alive: Floats, predicted: Floats, observed: npt.NDArray[np.bool_]) -> tuple[KeptBand, ...]:
    """Predicted and observed by bands of the chance of being alive; bands without people are left out."""
    band = np.searchsorted(BANDS[1:-1], p_alive, side="right")
    size = len(BANDS) - 1
    people = np.bincount(band, minlength=size)
    believed, seen = (np.bincount(band, weights=weights, minlength=size) for weights in (predicted, observed))
    return tuple(
        KeptBand(
            p_low=low,
            p_high=high,
            people=int(people[place]),
            predicted=min(1.0, float(believed[place] / people[place])),
            alive=int(seen[place]),
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
