"""A city data package, wholly looked over before anything is read in."""

import codecs
import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.texts import Text
from chengshu.lake import descriptor_messages, file_messages, readers
from chengshu.lake.descriptor import DESCRIPTOR, Descriptor, Format, Resource, files_of, read_descriptor
from chengshu.lake.encodings import LineEnds, judge_undecodable
from chengshu.lake.readers import TableFile
from chengshu.lake.resources import (
    COLUMNS,
    NEEDED,
    Column,
    columns_of,
    is_named_like_events,
    looks_like_events,
    near_name,
)

DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 1 << 16
_CHUNK = 1 << 22
_UNREADABLE = (pa.ArrowException, OSError, EOFError, zipfile.BadZipFile, KeyError)


@dataclass(frozen=True)
class Package:
    """The files of every known resource.

    Attributes:
        tables: by resource name; optional resources may lack.
        events: one list of files per events resource, in the order of the descriptor.
        warnings: what the user should know of the descriptor.
    """

    city: Path
    descriptor: Descriptor
    tables: dict[str, list[TableFile]]
    events: list[tuple[Resource, list[TableFile]]]
    warnings: list[Text] = field(default_factory=list)

    def all_files(self) -> Iterator[TableFile]:
        """Every file that is read."""
        for files in self.tables.values():
            yield from files
        for _, files in self.events:
            yield from files


def open_package(city: Path) -> Package:
    """Look a package over: descriptor, files, formats, encodings, columns.

    Raises:
        PackageError: the first thing wrong, naming file, column and what to do.
    """
    descriptor = read_descriptor(city)
    _check_needed(city, descriptor)
    package = Package(city, descriptor, {}, [])
    for resource in descriptor.resources:
        is_events = resource.source_code is not None
        columns = columns_of(resource.name, is_events=is_events)
        if columns is None:
            package.warnings.append(_left_alone(city, descriptor, resource))
            continue
        files = [_look_over(city, path, resource, columns) for path in files_of(city, resource)]
        if is_events:
            package.events.append((resource, files))
        else:
            package.tables[resource.name] = files
    _check_no_file_twice(package)
    return package


def _check_needed(city: Path, descriptor: Descriptor) -> None:
    """Every city needs these."""
    for name in NEEDED:
        if descriptor.resource(name) is None:
            unknown = [one.name for one in descriptor.resources if one.name not in COLUMNS and not one.source_code]
            raise descriptor_messages.resource_missing(city / DESCRIPTOR, name, near_name(name, unknown))


def _left_alone(city: Path, descriptor: Descriptor, resource: Resource) -> Text:
    """What is said of a resource that fits no table.

    Raises:
        PackageError: `package.source-code-missing` where it is one of events.
    """
    if is_named_like_events(resource.name) or looks_like_events(_columns_if_any(city, resource)):
        code = re.sub(r"^events?[-_. ]*", "", resource.name, flags=re.IGNORECASE).replace("-", "_")
        path = resource.path if isinstance(resource.path, str) else ", ".join(resource.path)
        raise descriptor_messages.source_code_missing(city / DESCRIPTOR, resource.name, path, code or "CODE")
    absent = [name for name in COLUMNS if descriptor.resource(name) is None]
    return descriptor_messages.unknown_resource(resource.name, near_name(resource.name, absent))


def _columns_if_any(city: Path, resource: Resource) -> tuple[str, ...]:
    """The columns of a resource that is left alone, and so may be anything."""
    try:
        path = files_of(city, resource)[0]
        return _names_and_rows(path, resource.format_of(path), resource)[0]
    except (ChengshuError, *_UNREADABLE, ValueError, csv.Error):
        return ()


def _check_no_file_twice(package: Package) -> None:
    """A file belongs to one feed, once; tables of different kinds may share one, for they read other columns."""
    seen: dict[tuple[Path, str], str] = {}
    for file in package.all_files():
        name = file.resource.name
        place = (file.path.resolve(), "events" if file.resource.source_code is not None else name)
        if place in seen:
            raise descriptor_messages.file_twice(package.city / DESCRIPTOR, file.place, seen[place], name)
        seen[place] = name


