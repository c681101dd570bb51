"""Everybody counted and judged on a server: only what the fitting needs, and answers, come back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.certification import worker
from chengshu.certification.counts import Counted, Range, ranges_of
from chengshu.certification.packed import places_of
from chengshu.certification.population import Population
from chengshu.certification.ranges import Answers, empty_answers
from chengshu.certification.window import Window
from chengshu.lake import Engine, GroupFunction, Load, monthly_counts
from chengshu.survival.parameters import Parameters

# So many ranges, 0.8 million people, are one job of the server: what is sent (15 MB) and what comes back (73 MB) bound
# the memory of this process, and a job's groups that of the server.
RANGES_PER_JOB = 8


@dataclass(frozen=True)
class RemoteDesk:
    """Works on a server's rows, a job for some ranges at a time. The counts are made there twice, and never fetched."""

    engine: Engine
    load: Load
    population: Population
    window: Window

    def count(self, choices: list[npt.NDArray[np.int64]], progress: Callable[[float], None]) -> Counted:
        """Totals of everybody's counts, and the counts of chosen people; see ``counts.count_everybody``."""
        places = [places_of(who, len(self.population.keys)).astype(np.int32) for who in choices]
        shape = (len(self.population.counties), self.load.source_count, self.window.months)
        work = partial(worker.take_counts, shape=shape, choices=len(choices))
        taken = []
        for job in self._jobs(progress):
            start, stop = job[0].start, job[-1].stop
            county = self.population.people.county[start:stop]
            people = {"person_no": np.arange(start, stop, dtype=np.int32), "county": county}
            people |= {f"choice_{number}": place[start:stop] for number, place in enumerate(places)}
            taken.append(self._map(job, people, work, worker.TAKEN))
        return _counted(pa.concat_tables(taken), shape, len(choices))

    def judge(self, model: Parameters, progress: Callable[[float], None]) -> Answers:
        """The model's answers for everybody."""
        answers, schema = empty_answers(len(self.population.keys)), worker.answers_schema()
        for job in self._jobs(progress):
            start, stop = job[0].start, job[-1].stop
            people = worker.people_rows(start, self.population.people.take(slice(start, stop)))
            work = partial(
                worker.judge_counts,
                visits=self.population.visits.of_people(np.arange(start, stop)),
                first=start,
                model=model,
                window=self.window,
            )
            rows = self._map(job, people, work, schema)
            answers.fill(rows["person_no"].to_numpy(), worker.answers_of(rows))
        return answers

    def discard(self) -> None:
        """Nothing is kept."""

    def _jobs(self, progress: Callable[[float], None]) -> Iterator[list[Range]]:
        """The ranges in jobs, telling the share done after each."""
        ranges = ranges_of(self.population)
        bounds = [*range(0, len(ranges), RANGES_PER_JOB), len(ranges)]
        for first, last in pairwise(bounds):
            yield ranges[first:last]
            progress(last / len(ranges))

    def _map(
        self,
        job: list[Range],
        people: Mapping[str, npt.NDArray[np.generic]],
        work: GroupFunction,
        schema: pa.Schema,
    ) -> pa.Table:
        """Rows that ``work`` makes of the people and the counts of each range of a job."""
        own, length = range(job[0].start, job[-1].stop), job[0].stop - job[0].start
        counts = monthly_counts(
            self.engine.events(self.load, people=own), first_month=self.window.first_month, people=own
        ).drop("person_key")
        # All ranges but the last are equally long.
        counts = counts.mutate(part=((counts.person_no.cast("int64") - own.start) // length).cast("int32"))
        sent = pa.table({"part": np.arange(len(own), dtype=np.int32) // np.int32(length), **people})
        return self.engine.map_groups(counts, sent, by="part", function=work, schema=schema)


def _counted(taken: pa.Table, shape: tuple[int, int, int], choices: int) -> Counted:
    """What came back from all ranges, put together."""
    kind, word, events = (taken[name].to_numpy() for name in worker.TAKEN.names)

    def summed(of_kind: int, length: int) -> npt.NDArray[np.float64]:
        own = np.flatnonzero(kind == of_kind)
        return np.asarray(np.bincount(word[own], weights=events[own], minlength=length), dtype=float)

    arrived = summed(worker.TOTAL, int(np.prod(shape))).reshape(shape)
    seen = summed(worker.SEEN, shape[1])[: shape[1]].astype(np.int64)
    return Counted(arrived, seen, [np.sort(word[kind == number]) for number in range(choices)])
