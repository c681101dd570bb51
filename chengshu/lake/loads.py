"""Loads of a lake: each a set of table versions that belong together."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from deltalake import DeltaTable
from ibis.expr.types import Table

from chengshu.kernel.texts import Text
from chengshu.lake import storage_messages
from chengshu.lake.disproved import Disproved, StandingEvents
from chengshu.lake.people import opened_blocks
from chengshu.lake.secret import load_identity_key
from chengshu.lake.tables import append_row, files_of_version, read_version, spans_of_version

TABLES = (
    "residents",
    "identities",
    "benefits",
    "entitlements",
    "sources",
    "deaths",
    "visits",
    "events",
    "rejects",
)
_LOADS, _CITIES = "loads", "cities"
_SCHEMA = pa.schema(
    [
        ("load_id", pa.string()),
        ("gathered_at", pa.timestamp("us", tz="UTC")),
        ("as_of", pa.date32()),
        ("fingerprint", pa.string()),
        ("versions", pa.string()),
        ("counts", pa.string()),
        ("warnings", pa.string()),
    ]
)


class Count(TypedDict):
    """What became of a resource's rows."""

    read: int
    kept: int
    set_aside: dict[str, int]
    """By code of the reason."""
    later: int
    """Of these, rows dated after the as-of date, but not after the day of gathering: they are no faults."""
    normalised: int
    """ID numbers understood only after tidying: lower-case x, blanks, 15 digits."""


class Identity(NamedTuple):
    """Who somebody is; texts are None where the package has none."""

    id_number: str
    name: str | None
    phone: str | None
    address: str | None


