"""Growth: what one event more costs, in larger cities and in busier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.cities import SampleCity, sample_city
from benchmarks.results import Bar, Row

_NO_RISE = Bar(at_most=1.1)
"""A tenth more is within what two runs of the same differ by on a busy machine."""
_BOUNDED = Bar(at_most=1.25)


@dataclass(frozen=True)
class _Point:
    """One run of a series."""

    city: SampleCity
    seconds: float
    peak_gb: float

    @property
    def seconds_per_million(self) -> float:
        return self.seconds / (self.city.events / 1e6)


def measure_larger(bench: Bench) -> list[Row]:
    """More people, each with as many events: does the time per event rise?"""
    sizes = bench.sizes
    people = [round(sizes.city_people * factor) for factor in sizes.growth]
    events = [round(sizes.city_events * factor) for factor in sizes.growth]
    points = _measure(bench, "larger", people, events)
    return [
        *_point_rows("growth", points),
        Row(
            "growth.rise",
            f"{_span(points)}, people growing along: seconds per event, last over first",
            points[-1].seconds_per_million / points[0].seconds_per_million,
            bar=_NO_RISE,
        ),
        Row("growth.memory", f"peak memory, last over first (people {_times(points)})", _memory_ratio(points)),
    ]


def measure_busier(bench: Bench) -> list[Row]:
    """As many people, each with more events: does the memory rise?"""
    sizes = bench.sizes
    events = [round(sizes.city_events * factor) for factor in sizes.growth]
    points = _measure(bench, "busier", [sizes.city_people] * len(events), events)
    return [
        *_point_rows("density", points),
        Row(
            "density.rise",
            f"{_span(points)}, the same people: seconds per event, last over first",
            points[-1].seconds_per_million / points[0].seconds_per_million,
            bar=_NO_RISE,
        ),
        Row(
            "density.memory",
            f"{_span(points)}, the same people: peak memory, last over first",
            _memory_ratio(points),
            bar=_BOUNDED,
        ),
    ]


def _measure(bench: Bench, series: str, people: Sequence[int], events: Sequence[int]) -> list[_Point]:
    """One run per size; a city goes once it has been used, but for the whole city, which others use too."""
    points = []
    for many, told in zip(people, events, strict=True):
        city = sample_city(bench, many, events=told)
        run = bench.certify(city.folder, f"{series}-{told}")
        points.append(_Point(city, run.seconds, run.peak_bytes / 1e9))
        bench.forget(run.out)
        if (many, told) != (bench.sizes.city_people, bench.sizes.city_events):
            bench.forget(city.folder)
    return points


def _point_rows(series: str, points: Sequence[_Point]) -> list[Row]:
    return [
        Row(
            f"{series}.{number}",
            f"{point.city.people:,} people, {point.city.events:,} events: seconds per million events",
            point.seconds_per_million,
            "s",
            note=f"{point.seconds:.1f} s, {point.peak_gb:.2f} GB",
            facts={
                "people": point.city.people,
                "events": point.city.events,
                "seconds": point.seconds,
                "peak_gb": point.peak_gb,
            },
        )
        for number, point in enumerate(points, start=1)
    ]


def _span(points: Sequence[_Point]) -> str:
    first, last = (points[end].city.events / 1e6 for end in (0, -1))
    return f"{first:.3g} to {last:.3g} million events"


def _times(points: Sequence[_Point]) -> str:
    return f"x{points[-1].city.people / points[0].city.people:.3g}"


def _memory_ratio(points: Sequence[_Point]) -> float:
    return points[-1].peak_gb / points[0].peak_gb
