"""A small city drawn by the model's own rules, and plain factories of what the model is given."""

from dataclasses import dataclass, replace

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray
from chengshu.survival.evidence import NO_RECORD, Cells, People
from chengshu.survival.fit import Sample
from chengshu.survival.lifetable import monthly_hazards
from chengshu.survival.parameters import Parameters, initial

STRATA, SOURCES = 1, 3


def make_model(*, months: int = 36, counties: int = 1, sources: int = SOURCES, **changes: object) -> Parameters:
    """The priors, with busier sources than they assume."""
    model = initial(counties=counties, strata=STRATA, sources=sources, month_lengths=np.ones(months))
    model = replace(model, rate=np.full((STRATA, sources), 1.0), user_share=np.full((STRATA, sources), 0.7))
    return replace(model, **changes)  # type: ignore[arg-type]


def make_people(n: int, *, age_years: float = 75, county: IntArray | None = None) -> People:
    """Men of one age without any record."""
    none = np.full(n, NO_RECORD)
    return People(
        county=np.zeros(n, dtype=np.int16) if county is None else county,
        stratum=np.zeros(n, dtype=np.int16),
        sex=np.ones(n, dtype=np.int8),
        age_months=np.full(n, int(age_years * 12)),
        risk=np.ones(n),
        death_month=none,
        record_month=none.copy(),
    )


def make_cells(*rows: tuple[float, ...]) -> Cells:
    """Of (person, month, source, events) or with the part of the month that had passed, in any order."""
    table = np.array([(*row, 0.5)[:5] for row in rows], dtype=float).reshape(-1, 5)
    table = table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]
    numbers = table[:, :3].astype(np.int64)
    return Cells(numbers[:, 0], numbers[:, 1], numbers[:, 2], table[:, 3], table[:, 4])


def cells_of(counts: IntArray) -> Cells:
    """Of dense (people, months, sources) counts, the last event in the middle of its month."""
    person, month, source = np.nonzero(counts)
    events = counts[person, month, source].astype(float)
    return Cells(person, month, source, events, np.full(len(person), 0.5))


@dataclass(frozen=True)
class Town:
    """People whose true fate is known.

    Attributes:
        sample: what the fitting sees.
        died: (people,) month of death, the window's length for those who live.
        is_recorded: (people,) the death is on record.
        delay_days: (deaths on record,) from death to record.
        remaining_days: (deaths on record,) from death to the day of the run.
    """

    sample: Sample
    died: IntArray
    is_recorded: BoolArray
    delay_days: IntArray
    remaining_days: IntArray


def simulate_town(
    people: int,
    rng: np.random.Generator,
    *,
    months: int = 30,
    multiplier: float = 1.5,
    never: float = 0.1,
    relative_share: float = 0.4,
    relative_factor: FloatArray | None = None,
) -> Town:
    """Draw rates, deaths, records and events of people of 78 by the model's rules, without away spells."""
    factor = np.array([0.05, 0.3, 0.9]) if relative_factor is None else relative_factor
    batch = make_people(people, age_years=78)
    hazard = monthly_hazards(batch.sex, batch.age_months, months) * multiplier
    falls = rng.random((months, people)) < hazard
    died = np.where(falls.any(axis=0), falls.argmax(axis=0), months)
    delay = rng.geometric(1 / 60, people)
    remaining = ((months - died - rng.random(people)) * 30.4).astype(int)
    is_recorded = (died < months) & (rng.random(people) >= never) & (delay <= remaining)
    rates = rng.gamma(1.5, 0.6, (people, SOURCES)) * (rng.random((people, SOURCES)) < 0.8)
    uses_after = np.where(rng.random(people) < relative_share, rng.geometric(0.12, people), 0)
    month = np.arange(months)
    alive = month < died[:, None]
    used = ~alive & (month < (died + uses_after)[:, None])
    weight = alive[:, :, None] + used[:, :, None] * factor
    counts = rng.poisson(rates[:, None, :] * weight)
    record_month = np.minimum(died + delay // 30, months - 1)
    batch = replace(
        batch,
        death_month=np.where(is_recorded, died, NO_RECORD),
        record_month=np.where(is_recorded, record_month, NO_RECORD),
    )
    arrived = counts.sum(axis=0).T[None].astype(float)
    return Town(
        Sample(batch, cells_of(counts), arrived),
        died,
        is_recorded,
        delay[is_recorded],
        remaining[is_recorded],
    )
