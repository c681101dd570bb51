"""Gathering: a city data package becomes a load of the lake, wholly or not at all."""

import errno
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from deltalake.exceptions import DeltaError

from chengshu.kernel import clock
from chengshu.kernel.texts import Text
from chengshu.kernel.workplace import make_folder
from chengshu.lake import descriptor_messages, load_warnings, row_messages, storage_messages
from chengshu.lake.checks import Days, ReadContext
from chengshu.lake.events import MOST_SOURCES, EventFeed, EventGathering, People
from chengshu.lake.events import SCHEMA as EVENTS_SCHEMA
from chengshu.lake.loads import TABLES, City, Count, Load, list_loads, record_load, remove_orphans
from chengshu.lake.lock import gathering_lock, spill_folder
from chengshu.lake.package import Package, fingerprint_of, open_package
from chengshu.lake.people import (
    IDENTITIES_SCHEMA,
    RESIDENTS_SCHEMA,
    Residents,
    gather_residents,
    sealed_blocks,
)
from chengshu.lake.readers import has_rows
from chengshu.lake.records import (
    BENEFITS_SCHEMA,
    DEATHS_SCHEMA,
    ENTITLEMENTS_SCHEMA,
    VISITS_SCHEMA,
    Gathering,
    Listed,
    gather_benefits,
    gather_deaths,
    gather_entitlements,
    gather_sources,
    gather_visits,
)
from chengshu.lake.rejects import SCHEMA as REJECTS_SCHEMA
from chengshu.lake.rejects import RejectLog, faults_of, first_of
from chengshu.lake.secret import IdentityKey, load_identity_key
from chengshu.lake.session import open_session
from chengshu.lake.tables import TableWriter, can_hold_tables

Progress = Callable[[str, float], None]
GATHER_VERSION = 7
"""Part of the fingerprint: raised whenever the same package would lead to other tables."""
SOURCES_SCHEMA = pa.schema(
    [
        ("source_no", pa.int8()),
        ("source_code", pa.string()),
        ("name", pa.string()),
        ("department", pa.string()),
        ("events", pa.int64()),
        ("has_feed", pa.bool_()),
    ]
)
_SCHEMAS = {
    "residents": RESIDENTS_SCHEMA,
    "identities": IDENTITIES_SCHEMA,
    "benefits": BENEFITS_SCHEMA,
    "entitlements": ENTITLEMENTS_SCHEMA,
    "sources": SOURCES_SCHEMA,
    "deaths": DEATHS_SCHEMA,
    "visits": VISITS_SCHEMA,
    "events": EVENTS_SCHEMA,
    "rejects": REJECTS_SCHEMA,
}
_FIRST_SHOWN = 5


