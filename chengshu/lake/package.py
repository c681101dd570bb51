"""A city data package, wholly looked over before anything is read in."""

import codecs
import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from chengshu.lake import descriptor_messages, file_messages, readers
from chengshu.lake.descriptor import DESCRIPTOR, Descriptor, Resource, files_of, read_descriptor
from chengshu.lake.readers import TableFile
from chengshu.lake.resources import NEEDED, Column, columns_of

DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 1 << 16
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Package:
    """The files of every known resource.

    Attributes:
        tables: by resource name; optional resources may lack.
        events: one list of files per events resource, in the order of the descriptor.
    """

    city: Path
    descriptor: Descriptor
    tables: dict[str, list[TableFile]]
    events: list[tuple[Resource, list[TableFile]]]

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
    for name in NEEDED:
        if descriptor.resource(name) is None:
            raise descriptor_messages.resource_missing(city / DESCRIPTOR, name)
    tables: dict[str, list[TableFile]] = {}
    events: list[tuple[Resource, list[TableFile]]] = []
    for resource in descriptor.resources:
        is_events = resource.source_code is not None
        columns = columns_of(resource.name, is_events=is_events)
        if columns is None:
            continue
        files = [_look_over(path, resource, columns) for path in files_of(city, resource)]
        if is_events:
            events.append((resource, files))
        else:
            tables[resource.name] = files
    return Package(city, descriptor, tables, events)


def fingerprint_of(package: Package) -> str:
    """What a load depends on: the descriptor, and every file's name, size, time and both ends.

    The ends hold a Parquet file's footer, with the statistics of all its columns; whole files are not read,
    so that a run on a package that is already gathered ends at once.
    """
    digest = hashlib.sha256((package.city / DESCRIPTOR).read_bytes())
    for file in package.all_files():
        facts = file.path.stat()
        digest.update(f"{file.path.relative_to(package.city)}|{facts.st_size}|{facts.st_mtime_ns}".encode())
        with file.path.open("rb") as content:
            digest.update(content.read(_SAMPLE))
            content.seek(max(0, facts.st_size - _SAMPLE))
            digest.update(content.read())
    return digest.hexdigest()


def _look_over(path: Path, resource: Resource, columns: tuple[Column, ...]) -> TableFile:
    file_format = resource.format_of(path)
    rows: int | None = None
    try:
        if file_format == "parquet":
            names, rows = readers.parquet_facts(path)
        elif file_format == "xlsx":
            names = readers.sheet_header(path)
        else:
            _check_encoding(path, resource)
            names = readers.header_of(path, resource)
    except (
        pa.ArrowException,
        OSError,
        EOFError,
        zipfile.BadZipFile,
        KeyError,
    ) as error:
        if isinstance(error, PermissionError):
            raise file_messages.not_readable(path, resource.name) from error
        raise file_messages.unreadable(path, resource.name, str(error).splitlines()[0] if str(error) else "") from error
    _check_columns(path, resource, columns, names)
    return TableFile(resource, path, file_format, names, rows)


def _check_columns(path: Path, resource: Resource, columns: tuple[Column, ...], names: tuple[str, ...]) -> None:
    for column in columns:
        if not column.is_required or column.name in names:
            continue
        if len(names) == 1:
            for delimiter in DELIMITERS:
                if column.name in [part.strip(' "') for part in names[0].split(delimiter)][: len(columns) + 20]:
                    raise file_messages.wrong_delimiter(path, resource.name, column.name, delimiter)
        raise file_messages.column_missing(path, resource.name, column.name, [without_digits(name) for name in names])


def without_digits(name: str) -> str:
    """A column name for a message: in a file without header it may be an ID number."""
    return re.sub(r"\d{6,}", lambda digits: "*" * len(digits[0]), name)


def _check_encoding(path: Path, resource: Resource) -> None:
    """Decode the whole file once; the first byte that cannot be read is named with its line."""
    decoder = codecs.getincrementaldecoder(resource.encoding)()
    byte, line = 0, 1
    with readers.open_bytes(path) as content:
        while True:
            chunk = content.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                at = byte - (len(error.object) - len(chunk)) + error.start + 1
                proposal = proposed_encoding(path)
                raise file_messages.wrong_encoding(
                    path, resource.name, resource.encoding, line, at, proposal
                ) from error
            if not chunk:
                return
            byte += len(chunk)
            line += chunk.count(b"\n")


def proposed_encoding(path: Path) -> str:
    """UTF-8 where the first part decodes as such, else GB18030, the other encoding that cities use."""
    with readers.open_bytes(path) as content:
        sample = content.read(_CHUNK)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
