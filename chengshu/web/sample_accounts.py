"""The sample city's organisations and a demonstration account for each role, for trying things out on one machine."""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from chengshu.accounts import actions
from chengshu.accounts.actor import Actor, person
from chengshu.accounts.domain import OrganisationKind, OrganisationRow, Role
from chengshu.accounts.models import Organisation, User
from chengshu.accounts.organisation_actions import import_organisations
from chengshu.certification import run_actions
from chengshu.certification.models import Run
from chengshu.certification.run_work import do_run, lake_folder
from chengshu.certification.states import RunStatus
from chengshu.kernel.errors import UsageError
from chengshu.kernel.secrets_on_disk import read_or_make_secret
from chengshu.kernel.texts import Text
from chengshu.lake import open_load
from chengshu.samplecity.organisations import BUREAU_CODE, CITY_CODE, SampleOrganisation, sample_organisations

_PASSWORD_BYTES = 12
_COUNTY, _TOWN = "379001", "379001001"


class Demonstration(NamedTuple):
    """One demonstration account."""

    username: str
    name: str
    role: Role
    organisation: str


ACCOUNTS = (
    Demonstration("system", "周明", Role.SYSTEM_ADMINISTRATOR, CITY_CODE),
    Demonstration("security", "吴静", Role.SECURITY_ADMINISTRATOR, CITY_CODE),
    Demonstration("auditor", "郑直", Role.AUDITOR, CITY_CODE),
    Demonstration("steward", "王芳", Role.DATA_STEWARD, "dept-09"),
    Demonstration("dispatcher", "冯磊", Role.DISPATCHER, f"{BUREAU_CODE}-1"),
    Demonstration("handler", "陈晨", Role.HANDLER, f"{BUREAU_CODE}-2"),
    Demonstration("approver", "褚云", Role.APPROVER, BUREAU_CODE),
    Demonstration("officer", "卫东", Role.DEPARTMENT_OFFICER, "dept-12"),
    Demonstration("county", "沈岚", Role.DEPARTMENT_OFFICER, _COUNTY),
    Demonstration("worker", "韩雪", Role.GRASSROOTS_WORKER, _TOWN),
    Demonstration("resident", "杨秀英", Role.RESIDENT, _TOWN),
    Demonstration("developer", "朱青", Role.OUTSIDE_DEVELOPER, CITY_CODE),
)


class SampleAccounts(NamedTuple):
    """What there is now."""

    organisations: int
    added_organisations: int
    added_accounts: int
    password: str
    """Of all demonstration accounts of this installation."""


def make_sample_accounts(by: Actor) -> SampleAccounts:
    """Take over the sample tree and open the demonstration accounts; doing it again changes nothing.

    Raises:
        UsageError: `sample.not-local`: others reach this site, and accounts with one known password must not be there.
    """
    if not settings.IS_LOCAL:
        raise UsageError(
            "sample.not-local",
            Text(
                "本站点可被他人访问，不能建立演示账号。",
                "Others reach this site; it must have no demonstration accounts.",
            ),
            Text("请在 CHENGSHU_HOSTS 只含本机的安装上试用。", "Try it where CHENGSHU_HOSTS names this machine alone."),
        )
    password_file: Path = settings.VAR / "demonstration-password"
    is_new_password = not password_file.exists()
    password = read_or_make_secret(password_file, random_bytes=_PASSWORD_BYTES)
    with transaction.atomic():
        added = import_organisations(by=by, rows=map(_as_row, sample_organisations()))
        opened = sum([_open(by, account, password, is_new_password) for account in ACCOUNTS])
    return SampleAccounts(Organisation.objects.count(), added, opened, password)


def _as_row(sample: SampleOrganisation) -> OrganisationRow:
    return OrganisationRow(**sample._asdict() | {"kind": OrganisationKind(sample.kind)})


def _open(by: Actor, account: Demonstration, password: str, is_new_password: bool) -> bool:
    """Whether the account is a new one."""
    user = User.objects.filter(username=account.username).first()
    if user is not None:
        if is_new_password:
            actions.set_password(by=by, user=user, password=password)
        return False
    user = actions.create_user(by=by, username=account.username, name=account.name, password=password)
    organisation = Organisation.objects.get(code=account.organisation)
    actions.appoint(by=by, person=user, organisation=organisation, role=account.role)
    return True


def publish_sample_run() -> tuple[Run, bool]:
    """Certify what the lake holds as the demonstration accounts would, unless a run over it is in force.

    Returns:
        The run in force, and whether it is a new one.

    Raises:
        StorageError: `lake.no-load`.
        ChengshuError: the run failed; says why.
    """
    handler, approver = (person(User.objects.get(username=name)) for name in ("handler", "approver"))
    load = open_load(lake_folder())
    in_force = Run.objects.filter(is_in_force=True, load_id=load.load_id).first()
    if in_force is not None:
        return in_force, False
    run = do_run(run_actions.start_run(by=handler, is_queued=False).pk)
    if run.status != RunStatus.FINISHED:
        raise UsageError(
            "sample.run-failed",
            Text(f"示例认证没有完成：{run.problem_zh}", f"The sample run failed: {run.problem_en}"),
            Text("请先运行 chengshu certify。", "Run chengshu certify first."),
        )
    return run_actions.publish_run(by=approver, run=run_actions.propose_run(by=handler, run=run)), True
