"""What an evaluation reads: the decisions of a run, its lake, and a file of truth."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chengshu.certification.evaluation_scores import Bools, Floats, Ints
from chengshu.kernel.errors import PackageError
from chengshu.kernel.texts import Text
from chengshu.lake import Load, open_load

DECISIONS, SUMMARY, LAKE = "decisions.parquet", "summary.json", "lake"
_DECISION_COLUMNS = ("id_number", "benefit_code", "decision", "p_alive", "last_event_on")
_TRUTH_COLUMNS = ("id_number", "alive")
_RECORDED, _CERTIFIED = "death_recorded", "certified"


@dataclass(frozen=True)
class Believed:
    """What a run said of people, one entry each, (people,).

    Attributes:
        id_number: who.
        row: their number among all people of the run without a recorded death.
        p_alive: chance of being alive.
        is_certified: whether the run certified them.
        last_event_on: the day of the last event; NaT for none.
    """

    id_number: pa.StringArray
    row: Ints
    p_alive: Floats
    is_certified: Bools
    last_event_on: npt.NDArray[np.datetime64]

    def take(self, places: Ints) -> "Believed":
        """Some of them."""
        return Believed(
            self.id_number.take(pa.array(places)),
            self.row[places],
            self.p_alive[places],
            self.is_certified[places],
            self.last_event_on[places],
        )


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        summary: of `summary.json`.
        believed: all people without a recorded death.
        owners: (rows,) which of them each row of decisions is about.
        benefit_codes: (rows,) for which benefit.
        load: what it read; None where its lake is gone.
    """

    as_of: date
    summary: dict[str, Any]
    believed: Believed
    owners: Ints
    benefit_codes: pa.StringArray
    load: Load | None


def open_run(out: Path, lake_dir: Path | None) -> Run:
    """Read a run.

    Raises:
        PackageError: `evaluate.no-run` or `evaluate.run-unreadable`.
        StorageError: the lake that was named holds no such load.
    """
    summary = _read_summary(out / SUMMARY)
    rows = _read_columns(out / DECISIONS, _DECISION_COLUMNS, code="evaluate.run-unreadable")
    for column in _DECISION_COLUMNS[:3]:  # may be dictionary-encoded
        place = rows.schema.get_field_index(column)
        rows = rows.set_column(place, column, rows[column].cast(pa.string()))
    rows = rows.filter(pc.not_equal(rows["decision"], _RECORDED))
    encoded = rows["id_number"].combine_chunks().dictionary_encode()
    owners = encoded.indices.to_numpy()
    first = np.unique(owners, return_index=True)[1]
    persons = rows.take(pa.array(first))
    believed = Believed(
        id_number=encoded.dictionary,
        row=np.arange(len(first)),
        p_alive=persons["p_alive"].to_numpy().astype(np.float64),
        is_certified=pc.equal(persons["decision"], _CERTIFIED).to_numpy(zero_copy_only=False),
        last_event_on=persons["last_event_on"].cast(pa.date32()).to_numpy().astype("datetime64[D]"),
    )
    load = _find_load(out, summary, lake_dir)
    codes = rows["benefit_code"].combine_chunks()
    return Run(date.fromisoformat(summary["as_of"]), summary, believed, owners, codes, load)


def _find_load(out: Path, summary: dict[str, Any], lake_dir: Path | None) -> Load | None:
    """The load that the run read; without it there is neither region nor oracle."""
    load_id = summary.get("load_id")
    if lake_dir is not None:
        return open_load(lake_dir, load_id=load_id)
    folder = out / LAKE
    return open_load(folder, load_id=load_id) if folder.is_dir() else None


def read_truth(path: Path) -> pa.Table:
    """`id_number` (upper case) and `alive` of everybody whose fate the file tells.

    Raises:
        PackageError: `evaluate.truth-missing`, `.truth-unreadable`, `.column-missing`, `.truth-column`.
    """
    if not path.is_file():
        raise PackageError(
            "evaluate.truth-missing",
            Text(f"没有真值文件 {path}。", f"There is no truth file {path}."),
            Text(
                "请用 --truth 给出 Parquet 文件；示例城市的真值在其文件夹的 truth.parquet。",
                "Name a Parquet file with --truth; a sample city keeps its own in truth.parquet.",
            ),
        )
    table = _read_columns(path, _TRUTH_COLUMNS, code="evaluate.truth-unreadable")
    if not pa.types.is_boolean(table.schema.field("alive").type):
        raise PackageError(
            "evaluate.truth-column",
            Text(f"{path} 的列 alive 不是布尔值。", f"The column alive of {path} is not boolean."),
            Text("请写 true 或 false。", "Write true or false."),
        )
    ids = pc.utf8_upper(table["id_number"].cast(pa.string())).combine_chunks()
    return pa.table({"id_number": ids, "alive": table["alive"].combine_chunks()}).drop_null()


def _read_summary(path: Path) -> dict[str, Any]:
    try:
        summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        date.fromisoformat(summary["as_of"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_run(path) from error
    return summary


def _no_run(path: Path) -> PackageError:
    return PackageError(
        "evaluate.no-run",
        Text(
            f"{path} 不存在或无法读取：这里没有完成的认证。",
            f"{path} is missing or cannot be read: no run ended here.",
        ),
        Text(
            "请给出 `chengshu certify --out` 写过的文件夹。",
            "Name the folder that `chengshu certify --out` wrote.",
        ),
    )


def _read_columns(path: Path, columns: tuple[str, ...], *, code: str) -> pa.Table:
    if not path.is_file():
        raise _no_run(path)
    try:
        with pq.ParquetFile(path) as file:
            for column in columns:
                if column not in file.schema_arrow.names:
                    raise _column_missing(path, column, file.schema_arrow.names)
            return file.read(columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        problem = (str(error).splitlines() or [""])[0]
        raise PackageError(
            code,
            Text(f"无法读取 {path}：{problem}", f"{path} cannot be read: {problem}"),
            Text(
                "该文件应为完整的 Parquet 文件，请重新生成或传输。",
                "It should be a whole Parquet file; make or transfer it again.",
            ),
        ) from error


def _column_missing(path: Path, column: str, present: list[str]) -> PackageError:
    names = ", ".join(present)
    return PackageError(
        "evaluate.column-missing",
        Text(
            f"{path} 缺少列 {column}（现有列：{names}）。",
            f"{path} has no column {column} (it has: {names}).",
        ),
        Text(f"请补充列 {column}。", f"Add the column {column}."),
    )
