"""The commands `chengshu audit …` and `chengshu database …`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text as RichText

from chengshu.kernel.errors import TrailDamaged
from chengshu.kernel.texts import Lang, Text
from chengshu.web import options
from chengshu.web.language import spoken_language

if TYPE_CHECKING:
    from chengshu.accounts.verification import Verification

# Django is imported when a command runs, as everything is; Ruff's PLC0415 is off for this file.

audit_app = typer.Typer(help="审计记录。\n\nThe audit trail.", no_args_is_help=True)
database_app = typer.Typer(help="业务数据库。\n\nThe operational database.", no_args_is_help=True)

_INTACT = Text("审计记录完整：{events} 条。", "The audit trail is intact: {events} events.")
_FINDING = Text("第 {numbers} 条：{damage}", "Event {numbers}: {damage}")
_MORE = Text("另有 {count} 处未列出。", "{count} more findings are not listed.")
_ANCHORED = Text("锚点  {number}  {hash}", "Anchor  {number}  {hash}")
_PREPARED = Text("数据库已就绪（执行 {steps} 步）。", "The database is ready ({steps} steps taken).")

Anchors = Annotated[
    Path | None,
    typer.Option("--anchors", metavar="FILE", help="以往的锚点文件。\nEarlier anchors to hold the trail against."),
]


@audit_app.command(
    "verify",
    help="核验审计记录：指出被改动、删除、插入的条目。退出码 0 完整，7 受损。\n\n"
    "Check the audit trail; name changed, removed and inserted events. Exit code 0 intact, 7 damaged.",
)
def verify(
    anchors: Anchors = None, as_json: options.Json = False, lang: options.Lang = None, debug: options.Debug = False
) -> None:
    """Check the audit trail."""
    from chengshu.web.django_start import usable_database

    with usable_database():
        from chengshu.accounts import anchoring, verification

        found = verification.verify(anchoring.read_anchors(anchors) if anchors else ())
    if as_json:
        _print_json(_as_document(found))
    else:
        _print_findings(found, spoken_language())
    if not found.is_intact:
        raise _damaged(found)


@audit_app.command(
    "anchor",
    help="记下审计链的当前末端，交他处保管，以防末尾被截去。\n\n"
    "Write down where the trail ends now, to be kept elsewhere, so that a cut tail is found.",
)
def anchor(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="追加写入的文件。\nFile to add the anchor to.")
    ] = None,
    as_json: options.Json = False,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Write down where the trail ends now."""
    from chengshu.web.django_start import usable_database

    with usable_database():
        from chengshu.accounts import anchoring

        made = anchoring.make_anchor()
    if to is not None:
        anchoring.append_anchor(to, made)
    if as_json:
        _print_json(made._asdict())
    else:
        _print_line(_ANCHORED.format(number=made.number, hash=made.hash), spoken_language())


@database_app.command(
    "prepare",
    help="建立或更新数据库的表。可重复运行。\n\nMake the database's tables, or bring them up to date. May be repeated.",
)
def prepare(lang: options.Lang = None, debug: options.Debug = False) -> None:
    """Make the database's tables, or bring them up to date."""
    from chengshu.web.django_start import prepare_database, usable_database

    with usable_database(is_prepared=False):
        steps = prepare_database()
    _print_line(_PREPARED.format(steps=steps), spoken_language())


def _print_findings(found: "Verification", lang: Lang) -> None:
    from chengshu.accounts.verification import DAMAGE_NAMES

    if found.is_intact:
        _print_line(_INTACT.format(events=f"{found.events:,}"), lang)
    for damage, first, last in found.findings:
        numbers = str(first) if first == last else f"{first}–{last}"
        _print_line(_FINDING.format(numbers=numbers, damage=DAMAGE_NAMES[damage].get(lang)), lang)
    if found.unlisted:
        _print_line(_MORE.format(count=found.unlisted), lang)


def _as_document(found: "Verification") -> dict[str, Any]:
    return {
        "intact": found.is_intact,
        "events": found.events,
        "head": found.head._asdict(),
        "findings": [finding._asdict() for finding in found.findings],
        "unlisted": found.unlisted,
    }


def _damaged(found: "Verification") -> TrailDamaged:
    places = len(found.findings) + found.unlisted
    return TrailDamaged(
        "audit.damaged",
        Text(f"审计记录有 {places} 处受损。", f"The audit trail is damaged in {places} places."),
        Text(
            "请保留数据库原样，对照备份与锚点查明。",
            "Keep the database as it is, and compare it with backups and anchors.",
        ),
    )


def _print_line(text: Text, lang: Lang) -> None:
    Console().print(RichText(text.get(lang)), soft_wrap=True)


def _print_json(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
