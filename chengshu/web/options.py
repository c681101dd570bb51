"""Options of the command line: their help in both languages, and checks that say what is wrong."""

import re
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from chengshu.kernel import clock
from chengshu.kernel.errors import UsageError
from chengshu.kernel.texts import Text

MOST_THREADS = 256
_LAST_YEAR = 2199  # the last of which birth dates are compared with ID numbers


class Language(StrEnum):
    """Of all that is printed."""

    ZH = "zh"
    EN = "en"


class Format(StrEnum):
    """Of a sample city's tables."""

    CSV = "csv"
    PARQUET = "parquet"


Lang = Annotated[
    Language | None,
    typer.Option("--lang", help="语言。\nLanguage (or CHENGSHU_LANG)."),
]
Json = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON。\nJust one JSON document on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时显示堆栈。\nShow an error's full trace.")]
City = Annotated[Path, typer.Argument(metavar="CITY", help="城市数据包文件夹。\nFolder of the city data package.")]
Lake = Annotated[
    Path | None,
    typer.Option("--lake", metavar="DIR", help="数据湖文件夹，默认 OUT/lake。\nFolder of the lake."),
]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="认证哪一天（2025-12-31）。\nThe day to certify for.")
]


def parse_as_of(text: str, *, may_be_future: bool = False) -> date:
    """A day such as 2025-12-31, at most tomorrow (feeds of the other side of midnight are no mistake).

    Raises:
        UsageError: `usage.as-of`.
    """
    try:
        if "W" in text.upper():
            raise ValueError(text)  # a week of ISO 8601 is no day that a clerk would write
        day = date.fromisoformat(text.strip())
    except ValueError:
        _refuse(
            "as-of",
            Text(f"--as-of 的值“{text}”不是日期。", f"--as-of is {text!r}, which is no date."),
            Text("请写成 2025-12-31 的样子。", "Write it like 2025-12-31."),
        )
    if not may_be_future and day > clock.today() + timedelta(days=1):
        _refuse(
            "as-of",
            Text(f"--as-of {day} 在未来。", f"--as-of {day} lies in the future."),
            Text("请给出今天或更早的日期。", "Give today or an earlier day."),
        )
    if day.year > _LAST_YEAR:
        _refuse(
            "as-of",
            Text(f"--as-of {day} 太晚。", f"--as-of {day} is too far ahead."),
            Text("请检查年份。", "Check the year."),
        )
    if day.year < 1990:
        _refuse(
            "as-of",
            Text(f"--as-of {day} 太早。", f"--as-of {day} is too long ago."),
            Text("请检查年份。", "Check the year."),
        )
    return day


def check_engine(name: str) -> str:
    """`duckdb` or `sc://host:port`: a slip is better found before an hour of gathering than after it.

    Raises:
        UsageError: `usage.engine`.
    """
    if name != "duckdb" and not re.fullmatch(r"sc://[^\s/:]+(:\d+)?(/.*)?", name):
        _refuse(
            "engine",
            Text(f"不认识的查询引擎 {name}。", f"The engine {name} is not known."),
            Text("请用 duckdb 或 sc://主机:端口。", "Use duckdb or sc://host:port."),
        )
    return name


def check_dead_share(share: float) -> float:
    """A share strictly between 0 and 1.

    Raises:
        UsageError: `usage.max-dead-share`.
    """
    if not 0 < share < 1:
        _refuse(
            "max-dead-share",
            Text(
                f"--max-dead-share 为 {share:g}，须大于 0 且小于 1。",
                f"--max-dead-share is {share:g}; it must be above 0 and below 1.",
            ),
            Text("千分之三写作 0.003。", "Three in a thousand is 0.003."),
        )
    return share


def check_place(name: str, folder: Path | None, city: Path) -> Path | None:
    """A folder to write to, which is not the city data package itself; one below it is another matter.

    Raises:
        UsageError: `usage.NAME`.
    """
    if folder is not None and folder.resolve() == city.resolve():
        _refuse(
            name,
            Text(
                f"--{name} {folder} 就是城市数据包所在的文件夹，结果会混入其中。",
                f"--{name} {folder} is the city data package itself: what is written would mix with it.",
            ),
            Text("请换一个文件夹。", "Name another folder."),
        )
    return folder


def check_whole(name: str, value: int, least: int, most: int) -> int:
    """A whole number within its bounds.

    Raises:
        UsageError: `usage.NAME`.
    """
    if not least <= value <= most:
        _refuse(
            name,
            Text(
                f"--{name} 为 {value}，须在 {least} 至 {most} 之间。",
                f"--{name} is {value}; it must lie between {least} and {most}.",
            ),
            Text("请改正该参数。", "Correct that option."),
        )
    return value


def _refuse(name: str, message: Text, next_step: Text) -> NoReturn:
    raise UsageError(f"usage.{name}", message, next_step)
