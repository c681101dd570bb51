"""The commands `chengshu sample-organisations` and `chengshu sample-certification`."""

import json
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from chengshu.kernel.texts import Lang, Text
from chengshu.web import options
from chengshu.web.language import spoken_language

if TYPE_CHECKING:
    from chengshu.web.sample_accounts import SampleAccounts

HELP = (
    "为本机试用建立示例机构和各角色的演示账号。可重复运行。\n\n"
    "Set up the sample city's organisations and an account for each role, on this machine only. May be repeated."
)
_DONE = Text(
    "机构 {organisations} 个（新增或更新 {added}），演示账号 {accounts} 个（新增 {opened}）。",
    "{organisations} organisations ({added} new or changed), {accounts} demonstration accounts ({opened} new).",
)
_PASSWORD = Text("密码（全部演示账号）  {password}", "Password (all demonstration accounts)  {password}")
CERTIFICATION_HELP = (
    "以演示账号认证数据湖中的数据并发布。可重复运行。\n\n"
    "Certify what the lake holds as the demonstration accounts would, and publish it. May be repeated."
)
_PUBLISHED = Text("第 {number} 次认证（{day}）已发布。", "Run {number} ({day}) is published.")
_IN_FORCE = Text("第 {number} 次认证（{day}）生效中。", "Run {number} ({day}) is in force.")
_COLUMNS = (Text("账号", "account"), Text("姓名", "name"), Text("角色", "role"), Text("机构", "organisation"))


def sample_organisations(
    as_json: options.Json = False, lang: options.Lang = None, debug: options.Debug = False
) -> None:
    """Set up the sample city's organisations and an account for each role."""
    from chengshu.web.django_start import usable_database

    with usable_database():
        from chengshu.accounts import actor
        from chengshu.web.sample_accounts import make_sample_accounts

        made = make_sample_accounts(actor.machine())
    if as_json:
        _print_json(made)
    else:
        _print_accounts(made, spoken_language())


def sample_certification(lang: options.Lang = None, debug: options.Debug = False) -> None:
    """Certify what the lake holds, and publish it, as the demonstration accounts would."""
    from chengshu.web.django_start import usable_database

    with usable_database():
        from chengshu.web.sample_accounts import publish_sample_run

        run, is_new = publish_sample_run()
    text = (_PUBLISHED if is_new else _IN_FORCE).format(number=run.pk, day=run.as_of)
    Console().print(RichText(text.get(spoken_language())), soft_wrap=True)


def _print_json(made: "SampleAccounts") -> None:
    from chengshu.web.sample_accounts import ACCOUNTS

    document = made._asdict() | {"accounts": [account._asdict() for account in ACCOUNTS]}
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _print_accounts(made: "SampleAccounts", lang: Lang) -> None:
    from chengshu.accounts.domain import ROLE_NAMES
    from chengshu.web.sample_accounts import ACCOUNTS

    console = Console()
    done = _DONE.format(
        organisations=f"{made.organisations:,}",
        added=f"{made.added_organisations:,}",
        accounts=len(ACCOUNTS),
        opened=made.added_accounts,
    )
    console.print(RichText(done.get(lang)), soft_wrap=True)
    table = Table()
    for column in _COLUMNS:
        table.add_column(column.get(lang), overflow="fold")
    for username, name, role, organisation in ACCOUNTS:
        table.add_row(username, name, ROLE_NAMES[role].get(lang), organisation)
    console.print(table)
    console.print(RichText(_PASSWORD.format(password=made.password).get(lang)), soft_wrap=True)
