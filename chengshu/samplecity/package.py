"""The sample city as a folder: the data package, and the truth beside it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chengshu.kernel.errors import UsageError
from chengshu.kernel.texts import Text
from chengshu.samplecity import registers
from chengshu.samplecity.counties import COUNTIES
from chengshu.samplecity.entitlements import benefits_table, draw_entitlements
from chengshu.samplecity.events import draw_events
from chengshu.samplecity.feeds import feed_table, id_rows, id_texts, nonsense_table
from chengshu.samplecity.files import FileFormat, TableFile
from chengshu.samplecity.lives import Lives, draw_lives, expected_events
from chengshu.samplecity.people import People, draw_people
from chengshu.samplecity.places import (
    DESCRIPTOR,
    PACKAGE_NAME,
    TRUTH_WORLD,
    check_free,
    storage_errors,
    written_whole,
)
from chengshu.samplecity.randomness import stream
from chengshu.samplecity.sources import SOURCES
from chengshu.samplecity.window import Window
from chengshu.samplecity.world import World, make_world

Progress = Callable[[str, float], None]
DEFAULT_AS_OF = date(2025, 12, 31)
CHUNK_PEOPLE = 1 << 17
MOST_PEOPLE = 40_000_000
_MONTHS = range(6, 61)
_TITLES = {
    "residents": "人员",
    "benefits": "待遇项目",
    "entitlements": "待遇享受",
    "sources": "数据来源",
    "deaths": "死亡登记",
    "visits": "上门核查",
}
_CHUNKED = ("residents", "entitlements", "deaths", "visits")
_NONSENSE_SOURCES = 3


@dataclass(frozen=True)
class _City:
    """Everything that the making of a chunk reads."""

    seed: int
    people: People
    world: World
    window: Window
    rate_scale: float

    @property
    def chunks(self) -> int:
        """How many chunks of people there are."""
        return -(-len(self.people) // CHUNK_PEOPLE)

    def lives(self, chunk: int) -> Lives:
        """The hidden lives of a chunk, at the city's scale of rates."""
        people = self.people.part(chunk * CHUNK_PEOPLE, (chunk + 1) * CHUNK_PEOPLE)
        lives = draw_lives(self.seed, chunk, people, self.world, self.window)
        return replace(lives, rates=lives.rates * np.float32(self.rate_scale))


def write_sample_city(
    out: Path,
    *,
    people: int,
    seed: int,
    file_format: FileFormat = "parquet",
    events_per_person: float | None = None,
    as_of: date = DEFAULT_AS_OF,
    months: int = 36,
    progress: Progress | None = None,
) -> None:
    """Write a city data package, and beside it `truth.parquet`, `truth-rates.parquet` and `truth-world.json`.

    The same arguments give the same rows. Nothing is seen of the city before it is whole.

    Args:
        out: folder, made if it is not there; one that is not empty is only written to where a sample city lies,
            which is replaced.
        people: how many residents.
        seed: another seed is another city.
        file_format: of all tables but the truth, which is Parquet.
        events_per_person: mean over the window, scaling all rates; what the sources make of it if None.
        as_of: the day on which the package is handed over; events go up to it.
        months: that the events cover, that of `as_of` included.
        progress: told the stage and the share of all that is done.

    Raises:
        UsageError: `sample-city.people`, `.months`, `.events`, `.format` for figures that make no city,
            `.not-empty` where somebody else's files lie.
        StorageError: `storage.full` or `storage.not-writable`.
    """
    _check(people, months, events_per_person, file_format)
    check_free(out)
    told = progress or (lambda stage, share: None)
    told("people", 0.0)
    city = _make_city(people, seed, Window(as_of, months), events_per_person)
    with storage_errors(out), written_whole(out) as place:
        _write_small_tables(place, file_format)
        _write_chunks(place, city, file_format, told)
        _write_json(place / TRUTH_WORLD, registers.described_world(city.world, city.window, city.rate_scale))
        _write_json(place / DESCRIPTOR, _descriptor(city, file_format))
    told("done", 1.0)


def _check(people: int, months: int, events_per_person: float | None, file_format: str) -> None:
    """Refuse figures that make no city."""
    problems = {
        "people": (
            1 <= people <= MOST_PEOPLE,
            Text(f"人数须在1至{MOST_PEOPLE}之间", f"people: 1 to {MOST_PEOPLE}"),
        ),
        "months": (months in _MONTHS, Text("月数须在6至60之间", "months: 6 to 60")),
        "events": (
            events_per_person is None or 0 <= events_per_person <= 10_000,
            Text("人均事件数须在0至10000之间", "events per person: 0 to 10000"),
        ),
        "format": (
            file_format in ("csv", "parquet"),
            Text("格式须为 csv 或 parquet", "format: csv or parquet"),
        ),
    }
    for name, (is_right, message) in problems.items():
        if not is_right:
            raise UsageError(f"sample-city.{name}", message, Text("请改正该参数。", "Correct that option."))


