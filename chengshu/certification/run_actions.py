"""Everything that is decided on runs: asked for, proposed, given back, published."""

from datetime import date, timedelta

from django.db import transaction

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import require
from chengshu.certification import messages, permissions
from chengshu.certification.death_records import open_confirmations
from chengshu.certification.items import draw_audit, open_items
from chengshu.certification.models import Run
from chengshu.certification.run_work import lake_folder, note
from chengshu.certification.states import RunStatus
from chengshu.certification.tasks import do_run_task
from chengshu.kernel import clock
from chengshu.kernel.errors import UsageError
from chengshu.kernel.texts import Text
from chengshu.lake import open_load

_OLDEST_DAYS = 5 * 366


@transaction.atomic
def start_run(
    *, by: Actor, as_of: date | None = None, max_dead_share: float = 0.003, seed: int = 1, is_queued: bool = True
) -> Run:
    """Ask for a run over what the lake holds now.

    Args:
        by: a handler, or the server's own schedule.
        as_of: the day to certify for; the day as of which the lake was gathered by default, and never later.
        max_dead_share: bound of the expected share of dead among the certified, in (0, 1).
        seed: of the sample that teaches the model.
        is_queued: give it to a worker; else whoever asks calls `do_run`.

    Raises:
        NotAllowed: `by` has no such right.
        UsageError: a share or a day out of range.
        StorageError: `lake.no-load`.
    """
    require(by, permissions.RUN)
    load = open_load(lake_folder())
    day = as_of or load.as_of
    if not 0 < max_dead_share < 1:
        raise UsageError(
            "certification.max-dead-share",
            Text("死亡占比上限须在 0 与 1 之间。", "The bound of the dead share lies between 0 and 1."),
            Text("例如 0.003，即千分之三。", "For example 0.003, three in a thousand."),
        )
    if not load.as_of - timedelta(days=_OLDEST_DAYS) <= day <= load.as_of:
        raise messages.day_outside(
            Text(
                f"认证日 {day} 不在数据覆盖的范围内，最晚为 {load.as_of}。",
                f"The day {day} is not covered by the data, which reach to {load.as_of}.",
            )
        )
    run = Run.objects.create(
        as_of=day,
        max_dead_share=max_dead_share,
        seed=seed,
        load_id=load.load_id,
        requested_by=by.user,
        requested_at=clock.now(),
    )
    audit(by, "certification.start_run", run, as_of=str(day), max_dead_share=max_dead_share, load=load.load_id)
    if is_queued:
        # An argument is a number: a worker reads the row anew.
        transaction.on_commit(lambda: do_run_task.enqueue(run.pk))
    return run


def start_due_run(*, by: Actor, is_queued: bool = True) -> Run | None:
    """Ask for the run of this month, unless there is one over what the lake holds now.

    Raises:
        NotAllowed: `by` has no such right.
        StorageError: `lake.no-load`.
    """
    require(by, permissions.RUN)
    load = open_load(lake_folder())
    first_day = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    of_this_month = Run.objects.filter(requested_at__gte=first_day, load_id=load.load_id)
    if of_this_month.exclude(status=RunStatus.FAILED).exists():
        return None
    return start_run(by=by, is_queued=is_queued)


@transaction.atomic
def propose_run(*, by: Actor, run: Run) -> Run:
    """Ask for a finished run to be published.

    Raises:
        NotAllowed: `by` has no such right.
        Conflict: it is not finished.
    """
    require(by, permissions.RUN)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status != RunStatus.FINISHED:
        raise messages.run_not_ready(run.pk)
    note(run, status=RunStatus.PROPOSED.value, proposed_by=by.user, proposed_at=clock.now())
    audit(by, "certification.propose_run", run)
    return run


@transaction.atomic
def return_run(*, by: Actor, run: Run, reason: str) -> Run:
    """Give a proposed run back instead of publishing it.

    Raises:
        NotAllowed: `by` has no such right.
        Conflict: it is not proposed.
    """
    require(by, permissions.PUBLISH)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status != RunStatus.PROPOSED:
        raise messages.run_not_ready(run.pk)
    note(run, status=RunStatus.FINISHED.value, proposed_by=None, proposed_at=None)
    audit(by, "certification.return_run", run, reason=reason[:400])
    return run


@transaction.atomic
def publish_run(*, by: Actor, run: Run) -> Run:
    """Put a run's decisions in force: whom to ask takes the place of the last run's, and the audit is drawn.

    Deaths on record wait for two people to confirm them; nothing stops by a publication.
    One transaction: killed in the middle, nothing of it has been.

    Raises:
        NotAllowed: `by` has no such right.
        Conflict: `by` proposed it; it is not proposed; somebody else was quicker; a later one is in force.
    """
    require(by, permissions.PUBLISH)
    in_force = Run.objects.select_for_update().filter(is_in_force=True).first()
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status == RunStatus.PUBLISHED:
        raise messages.published_meanwhile(run.pk)
    if run.status != RunStatus.PROPOSED:
        raise messages.run_not_ready(run.pk)
    if by.user is not None and run.proposed_by_id == by.user.pk:
        raise messages.four_eyes(run.pk)
    if in_force is not None and in_force.as_of > run.as_of:
        raise messages.older_than_in_force(run.pk)
    if in_force is not None:
        note(in_force, is_in_force=False)
    now = clock.now()
    note(run, status=RunStatus.PUBLISHED.value, published_by=by.user, published_at=now, is_in_force=True)
    opened = open_items(run, now)
    drawn = draw_audit(run, now)
    recorded = open_confirmations(run, now)
    audit(by, "certification.publish_run", run, items=opened, audit_sample=drawn, confirmations=recorded)
    return run
