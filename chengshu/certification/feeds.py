"""Feeds by month: which arrived, which broke, and whom to telephone about it."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.certification.report.data import BrokenFeed, FeedRow
from chengshu.certification.writing import Certified
from chengshu.survival.parameters import Parameters

# A month below this share of a feed's usual count is broken.
BROKEN_BELOW = 0.5
_MOST_BROKEN = 60


def feed_rows(sources: pa.Table, model: Parameters) -> tuple[FeedRow, ...]:
    """Exposure of each source by month over the whole city, relative to its usual level."""
    rows = []
    for number, source in enumerate(sources.to_pylist()):
        exposure = model.exposure[:, number].mean(axis=0)
        usual = _usual(exposure)
        relative = (
            tuple(float(x) for x in exposure / usual) if usual > 0 and source["events"] else (None,) * len(exposure)
        )
        rows.append(FeedRow(source_code=source["source_code"], source_name=source["name"], exposure=relative))
    return tuple(rows)


def _usual(exposure: npt.NDArray[np.float64]) -> float:
    """Median over months in which anything arrived."""
    arrived = exposure[exposure > 1e-6]
    return float(np.median(arrived)) if len(arrived) else 0.0


def broken_feeds(all_of: Certified, model: Parameters, names: dict[str, str]) -> tuple[BrokenFeed, ...]:
    """Runs of months in which a feed brought less than half of its usual, the worst and latest first."""
    found: list[BrokenFeed] = []
    for number, source in enumerate(all_of.sources.to_pylist()):
        if not source["events"]:
            continue
        city = model.exposure[:, number].mean(axis=0)
        city_broken = city < BROKEN_BELOW * _usual(city)
        found += _runs(all_of, source, city, city_broken, None, None)
        for county, code in enumerate(all_of.population.counties):
            own = model.exposure[county, number]
            broken = model.broken[county, number] & (own < BROKEN_BELOW * _usual(own)) & ~city_broken
            found += _runs(all_of, source, own, broken, code, names.get(code, code))
    found.sort(
        key=lambda feed: (
            feed.county_code is not None,
            -feed.last_month.toordinal(),
            feed.exposure,
            feed.source_code,
        )
    )
    return tuple(found[:_MOST_BROKEN])


def _runs(
    all_of: Certified,
    source: dict[str, str],
    exposure: npt.NDArray[np.float64],
    broken: npt.NDArray[np.bool_],
    county: str | None,
    county_name: str | None,
) -> list[BrokenFeed]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], broken.astype(np.int8), [0]])))
    months = all_of.window.starts
    return [
        BrokenFeed(
            source_code=source["source_code"],
            source_name=source["name"],
            department=source["department"] or "",
            first_month=months[start],
            last_month=months[stop - 1],
            exposure=float(exposure[start:stop].mean() / max(_usual(exposure), 1e-9)),
            county_code=county,
            county_name=county_name,
        )
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    ]
