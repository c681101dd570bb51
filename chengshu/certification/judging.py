"""The model's answer for everybody in processes of our own, range by range."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from chengshu.certification.counts import CountStore, Range, ranges_of
from chengshu.certification.fitting import without_records
from chengshu.certification.packed import unpack
from chengshu.certification.population import Population
from chengshu.certification.ranges import Answers, RangeTask, empty_answers, judge_task
from chengshu.certification.window import Window
from chengshu.kernel.workers import Workers
from chengshu.survival.evidence import Visits
from chengshu.survival.parameters import Parameters
from chengshu.survival.posterior import judge


def judge_everybody(
    population: Population,
    store: CountStore,
    model: Parameters,
    window: Window,
    *,
    workers: Workers,
    progress: Callable[[float], None],
) -> Answers:
    """Filter all ranges, each in one of the workers; answers are ascending by person_key."""
    answers = empty_answers(len(population.keys))
    ranges = ranges_of(population)
    tasks = _tasks(population, ranges, store, model, window)
    for number, found in enumerate(workers.map(judge_task, tasks)):
        answers.fill(ranges[number].order, found)
        progress((number + 1) / len(ranges))
    return answers


def _tasks(
    population: Population, ranges: list[Range], store: CountStore, model: Parameters, window: Window
) -> Iterator[RangeTask]:
    for number, part in enumerate(ranges):
        people = without_records(population.people.take(part.order))
        visits = population.visits.of_people(part.order)
        yield RangeTask(store.path(number), people, visits, model, window)


def judge_hidden(
    population: Population,
    who: npt.NDArray[np.int64],
    packed: npt.NDArray[np.int64],
    model: Parameters,
    window: Window,
) -> npt.NDArray[np.float64]:
    """Chances of being alive of people at these positions, by county, their records of death hidden; (people,)."""
    return _alive(population, who, packed, model, window, None)


def judge_blind(
    population: Population,
    who: npt.NDArray[np.int64],
    packed: npt.NDArray[np.int64],
    model: Parameters,
    window: Window,
) -> npt.NDArray[np.float64]:
    """The same as if no deaths were ever registered: that there is no record then tells nothing; (people,).

    What became of these people, as far as it is on record, is new to the model: it can be held to its word.
    """
    blind = replace(model, never_registered=1.0, backlog_years=model.never_registered * model.backlog_years)
    return _alive(population, who, packed, blind, window, population.visits.of_people(who))


def _alive(
    population: Population,
    who: npt.NDArray[np.int64],
    packed: npt.NDArray[np.int64],
    model: Parameters,
    window: Window,
    visits: Visits | None,
) -> npt.NDArray[np.float64]:
    out = np.full(len(population.keys), np.nan)
    if len(who):
        people = without_records(population.people.take(who))
        with threadpool_limits(1):
            out[who] = 1 - judge(people, unpack(packed, window), model, visits).p_dead
    return out
