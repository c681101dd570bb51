"""Events as departments hand them over: with ID numbers, some mistyped, and a few rows of nonsense."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.kernel.identifiers import format_id_numbers
from chengshu.samplecity.counties import COUNTY_TEXTS
from chengshu.samplecity.events import Events
from chengshu.samplecity.people import Int64Array, People
from chengshu.samplecity.sources import Source
from chengshu.samplecity.window import Window
from chengshu.samplecity.world import World

ID_LENGTH = 18
_SECONDS_A_DAY = 86_400
_OPEN_FROM_SECONDS, _OPEN_SECONDS = 6 * 3600, 15 * 3600
_LAST_DIGIT = 16
_NOBODY_PLACE = 379099
IdRows = npt.NDArray[np.void]
"""(n,) rows of 18 bytes: an ID number each."""


def id_rows(base: Int64Array) -> IdRows:
    """(n,) ID numbers as rows of 18 bytes, which NumPy can gather faster than Arrow can strings."""
    buffer = format_id_numbers(base).buffers()[2]
    return np.frombuffer(buffer, dtype=np.dtype((np.void, ID_LENGTH)), count=len(base))


def id_texts(rows: IdRows) -> pa.StringArray:
    """(n,) rows of 18 bytes as Arrow strings, without a copy."""
    offsets = np.arange(0, ID_LENGTH * len(rows) + 1, ID_LENGTH, dtype=np.int32)
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows)))


def feed_table(
    random: np.random.Generator,
    events: Events,
    *,
    source: Source,
    people: People,
    ids: IdRows,
    everyone: Int64Array,
    world: World,
    window: Window,
) -> pa.Table:
    """One source's events of one chunk as a table.

    Args:
        random: where chance comes from.
        events: (events,) whose and when.
        source: tells which columns its feed has.
        people: of the chunk.
        ids: (n,) their ID numbers as bytes.
        everyone: (all people,) bases of ID numbers, for those typed by mistake.
        world: how often that happens.
        window: where day 0 lies.
    """
    rows = ids[events.person]
    _mistype(random, rows, everyone, world)
    moments = _moments(random, events, source, window)
    columns: dict[str, pa.Array] = {"id_number": id_texts(rows), "occurred_on": moments}
    if source.has_region:
        columns["region_code"] = COUNTY_TEXTS.take(pa.array(people.county[events.person]))
    return pa.table(columns)


def nonsense_table(events: pa.Table, window: Window) -> pa.Table:
    """Rows that no office should send: of a person nobody knows, from the future, of nobody at all."""
    row = events.slice(0, 1)
    nobody = format_id_numbers(np.array([_NOBODY_PLACE * 10**11 + 19500101123]))
    future = pa.array([window.last_day + window.epoch_day + 40], pa.int32()).cast(pa.date32())
    moment = future.cast(events.schema.field("occurred_on").type)
    place = events.schema.get_field_index("occurred_on")
    return pa.concat_tables(
        [
            row.set_column(0, "id_number", nobody),
            row.set_column(place, "occurred_on", moment),
            row.set_column(0, "id_number", pa.array(["1234567890"])),
        ]
    )


def _moments(random: np.random.Generator, events: Events, source: Source, window: Window) -> pa.Array:
    """(events,) dates, or times within opening hours where the feed has them."""
    days = events.day.astype(np.int32) + np.int32(window.epoch_day)
    if not source.has_time:
        return pa.array(days).cast(pa.date32())
    seconds = random.integers(_OPEN_FROM_SECONDS, _OPEN_FROM_SECONDS + _OPEN_SECONDS, len(days))
    return pa.array(days.astype(np.int64) * _SECONDS_A_DAY + seconds, pa.timestamp("s"))


def _mistype(random: np.random.Generator, rows: IdRows, everyone: Int64Array, world: World) -> None:
    """Replace some IDs, in place: by another person's, or by one whose check digit is wrong."""
    n = len(rows)
    other = random.integers(0, max(n, 1), random.binomial(n, world.misattributed_share))
    rows[other] = id_rows(everyone[random.integers(0, len(everyone), len(other))])
    wrong = np.unique(random.integers(0, max(n, 1), random.binomial(n, world.mistyped_share)))
    digits = rows.view(np.uint8).reshape(n, ID_LENGTH)
    digits[wrong, _LAST_DIGIT] = (digits[wrong, _LAST_DIGIT] - ord("0") + 1) % 10 + ord("0")
