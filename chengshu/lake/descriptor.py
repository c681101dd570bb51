"""The descriptor of a city data package: Frictionless Data Package v2, as far as a city needs it."""

import codecs
import json
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chengshu.lake import descriptor_messages, file_messages

DESCRIPTOR = "datapackage.json"
Format = Literal["parquet", "csv", "xlsx"]
_SUFFIXES: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
}
_HEADER = "id_number,occurred_on\r\n"
_OF_DOMAIN_NAMES = {"idna", "punycode"}
_GLOB_SIGNS = frozenset("*?[")


class Dialect(BaseModel):
    """How a CSV is written."""

    model_config = ConfigDict(populate_by_name=True)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote_char: str = Field(default='"', alias="quoteChar", min_length=1, max_length=1)


class Resource(BaseModel):
    """One table of the package, in one or several files."""

    name: str = Field(min_length=1)
    path: str | list[str]
    format: str | None = None
    encoding: str = "utf-8"
    dialect: Dialect = Dialect()
    source_code: str | None = Field(default=None, min_length=1)

    def format_of(self, path: Path) -> Format:
        """The format of one of its files: by its name, and as declared.

        Raises:
            PackageError: `package.unknown-format`, `package.format-differs` from what the file's name says.
        """
        suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
        by_name = _SUFFIXES.get(suffixes[-1] if suffixes else "")
        declared = _SUFFIXES.get(f".{self.format.lower().removesuffix('.gz')}") if self.format else by_name
        if declared is None:
            raise file_messages.unknown_format(path, self.name, self.format)
        if by_name not in (None, declared):
            raise file_messages.format_differs(path, self.name, str(self.format), str(by_name))
        return declared


class Descriptor(BaseModel):
    """The whole package; simulated and region_names (names by region code) are properties of our own."""

    name: str = ""
    title: str = ""
    simulated: bool = False
    region_names: dict[str, str] = Field(default_factory=dict)
    resources: list[Resource]

    def resource(self, name: str) -> Resource | None:
        """The resource of this name, if there is one."""
        return next((resource for resource in self.resources if resource.name == name), None)


def read_descriptor(city: Path) -> Descriptor:
    """Read datapackage.json.

    Raises:
        PackageError: no folder, no descriptor, or one that is not JSON or lacks what it must say.
        StorageError: `package.not-readable`.
    """
    file = city / DESCRIPTOR
    try:
        descriptor = Descriptor.model_validate(json.loads(_text_of(file)))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "datapackage"
        raise descriptor_messages.bad_descriptor(file, f"{place}: {first['msg']}") from error
    except ValueError as error:  # JSON and UTF-8 errors alike
        raise descriptor_messages.bad_descriptor(file, str(error)) from error
    except RecursionError as error:
        raise descriptor_messages.bad_descriptor(file, "line 1: brackets are nested too deeply") from error
    _check_resources(file, descriptor)
    return descriptor


def _text_of(file: Path) -> str:
    city = file.parent
    try:
        if city.exists() and not city.is_dir():
            raise descriptor_messages.not_a_folder(city)
        if not file.is_file():
            raise descriptor_messages.no_descriptor(city)
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise descriptor_messages.descriptor_not_readable(file, error.strerror or str(error)) from error


def _check_resources(file: Path, descriptor: Descriptor) -> None:
    """Names are unique and encodings known."""
    seen: set[str] = set()
    for resource in descriptor.resources:
        if resource.name in seen:
            raise descriptor_messages.bad_descriptor(file, f"resources: the name {resource.name} is used twice")
        seen.add(resource.name)
        if not _is_encoding_of_tables(resource.encoding):
            raise descriptor_messages.unknown_encoding(file, resource.name, resource.encoding)


def _is_encoding_of_tables(name: str) -> bool:
    r"""Whether tables can be written so; Python's codecs do other things too, such as base64 and domain names.

    >>> [_is_encoding_of_tables(name) for name in ("gbk", "utf-16", "base64", "rot13", "undefined", "idna", "a\0")]
    [True, True, False, False, False, False, False]
    """
    try:
        written = _HEADER.encode(name)
        if codecs.lookup(name).name in _OF_DOMAIN_NAMES:
            return False
        return codecs.getincrementaldecoder(name)().decode(written, final=True) == _HEADER
    except (LookupError, ValueError):  # of names with a NUL, and of codecs that refuse what they are given
        return False


def files_of(city: Path, resource: Resource) -> list[Path]:
    """The files of a resource, in the order of `path`; a glob's in the order of their names.

    Raises:
        PackageError: a path that leads out of the package, is none, is missing, a folder, or empty.
    """
    patterns = [resource.path] if isinstance(resource.path, str) else resource.path
    files: list[Path] = []
    for pattern in patterns:
        try:
            files += _expand(city, pattern, resource.name)
        except (ValueError, NotImplementedError, OSError) as error:  # `**` beside other signs, a NUL, a name too long
            problem = getattr(error, "strerror", None) or str(error)
            raise descriptor_messages.bad_path(city / DESCRIPTOR, pattern, resource.name, problem) from error
    if not files:
        raise file_messages.file_missing(city, resource.name)
    for file in files:
        try:
            _check_file(file, resource.name)
        except PermissionError as error:  # of a folder on the way to it
            raise file_messages.not_readable(file, resource.name) from error
    return files


def _check_file(file: Path, resource: str) -> None:
    if not file.exists():
        raise file_messages.file_missing(file, resource)
    if file.is_dir():
        raise file_messages.is_folder(file, resource)
    if file.stat().st_size == 0:
        raise file_messages.file_empty(file, resource)


def _expand(city: Path, pattern: str, resource: str) -> list[Path]:
    """The files of one path or glob. A link within the package may lead elsewhere; its path may not."""
    relative = PurePosixPath(pattern.replace("\\", "/"))
    if relative.is_absolute() or ".." in relative.parts or "://" in pattern or ":" in pattern[:2]:
        raise descriptor_messages.path_escapes(pattern, resource)
    is_there = (city / relative).exists()  # asked of every path, for it fails where the system takes no such path
    if is_there or not _GLOB_SIGNS & set(pattern):
        return [city / relative]
    found = sorted(city.glob(str(relative)))
    if not found:
        raise file_messages.file_missing(city / relative, resource)
    return found
