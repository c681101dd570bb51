"""Feeds by month: which arrived, which broke, and whom to telephone about it."""

from itertools import repeat

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.certification.arrivals import Arrivals, find_arrivals
from chengshu.certification.report.data import BrokenFeed, FeedRow, Feeds
from chengshu.certification.writing import Certified
from chengshu.survival.parameters import Parameters

_MOST_BROKEN = 60


def feeds_found(all_of: Certified, model: Parameters, names: dict[str, str]) -> Feeds:
    """Feeds by month, and those found broken.

    Args:
        all_of: its counts of everybody's events by county, source and month.
        model: its mean bursts.
        names: of counties by code.
    """
    found = found_in(all_of, model)
    return Feeds(
        months=tuple(all_of.window.starts),
        rows=_feed_rows(all_of.sources, found),
        broken=broken_feeds(all_of, found, names)[:_MOST_BROKEN],
    )


def found_in(all_of: Certified, model: Parameters) -> Arrivals:
    """What came of each feed."""
    return find_arrivals(all_of.counted.arrived, model.burst.astype(np.float64), all_of.window.lengths)


def county_shares(found: Arrivals) -> npt.NDArray[np.float64]:
    """(counties, sources, months) share of what was due that came from each county, by the city's own share."""
    return np.asarray(found.county * found.city)


def _feed_rows(sources: pa.Table, found: Arrivals) -> tuple[FeedRow, ...]:
    """Share of each source that came by month over the whole city; the last ones may have no events, and no row."""
    none = np.zeros(found.city.shape[1])
    return tuple(
        FeedRow(
            source_code=source["source_code"],
            source_name=source["name"],
            exposure=tuple(map(float, city)) if source["events"] else (None,) * len(city),
        )
        for source, city in zip(sources.to_pylist(), [*found.city, *repeat(none, sources.num_rows)], strict=False)
    )


def broken_feeds(all_of: Certified, found: Arrivals, names: dict[str, str]) -> tuple[BrokenFeed, ...]:
    """Runs of broken months, the whole city's first, then the latest and the worst."""
    feeds: list[BrokenFeed] = []
    for number, source in enumerate(all_of.sources.to_pylist()):
        if not source["events"]:
            continue
        city_broken = found.city_broken[number]
        feeds += _runs(all_of, source, found.city[number], city_broken, None, None)
        for county, code in enumerate(all_of.population.counties):
            broken = found.county_broken[county, number] & ~city_broken
            feeds += _runs(all_of, source, found.county[county, number], broken, code, names.get(code, code))
    feeds.sort(
        key=lambda feed: (
            feed.county_code is not None,
            -feed.last_month.toordinal(),
            feed.exposure,
            feed.source_code,
        )
    )
    return tuple(feeds)


def _runs(
    all_of: Certified,
    source: dict[str, str],
    share: npt.NDArray[np.float64],
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
            exposure=float(share[start:stop].mean()),
            county_code=county,
            county_name=county_name,
        )
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    ]
