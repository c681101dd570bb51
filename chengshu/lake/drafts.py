"""A first descriptor for a folder of files: what each seems to be, and what is still missing."""

import csv
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from chengshu.kernel.errors import PackageError, StorageError, UsageError
from chengshu.kernel.texts import Text
from chengshu.lake import readers
from chengshu.lake.descriptor import DESCRIPTOR
from chengshu.lake.encodings import proposed_encoding
from chengshu.lake.lock import is_lake
from chengshu.lake.package import DELIMITERS
from chengshu.lake.resources import COLUMNS, EVENTS, NEEDED, Column
from chengshu.lake.tables import is_table

_SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx"}
_PART = re.compile(r"^(part|data|chunk)?[-_.]?\d*$", re.IGNORECASE)
_NO_RESOURCE = Text("缺少资源 {name}（必需列：{columns}）。", "The resource {name} is missing (it needs: {columns}).")
_NO_EVENTS = Text(
    "没有事件表（必需列：id_number, occurred_on）：每个数据来源一个。",
    "There are no events (columns id_number, occurred_on): one table for each source.",
)
_NO_DEATHS = Text(
    "没有死亡登记 deaths：可以运行，但模型只能依靠生命表。",
    "There is no deaths table: it will run, but on its life table alone.",
)
_NO_COLUMN = Text("{path} 像是 {name}，但缺少列 {columns}。", "{path} looks like {name}, but lacks: {columns}.")
_MIXED = Text(
    "资源 {name} 的文件编码、分隔符或格式不一致：{paths}。请统一，或分成几个资源。",
    "The files of {name} differ in format, encoding or delimiter: {paths}. Make them alike, or split them.",
)
_UNREADABLE = Text("{path} 无法读取：{problem}", "{path} cannot be read: {problem}")


@dataclass(frozen=True)
class Draft:
    """A draft and what is to be done about it.

    Attributes:
        descriptor: what `datapackage.json` would hold.
        missing: what is still needed, or wrong.
        advice: what would be of use, but is not needed.
        unused: files that fit nothing, and folders left alone, with a slash at the end.
    """

    descriptor: dict[str, Any]
    missing: list[Text] = field(default_factory=list)
    advice: list[Text] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Table:
    """A file that could be opened, and what it seems to be."""

    path: str
    format: str
    columns: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def stem(self) -> str:
        """Its name, or that of its folder where the name only numbers a part."""
        place = Path(self.path)
        name = place.name.split(".")[0]
        return place.parent.name if _PART.match(name) and place.parent.name else name


def draft_descriptor(city: Path, *, is_output: Callable[[Path], bool] = lambda folder: False) -> Draft:
    """Look at every table in a folder and below it, but not into lakes and Delta tables: their files are no tables.

    Args:
        city: the folder.
        is_output: whether a folder below it holds what a program made of the tables, and is left alone too.

    Raises:
        PackageError: `describe.no-folder`, or `describe.no-tables` where there is nothing to describe.
    """
    if not city.is_dir():
        raise PackageError(
            "describe.no-folder",
            Text(f"{city} 不是文件夹。", f"{city} is not a folder."),
            Text("请给出存放数据表的文件夹。", "Name the folder that holds the tables."),
        )
    draft = Draft({"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": _slug(city)})
    tables = list(_read_tables(city, draft, is_output))
    if not tables and not draft.missing:
        raise PackageError(
            "describe.no-tables",
            Text(f"{city} 中没有数据表。", f"{city} holds no table."),
            Text("可用格式：parquet、csv、csv.gz、xlsx。", "A table is a file of parquet, csv, csv.gz or xlsx."),
        )
    draft.descriptor["resources"] = _resources(tables, draft)
    return draft


def check_draft(city: Path, draft: Draft) -> None:
    """Fail where the folder is no city data package yet.

    Raises:
        PackageError: `describe.incomplete`.
    """
    if draft.missing:
        raise PackageError(
            "describe.incomplete",
            Text(
                f"{city} 还不是完整的城市数据包：有 {len(draft.missing)} 处缺失或有误，见上文。",
                f"{city} is no whole city data package yet: {len(draft.missing)} things are missing or wrong (above).",
            ),
            Text("请补齐后再运行一次 describe。", "Put them right, and describe it again."),
        )


def write_draft(city: Path, draft: Draft) -> Path:
    """Write the draft as `datapackage.json`; one that is there is never replaced.

    Raises:
        UsageError: `describe.exists`.
        StorageError: `describe.not-written`.
    """
    path = city / DESCRIPTOR
    text = json.dumps(draft.descriptor, ensure_ascii=False, indent=2) + "\n"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(
            "describe.exists",
            Text(f"{path} 已经存在，未改动。", f"{path} is there already and was left as it is."),
            Text("如要重写，请先移走它。", "Move it away first to have a new one."),
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            "describe.not-written",
            Text(f"无法写入 {path}：{reason}。", f"{path} could not be written: {reason}."),
            Text("请检查磁盘空间和写入权限。", "Check free space and the right to write."),
        ) from error
    return path


