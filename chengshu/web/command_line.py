"""The command line `chengshu`."""

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from chengshu.kernel.texts import Lang, Text
from chengshu.web import failures, options, output, sample_commands, site_commands
from chengshu.web.account_commands import accounts_app
from chengshu.web.audit_commands import audit_app, database_app
from chengshu.web.certification_commands import certification_app
from chengshu.web.language import chosen_language
from chengshu.web.progress import Tell, shown_progress

if TYPE_CHECKING:
    from chengshu.lake import Draft

# What a command works with is imported when the command runs: help would else wait seconds for query engines that it
# has no use for. Ruff's PLC0415 is off for this file.


def _both(zh: str, en: str) -> str:
    """Help in both languages, a line each."""
    return f"{zh}\n\n{en}"


app = typer.Typer(
    name="chengshu",
    help="城枢：城市大数据平台。待遇资格静默认证。\n\n"
    "Chengshu: certify silently that the people on a city's benefits are alive.",
    epilog=f"{failures.EXIT_CODES.zh}\n\n{failures.EXIT_CODES.en}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_SAMPLE_STAGES = {
    "people": Text("生成人员", "People"),
    "events": Text("生成事件", "Events"),
    "done": Text("写出数据包", "Package"),
}
_EVALUATE_STAGES = {"evaluate": Text("与真值比较", "Compare with the truth")}
_SAMPLE_DONE = Text("示例城市（{people} 人）  {out}", "Sample city ({people} people)  {out}")
_WRITTEN = Text("已写入  {path}", "Written  {path}")
_DRAFTED = Text("数据包描述草稿（{folder}）", "Draft descriptor of {folder}")
_TO_WRITE = Text("加 --write 写入 datapackage.json。", "Add --write to save it as datapackage.json.")
_COMPLETE = Text("必需的资源齐全。", "Nothing that is required is missing.")
_UNUSED = Text("未用的文件：{paths}", "Files that fit nothing: {paths}")


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    lang = chosen_language(arguments, os.environ)
    output.stand_in_for_closed()
    output.take_any_sign()

    def work() -> None:
        with output.watched():
            if app(arguments, standalone_mode=False, prog_name="chengshu") == failures.INTERRUPTED:
                raise KeyboardInterrupt  # Typer turns Ctrl-C into a returned code

    code = failures.run_guarded(work, lang=lang, is_debug="--debug" in arguments)
    output.finish()
    sys.exit(code)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"chengshu {version('chengshu')}\n")
        raise typer.Exit


app.command("sample-organisations", help=sample_commands.HELP)(sample_commands.sample_organisations)
app.command("sample-certification", help=sample_commands.CERTIFICATION_HELP)(sample_commands.sample_certification)
app.command("serve", help=site_commands.SERVE_HELP)(site_commands.serve)
app.command("worker", help=site_commands.WORKER_HELP)(site_commands.work)
app.add_typer(accounts_app, name="accounts")
app.add_typer(certification_app, name="certification")
app.add_typer(audit_app, name="audit")
app.add_typer(database_app, name="database")


@app.callback()
def start(
    is_version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="版本。\nPrint the version."),
    ] = False,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Options of every command; `main` has read them beforehand."""


@app.command(
    help=_both(
        "认证一个城市数据包：谁可静默认证，谁需询问。",
        "Certify the people of a city data package, and say whom to ask.",
    ),
)
def certify(  # noqa: PLR0913, PLR0917 - a parameter for each option
    city: options.City,
    as_of: options.AsOf,
    out: Annotated[Path, typer.Option("--out", metavar="OUT", help="结果文件夹。\nFolder for the results.")],
    max_dead_share: Annotated[
        float,
        typer.Option(
            "--max-dead-share",
            metavar="SHARE",
            help="静默认证者中预期死亡占比上限。\nBound of the dead share expected among the certified.",
        ),
    ] = 0.003,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="ENGINE",
            envvar="CHENGSHU_ENGINE",
            show_envvar=False,
            help="查询引擎。\nQuery engine: duckdb or sc://host:port.",
        ),
    ] = "duckdb",
    lake: options.Lake = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="有不可用的行即失败。\nFail where any row cannot be used.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="随机种子。\nRandom seed.")] = 1,
    threads: Annotated[
        int | None, typer.Option("--threads", help="线程数，默认全部核心。\nThreads, else all cores.")
    ] = None,
    months: Annotated[int, typer.Option("--months", help="观察的月数。\nMonths looked back.")] = 36,
    as_json: options.Json = False,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Certify the people of a city data package, and say whom to ask."""
    from chengshu.certification import run
    from chengshu.web.summary_table import print_summary

    language = _language()
    options.check_place("out", out, city)
    request = run.Request(
        city=city,
        out=out,
        as_of=options.parse_as_of(as_of),
        max_dead_share=options.check_dead_share(max_dead_share),
        engine=options.check_engine(engine),
        lake_dir=options.check_place("lake", lake, city),
        strict=strict,
        seed=options.check_whole("seed", seed, 0, 2**31 - 1),
        months=options.check_whole("months", months, 6, 60),
        threads=0 if threads is None else options.check_whole("threads", threads, 1, options.MOST_THREADS),
    )
    with shown_progress(run.STAGES, language, is_plain=as_json) as tell:
        result = run.certify(request, tell)
    if as_json:
        _print_json(result.summary)
    else:
        print_summary(Console(), result, language)


