"""One certification run: from a handed-over folder to decisions."""

import json
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from chengshu.certification.counts import CountStore, Range, count_range, ranges_of
from chengshu.certification.figures import report_data
from chengshu.certification.fitting import (
    build_sample,
    chance_of,
    choose_sample,
    fit_city,
    held_out_deaths,
)
from chengshu.certification.judging import judge_everybody, judge_hidden
from chengshu.certification.outcome import decide_everybody, read_rows
from chengshu.certification.population import Population, delays, read_population
from chengshu.certification.report import write_report
from chengshu.certification.summary import summarise
from chengshu.certification.window import DEFAULT_MONTHS, Window
from chengshu.certification.writing import Certified, write_decisions
from chengshu.kernel.errors import PackageError, StorageError, UsageError
from chengshu.kernel.texts import Lang, Text
from chengshu.lake import Load, gather, open_engine
from chengshu.survival.parameters import Parameters

STAGES = {
    "gather": Text("归集", "Gather"),
    "count": Text("按月汇总", "Monthly counts"),
    "fit": Text("拟合模型", "Fit the model"),
    "certify": Text("逐人判断", "Judge everybody"),
    "write": Text("写出决定", "Write decisions"),
    "report": Text("生成报告", "Report"),
}
Progress = Callable[[str, float], None]


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
        languages: of the reasons; English adds a column reason_en.
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
    languages: tuple[Lang, ...] = ("zh",)


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
    """Seconds by stage."""

    tell: Progress
    seconds: dict[str, float] = field(default_factory=dict)

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
    _check(request)
    watch = Stopwatch(progress or (lambda stage, done: None))
    with _writable(request.out):
        with watch.stage("gather") as tell:
            load = gather(
                request.city,
                request.lake_dir or request.out / "lake",
                as_of=request.as_of,
                strict=request.strict,
                threads=request.threads or None,
                progress=lambda stage, done: tell(_gather_share(stage, done)),
            )
        return _certify_load(request, load, watch)


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
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK):
            raise PermissionError(13, "not permitted", str(out))
        yield
    except OSError as error:
        if error.errno == 28:
            raise StorageError(
                "storage.full",
                Text(f"磁盘已满：{out}。", f"The disk is full: {out}."),
                Text(
                    "腾出空间后重新运行；上一次的结果仍在。",
                    "Free some space and run again; the last results are still there.",
                ),
            ) from error
        raise StorageError(
            "storage.not-permitted",
            Text(f"不能写入 {out}：{error.strerror}。", f"Cannot write to {out}: {error.strerror}."),
            Text("换一个文件夹，或请管理员授权。", "Choose another folder, or ask for the right to write."),
        ) from error


def _certify_load(request: Request, load: Load, watch: Stopwatch) -> Certification:
    window = Window(request.as_of, request.months)
    threads = _threads(request)
    population = read_population(load, window)
    id_numbers = load.identities()["id_number"].combine_chunks()
    numbers = _numbers_of(id_numbers)
    chance = chance_of(numbers, request.seed)
    ranges = ranges_of(population)
    store = CountStore(request.out / f".counts-{os.getpid()}")
    sources = load.sources().sort_by("source_no")
    try:
        with watch.stage("count") as tell:
            _count(request, load, population, ranges, store, window, threads, tell)
        with watch.stage("fit") as tell:
            chosen = choose_sample(chance, population.died_before)
            sample = build_sample(population, ranges, store, chosen, numbers, window, sources.num_rows)
            model = fit_city(sample, *delays(load, window), window, progress=tell)
        with watch.stage("certify") as tell:
            answers = judge_everybody(
                population, ranges, store, model, window, threads=threads, progress=tell
            )
            hidden = judge_hidden(
                population, ranges, store, model, window, held_out_deaths(population, chance)
            )
    finally:
        store.discard()
    rows = read_rows(load, population, request.as_of)
    if not len(rows.person):
        raise _nobody(request.city)
    outcome = decide_everybody(rows, population, answers, window, request.max_dead_share)
    deaths = load.deaths().sort_by("person_key")
    all_of = Certified(population, answers, outcome, window, id_numbers, sources, deaths, request.languages)
    return _write_all(request, load, all_of, model, numbers, hidden, watch)


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
    text = np.frombuffer(
        id_numbers.buffers()[2], dtype=np.uint8, count=18 * len(id_numbers), offset=0
    ).reshape(-1, 18)
    number = np.zeros(len(id_numbers), dtype=np.int64)
    for place in range(17):
        number = number * 10 + (text[:, place] - 48)
    return number


def _count(
    request: Request,
    load: Load,
    population: Population,
    ranges: list[Range],
    store: CountStore,
    window: Window,
    threads: int,
    tell: Callable[[float], None],
) -> None:
    """Reduce the events to monthly counts, one range of people after the other, ``threads`` at a time."""
    with ExitStack() as stack:
        engines = [
            stack.enter_context(open_engine(request.engine, threads=1))
            for _ in range(min(threads, len(ranges)))
        ]

        def work(number: int) -> None:
            engine = engines.pop()
            try:
                store.write(number, count_range(engine, load, population, ranges[number], window))
            finally:
                engines.append(engine)

        with ThreadPoolExecutor(len(engines)) as pool:
            for done, _ in enumerate(pool.map(work, range(len(ranges))), start=1):
                tell(done / len(ranges))


def _write_all(
    request: Request,
    load: Load,
    all_of: Certified,
    model: Parameters,
    numbers: npt.NDArray[np.int64],
    hidden: npt.NDArray[np.float64],
    watch: Stopwatch,
) -> Certification:
    out = request.out
    with watch.stage("write") as tell:
        rows = write_decisions(
            out / "decisions.parquet",
            all_of,
            np.argsort(numbers, kind="stable"),
            tell,
            threads=_threads(request),
        )
        pq.write_table(load.rejects(), out / "rejects.parquet")
    with watch.stage("report"):
        summary = summarise(
            load, all_of, request.engine, request.seed, request.max_dead_share, rows, watch.seconds
        )
        summary["city"] = str(request.city)
        summary["peak_memory_bytes"] = peak_memory_bytes()
        _write_json(out / "model.json", _model_facts(model))
        data = report_data(load, all_of, model, hidden, summary, request.engine)
        write_report(data, out / "report.html")
    summary["seconds"] = {name: round(seconds, 3) for name, seconds in watch.seconds.items()}
    summary["seconds"]["total"] = round(sum(watch.seconds.values()), 3)
    _write_json(out / "summary.json", summary)
    return Certification(
        summary, out / "decisions.parquet", out / "rejects.parquet", out / "report.html", out / "summary.json"
    )


def peak_memory_bytes() -> int:
    """The most memory that this process has held, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _model_facts(model: Parameters) -> dict[str, Any]:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in asdict(model).items()
    }


def _write_json(path: Path, facts: dict[str, Any]) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
