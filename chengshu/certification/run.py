"""One certification run: from a handed-over folder to decisions."""

import errno
import json
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from chengshu.certification.counts import count_ranges
from chengshu.certification.desks import desk_at
from chengshu.certification.figures import STAGE_NAMES, report_data
from chengshu.certification.figures_for_site import kept_figures
from chengshu.certification.figures_kept import FIGURES, write_figures
from chengshu.certification.fitting import (
    build_sample,
    chance_of,
    choose_sample,
    fit_city,
    held_out_deaths,
    held_out_people,
    order_sample,
)
from chengshu.certification.judging import judge_blind, judge_hidden
from chengshu.certification.model_file import write_model
from chengshu.certification.outcome import decide_everybody, read_rows
from chengshu.certification.people import write_people
from chengshu.certification.population import delays, read_population
from chengshu.certification.report import write_report
from chengshu.certification.summary import summarise
from chengshu.certification.window import DEFAULT_MONTHS, Window
from chengshu.certification.worklist import write_worklist
from chengshu.certification.writing import Certified, write_decisions
from chengshu.kernel.errors import PackageError, StorageError, UsageError
from chengshu.kernel.texts import Text
from chengshu.kernel.workers import Workers, open_workers
from chengshu.kernel.workplace import make_folder, workplace
from chengshu.lake import Engine, Load, events_by_month, gather, open_engine
from chengshu.survival.parameters import Parameters

