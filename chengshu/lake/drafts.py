"""Drafting a descriptor for a folder of files: what each file seems to be, and what is missing."""

import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from chengshu.kernel.texts import Text
from chengshu.lake import messages, readers
from chengshu.lake.descriptor import DESCRIPTOR, Resource
from chengshu.lake.package import DELIMITERS, proposed_encoding, without_digits
from chengshu.lake.resources import COLUMNS, EVENTS, NEEDED, Column

_PATTERNS = ("*.parquet", "*.csv", "*.csv.gz", "*.tsv", "*.txt", "*.xlsx")
_EVENTS_PREFIX = "events-"
_FEWEST_ALIKE = 2


@dataclass
class Draft:
    """A descriptor as far as it can be told from the files.

    Attributes:
        descriptor: what to write as datapackage.json.
        missing: what to add or settle by hand, in words.
    """

    descriptor: dict[str, Any]
    missing: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    """A file, how it is written, and its columns."""

    path: str
    columns: tuple[str, ...]
    facts: dict[str, Any]


def describe(city: Path) -> Draft:
    """Draft a descriptor for a folder. Nothing is written.

    Raises:
        PackageError: there is no such folder.
    """
    if not city.is_dir():
        raise messages.not_a_folder(city)
    draft = Draft({"name": city.resolve().name, "resources": []})
    tables: dict[str, list[_Seen]] = {}
    events: dict[str, list[_Seen]] = {}
    for path in sorted({file for pattern in _PATTERNS for file in city.rglob(pattern)}):
        seen = _look_at(city, path, draft)
        kind = _kind_of(seen.columns) if seen else None
        if seen is None:
            continue
        if kind == "events":
            events.setdefault(_source_of(path, city), []).append(seen)
        elif kind is not None:
            tables.setdefault(kind, []).append(seen)
        else:
            draft.missing.append(_unrecognised(seen))
    _add_resources(draft, tables, events)
    return draft


def _look_at(city: Path, path: Path, draft: Draft) -> _Seen | None:
    """Read a file's header, finding out how it is written."""
    name = path.relative_to(city).as_posix()
    try:
        if path.suffix == ".parquet":
            return _Seen(name, readers.parquet_facts(path)[0], {"format": "parquet"})
        if path.suffix == ".xlsx":
            return _Seen(name, readers.sheet_header(path), {"format": "xlsx"})
        return _look_at_text(path, name)
    except (
        pa.ArrowException,
        OSError,
        EOFError,
        ValueError,
        zipfile.BadZipFile,
        InvalidFileException,
    ) as error:
        problem = (str(error) or type(error).__name__).splitlines()[0]
        draft.missing.append(_UNREADABLE.format(path=name, problem=problem))
        return None


def _look_at_text(path: Path, name: str) -> _Seen:
    facts: dict[str, Any] = {"format": "csv"}
    encoding = proposed_encoding(path)
    if encoding != "utf-8":
        facts["encoding"] = encoding
    headers = {
        delimiter: readers.header_of(
            path,
            Resource.model_validate(
                {"name": "draft", "path": name, "encoding": encoding, "dialect": {"delimiter": delimiter}}
            ),
        )
        for delimiter in DELIMITERS
    }
    delimiter = max(headers, key=lambda one: len(headers[one]))
    if delimiter != ",":
        facts["dialect"] = {"delimiter": delimiter}
    return _Seen(name, headers[delimiter], facts)


def _kind_of(columns: tuple[str, ...]) -> str | None:
    """The resource whose required columns are all there, the one with most of them; None for none."""
    fitting = [
        (len(_required(wanted)), name)
        for name, wanted in [*COLUMNS.items(), ("events", EVENTS)]
        if not _required(wanted) - set(columns)
    ]
    return max(fitting)[1] if fitting else None


def _required(columns: tuple[Column, ...]) -> set[str]:
    return {column.name for column in columns if column.is_required}


def _source_of(path: Path, city: Path) -> str:
    """A file's own name is its source; files in a folder of numbered parts share the folder's."""
    stem = path.name.split(".")[0]
    is_part = stem.replace("part", "").replace("data", "").strip("-_0123456789") == ""
    name = path.parent.name if is_part and path.parent != city else stem
    return name.removeprefix(_EVENTS_PREFIX).removeprefix("events_").replace("-", "_")


def _unrecognised(seen: _Seen) -> Text:
    """What a file is nearest to, and what it lacks for that."""
    alike = {
        name: len(_required(wanted) & set(seen.columns)) / len(_required(wanted))
        for name, wanted in [*COLUMNS.items(), ("events-…", EVENTS)]
        if len(_required(wanted) & set(seen.columns)) >= min(_FEWEST_ALIKE, len(_required(wanted)) - 1)
    }
    names = ", ".join(without_digits(name) for name in seen.columns)
    if not alike:
        return _UNKNOWN.format(path=seen.path, columns=names)
    nearest = max(alike, key=lambda name: alike[name])
    lacking = ", ".join(sorted(_required(COLUMNS.get(nearest, EVENTS)) - set(seen.columns)))
    return _NEARLY.format(path=seen.path, nearest=nearest, lacking=lacking, columns=names)


def _add_resources(draft: Draft, tables: dict[str, list[_Seen]], events: dict[str, list[_Seen]]) -> None:
    for name in COLUMNS:
        if name in tables:
            draft.descriptor["resources"].append(_resource(name, tables[name], draft))
        elif name in NEEDED:
            wanted = ", ".join(column.name for column in COLUMNS[name] if column.is_required)
            draft.missing.append(_NO_RESOURCE.format(resource=name, columns=wanted, file=DESCRIPTOR))
    for source, files in sorted(events.items()):
        name = _EVENTS_PREFIX + source.replace("_", "-")
        draft.descriptor["resources"].append(_resource(name, files, draft) | {"source_code": source})
    if not events:
        draft.missing.append(_NO_EVENTS)


def _resource(name: str, files: list[_Seen], draft: Draft) -> dict[str, Any]:
    """One resource of files that are written alike."""
    ways = Counter(str(seen.facts) for seen in files)
    if len(ways) > 1:
        draft.missing.append(_MIXED.format(resource=name, paths=", ".join(seen.path for seen in files)))
    paths = [seen.path for seen in files]
    return {"name": name, "path": paths[0] if len(paths) == 1 else paths} | files[0].facts


_UNREADABLE = Text("文件 {path} 无法读取：{problem}", "The file {path} cannot be read: {problem}")
_UNKNOWN = Text(
    "文件 {path} 不像任何资源（列：{columns}）；如不需要可不管它。",
    "The file {path} is like no resource (columns: {columns}); leave it if it is not needed.",
)
_NEARLY = Text(
    "文件 {path} 像 {nearest}，但缺少列 {lacking}（现有列：{columns}）。请补充或改名。",
    "The file {path} is like {nearest} but lacks {lacking} (columns: {columns}). Add or rename them.",
)
_NO_RESOURCE = Text(
    "没有找到资源 {resource}：请补交含有列 {columns} 的文件，并写入 {file}。",
    "No file for the resource {resource}: hand over one with the columns {columns}, and name it in {file}.",
)
_NO_EVENTS = Text(
    "没有找到事件文件（列 id_number、occurred_on）：没有事件就无法静默认证任何人。",
    "No file of events (columns id_number, occurred_on): without events nobody can be certified silently.",
)
_MIXED = Text(
    "资源 {resource} 的文件编码或分隔符不一致：{paths}。请统一，或分成几个资源。",
    "The files of resource {resource} differ in encoding or delimiter: {paths}. Make them alike, or split them.",
)