def fingerprint_of(package: Package) -> str:
    """What a load depends on: the descriptor, and every file's name, size, time and both ends.

    The ends hold a Parquet file's footer, with the statistics of all its columns; whole files are not read,
    so that a run on a package that is already gathered ends at once.
    """
    digest = hashlib.sha256((package.city / DESCRIPTOR).read_bytes())
    for file in package.all_files():
        facts = file.path.stat()
        digest.update(f"{file.place}|{facts.st_size}|{facts.st_mtime_ns}".encode())
        with file.path.open("rb") as content:
            digest.update(content.read(_SAMPLE))
            content.seek(max(0, facts.st_size - _SAMPLE))
            digest.update(content.read())
    return digest.hexdigest()


def _look_over(city: Path, path: Path, resource: Resource, columns: tuple[Column, ...]) -> TableFile:
    file_format = resource.format_of(path)
    try:
        has_mixed_ends = file_format == "csv" and _check_encoding(path, resource)
        names, rows = _names_and_rows(path, file_format, resource)
    except _UNREADABLE as error:
        if isinstance(error, PermissionError):
            raise file_messages.not_readable(path, resource.name) from error
        raise file_messages.unreadable(path, resource.name, str(error).splitlines()[0] if str(error) else "") from error
    _check_columns(path, resource, columns, names, file_format)
    place = path.relative_to(city).as_posix()
    return TableFile(resource, path, place, file_format, readers.distinct(names), rows, has_mixed_ends)


def _names_and_rows(path: Path, file_format: Format, resource: Resource) -> tuple[tuple[str, ...], int | None]:
    """The columns of a file, and its rows where the format tells them."""
    if file_format == "parquet":
        return readers.parquet_facts(path)
    return (readers.sheet_header(path) if file_format == "xlsx" else readers.header_of(path, resource)), None


def _check_columns(
    path: Path, resource: Resource, columns: tuple[Column, ...], names: tuple[str, ...], file_format: Format
) -> None:
    folded = [name.casefold() for name in names]
    for column in columns:
        if column.name in names and folded.count(column.name) > 1:
            twice = [name for name in names if name.casefold() == column.name]
            raise file_messages.column_twice(path, resource.name, column.name, twice)
        if not column.is_required or column.name in names:
            continue
        if len(names) == 1:
            for delimiter in DELIMITERS:
                if column.name in [part.strip(' "') for part in names[0].split(delimiter)][: len(columns) + 20]:
                    raise file_messages.wrong_delimiter(path, resource.name, column.name, delimiter)
        present = [without_digits(name) for name in readers.distinct(names)]
        if file_format == "xlsx":
            sheet = readers.first_sheet(path)
            raise file_messages.sheet_column_missing(path, resource.name, column.name, present, sheet)
        raise file_messages.column_missing(path, resource.name, column.name, present)


def without_digits(name: str) -> str:
    """A column name for a message: in a file without header it may be an ID number."""
    return re.sub(r"\d{6,}", lambda digits: "*" * len(digits[0]), name)


def _check_encoding(path: Path, resource: Resource) -> bool:
    """Decode the whole file once; tells whether its lines end in two ways.

    Raises:
        PackageError: `package.wrong-encoding`, unless only some lines are at fault; `package.file-compressed`.
    """
    decoder = codecs.getincrementaldecoder(resource.encoding)()
    ends = LineEnds()
    if not readers.is_gzip(path) and readers.holds_gzip(path):
        raise file_messages.is_compressed(path, resource.name)
    with readers.open_bytes(path) as content:
        try:
            while chunk := content.read(_CHUNK):
                ends.see(chunk)
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError:
            judge_undecodable(path, resource)
            while chunk := content.read(_CHUNK):
                ends.see(chunk)
    return ends.are_mixed