STAGES = STAGE_NAMES | {"report": Text("生成报告", "Report")}
Progress = Callable[[str, float], None]
# The summary is last: where it stands, all of them are of one run.
RESULTS = ("decisions.parquet", "worklist.parquet", "rejects.parquet", "model.json", "report.html", "summary.json")
PEOPLE = "people.parquet"


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        city: folder of the city data package.
        out: folder for the results; made if need be.
        as_of: the day to certify for.
        max_dead_share: bound of the expected share of dead among the certified, in (0, 1).
        engine: "duckdb" or "sc://host:port".
        lake_dir: folder of the lake; ``out / "lake"`` if not given.
        strict: fail when any row cannot be used.
        seed: of the random sample that teaches the model.
        months: length of the window, 6 to 60.
        threads: how many ranges of people are worked on at once; 0 for one per core.
        found_since: person_key, visited_on, outcome of visits that the lake does not know of yet.
        is_for_site: write people.parquet, masked and by person_key, and figures.json in place of the rows with ID
            numbers.
    """

    city: Path
    out: Path
    as_of: date
    max_dead_share: float = 0.003
    engine: str = "duckdb"
    lake_dir: Path | None = None
    strict: bool = False
    seed: int = 1
    months: int = DEFAULT_MONTHS
    threads: int = 0
    found_since: pa.Table | None = None
    is_for_site: bool = False


def is_run(folder: Path) -> bool:
    """Whether a run has left its results in this folder."""
    return all((folder / name).is_file() for name in RESULTS)


@dataclass(frozen=True)
class Certification:
    """What a run left behind."""

    summary: dict[str, Any]
    decisions: Path
    rejects: Path
    report: Path
    summary_path: Path


@dataclass
class Stopwatch:
    """Seconds by stage, and how many rows each worked on."""

    tell: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[float], None]]:
        """Time a stage; gives the function that tells its progress."""
        began = time.perf_counter()
        self.tell(name, 0.0)
        yield lambda done: self.tell(name, done)
        self.tell(name, 1.0)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def certify(request: Request, progress: Progress | None = None) -> Certification:
    """Gather a package, fit the model to it, decide for everybody and write what there is to see.

    Args:
        request: what is asked for.
        progress: told a stage of STAGES and the share of it that is done.

    Returns:
        The summary and where the results lie.

    Raises:
        ChengshuError: the package, the disk, the engine or the request is at fault; says what to do.
    """
    return _certified(request, progress, None)


def certify_load(request: Request, load: Load, progress: Progress | None = None) -> Certification:
    """The same for what a lake holds already; see `certify`."""
    return _certified(request, progress, load)


def _certified(request: Request, progress: Progress | None, gathered: Load | None) -> Certification:
    _check(request)
    watch = Stopwatch(progress or (lambda stage, done: None))
    with _writable(request.out), ExitStack() as stack:
        # opened first: a server that cannot be reached is told before anything is read
        engines = [stack.enter_context(open_engine(request.engine, threads=1))]
        # A server shares out its work by itself.
        threads = 1 if engines[0].is_remote else _threads(request)
        engines += [stack.enter_context(open_engine(request.engine, threads=1)) for _ in range(1, threads)]
        with watch.stage("gather") as tell:
            load = gathered or gather(
                request.city,
                request.lake_dir or request.out / "lake",
                as_of=request.as_of,
                strict=request.strict,
                threads=request.threads or None,
                progress=lambda stage, done: tell(_gather_share(stage, done)),
            )
        watch.rows["gather"] = sum(count["read"] for count in load.counts.values())
        # A city of one range is judged before another process has started.
        count = min(threads, count_ranges(load))
        workers = stack.enter_context(open_workers(count, preload=["chengshu.certification.ranges"]))
        with workplace(request.out) as place:
            return _certify_load(request, load, engines, workers, place, watch)


_GATHER_PARTS = {
    "check": (0.0, 0.02),
    "residents": (0.02, 0.2),
    "records": (0.2, 0.3),
    "events": (0.3, 0.95),
    "commit": (0.95, 1.0),
}


def _gather_share(stage: str, done: float) -> float:
    start, stop = _GATHER_PARTS.get(stage, (0.0, 0.0))
    return start + (stop - start) * done


def _check(request: Request) -> None:
    if not 0 < request.max_dead_share < 1:
        raise UsageError(
            "certify.max-dead-share",
            Text(
                f"--max-dead-share 是 {request.max_dead_share}，应在 0 和 1 之间。",
                f"--max-dead-share is {request.max_dead_share}; it lies between 0 and 1.",
            ),
            Text("例如 0.003，即千分之三。", "For example 0.003, three in a thousand."),
        )
    if not 6 <= request.months <= 60:
        raise UsageError(
            "certify.months",
            Text(
                f"--months 是 {request.months}，应为 6 到 60。",
                f"--months is {request.months}; it lies between 6 and 60.",
            ),
            Text("一般用 36。", "36 is usual."),
        )


@contextmanager
def _writable(out: Path) -> Iterator[None]:
    """Make the folder; say what is wrong when it cannot be written to."""
    try:
        make_folder(out)
        if not os.access(out, os.W_OK):
            raise PermissionError(errno.EACCES, "not permitted", str(out))
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                "storage.full",
                Text(f"磁盘已满：{out}。", f"The disk is full: {out}."),
                Text(
                    "腾出空间后重新运行；上一次的结果仍在。",
                    "Free some space and run again; the last results are still there.",
                ),
            ) from error
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
            raise
        raise StorageError(
            "storage.not-permitted",
            Text(f"不能写入 {out}：{error.strerror}。", f"Cannot write to {out}: {error.strerror}."),
            Text("换一个文件夹，或请管理员授权。", "Choose another folder, or ask for the right to write."),
        ) from error


def _certify_load(
    request: Request, load: Load, engines: list[Engine], workers: Workers, place: Path, watch: Stopwatch
) -> Certification:
    with watch.stage("count") as tell, ThreadPoolExecutor(1) as beside:
        months = engines[0].table(events_by_month(engines[0].events(load))).to_pydict()
        window = Window(request.as_of, request.months).begun(dict(zip(months["month"], months["events"], strict=True)))
        population = read_population(load, window, request.found_since)
        reading = beside.submit(read_rows, load, population, request.as_of)
        id_numbers = load.identities()["id_number"].combine_chunks()
        numbers = _numbers_of(id_numbers)
        chance = chance_of(numbers, request.seed)
        taught = order_sample(population, choose_sample(chance, population.died_before), numbers)
        hidden = held_out_deaths(population, chance)
        # Pages show how far the chances can be trusted; the report shows late deaths alone.
        tested = held_out_people(population, chance) if request.is_for_site else hidden[:0]
        desk = desk_at(engines, load, population, window, workers, place / "counts")
        counted = desk.count([taught, hidden, tested], tell)
        rows = reading.result()
    if not len(rows.person):
        raise _nobody(request.city)
    watch.rows |= {"count": load.event_count, "fit": len(taught), "certify": len(population.keys)}
    with watch.stage("fit") as tell:
        sample = build_sample(population, taught, counted.picked[0], counted.arrived, window)
        model = fit_city(sample, *delays(load, window), window, progress=tell)
    with watch.stage("certify") as tell:
        answers = desk.judge(model, tell)
        believed = judge_hidden(population, hidden, counted.picked[1], model, window)
        blind = judge_blind(population, tested, counted.picked[2], model, window)
        outcome = decide_everybody(rows, population, answers, window, request.max_dead_share)
    desk.discard()
    sources, deaths = load.sources().sort_by("source_no"), load.deaths().sort_by("person_key")
    all_of = Certified(population, answers, outcome, window, id_numbers, sources, deaths, counted)
    return _write_all(request, load, all_of, model, numbers, believed, blind, place, watch)


def _threads(request: Request) -> int:
    return request.threads or min(os.cpu_count() or 1, 4)


def _nobody(city: Path) -> PackageError:
    return PackageError(
        "package.nobody-to-certify",
        Text(
            f"{city} 中没有一条在享、且需要资格认证的待遇（entitlements）。",
            f"In {city} no entitlement in force is to a benefit that needs survival.",
        ),
        Text(
            "检查 benefits 的 needs_survival 列，以及 entitlements 的 started_on、ended_on。",
            "Check needs_survival in benefits, and started_on and ended_on in entitlements.",
        ),
    )


def _numbers_of(id_numbers: Any) -> npt.NDArray[np.int64]:
    """First 17 digits of each ID number as an integer."""
    text = np.frombuffer(id_numbers.buffers()[2], dtype=np.uint8, count=18 * len(id_numbers), offset=0).reshape(-1, 18)
    number = np.zeros(len(id_numbers), dtype=np.int64)
    for place in range(17):
        number = number * 10 + (text[:, place] - 48)
    return number


def _write_all(
    request: Request,
    load: Load,
    all_of: Certified,
    model: Parameters,
    numbers: npt.NDArray[np.int64],
    hidden: npt.NDArray[np.float64],
    blind: npt.NDArray[np.float64],
    place: Path,
    watch: Stopwatch,
) -> Certification:
    """Write everything beside the last results, then let all of it take their place."""
    with watch.stage("write") as tell:
        order = np.argsort(numbers, kind="stable")
        if request.is_for_site:
            rows = write_people(place / "people.parquet", all_of, load, progress=tell)
        else:
            rows = write_decisions(place / "decisions.parquet", all_of, order, tell, threads=_threads(request))
            write_worklist(place / "worklist.parquet", all_of, numbers)
        watch.rows["write"] = rows
        pq.write_table(load.rejects(), place / "rejects.parquet")
        write_model(place / "model.json", model)
    with watch.stage("report"):
        limit = request.max_dead_share
        summary = summarise(load, all_of, request.engine, request.seed, limit, rows, watch.rows, watch.seconds)
        summary["city"] = load.city.title
        summary["package"] = str(request.city)
        summary["is_simulated"] = load.city.is_simulated
        summary["peak_memory_bytes"] = peak_memory_bytes()
        summary["seconds"] = dict(watch.seconds)
        data = report_data(load, all_of, model, hidden, summary, load.city.region_names)
        write_report(data, place / "report.html")
        if request.is_for_site:
            write_figures(place / FIGURES, kept_figures(data, all_of, model, blind))
    summary["seconds"] = {name: round(seconds, 3) for name, seconds in watch.seconds.items()}
    summary["seconds"]["total"] = round(time.perf_counter() - watch.began, 3)
    _write_json(place / "summary.json", summary)
    _switch(place, request.out)
    out = request.out
    return Certification(
        summary, out / "decisions.parquet", out / "rejects.parquet", out / "report.html", out / "summary.json"
    )


def _switch(place: Path, out: Path) -> None:
    """Let new results take the place of the last: without a summary in between, so that no mix passes for a run's."""
    (out / RESULTS[-1]).unlink(missing_ok=True)
    for name in (*RESULTS, PEOPLE, FIGURES):
        if (place / name).exists():
            (place / name).replace(out / name)


def peak_memory_bytes() -> int:
    """The most memory that this process has held, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _write_json(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