@app.command(
    "sample-city",
    help=_both(
        "生成一个虚构城市的数据包及其真值 truth.parquet。",
        "Write the data package of a made-up city, and its truth beside it.",
    ),
)
def sample_city(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="写入的文件夹。\nFolder to write.")],
    people: Annotated[int, typer.Option("--people", metavar="N", help="人数。\nHow many people.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="随机种子。\nAnother seed, another city.")],
    file_format: Annotated[
        options.Format, typer.Option("--format", help="数据表格式。\nFormat of the tables.")
    ] = options.Format.PARQUET,
    events_per_person: Annotated[
        float | None,
        typer.Option("--events-per-person", metavar="F", help="人均事件数。\nMean events a person."),
    ] = None,
    as_of: options.AsOf = "2025-12-31",
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Write the data package of a made-up city, and its truth beside it."""
    options.check_whole("people", people, 1, 40_000_000)
    options.check_whole("seed", seed, 0, 2**31 - 1)
    day = options.parse_as_of(as_of, may_be_future=True)
    language = _language()
    from chengshu.samplecity import write_sample_city

    with shown_progress(_SAMPLE_STAGES, language, is_plain=False) as tell:
        write_sample_city(
            out,
            people=people,
            seed=seed,
            file_format=file_format.value,
            events_per_person=events_per_person,
            as_of=day,
            progress=_in_turn(tell, _SAMPLE_STAGES),
        )
    _print_line(_SAMPLE_DONE.format(people=f"{people:,}", out=out), language)


@app.command(
    help=_both(
        "用真值检验一次认证：校准、损失、与 90 天规则和先知比较。",
        "Hold a finished run against the truth: calibration, losses, the 90-day rule, an oracle.",
    ),
)
def evaluate(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="认证结果文件夹。\nWhat `certify --out` wrote.")],
    truth: Annotated[
        Path, typer.Option("--truth", metavar="FILE", help="真值文件。\nParquet with id_number and alive.")
    ],
    lake: options.Lake = None,
    as_json: options.Json = False,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Hold a finished run against the truth: calibration, losses, the 90-day rule, an oracle."""
    from chengshu.certification import evaluation
    from chengshu.web.evaluation_tables import print_evaluation

    language = _language()
    with shown_progress(_EVALUATE_STAGES, language, is_plain=as_json) as tell:
        tell("evaluate", 0.0)
        found = evaluation.evaluate(out, truth, lake_dir=lake)
        tell("evaluate", 1.0)
    if as_json:
        _print_json(found)
    else:
        print_evaluation(Console(), found, out / evaluation.EVALUATION, language)


@app.command(
    help=_both(
        "为一个文件夹起草 datapackage.json，并指出还缺什么。",
        "Draft the descriptor of a folder of files, and say what is missing.",
    ),
    epilog="缺少必需内容时退出码为 3。\n\nThe exit code is 3 where something needed is missing.",
)
def describe(
    city: Annotated[Path, typer.Argument(metavar="CITY", help="数据表所在文件夹。\nFolder of tables.")],
    write: Annotated[
        bool, typer.Option("--write", help="写入 datapackage.json。\nSave the draft as datapackage.json.")
    ] = False,
    as_json: options.Json = False,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Draft the descriptor of a folder of files, and say what is missing."""
    from chengshu.certification.run import is_run
    from chengshu.lake import check_draft, draft_descriptor, write_draft

    draft = draft_descriptor(city, is_output=is_run)
    path = write_draft(city, draft) if write else None
    if as_json:
        missing = [text._asdict() for text in draft.missing]
        advice = [text._asdict() for text in draft.advice]
        parts = {"descriptor": draft.descriptor, "missing": missing, "advice": advice, "unused": draft.unused}
        _print_json(parts)
    else:
        _print_draft(city, draft, path, _language())
    check_draft(city, draft)


def _print_draft(city: Path, draft: "Draft", path: Path | None, lang: Lang) -> None:
    table = Table(title=_DRAFTED.format(folder=city).get(lang), title_justify="left", show_header=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for resource in draft.descriptor["resources"]:
        paths = resource["path"]
        table.add_row(resource["name"], paths if isinstance(paths, str) else "\n".join(paths))
    console = Console()
    console.print(table)
    for text in draft.missing:
        console.print(RichText(f"✗ {text.get(lang)}", style="yellow"))
    if not draft.missing:
        _print_line(_COMPLETE, lang)
    for text in draft.advice:
        _print_line(text, lang)
    if draft.unused:
        _print_line(_UNUSED.format(paths=", ".join(draft.unused)), lang)
    _print_line(_TO_WRITE if path is None else _WRITTEN.format(path=path), lang)


def _in_turn(tell: Tell, stages: Mapping[str, Text]) -> Tell:
    """Tell of the stages of a maker that says when one begins, not when the one before it ends."""
    begun: list[str] = []

    def told(stage: str, done: float) -> None:
        if begun and begun[-1] != stage:
            tell(begun[-1], 1.0)
        if stage not in begun:
            begun.append(stage)
        tell(stage, done)

    return told


def _language() -> Lang:
    return chosen_language(sys.argv[1:], os.environ)


def _print_line(text: Text, lang: Lang) -> None:
    Console().print(RichText(text.get(lang)), soft_wrap=True)


def _print_json(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    sys.stdout.write((text if output.takes(text) else json.dumps(document, indent=1)) + "\n")
