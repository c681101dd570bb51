"""`chengshu accounts …`: the first accounts of an installation, from the server's own command line."""

import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text as RichText

from chengshu.kernel.errors import UsageError
from chengshu.kernel.texts import Text
from chengshu.web import options
from chengshu.web.language import spoken_language

accounts_app = typer.Typer(help="账号与岗位。\n\nAccounts and posts.", no_args_is_help=True)
_ADD_HELP = "开立账号并给出初始密码。\n\nOpen an account, with a first password."
_APPOINT_HELP = "任命岗位。\n\nGive somebody a role in an organisation."
_PASSWORD_BYTES = 12
_ADDED = Text(
    "账号 {username} 已开立，初始密码（只显示这一次）  {password}",
    "Account {username} is open; its first password, shown once  {password}",
)
_APPOINTED = Text("{username} 已任{organisation}的{role}。", "{username} is {role} in {organisation}.")


@accounts_app.command("add", help=_ADD_HELP)
def add(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="账号名。\nName to sign in with.")],
    name: Annotated[str, typer.Option("--name", help="姓名。\nAs others read it.")],
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Open an account, with a first password."""
    from chengshu.web.django_start import usable_database

    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    with usable_database():
        from chengshu.accounts import actions, actor

        actions.create_user(by=actor.machine(), username=username, name=name, password=password)
    _say(_ADDED.format(username=username, password=password))


@accounts_app.command("appoint", help=_APPOINT_HELP)
def appoint(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="账号名。\nWhose account.")],
    organisation: Annotated[str, typer.Option("--organisation", metavar="CODE", help="机构代码。\nWhere.")],
    role: Annotated[str, typer.Option("--role", help="角色，如 handler。\nAs what, such as handler.")],
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Give somebody a role in an organisation."""
    from chengshu.web.django_start import usable_database

    with usable_database():
        from chengshu.accounts import actions, actor
        from chengshu.accounts.domain import ROLE_NAMES, Role
        from chengshu.accounts.models import Organisation, User

        if role not in list(Role):
            raise _unknown("role", role, ", ".join(sorted(Role)))
        person, place = User.objects.filter(username=username).first(), Organisation.objects.filter(code=organisation)
        if person is None or not place:
            raise _unknown(
                "username" if person is None else "organisation", username if person is None else organisation
            )
        actions.appoint(by=actor.machine(), person=person, organisation=place[0], role=Role(role))
        words = ROLE_NAMES[Role(role)].get(spoken_language())
    _say(_APPOINTED.format(username=username, organisation=organisation, role=words))


def _unknown(what: str, value: str, known: str = "") -> UsageError:
    step = (
        Text(f"可用：{known}。", f"There are: {known}.") if known else Text("请检查拼写。", "Check how it is written.")
    )
    return UsageError("usage.accounts", Text(f"没有这个{what}：{value}。", f"There is no {what} {value!r}."), step)


def _say(text: Text) -> None:
    Console().print(RichText(text.get(spoken_language())), soft_wrap=True)
