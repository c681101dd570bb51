"""Declared types over columns as they come: each value read, and the text kept of what could not be read."""

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import Column as IbisColumn
from ibis.expr.types import StringColumn, Table

from chengshu.lake.resources import Column, Kind

RAW = "raw:"
# A day in figures alone, with or without a time in figures after it, or one after a T or a space.
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(\d{6})?([T ].*)?$"
_MOST_EXACT = 2**53  # whole numbers beyond may have lost digits, as ID numbers would
_CHINA = ibis.interval(hours=8)
_TRUE = ("true", "t", "1", "yes", "y", "是")
_FALSE = ("false", "f", "0", "no", "n", "否")


def typed(table: Table, columns: tuple[Column, ...]) -> Table:
    """The declared columns of a table, typed; `raw:NAME` holds the text where a value could not be read.

    Optional columns that the table lacks are null. Reads: any table with the required columns.
    """
    chosen: dict[str, IbisColumn] = {}
    for column in columns:
        if column.name not in table.columns:
            chosen[column.name] = ibis.null(_TYPES[column.kind])
            continue
        source = table[column.name]
        value = _READERS[column.kind](source)
        chosen[column.name] = value
        if source.type().is_string() and column.kind is not Kind.TEXT:
            chosen[RAW + column.name] = ibis.cases((value.isnull() & source.notnull(), source))
    return table.select(**chosen)


def _text(source: IbisColumn) -> IbisColumn:
    """Text; codes that pandas made fractions of, because some lacked, are whole numbers again: 1.0 is 1."""
    kind = source.type()
    if kind.is_string():
        return source
    if kind.is_floating():
        number = source.cast("float64")
        is_whole = ~number.isnan() & (number.abs() <= _MOST_EXACT) & (number % 1 == 0)
        # Not by floor, which is cast to a whole number on the way; TRY, for DuckDB may cast the others too.
        return ibis.ifelse(is_whole, number.try_cast("int64").cast("string"), source.cast("string"))
    return source.cast("string")


def _date(source: IbisColumn) -> IbisColumn:
    """A day. Instants with a zone are read as China's days, which the city lives by."""
    kind = source.type()
    if kind.is_date():
        return source
    if isinstance(kind, dt.Timestamp):
        return ((source.cast("timestamp") + _CHINA) if kind.timezone else source).date()
    return _date_of_text(_text(source).strip())


def _date_of_text(text: StringColumn) -> IbisColumn:
    """A day as 2025-03-01, 2025/3/1, 2025.03.01, 2025年3月1日, 20250301 or 20250301120000; a time may follow it."""
    length, fifth = text.length(), text.substr(4, 1)
    has_sign = fifth.isin(("-", "/"))
    compact = text.left(4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2)
    return ibis.cases(
        ((length == len("2025-03-01")) & has_sign, text),
        ((length == len("20250301")) & fifth.between("0", "9"), compact),
        ((length == len("2025-03-01 12:00:00")) & has_sign & text.substr(10, 1).isin(("T", " ")), text.left(10)),
        else_=_written_otherwise(text),
    ).try_cast("date")


def _written_otherwise(text: StringColumn) -> StringColumn:
    """The same for forms that are seldom whole columns: regular expressions cost three times as much as the rest."""
    dashed = text.translate("年月./", "----").replace("日", "")
    dashed = dashed.re_replace(_COMPACT, r"\1-\2-\3")
    # A time after the day: only the day is wanted, and the rest may be of any form.
    return dashed.re_replace(r"[T ]\d{1,2}:\d{2}.*$", "")


def _number(source: IbisColumn) -> IbisColumn:
    kind = source.type()
    return source.strip().try_cast("float64") if kind.is_string() else source.cast("float64")


def _flag(source: IbisColumn) -> IbisColumn:
    if source.type().is_boolean():
        return source
    text = _text(source).strip().lower()
    return ibis.cases((text.isin(_TRUE), True), (text.isin(_FALSE), False))


_READERS = {Kind.TEXT: _text, Kind.DATE: _date, Kind.NUMBER: _number, Kind.FLAG: _flag}
_TYPES = {Kind.TEXT: "string", Kind.DATE: "date", Kind.NUMBER: "float64", Kind.FLAG: "boolean"}
