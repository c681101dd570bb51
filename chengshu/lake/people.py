"""Gathering of residents: person keys, the index of ID numbers, and the sealed identities."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.kernel.counting import argsort_spread
from chengshu.kernel.identifiers import IdProblem, check_id_numbers
from chengshu.lake import row_messages, storage_messages
from chengshu.lake.checks import Days, ReadContext, Rows, set_aside_in
from chengshu.lake.events import People
from chengshu.lake.person_index import PersonIndex, words_of
from chengshu.lake.readers import TableFile
from chengshu.lake.reject_reasons import id_code
from chengshu.lake.resources import RESIDENTS
from chengshu.lake.secret import IdentityKey

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
Int8Array = npt.NDArray[np.int8]

RESIDENTS_SCHEMA = pa.schema(
    [
        ("person_key", pa.int64()),
        ("sex", pa.int8()),
        ("birth_date", pa.date32()),
        ("region_code", pa.string()),
    ]
)
IDENTITIES_SCHEMA = pa.schema(
    [
        ("first_key", pa.int64()),
        ("last_key", pa.int64()),
        ("people", pa.int32()),
        ("nonce", pa.binary()),
        ("sealed", pa.binary()),
    ]
)
IDENTITY_COLUMNS = ("id_number", "name", "phone", "address")
_BLOCK_PEOPLE = 1 << 16
_NONCE_BYTES = 12
_SEXES = {"1": 1, "2": 2, "男": 1, "女": 2, "M": 1, "F": 2, "m": 1, "f": 2, "01": 1, "02": 2, "1.0": 1, "2.0": 2}
_FIRST_DAY, _DAY_AFTER = np.datetime64("1800-01-01"), np.datetime64("2200-01-01")
_EPOCH = date(1970, 1, 1)
_REGION = re.compile(r"(\d{6}|\d{9}|\d{12})(\.0)?\Z", re.ASCII)
_NO_REGION, _AS_CODE, _AS_QUANTITY = range(3)  # a spreadsheet makes 371701.0 of a code


def _day_numbers() -> Int64Array:
    """The number yyyymmdd of every day from 1800 to 2199, a 0 before and after."""
    day = np.arange(_FIRST_DAY, _DAY_AFTER)
    month = day.astype("datetime64[M]")
    year = month.astype("datetime64[Y]").astype(np.int64) + 1970
    of_year = month.astype(np.int64) % 12 + 1
    of_month = (day - month.astype("datetime64[D]")).astype(np.int64) + 1
    return np.concatenate([[0], year * 10_000 + of_year * 100 + of_month, [0]])


_NUMBERS = _day_numbers()


@dataclass(frozen=True)
class Residents:
    """All residents kept, in ascending order of person_key.

    Attributes:
        people: what other resources are checked against.
        table: `RESIDENTS_SCHEMA`.
        identities: id_number, name, phone, address, in the order of the package.
        order: (people,) the row of `identities` that is the person of each rank.
    """

    people: People
    table: pa.Table
    identities: pa.Table
    order: Int64Array


def gather_residents(context: ReadContext, files: list[TableFile], key: IdentityKey, days: Days) -> Residents:
    """Read, check and order the residents.

    Raises:
        PackageError: `package.no-residents` when not one is usable.
    """
    parts = [_check_residents(rows, days) for rows in context.tables(files, RESIDENTS)]
    if not sum(part.table.num_rows for part in parts):
        for part in parts:
            context.report(part.rows)
        raise row_messages.no_residents(files[0].path, context.log.total(), context.log.commonest())
    base = np.concatenate([part.base for part in parts])
    words = np.concatenate([part.words for part in parts])
    keys = key.person_keys(base)
    order = _order_without_repeats(keys, base, [part.rows for part in parts])
    for part in parts:
        context.report(part.rows)
    with ThreadPoolExecutor(1) as pool:
        index = pool.submit(lambda: PersonIndex(words[order]))
        kept = pa.concat_tables([part.table for part in parts])
        facts = kept.select(RESIDENTS_SCHEMA.names[1:]).combine_chunks().take(pa.array(order))
        keys = keys[order]
        table = pa.table([pa.array(keys), *facts.columns], schema=RESIDENTS_SCHEMA)
        born = table.column("birth_date").combine_chunks().cast(pa.int32()).to_numpy()
        aside = PersonIndex(np.unique(np.concatenate([part.aside for part in parts])))
        people = People(index.result(), aside, keys, born)
    return Residents(people, table, kept.select(IDENTITY_COLUMNS), order)


class _Part(NamedTuple):
    """The rows of one file that stand: first 17 digits, words, and all columns; and the words of those that do not."""

    base: Int64Array
    words: npt.NDArray[np.uint64]
    aside: npt.NDArray[np.uint64]
    table: pa.Table
    rows: Rows


def _check_residents(rows: Rows, days: Days) -> _Part:
    """Set aside what cannot be used of one file."""
    with ThreadPoolExecutor(2) as pool:
        checking = pool.submit(check_id_numbers, rows.texts("id_number"), today=_EPOCH + timedelta(days.as_of))
        sex = _by_value(rows.texts("sex"), lambda text: _SEXES.get(text.strip(), 0))
        region = rows.texts("region_code")
        written = _by_value(region, _writing_of_region)
        check = checking.result()
    rows.check_values(RESIDENTS)
    if check.problem.any():
        for problem in np.unique(check.problem):
            if problem not in (IdProblem.OK, IdProblem.FUTURE_BIRTH):
                rows.set_aside(check.problem == problem, "id_number", id_code(IdProblem(problem)))
    rows.set_aside_later("birth_date", "future-birth", days)
    rows.set_aside(check.problem == IdProblem.FUTURE_BIRTH, "birth_date", "future-birth")
    rows.set_aside(
        _as_numbers(rows.days("birth_date")) != check.base // 1000 % 10**8, "birth_date", "birth-date-differs"
    )
    rows.set_aside(sex == 0, "sex", "bad-sex")
    rows.set_aside(written == _NO_REGION, "region_code", "bad-region")
    is_changed = np.asarray(pc.fill_null(pc.not_equal(rows.texts("id_number"), check.number), False))
    rows.normalised = int(np.count_nonzero(is_changed & rows.stands))
    columns = {name: rows.table.column(name) for name in ("name", "phone", "address")}
    if (written == _AS_QUANTITY).any():
        region = pc.replace_substring_regex(region, r"\.0$", "")
    columns |= {"birth_date": rows.texts("birth_date"), "region_code": region}
    table = pa.table({"id_number": check.number, "sex": pa.array(sex), **columns})
    words = words_of(check.number)
    if rows.stands.all():
        return _Part(check.base, words, words[:0], table, rows)
    aside = words[~rows.stands & (words != 0)]
    return _Part(check.base[rows.stands], words[rows.stands], aside, table.filter(pa.array(rows.stands)), rows)


def _writing_of_region(text: str) -> int:
    """How a region code is written, if it is one."""
    found = _REGION.match(text)
    if not found:
        return _NO_REGION
    return _AS_QUANTITY if found[2] else _AS_CODE


def _by_value(texts: pa.StringArray, read: Callable[[str], int]) -> Int8Array:
    """(n,) what each text means, asked once per distinct text; 0 where null."""
    coded = texts.dictionary_encode()
    numbers = np.array([*(read(text) for text in coded.dictionary.to_pylist()), 0], np.int8)
    places = coded.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(numbers[places])


def _order_without_repeats(keys: Int64Array, base: Int64Array, parts: list[Rows]) -> Int64Array:
    """The order of keys, with only the first row of each; later rows of one ID number are set aside.

    Raises:
        StorageError: `lake.key-collision`.
    """
    order = argsort_spread(keys)  # of equals, the first row comes first
    ordered = keys[order]
    is_repeat = np.concatenate([[False], ordered[1:] == ordered[:-1]])
    if not is_repeat.any():
        return order
    if (base[order[1:]] != base[order[:-1]])[is_repeat[1:]].any():
        raise storage_messages.key_collision()
    standing = np.flatnonzero(np.concatenate([rows.stands for rows in parts]))
    repeats = np.zeros(sum(len(rows) for rows in parts), np.bool_)
    repeats[standing[order[is_repeat]]] = True
    set_aside_in(parts, repeats, "id_number", "duplicate-resident")
    return np.asarray(order[~is_repeat])


def _as_numbers(days: Int32Array) -> Int64Array:
    """(n,) yyyymmdd of days since 1970; 0 outside the years 1800 to 2199."""
    first = int(_FIRST_DAY.astype(np.int64))
    return np.asarray(_NUMBERS.take(np.clip(days - first + 1, 0, len(_NUMBERS) - 1)))


def sealed_blocks(residents: Residents, key: IdentityKey) -> Iterator[pa.Table]:
    """Identities in sealed blocks of 65,536 people: AES-256-GCM over Arrow IPC."""
    keys = residents.people.keys
    identities = residents.identities.combine_chunks()
    for start in range(0, len(keys), _BLOCK_PEOPLE):
        block = identities.take(pa.array(residents.order[start : start + _BLOCK_PEOPLE]))
        first, last = int(keys[start]), int(keys[start + block.num_rows - 1])
        nonce = os.urandom(_NONCE_BYTES)
        sealed = key.sealing.encrypt(nonce, _as_ipc(block), _label(first, last))
        row = [[first], [last], [block.num_rows], [nonce], [sealed]]
        yield pa.table(
            [pa.array(value, kind) for value, kind in zip(row, IDENTITIES_SCHEMA.types, strict=True)],
            schema=IDENTITIES_SCHEMA,
        )


def opened_blocks(blocks: pa.Table, key: IdentityKey) -> Iterator[pa.Table]:
    """The identities of sealed blocks.

    Raises:
        cryptography.exceptions.InvalidTag: another key sealed them, or they were changed.
    """
    for row in blocks.to_pylist():
        content = key.sealing.decrypt(row["nonce"], row["sealed"], _label(row["first_key"], row["last_key"]))
        with pa.ipc.open_stream(content) as reader:
            yield reader.read_all()


def _as_ipc(block: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, block.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(block.combine_chunks())
    return bytes(sink.getvalue())


def _label(first: int, last: int) -> bytes:
    """Bound to the block as associated data, so that blocks cannot be exchanged."""
    return f"{first}:{last}".encode()
