"""Jobs of certification."""

from django_tasks import task

from chengshu.accounts.actor import person
from chengshu.accounts.models import User
from chengshu.certification import run_work, self_check_delivery


@task()
def do_run_task(pk: int) -> str:
    """Certify everybody for a run that was asked for."""
    return str(run_work.do_run(pk).status)


@task()
def send_self_checks_task(*, user_pk: int, items: list[int], site: str, since: str) -> int:
    """Send links on behalf of somebody, whose rights are looked at when it is done, not when it was asked for."""
    del since  # for whoever asks how far it has come
    by = person(User.objects.get(pk=user_pk))
    return self_check_delivery.send_links(by=by, items=items, site=site)
