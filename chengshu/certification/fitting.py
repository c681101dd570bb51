"""Which people teach the model, and which are kept apart to test it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from chengshu.certification.packed import by_county, unpack
from chengshu.certification.population import STRATA, Population
from chengshu.certification.window import Window
from chengshu.kernel.errors import EngineError
from chengshu.kernel.texts import Text
from chengshu.survival.evidence import People
from chengshu.survival.fit import Sample, fit
from chengshu.survival.parameters import Parameters, initial
from chengshu.survival.registration import fit_backlog, fit_delay_cdf

SAMPLE_PEOPLE = 40_000
# Nobody of this share ever teaches the model: their recorded deaths, hidden, test it in every run.
HELD_OUT_SHARE = 0.1
# So many of them, whatever became of them, tell how far the chances can be trusted.
TESTED_PEOPLE = 40_000


def chance_of(numbers: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each ID number, the same on every machine and for every order of people.

    Source:
        SplitMix64 (Steele, Lea and Flood 2014).
    """
    word = numbers.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
    word += np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return (word >> np.uint64(11)).astype(np.float64) / 2.0**53


def choose_sample(chance: npt.NDArray[np.float64], died_before: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Who teaches the model, (people,): a sample of those neither held out nor dead before."""
    share = min(1.0, SAMPLE_PEOPLE / max(len(chance), 1) / (1 - HELD_OUT_SHARE))
    return (chance >= HELD_OUT_SHARE) & (chance < HELD_OUT_SHARE + share * (1 - HELD_OUT_SHARE)) & ~died_before


def order_sample(
    population: Population, chosen: npt.NDArray[np.bool_], numbers: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Positions of the chosen by county and ID number, so that no key decides any sum."""
    who = np.flatnonzero(chosen)
    return who[np.lexsort((numbers[who], population.people.county[who]))]


def build_sample(
    population: Population,
    who: npt.NDArray[np.int64],
    packed: npt.NDArray[np.int64],
    arrived: npt.NDArray[np.float64],
    window: Window,
) -> Sample:
    """The sample of people at these positions, with their packed cells and everybody's totals."""
    before = int(population.died_before.sum())
    within = int((population.people.death_month >= 0).sum()) - before
    backlog = fit_backlog(before, within, float(window.lengths.sum()) / 12)
    return Sample(population.people.take(who), unpack(packed, window), arrived, backlog)


def fit_city(
    sample: Sample,
    delay: npt.NDArray[np.int64],
    room: npt.NDArray[np.int64],
    window: Window,
    *,
    progress: Callable[[float], None] | None = None,
) -> Parameters:
    """Fit the model to a sample and the delays of all recorded deaths.

    Raises:
        EngineError: `certify.model-failed`.
    """
    counties, sources, _ = sample.arrived.shape
    start = initial(counties=counties, strata=STRATA, sources=sources, month_lengths=window.lengths)
    start = replace(start, delay_cdf=fit_delay_cdf(delay, room, len(start.delay_cdf)))
    with threadpool_limits(1):
        model = fit(sample, start, progress=progress)
    _check_finite(model)
    return model


def _check_finite(model: Parameters) -> None:
    """Decisions on what is no number would look like decisions.

    Raises:
        EngineError: `certify.model-failed`.
    """
    values = [getattr(model, name) for name in model.__dataclass_fields__]
    if all(np.isfinite(value).all() for value in values if isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return
    raise EngineError(
        "certify.model-failed",
        Text("模型没有拟合成功：参数中出现了非数值。", "The model could not be fitted: a parameter is not a number."),
        Text(
            "没有写出任何结果。请连同数据包的大小和运行参数报告此问题。",
            "Nothing was written. Please report it with the size of the package and the options.",
        ),
    )


def held_out_deaths(population: Population, chance: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Positions of held-out people whose death within the window is recorded, by county."""
    dead = (population.people.death_month >= 0) & ~population.died_before
    who = np.flatnonzero((chance < HELD_OUT_SHARE) & dead)
    return who[by_county(population.people.county[who])]


def held_out_people(population: Population, chance: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Positions of held-out people, by county, dead before the window left out; at most some `TESTED_PEOPLE`."""
    share = min(HELD_OUT_SHARE, TESTED_PEOPLE / max(len(chance), 1))
    who = np.flatnonzero((chance < share) & ~population.died_before)
    return who[by_county(population.people.county[who])]


def without_records(people: People) -> People:
    """The same people with their records of death hidden."""
    none = np.full_like(people.death_month, -1)
    return replace(people, death_month=none, record_month=none)
