"""What the model says of one person month by month, and what each source adds to it."""

from dataclasses import dataclass, replace

import numpy as np

from chengshu.survival.arrays import FloatArray
from chengshu.survival.chain import AWAY, FAILING, PRESENT, forward, smooth
from chengshu.survival.dynamics import dynamics
from chengshu.survival.emissions import emissions
from chengshu.survival.evidence import Cells, People, Visits
from chengshu.survival.parameters import Parameters
from chengshu.survival.posterior import judge

# Chances nearer to 0 or 1 than this are told apart by rounding alone.
_LEAST = 1e-9


@dataclass(frozen=True)
class Explained:
    """What can be shown of one person.

    Attributes:
        p_alive: (months + 1,) chance of being alive at each month's end, by all that was seen until today; the first
            is before the window.
        p_then: (months + 1,) the same by what had been seen until then.
        bits: (sources,) evidence for life that each source adds, its silences included: the odds with all sources over
            the odds as if this one did not exist; negative where it speaks for death.
    """

    p_alive: FloatArray
    p_then: FloatArray
    bits: FloatArray


def explain(person: People, cells: Cells, model: Parameters, visits: Visits | None = None) -> Explained:
    """Explain what `judge` says of one person.

    Args:
        person: one, whose county's number is 0 in the model.
        cells: their events.
        model: fitted, of their county alone.
        visits: paid to them.

    Source:
        docs/algorithms/survival.md, "One person".
    """
    single = model.in_single_precision()
    e, moves = emissions(cells, person.stratum, 0, single), dynamics(person, model)
    filtered = forward(e, moves, visits, keep=True)
    alive = [PRESENT, AWAY, FAILING]
    p_alive = smooth(filtered, e, moves).states[:, alive, 0].sum(axis=1)
    p_then = np.asarray(filtered.path)[:, alive, 0].sum(axis=1)
    return Explained(p_alive, p_then, _bits(person, cells, model, visits))


def _bits(person: People, cells: Cells, model: Parameters, visits: Visits | None) -> FloatArray:
    """Each source left out in turn, as if in a county of its own that never had it."""
    sources = model.sources
    worlds = replace(
        model,
        exposure=np.repeat(model.exposure, sources + 1, axis=0),
        ahead=np.repeat(model.ahead, sources + 1, axis=0),
        broken=np.repeat(model.broken, sources + 1, axis=0),
    )
    everyone = person.take(np.zeros(sources + 1, dtype=np.int64))
    everyone = replace(everyone, county=np.arange(sources + 1, dtype=person.county.dtype))
    parts = [cells.select(cells.source != left_out) for left_out in range(sources)] + [cells]
    for left_out in range(sources):
        worlds.exposure[left_out, left_out] = 0.0
        worlds.ahead[left_out, left_out] = 0.0
    names = Cells.__dataclass_fields__
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    joined["person"] = np.repeat(np.arange(sources + 1), [len(part.person) for part in parts])
    p_dead = judge(everyone, Cells(**joined), worlds, _for_all(visits, sources + 1)).p_dead
    odds = np.log2(1 - np.clip(p_dead, _LEAST, 1 - _LEAST)) - np.log2(np.clip(p_dead, _LEAST, 1 - _LEAST))
    return np.asarray(odds[-1] - odds[:-1])


def _for_all(visits: Visits | None, people: int) -> Visits | None:
    if visits is None or not len(visits.person):
        return None
    who = np.repeat(np.arange(people), len(visits.person))
    return Visits(who, np.tile(visits.month, people), np.tile(visits.log_likelihood, (people, 1)))