def _make_city(people: int, seed: int, window: Window, events_per_person: float | None) -> _City:
    """Draw everybody and the world; the first chunk tells how far from the mean asked for."""
    city = _City(seed, draw_people(seed, people, window.as_of), make_world(seed, window), window, 1.0)
    if events_per_person is None:
        return city
    usual = expected_events(city.lives(0), city.world, window)
    return replace(city, rate_scale=events_per_person / usual if usual else 1.0)


def _write_small_tables(out: Path, file_format: FileFormat) -> None:
    for name, table in (("benefits", benefits_table()), ("sources", registers.sources_table())):
        with TableFile(out / name, file_format) as file:
            file.append(table)


def _write_chunks(out: Path, city: _City, file_format: FileFormat, told: Progress) -> None:
    """Make each chunk of people in turn; another thread writes it while the next is being drawn."""
    with ExitStack() as stack, ThreadPoolExecutor(max_workers=1) as pool:
        opened = {name: stack.enter_context(TableFile(out / name, file_format)) for name in _CHUNKED}
        for source in SOURCES:
            path = out / "events" / source.code
            opened[source.code] = stack.enter_context(TableFile(path, file_format))
        for name in ("truth", "truth-rates"):
            opened[name] = stack.enter_context(TableFile(out / name, "parquet"))
        pending: list[Future[None]] = []
        for chunk in range(city.chunks):
            for name, table in _chunk_tables(city, chunk):
                pending.append(pool.submit(opened[name].append, table))
                while len(pending) > len(SOURCES):
                    pending.pop(0).result()
            told("events", (chunk + 1) / (city.chunks + 1))
        for write in pending:
            write.result()


def _chunk_tables(city: _City, chunk: int) -> Iterator[tuple[str, pa.Table]]:
    """The tables of one chunk of people, each with the name of its file."""
    seed, window, lives = city.seed, city.window, city.lives(chunk)
    rows = id_rows(lives.people.base)
    ids = id_texts(rows)
    residents = registers.draw_residents(stream(seed, "residents", chunk), ids, lives.people)
    doubles = 1 + len(city.people) // 20_000 if chunk == 0 else 0
    yield "residents", registers.first_rows_twice(residents, doubles)
    deaths = lives.deaths
    yield (
        "entitlements",
        draw_entitlements(stream(seed, "entitlements", chunk), ids, lives.people, deaths, window),
    )
    yield "deaths", registers.draw_recorded_deaths(stream(seed, "recorded", chunk), ids, deaths, window)
    yield "visits", registers.draw_visits(stream(seed, "visits", chunk), ids, lives, window)
    yield "truth", registers.truth_table(ids, lives, window)
    yield "truth-rates", registers.true_rates_table(ids, lives)
    for place, source in enumerate(SOURCES):
        random = stream(seed, "events", chunk, place)
        events = draw_events(random, place, lives, city.world, window)
        table = feed_table(
            random,
            events,
            source=source,
            people=lives.people,
            ids=rows,
            everyone=city.people.base,
            world=city.world,
            window=window,
        )
        if chunk == 0 and place < _NONSENSE_SOURCES and len(table):
            table = pa.concat_tables([table, nonsense_table(table, window)])
        yield source.code, table


def _descriptor(city: _City, file_format: FileFormat) -> dict[str, Any]:
    """The Data Package descriptor (Frictionless Data Package v2)."""
    resources = [
        {"name": name, "title": title, "path": f"{name}.{file_format}", "format": file_format}
        for name, title in _TITLES.items()
    ]
    resources += [
        {
            "name": f"events-{source.code.replace('_', '-')}",
            "title": source.name,
            "source_code": source.code,
            "path": f"events/{source.code}.{file_format}",
            "format": file_format,
        }
        for source in SOURCES
    ]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": PACKAGE_NAME,
        "title": "城枢示例城市（虚构数据）",
        "simulated": True,
        "region_names": {str(county.code): county.name for county in COUNTIES},
        "description": f"{len(city.people)} made-up people, seed {city.seed}, as of {city.window.as_of}.",
        "resources": resources,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
