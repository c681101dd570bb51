"""Cities to measure on, made when they are first asked for and kept as long as their makers do not change."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

import benchmarks.foreign
import chengshu.samplecity
from benchmarks.bench import AS_OF, Bench, command
from benchmarks.foreign.city import City, ask_oracle, ask_plug_in, build, without_county, without_source
from benchmarks.foreign.identity import COUNTY_CODES
from benchmarks.foreign.oracle import AWAY, HOME, ILL
from benchmarks.foreign.package import window_note, write_package
from benchmarks.foreign.worlds import WORLDS
from benchmarks.package import event_files

_STAMP = ".made-by"
_PROBE_PEOPLE = 20_000
_MARGIN = 1.005
"""A city of 100 million events holds rather a few more than a few less."""
_CUT_MONTHS = 4
"""How long a cut county's feeds are gone, at the end of the window."""


@dataclass(frozen=True)
class SampleCity:
    """A package of Chengshu's own generator."""

    folder: Path
    people: int
    events: int


def foreign_city(bench: Bench, world: str, seed: int) -> Path:
    """A foreign city with its oracle, and with what the crude plug-in filter believes (`plug-in.parquet`)."""

    def make(out: Path) -> None:
        city = _build(bench, world, seed)
        _write_foreign(city, out, seed)
        p_alive = ask_plug_in(city)[:, [HOME, AWAY, ILL]].sum(axis=1)
        beliefs = pa.table({"id_number": city.people.id_number, "p_alive": p_alive})
        pq.write_table(beliefs, out / "plug-in.parquet")

    people = bench.sizes.foreign_people
    return _made(bench, f"foreign-{world}-{seed}-{people}", benchmarks.foreign, make)


def cut_city(bench: Bench, world: str, seed: int) -> Path:
    """The same city, had the largest county's feeds not come for the last four months.

    `world.json` names the county in `cut_county`.
    """

    def make(out: Path) -> None:
        city = _build(bench, world, seed)
        county = int(np.argmax(np.bincount(city.people.county)))
        cut = without_county(city, county, _CUT_MONTHS)
        _write_foreign(cut, out, seed, cut_county=COUNTY_CODES[county])

    people = bench.sizes.foreign_people
    return _made(bench, f"foreign-{world}-{seed}-{people}-cut", benchmarks.foreign, make)


def deaf_city(bench: Bench, world: str, seed: int, source: str) -> Path:
    """The same city, had one source never delivered: it is announced, and its file has no rows."""

    def make(out: Path) -> None:
        city = _build(bench, world, seed)
        _write_foreign(without_source(city, city.sources.code.index(source)), out, seed, cut_source=source)

    people = bench.sizes.foreign_people
    return _made(bench, f"foreign-{world}-{seed}-{people}-without-{source}", benchmarks.foreign, make)


def without_resource(city: Path, source: str, out: Path, *, announced: bool) -> Path:
    """A twin of a package that has no file of one source.

    Args:
        city: the package.
        source: its code.
        out: the twin's folder; it shares the other files.
        announced: whether `sources` still lists it.
    """
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(city, out)
    descriptor = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    rest = [resource for resource in descriptor["resources"] if resource.get("source_code") != source]
    text = json.dumps(descriptor | {"resources": rest}, ensure_ascii=False)
    (out / "datapackage.json").write_text(text, encoding="utf-8")
    (out / "events" / f"{source}.parquet").unlink()
    if not announced:
        sources = pq.read_table(out / "sources.parquet")
        others = [code.as_py() != source for code in sources["source_code"]]
        pq.write_table(sources.filter(pa.array(others)), out / "sources.parquet")
    return out


def sample_city(
    bench: Bench, people: int, *, events: int | None = None, seed: int = 1, file_format: str = "parquet"
) -> SampleCity:
    """A city of Chengshu's own generator, made by `chengshu sample-city`.

    Args:
        bench: says where.
        people: how many.
        events: about how many; what the sources make of it if None.
        seed: another seed is another city.
        file_format: `parquet` or `csv`.
    """
    bench.need_room(events or 30 * people)
    options: list[object] = ["--seed", seed, "--format", file_format]
    if events is not None:
        options += ["--events-per-person", round(events / people * _usual_excess(bench, events / people), 4)]
    size = "" if events is None else f"-{events}"
    name = f"sample-{people}{size}-{seed}-{file_format}"

    def make(out: Path) -> None:
        bench.run(command("sample-city", out, "--people", people, *options))

    folder = _made(bench, name, chengshu.samplecity, make)
    return SampleCity(folder, people, count_events(folder))


def _usual_excess(bench: Bench, per_person: float) -> float:
    """By how much to raise the rate asked for, so that outages and late feeds leave what is wanted."""
    probe, people = bench.folder / "cities" / "probe", min(_PROBE_PEOPLE, bench.sizes.city_people)
    shutil.rmtree(probe, ignore_errors=True)
    options = ("--people", people, "--seed", 1, "--format", "parquet")
    bench.run(command("sample-city", probe, *options, "--events-per-person", per_person))
    delivered = count_events(probe) / people
    shutil.rmtree(probe)
    return _MARGIN * per_person / delivered


def count_events(city: Path) -> int:
    """Rows of all events files."""
    return sum(_rows(path) for path in event_files(city).values())


def _rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    with path.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 24), b""))
    return lines - 1


def _build(bench: Bench, world: str, seed: int) -> City:
    return build(WORLDS[world], people=bench.sizes.foreign_people, seed=seed, as_of=AS_OF)


def _write_foreign(city: City, out: Path, seed: int, **notes: object) -> None:
    write_package(city, out, ask_oracle(city), seed=seed, notes=window_note(city) | notes)


def _made(bench: Bench, name: str, maker: ModuleType, make: Callable[[Path], None]) -> Path:
    """The city of that name; made now unless its maker is still what made it."""
    out = bench.folder / "cities" / name
    stamp = _fingerprint(_sources(maker))
    if (out / _STAMP).exists() and (out / _STAMP).read_text() == stamp:
        return out
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    bench.say(f"  making {name}")
    with threadpool_limits(1):  # small products: threads that wait for each other cost more than they bring
        make(out)
    (out / _STAMP).write_text(stamp)
    return out


def _sources(maker: ModuleType) -> list[Path]:
    return sorted(Path(maker.__path__[0]).glob("*.py"))


def _fingerprint(files: Iterable[Path]) -> str:
    """Of the files' content."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()
