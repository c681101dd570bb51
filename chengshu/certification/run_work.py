"""The work of a run, done by a worker or on the command line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from chengshu.certification.models import DisprovedLink, Run, Visit
from chengshu.certification.states import LinkKind, RunStatus
from chengshu.kernel import clock
from chengshu.kernel.errors import ChengshuError
from chengshu.lake import DeathLink, Disproved, EventLink, Load, open_load

_LEAST_STEP = 0.02


def lake_folder() -> Path:
    """The lake that the site works on."""
    return Path(settings.LAKE)


def load_to_certify(run: Run) -> Load:
    """The load that a run certifies, without what the ledger had disproved when the run was asked for."""
    return open_load(lake_folder(), load_id=run.load_id).without(disproved_before(run.requested_at))


def do_run(pk: int, progress: Callable[[str, float], None] | None = None) -> Run:
    """Certify everybody; done again from the beginning where it was cut off, for nothing shows before it ends.

    What goes wrong is kept with the run, in words. `progress` is told what the run's row is told.
    """
    from chengshu.certification.run import Request, certify_load  # noqa: PLC0415 - engines take a second to import

    run = Run.objects.get(pk=pk)
    if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        return run
    note(run, status=RunStatus.RUNNING.value, stage="", progress=0.0, problem_zh="", problem_en="")
    load = load_to_certify(run)
    request = Request(
        city=load.lake_dir,
        out=run.folder,
        as_of=run.as_of,
        max_dead_share=run.max_dead_share,
        lake_dir=load.lake_dir,
        seed=run.seed,
        found_since=found_since(load, run.as_of),
        is_for_site=True,
    )
    with _problems_noted(run):
        result = certify_load(request, load, _Teller(run, progress).tell)
        facts = {"stage": "", "progress": 1.0, "summary": result.summary, "finished_at": clock.now()}
        note(run, status=RunStatus.FINISHED.value, **facts)
    return run


def found_since(load: Load, as_of: date) -> pa.Table:
    """Visits recorded on this site that the lake does not know of: person_key, visited_on, outcome."""
    rows = Visit.objects.filter(visited_on__lte=as_of).values_list("person_key", "visited_on", "outcome")
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types = (pa.int64(), pa.date32(), pa.string())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    table = pa.table(arrays, names=["person_key", "visited_on", "outcome"])
    known = load.read("residents", ["person_key"])["person_key"]
    return table.filter(pc.is_in(table["person_key"], known.combine_chunks()))


def disproved_before(at: datetime) -> Disproved:
    """What the ledger had ruled by a moment not to be of who it names: no match of a run asked for then uses it."""
    links = DisprovedLink.objects.filter(ruled_at__lte=at).order_by("pk")
    deaths = links.filter(kind=LinkKind.DEATH_RECORD, day__isnull=False)
    events = links.filter(kind=LinkKind.EVENTS)
    columns = ("person_key", "day", "source")
    return Disproved(
        deaths=[DeathLink(key, day, source) for key, day, source in deaths.values_list(*columns) if day],
        events=[EventLink(key, source, day) for key, day, source in events.values_list(*columns)],
    )


@contextmanager
def _problems_noted(run: Run) -> Iterator[None]:
    try:
        yield
    except ChengshuError as error:
        zh, en = error.render("zh"), error.render("en")
        note(run, status=RunStatus.FAILED.value, problem_zh=zh, problem_en=en, finished_at=clock.now())
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        note(run, status=RunStatus.FAILED.value, problem_zh=text, problem_en=text, finished_at=clock.now())
        raise


class _Teller:
    """Keeps how far a run has come in its row, so that a page can show it."""

    def __init__(self, run: Run, progress: Callable[[str, float], None] | None) -> None:
        self._run, self._progress, self._told = run, progress, ("", -1.0)

    def tell(self, stage: str, done: float) -> None:
        """Write it down where it has moved."""
        if self._progress is not None:
            self._progress(stage, done)
        if stage != self._told[0] or done - self._told[1] >= _LEAST_STEP or done >= 1.0:
            self._told = (stage, done)
            Run.objects.filter(pk=self._run.pk).update(stage=stage, progress=done)


def note(run: Run, **facts: object) -> None:
    """Write facts of a run down."""
    for name, value in facts.items():
        setattr(run, name, value)
    run.save(update_fields=list(facts))
