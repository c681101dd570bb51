"""Jobs of certification."""

from django_tasks import task

from chengshu.certification import run_work


@task()
def do_run_task(pk: int) -> str:
    """Certify everybody for a run that was asked for."""
    return str(run_work.do_run(pk).status)