@dataclass(frozen=True)
class City:
    """What a package says of its city.

    Attributes:
        title: of the package.
        is_simulated: nobody in it is real.
        region_names: by code.
    """

    title: str = ""
    is_simulated: bool = False
    region_names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """One finished load, open for reading. Nothing in it ever changes.

    Attributes:
        load_id: its name in the lake.
        as_of: the day as of which the package was gathered.
        fingerprint: what the load was made from.
        versions: of each table.
        counts: by resource: read, kept, set_aside (by code), later, normalised.
        warnings: what the user should know.
        disproved: records that are read as if they were not there.
    """

    lake_dir: Path
    load_id: str
    gathered_at: datetime
    as_of: date
    fingerprint: str
    versions: dict[str, int]
    counts: dict[str, Count]
    warnings: list[Text]
    disproved: Disproved = field(default_factory=Disproved)

    def without(self, disproved: Disproved) -> "Load":
        """The same load, read as if some records were not there."""
        return replace(self, disproved=disproved)

    def standing(self, events: Table, people: range | None = None) -> Table:
        """Rows of events without those disproved; `people` are the person_no that the caller will ask for."""
        return self._standing_events.of(events, people) if self.disproved.events else events

    @cached_property
    def _standing_events(self) -> StandingEvents:
        sources = self.read("sources", ["source_code", "source_no"]).to_pylist()
        keys = self.read("residents", ["person_key"])["person_key"].to_numpy()
        return StandingEvents(self.disproved.events, keys, {row["source_code"]: row["source_no"] for row in sources})

    def files(self, table: str) -> list[str]:
        """The Parquet files of a table in this load."""
        return files_of_version(self.folder(table), self.versions[table])

    def event_files(self, people: range) -> list[str]:
        """The files with events of people of these numbers; one of them all when there are none."""
        found = [path for path, held in self._event_spans if held.start < people.stop and people.start < held.stop]
        return found or self.files("events")[:1]

    @cached_property
    def _event_spans(self) -> list[tuple[str, range]]:
        return spans_of_version(self.folder("events"), self.versions["events"], "person_no")

    def folder(self, table: str) -> Path:
        """The folder of the Delta table."""
        return self.lake_dir / table

    def read(self, table: str, columns: list[str] | None = None, dictionaries: list[str] | None = None) -> pa.Table:
        """A table of this load; `dictionaries` are columns of texts to come as such, which saves making the texts."""
        return read_version(self.folder(table), self.versions[table], columns, dictionaries)

    def residents(self) -> pa.Table:
        """person_key (ascending, unique), sex, birth_date, region_code."""
        return self.read("residents")

    def benefits(self) -> pa.Table:
        """benefit_code, name, department, monthly_amount, needs_survival, cycle_months."""
        return self.read("benefits")

    def entitlements(self) -> pa.Table:
        """person_key, benefit_code (a dictionary), started_on, ended_on, monthly_amount; ordered by person."""
        return self.read("entitlements", dictionaries=["benefit_code"])

    def sources(self) -> pa.Table:
        """source_no, source_code, name, department, events, has_feed."""
        return self.read("sources")

    def deaths(self) -> pa.Table:
        """person_key, died_on, recorded_on, record_source; at most one per person, the earliest recorded."""
        return self.disproved.standing_deaths(self.read("deaths"))

    def visits(self) -> pa.Table:
        """person_key, visited_on, outcome, visitor, note; ordered by person."""
        return self.read("visits")

    def rejects(self) -> pa.Table:
        """Rows set aside: resource, file, row_number, line_number, field, code, reasons, masked value, what to do."""
        return self.read("rejects")

    def identities(self) -> pa.Table:
        """person_key, id_number, name, phone, address, decrypted; same order as `residents`.

        Raises:
            StorageError: `lake.wrong-key` when the lake's key is not the one that sealed them.
        """
        key = load_identity_key(self.lake_dir, create=False)
        try:
            opened = pa.concat_tables(opened_blocks(self.read("identities"), key))
        except InvalidTag as error:
            raise storage_messages.wrong_secret(self.lake_dir) from error
        return opened.add_column(0, "person_key", self.read("residents", ["person_key"]).column(0))

    def identities_of(self, keys: Sequence[int]) -> dict[int, Identity]:
        """The identities of some people, decrypted; only the blocks that hold them are opened.

        Raises:
            StorageError: `lake.wrong-key` when the lake's key is not the one that sealed them.
        """
        wanted = pa.array(sorted(set(keys)), pa.int64())
        blocks, residents = self.read("identities"), self.read("residents", ["person_key"])["person_key"]
        starts = np.cumsum([0, *blocks["people"].to_pylist()])
        places = np.searchsorted(residents.to_numpy(), wanted.to_numpy())
        known = [place for place, key in zip(places, wanted.to_pylist(), strict=True) if _is_at(residents, place, key)]
        found: dict[int, Identity] = {}
        secret = load_identity_key(self.lake_dir, create=False)
        for number in sorted({int(np.searchsorted(starts, place, side="right")) - 1 for place in known}):
            try:
                opened = next(opened_blocks(blocks.slice(number, 1), secret))
            except InvalidTag as error:
                raise storage_messages.wrong_secret(self.lake_dir) from error
            for place in known:
                if starts[number] <= place < starts[number + 1]:
                    row = opened.slice(place - starts[number], 1).to_pylist()[0]
                    found[residents[place].as_py()] = Identity(**row)
        return found

    def of_person(self, table: str, key: int) -> list[dict[str, Any]]:
        """Rows of one person of a table that has person_key; only the parts of files that may hold them are read."""
        rows = pq.read_table(self.files(table), filters=[("person_key", "=", key)], partitioning=None)
        return list((self.disproved.standing_deaths(rows) if table == "deaths" else rows).to_pylist())

    def number_of(self, key: int) -> int | None:
        """The person_no of somebody: their place among the residents; None for nobody's key."""
        residents = self.read("residents", ["person_key"])["person_key"]
        place = int(np.searchsorted(residents.to_numpy(), key))
        return place if _is_at(residents, place, key) else None

    def name_secret(self) -> bytes:
        """What names are hashed with, so that they are found without being kept."""
        return load_identity_key(self.lake_dir, create=False).naming

    @cached_property
    def city(self) -> City:
        """What the package says of the city."""
        path = self.lake_dir / _CITIES / f"{self.load_id}.json"
        return City(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else City()

    @property
    def set_aside(self) -> int:
        """Rows set aside in all."""
        return sum(sum(count["set_aside"].values()) for count in self.counts.values())

    @property
    def later(self) -> int:
        """Of the rows set aside, those that are no faults, but only dated after the as-of date."""
        return sum(count["later"] for count in self.counts.values())

    @cached_property
    def people_count(self) -> int:
        """Residents kept."""
        return self.counts["residents"]["kept"]

    @cached_property
    def source_count(self) -> int:
        """Sources that have events, and any numbered before them; the others take no part in anything."""
        sources = self.sources()
        numbers, events = sources["source_no"].to_pylist(), sources["events"].to_pylist()
        return max((number + 1 for number, count in zip(numbers, events, strict=True) if count), default=1)

    @cached_property
    def event_count(self) -> int:
        """Events kept."""
        return sum(self.sources().column("events").to_pylist())


def _is_at(keys: pa.ChunkedArray, place: int, key: int) -> bool:
    return place < len(keys) and keys[place].as_py() == key


def record_load(load: Load, city: City) -> None:
    """Make a load visible, by one commit."""
    facts = load.lake_dir / _CITIES / f"{load.load_id}.json"
    facts.parent.mkdir(exist_ok=True)
    facts.write_text(json.dumps(asdict(city), ensure_ascii=False), encoding="utf-8")
    row = {
        "load_id": load.load_id,
        "gathered_at": load.gathered_at,
        "as_of": load.as_of,
        "fingerprint": load.fingerprint,
        "versions": json.dumps(load.versions),
        "counts": json.dumps(load.counts),
        "warnings": json.dumps([list(text) for text in load.warnings]),
    }
    append_row(load.lake_dir / _LOADS, pa.Table.from_pylist([row], schema=_SCHEMA))


def list_loads(lake_dir: Path) -> list[Load]:
    """All finished loads, the earliest first."""
    folder = lake_dir / _LOADS
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    rows = read_version(folder, DeltaTable(folder).version()).to_pylist()
    return [_load(lake_dir, row) for row in sorted(rows, key=lambda row: str(row["load_id"]))]


def _load(lake_dir: Path, row: dict[str, str]) -> Load:
    facts: dict[str, object] = dict(row)
    for name in ("versions", "counts"):
        facts[name] = json.loads(row[name])
    facts["warnings"] = [Text(*pair) for pair in json.loads(row["warnings"])]
    return Load(lake_dir=lake_dir, **facts)  # type: ignore[arg-type]


def open_load(lake_dir: Path, *, load_id: str | None = None) -> Load:
    """The last finished load, or an earlier one by name.

    Raises:
        StorageError: `lake.no-load` or `lake.unknown-load`.
    """
    loads = list_loads(lake_dir)
    if not loads:
        raise storage_messages.no_load(lake_dir)
    if load_id is None:
        return loads[-1]
    for load in loads:
        if load.load_id == load_id:
            return load
    raise storage_messages.unknown_load(lake_dir, load_id, [load.load_id for load in loads])


def remove_orphans(lake_dir: Path) -> None:
    """Delete files of loads that never finished. Needs the lock."""
    loads = list_loads(lake_dir)
    for table in TABLES:
        folder = lake_dir / table
        versions = {load.versions[table] for load in loads}
        kept = {Path(file).name for version in versions for file in files_of_version(folder, version)}
        for file in folder.glob("*.parquet"):
            if file.name not in kept:
                file.unlink()
