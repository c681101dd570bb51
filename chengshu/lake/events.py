"""Gathering of events: from ID numbers to files sorted by person."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.kernel.counting import LaidOut, lay_out, sort_by_places
from chengshu.lake import row_messages
from chengshu.lake.checks import Days, ReadContext, Rows
from chengshu.lake.person_index import PersonIndex
from chengshu.lake.readers import Piece, TableFile
from chengshu.lake.resources import EVENTS
from chengshu.lake.shelves import Shelves
from chengshu.lake.tables import TableWriter

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

MOST_SOURCES = 32
SCHEMA = pa.schema(
    [
        ("person_key", pa.int64()),
        ("person_no", pa.int32()),
        ("source_no", pa.int8()),
        ("occurred_on", pa.date32()),
        ("region_code", pa.string()),
    ]
)
_PERSON_BITS = 14
_SHELVES_PER_FILE = 6
PEOPLE_PER_FILE = _SHELVES_PER_FILE << _PERSON_BITS
"""Events of this many people, who stand together in the load, are one file: no other file holds any of them."""
_WRITE_ROWS = 1 << 17
_SOURCE_BITS, _DAY_BITS = 5, 16
_FIRST_DAY = (date(1900, 1, 1) - date(1970, 1, 1)).days
_IN_FLIGHT = 4
# The same columns, in the form in which they are written quickest.
_WRITTEN = SCHEMA.set(4, pa.field("region_code", pa.dictionary(pa.int32(), pa.string())))


class EventFeed(NamedTuple):
    """The files that one source's events come in."""

    source_no: int
    files: list[TableFile]


@dataclass(frozen=True)
class People:
    """What events are checked against, in order of rank.

    Attributes:
        keys: (people,) int64 person_key, ascending.
        born: (people,) int32 days since 1970.
        aside: who stands in residents, but on no row that could be used.
    """

    index: PersonIndex
    aside: PersonIndex
    keys: Int64Array
    born: Int32Array


class _Packing:
    """One event in one 64-bit word: rank, source, day and region, so that sorting words sorts events."""

    def __init__(self, people: int) -> None:
        rank_bits = max(1, people.bit_length())
        self.region_bits = 63 - rank_bits - _SOURCE_BITS - _DAY_BITS
        self._rank_shift = 63 - rank_bits
        self.shelves = (people >> _PERSON_BITS) + 1
        self.regions: dict[str, int] = {}

    def lay_out(self, words: Int64Array) -> LaidOut:
        """Words on the shelves of their people."""
        shelf = (words >> (self._rank_shift + _PERSON_BITS)).astype(np.int32)
        return lay_out(words, shelf, self.shelves)

    def sort_shelf(self, words: Int64Array) -> Int64Array:
        """Sorted words of one shelf."""
        person = (words >> self._rank_shift).astype(np.int32)
        person &= (1 << _PERSON_BITS) - 1
        return sort_by_places(words, person, 1 << _PERSON_BITS)

    def pack(self, rank: Int32Array, source_no: int, day: Int32Array, region: Int64Array | None) -> Int64Array:
        words = rank.astype(np.int64) << (_SOURCE_BITS + _DAY_BITS)
        words |= (source_no << _DAY_BITS) | (day - _FIRST_DAY)
        words <<= self.region_bits
        return words if region is None else words | region

    def region_numbers(self, resource: str, codes: pa.Array) -> Int64Array:
        """(n,) numbers of region codes in the order in which they were met; 0 for none."""
        coded = codes.dictionary_encode()
        numbers = np.zeros(len(coded.dictionary) + 1, np.int64)
        for place, code in enumerate(coded.dictionary.to_pylist()):
            numbers[place] = self.regions.setdefault(code, len(self.regions) + 1)
        if len(self.regions) >= 1 << self.region_bits:
            raise row_messages.too_many_regions(resource, (1 << self.region_bits) - 1)
        places = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
        return np.asarray(numbers[places])

    def unpack(self, words: Int64Array, keys: Int64Array) -> pa.Table:
        """Events of sorted words."""
        rest = words >> self.region_bits
        day = ((rest & ((1 << _DAY_BITS) - 1)) + _FIRST_DAY).astype(np.int32)
        rest >>= _DAY_BITS
        source = (rest & ((1 << _SOURCE_BITS) - 1)).astype(np.int8)
        rank = (rest >> _SOURCE_BITS).astype(np.int32)
        columns = [
            pa.array(keys.take(rank, mode="clip")),
            pa.array(rank),
            pa.array(source),
            pa.array(day).view(pa.date32()),
        ]
        return pa.table([*columns, self._region_codes(words)], schema=_WRITTEN)

    def _region_codes(self, words: Int64Array) -> pa.DictionaryArray:
        number = (words & ((1 << self.region_bits) - 1)).astype(np.int32)
        number -= 1
        return pa.DictionaryArray.from_arrays(pa.array(number, mask=number < 0), pa.array([*self.regions], pa.string()))