def _slug(city: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", city.resolve().name.lower()).strip("-") or "city"


def _read_tables(city: Path, draft: Draft, is_output: Callable[[Path], bool]) -> Iterator[_Table]:
    """Every table that can be opened; the others are noted."""
    for path in _files_below(city, draft, is_output):
        relative = path.relative_to(city)
        suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
        file_format = _SUFFIXES.get(suffixes[-1] if suffixes else "")
        if file_format is None or any(part[0] in "._" for part in relative.parts):
            continue
        try:
            yield _open(path, relative.as_posix(), file_format)
        except (pa.ArrowException, OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            problem = (str(error).splitlines() or [type(error).__name__])[0]
            draft.missing.append(_UNREADABLE.format(path=relative.as_posix(), problem=problem))


def _files_below(city: Path, draft: Draft, is_output: Callable[[Path], bool]) -> Iterator[Path]:
    """Files in order, without those of folders that are left alone; these are noted."""
    left = set()
    for path in sorted(city.rglob("*")):  # a folder comes before what is in it
        if path.parent in left:
            left.add(path)
        elif path.is_dir() and (is_lake(path) or is_table(path) or is_output(path)):
            left.add(path)
            draft.unused.append(path.relative_to(city).as_posix() + "/")
        elif path.is_file():
            yield path


def _open(path: Path, name: str, file_format: str) -> _Table:
    if file_format == "parquet":
        return _Table(name, file_format, readers.parquet_facts(path)[0])
    if file_format == "xlsx":
        return _Table(name, file_format, readers.sheet_header(path))
    encoding = proposed_encoding(path) or "utf-8"
    with readers.open_text(path, encoding) as text:
        line = text.readline()
    delimiter = max(DELIMITERS, key=line.count)
    header = next(csv.reader([line], delimiter=delimiter), [])
    return _Table(name, file_format, tuple(cell.strip() for cell in header), encoding, delimiter)


def _resources(tables: list[_Table], draft: Draft) -> list[dict[str, Any]]:
    """Known tables first, then events by source; what lacks is noted in the draft."""
    groups: dict[str, list[_Table]] = {}
    for table in tables:
        name = _name_of(table, draft)
        if name is None:
            draft.unused.append(table.path)
        else:
            groups.setdefault(name, []).append(table)
    for name in NEEDED:
        if name not in groups:
            columns = ", ".join(_required(COLUMNS[name]))
            draft.missing.append(_NO_RESOURCE.format(name=name, columns=columns))
    if not any(name.startswith("events-") for name in groups):
        draft.missing.append(_NO_EVENTS)
    if "deaths" not in groups:
        draft.advice.append(_NO_DEATHS)
    ordered = [name for name in COLUMNS if name in groups]
    ordered += sorted(name for name in groups if name not in COLUMNS)
    draft.missing.extend(_mixed(name, groups[name]) for name in ordered if _is_mixed(groups[name]))
    return [_resource(name, groups[name]) for name in ordered]


def _is_mixed(tables: list[_Table]) -> bool:
    """Whether files that would be one resource are written in different ways."""
    return len({(table.format, table.encoding, table.delimiter) for table in tables}) > 1


def _mixed(name: str, tables: list[_Table]) -> Text:
    return _MIXED.format(name=name, paths=", ".join(table.path for table in tables))


def _name_of(table: _Table, draft: Draft) -> str | None:
    """What a table seems to be: by its name, else by its columns; None where it fits nothing."""
    stem = table.stem.lower()
    fitting = [name for name, columns in COLUMNS.items() if set(_required(columns)) <= set(table.columns)]
    if stem in COLUMNS:
        lacking = [column for column in _required(COLUMNS[stem]) if column not in table.columns]
        if lacking:
            draft.missing.append(_NO_COLUMN.format(path=table.path, name=stem, columns=", ".join(lacking)))
        return stem
    if set(_required(EVENTS)) <= set(table.columns):
        return "events-" + _source_of(table).replace("_", "-")
    return max(fitting, key=lambda name: len(_required(COLUMNS[name])), default=None)


def _source_of(table: _Table) -> str:
    return re.sub(r"^events?[-_]", "", table.stem, flags=re.IGNORECASE)


def _required(columns: tuple[Column, ...]) -> list[str]:
    return [column.name for column in columns if column.is_required]


def _resource(name: str, tables: list[_Table]) -> dict[str, Any]:
    first = tables[0]
    paths = [table.path for table in tables]
    resource: dict[str, Any] = {"name": name}
    if name.startswith("events-"):
        resource["source_code"] = _source_of(first)
    resource |= {"path": paths[0] if len(paths) == 1 else paths, "format": first.format}
    if first.encoding != "utf-8":
        resource["encoding"] = first.encoding
    if first.delimiter != ",":
        resource["dialect"] = {"delimiter": first.delimiter}
    return resource