def gather(
    city: Path,
    lake_dir: Path,
    *,
    as_of: date,
    strict: bool = False,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Load:
    """Gather a city data package into the lake; the same package again leads to the load that is there.

    Args:
        city: folder with datapackage.json.
        lake_dir: folder of the lake; made if need be.
        as_of: nothing later than this day is known.
        strict: fail when any row cannot be used.
        progress: called with a stage's name and the share of it that is done.
        threads: of DuckDB; all cores if not given. The load does not depend on it.

    Raises:
        PackageError: the package is not one that can be read; with `strict`, rows were set aside.
        StorageError: disk full, no right to write, another gathering at work.
    """
    tell = progress or (lambda stage, done: None)
    tell("check", 0.0)
    package = open_package(city)
    if not can_hold_tables(lake_dir):
        raise storage_messages.bad_folder_name(lake_dir)
    with _storage_errors(lake_dir):
        make_folder(lake_dir)
        if not os.access(lake_dir, os.W_OK):
            raise storage_messages.not_permitted(lake_dir)
        with gathering_lock(lake_dir), spill_folder(lake_dir) as spill:
            key = load_identity_key(lake_dir, create=True)
            fingerprint = f"{GATHER_VERSION}:{key.name}:{fingerprint_of(package)}"
            done = _existing(lake_dir, fingerprint, as_of)
            tell("check", 1.0)
            if done is not None:
                if strict:
                    _check_faults(done.set_aside - done.later, done.rejects, _days_of(as_of, done.gathered_at))
                return done
            remove_orphans(lake_dir)
            work = _Load(package, lake_dir, spill, key, fingerprint, as_of, tell)
            return work.run(strict=strict, threads=threads)


def _existing(lake_dir: Path, fingerprint: str, as_of: date) -> Load | None:
    """The load that this package already led to."""
    for load in reversed(list_loads(lake_dir)):
        if load.fingerprint == fingerprint and load.as_of == as_of:
            return load
    return None


def _days_of(as_of: date, gathered_at: datetime) -> Days:
    return Days.until(as_of, gathered_at.astimezone().date())


def _check_faults(count: int, rejects: Callable[[], pa.Table], days: Days) -> None:
    """Raise where rows were set aside though none may be; a row dated after the as-of date alone is no fault."""
    if count:
        raise row_messages.strict_failed(count, first_of(faults_of(rejects(), days.today), _FIRST_SHOWN))


@contextmanager
def _storage_errors(lake_dir: Path) -> Iterator[None]:
    """Say what an operating system's error means for the user."""
    try:
        yield
    except (OSError, DeltaError) as error:
        number = getattr(error, "errno", None)
        if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(sign in str(error) for sign in _FULL):
            raise storage_messages.disk_full(lake_dir) from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise storage_messages.not_permitted(lake_dir) from error
        raise


class _Load:
    """One load in the making."""

    def __init__(
        self,
        package: Package,
        lake_dir: Path,
        spill: Path,
        key: IdentityKey,
        fingerprint: str,
        as_of: date,
        tell: Progress,
    ) -> None:
        self._package, self._lake_dir, self._spill = package, lake_dir, spill
        self._key, self._fingerprint, self._as_of, self._tell = key, fingerprint, as_of, tell
        number = len(list_loads(lake_dir)) + 1
        self._load_id = f"load-{number:06d}"
        stem = f"{self._load_id}-{secrets.token_hex(4)}"
        self._writers = {name: TableWriter(lake_dir / name, _SCHEMAS[name], stem) for name in TABLES}
        self._gathered_at = clock.now()
        self._days = _days_of(as_of, self._gathered_at)
        self._warnings: list[Text] = [*package.warnings]

    def run(self, *, strict: bool, threads: int | None) -> Load:
        try:
            with self._reading("records", threads) as context, self._reading("events", threads) as of_events:
                self._gather_all(context, of_events)
            self._write("rejects", context.log.to_table())
            if strict:
                count = context.log.total() - sum(context.later.values())
                _check_faults(count, context.log.to_table, self._days)
            return self._finish(context)
        except BaseException:  # Ctrl-C too: nothing half-done may stay
            # It may come just after the load became visible; what is visible stays.
            if all(load.load_id != self._load_id for load in list_loads(self._lake_dir)):
                for writer in self._writers.values():
                    writer.discard()
            raise

    @contextmanager
    def _reading(self, name: str, threads: int | None) -> Iterator[ReadContext]:
        """What one thread reads with; a spill folder of its own, for every DuckDB names its files alike."""
        spill = self._spill / name
        spill.mkdir()
        with open_session(spill, threads=threads) as backend:
            yield ReadContext(backend, spill, RejectLog())

    def _gather_all(self, context: ReadContext, of_events: ReadContext) -> None:
        """Residents first; then records are gathered, and all is written, beside the reading of events."""
        tables = self._package.tables
        self._tell("residents", 0.0)
        residents = gather_residents(context, tables["residents"], self._key, self._days)
        people = residents.people
        self._tell("residents", 1.0)
        self._tell("records", 0.0)
        sources = gather_sources(Gathering(of_events, self._days), tables["sources"])
        self._tell("records", 1.0)
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit(self._write_residents, residents)
            del residents
            gathered = pool.submit(self._gather_records, Gathering(context, self._days), people)
            self._gather_events(of_events, people, sources)
            written.result()
            gathered.result()
        # In this order always, whichever ended first: the details that are too many are those of events.
        context.absorb(of_events)

    def _gather_records(self, work: Gathering, people: People) -> None:
        tables = self._package.tables
        benefits = gather_benefits(work, tables["benefits"])
        self._write("benefits", benefits.table)
        self._write("entitlements", gather_entitlements(work, tables["entitlements"], people, benefits))
        self._write("deaths", gather_deaths(work, tables.get("deaths", []), people))
        self._write("visits", gather_visits(work, tables.get("visits", []), people))

    def _gather_events(self, context: ReadContext, people: People, listed: Listed) -> None:
        feeds, sources = self._feeds(listed)
        events = EventGathering(context, people, self._writers["events"], self._days)
        events.run(feeds, self._event_progress(feeds))
        self._write_sources(sources, self._warn_of_feeds(context, sources, feeds, events.kept), events.kept)

    def _event_progress(self, feeds: list[EventFeed]) -> Callable[[int], None]:
        """Share of the events read: of rows where files tell them, else a guess by size."""
        expected = sum(
            file.rows if file.rows is not None else file.path.stat().st_size // _CSV_ROW_BYTES
            for feed in feeds
            for file in feed.files
        )
        return lambda rows: self._tell("events", min(1.0, rows / max(1, expected)))

    def _write(self, name: str, table: pa.Table) -> None:
        self._writers[name].write([table.select(_SCHEMAS[name].names).cast(_SCHEMAS[name])])

    def _write_residents(self, residents: Residents) -> None:
        self._write("residents", residents.table)
        self._writers["identities"].write(
            sealed_blocks(residents, self._key),
            compression="none",
            compression_level=None,
            use_dictionary=False,
            write_statistics=["first_key", "last_key"],
        )

    def _feeds(self, listed: Listed) -> tuple[list[EventFeed], pa.Table]:
        """Feeds in order of source number; a feed of a source that is not listed adds it.

        Sources whose feeds bring rows are numbered first, so that one which never arrives changes no number, and with
        it not one figure.
        """
        sources = listed.table
        codes: list[str] = sources.column("source_code").to_pylist()
        added = [r.source_code for r, _ in self._package.events if r.source_code and r.source_code not in codes]
        for code in dict.fromkeys(added):
            warning = load_warnings.LOST_SOURCE if code in listed.lost else load_warnings.UNLISTED_SOURCE
            self._warnings.append(warning.format(code=code))
            codes.append(code)
            row = pa.table({"source_code": [code], "name": [code], "department": [""]})
            sources = pa.concat_tables([sources, row.select(sources.schema.names).cast(sources.schema)])
        if len(codes) > MOST_SOURCES:
            raise descriptor_messages.too_many_sources(len(codes), MOST_SOURCES)
        bringing = {resource.source_code for resource, files in self._package.events if any(map(has_rows, files))}
        order = sorted(range(len(codes)), key=lambda place: codes[place] not in bringing)
        codes, sources = [codes[place] for place in order], sources.take(pa.array(order, pa.int64()))
        feeds: dict[int, EventFeed] = {}
        for resource, files in self._package.events:
            number = codes.index(str(resource.source_code))
            feeds.setdefault(number, EventFeed(number, [])).files.extend(files)
        return [feeds[number] for number in sorted(feeds)], sources

    def _warn_of_feeds(
        self, context: ReadContext, sources: pa.Table, feeds: list[EventFeed], kept: Counter[int]
    ) -> set[int]:
        """The numbers of the sources with a feed; sources that take no part are noted."""
        files = {feed.source_no: feed.files for feed in feeds}
        for number, code in enumerate(sources.column("source_code").to_pylist()):
            if number not in files:
                self._warnings.append(load_warnings.NO_FEED.format(code=code))
            elif not any(context.rows_read[file.resource.name] for file in files[number]):
                self._warnings.append(load_warnings.EMPTY_FEED.format(code=code))
            elif not kept[number]:
                self._warnings.append(load_warnings.NO_EVENTS.format(code=code))
        return set(files)

    def _write_sources(self, sources: pa.Table, with_feed: set[int], kept: Counter[int]) -> None:
        count = sources.num_rows
        facts = sources.append_column("source_no", pa.array(range(count), pa.int8()))
        facts = facts.append_column("events", pa.array([kept[number] for number in range(count)], pa.int64()))
        facts = facts.append_column("has_feed", pa.array(np.isin(range(count), list(with_feed))))
        self._write("sources", facts)

    def _finish(self, context: ReadContext) -> Load:
        self._tell("commit", 0.0)
        if "deaths" not in self._package.tables:
            self._warnings.append(load_warnings.NO_DEATHS)
        self._warnings += context.notes
        log = context.log
        if log.total() > log.details:
            self._warnings.append(load_warnings.TOO_MANY_REJECTS.format(most=log.details, total=log.total()))
        counts = self._counts(context)
        versions = {name: writer.commit() for name, writer in self._writers.items()}
        load = Load(
            self._lake_dir,
            self._load_id,
            self._gathered_at,
            self._as_of,
            self._fingerprint,
            versions,
            counts,
            self._warnings,
        )
        descriptor = self._package.descriptor
        title = descriptor.title or self._package.city.resolve().name
        record_load(load, City(title, descriptor.simulated, descriptor.region_names))
        self._tell("commit", 1.0)
        return load

    def _counts(self, context: ReadContext) -> dict[str, Count]:
        """By resource: rows read, set aside by code, later than as-of, kept; ID numbers normalised."""
        counts: dict[str, Count] = {}
        for resource, read in sorted(context.rows_read.items()):
            codes = {code: n for (name, code), n in sorted(context.log.counts.items()) if name == resource}
            counts[resource] = {
                "read": read,
                "kept": read - sum(codes.values()),
                "set_aside": codes,
                "later": context.later.get(resource, 0),
                "normalised": context.normalised.get(resource, 0),
            }
        return counts


_FULL = ("No space left", "File too large", "Disk quota exceeded")
_CSV_ROW_BYTES = 30