class EventGathering:
    """Reads feeds one after another; resolving, sorting and writing run beside the reading."""

    def __init__(self, context: ReadContext, people: People, writer: TableWriter, days: Days) -> None:
        self._context = context
        self._people = people
        self._writer = writer
        self._days = days
        self._packing = _Packing(len(people.keys))
        self._earliest = np.maximum(people.born, _FIRST_DAY)
        self._shelves = Shelves(self._packing.shelves, context.spill)
        self.kept: Counter[int] = Counter()

    def run(self, feeds: Iterable[EventFeed], progress: Callable[[int], None]) -> None:
        """Gather all feeds.

        Args:
            feeds: in order of source_no.
            progress: told the rows read so far.
        """
        with ThreadPoolExecutor(2) as pool:
            for batch in self._resolved(feeds, pool, progress):
                self._shelves.put(batch)
            files = range(0, self._shelves.shelves, _SHELVES_PER_FILE)
            list(pool.map(self._write_file, range(len(files)), files))

    def _resolved(
        self, feeds: Iterable[EventFeed], pool: ThreadPoolExecutor, progress: Callable[[int], None]
    ) -> Iterator[LaidOut]:
        """Packed events in the order of their rows, batch by batch; a few batches are worked on at once."""
        pending: deque[tuple[int, Rows, Future[LaidOut]]] = deque()
        read = 0
        for source_no, piece in self._pieces(feeds):
            rows = Rows(piece.file, piece.batch, piece.first_row)
            # Regions are numbered as they are met, so in the order of the rows, not of the threads.
            region = self._regions(rows)
            pending.append((source_no, rows, pool.submit(self._resolve, source_no, rows, region)))
            if len(pending) >= _IN_FLIGHT:
                yield self._settled(*pending.popleft())
            read += len(rows)
            progress(read)
        while pending:
            yield self._settled(*pending.popleft())

    def _pieces(self, feeds: Iterable[EventFeed]) -> Iterator[tuple[int, Piece]]:
        for feed in feeds:
            for file in feed.files:
                for piece in self._context.pieces(file, EVENTS):
                    yield feed.source_no, piece

    def _settled(self, source_no: int, rows: Rows, future: "Future[LaidOut]") -> LaidOut:
        """A batch's packed events; what was found of its rows is written down."""
        batch = future.result()
        self._context.report(rows)
        self.kept[source_no] += len(batch.words)
        return batch

    def _resolve(self, source_no: int, rows: Rows, region: Int64Array | None) -> LaidOut:
        """The usable events of a batch, packed and laid out; the others are set aside."""
        found = self._people.index.find(rows.texts("id_number"))
        day = rows.days("occurred_on")
        earliest = self._earliest.take(found.rank, mode="clip")
        is_good = (found.rank >= 0) & (day <= self._days.as_of) & (day >= earliest)
        if found.normalised or rows.texts("occurred_on").null_count or not is_good.all():
            rows.check_values(EVENTS)
            rows.set_aside_later("occurred_on", "after-as-of", self._days)
            rows.note_people(found, self._people.aside)
            rows.set_aside(day < self._people.born.take(found.rank, mode="clip"), "occurred_on", "before-birth")
            rows.set_aside(day < earliest, "occurred_on", "too-early")
        words = self._packing.pack(found.rank, source_no, day, region)
        return self._packing.lay_out(words if rows.stands.all() else words[rows.stands])

    def _regions(self, rows: Rows) -> Int64Array | None:
        codes = rows.texts("region_code")
        if codes.null_count == len(codes):
            return None
        return self._packing.region_numbers(rows.resource, codes)

    def _write_file(self, number: int, first_shelf: int) -> None:
        """Sort and write the events of some shelves of people; none, no file."""
        pieces = self._sorted_pieces(range(first_shelf, min(first_shelf + _SHELVES_PER_FILE, self._shelves.shelves)))
        first = next(pieces, None)
        if first is None:
            return
        self._writer.write(
            chain([first], pieces),
            number=number,
            schema=_WRITTEN,
            # Without Arrow's own schema beside it, the region is text to whoever reads.
            store_schema=False,
            write_statistics=["person_key", "person_no"],
            # Measured: half the time of dictionaries and LZ4.
            compression="none",
            compression_level=None,
            use_dictionary=["person_key", "region_code"],
            column_encoding=dict.fromkeys(SCHEMA.names[1:4], "DELTA_BINARY_PACKED"),
        )

    def _sorted_pieces(self, shelves: range) -> Iterator[pa.Table]:
        for shelf in shelves:
            words = self._packing.sort_shelf(self._shelves.take(shelf))
            for start in range(0, len(words), _WRITE_ROWS):
                yield self._packing.unpack(words[start : start + _WRITE_ROWS], self._people.keys)
