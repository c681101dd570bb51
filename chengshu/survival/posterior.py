"""From a fitted model and a batch of people to what can be said of each of them today."""

from dataclasses import dataclass, replace

import numpy as np

from chengshu.survival.arrays import BoolArray, FloatArray, IntArray, running_sum
from chengshu.survival.chain import AWAY, FAILING, PRESENT, SILENT, USED, Dynamics, forward, transitions
from chengshu.survival.dynamics import dynamics
from chengshu.survival.emissions import Emissions, emissions
from chengshu.survival.evidence import Cells, LastMonths, People, Visits, county_blocks, last_months, totals
from chengshu.survival.exposure import grown_exposure
from chengshu.survival.parameters import Parameters
from chengshu.survival.silence import LOG_LIMIT, silence_cost

# Somebody seen within the last year needs no longer chain than this: what was earlier counts only towards the
# usual rates.
SHORT_MONTHS = 18
QUIET_MONTHS = 12
AHEAD_MONTHS = 12
RECENT_MONTHS = 6
YEAR_MONTHS = 12


@dataclass(frozen=True)
class Posterior:
    """What the model says of each person, (people,) unless said otherwise.

    Attributes:
        p_away: probability of being away.
        p_dead: probability of being dead.
        p_dead_ahead: (people, 12) the same one to twelve months later, if nothing more is seen.
        death_month: likeliest month of death, given death; -1 before the window.
        top_source: source whose events of the last six months tell most; of the last event when there were
            none; -1 for none.
        recent_events: its events in the last six months.
        events: in the whole window, of all sources.
        silent_months: whole months without any event, the window's length for nobody's.
        bits: evidence for life in the events of the last six months.
        arrived: share of what was due in the silence of those without events of the last six months whose feeds
            came, the same months of other years being the measure; 1 for everybody else.
    """

    p_away: FloatArray
    p_dead: FloatArray
    p_dead_ahead: FloatArray
    death_month: IntArray
    top_source: IntArray
    recent_events: IntArray
    events: IntArray
    silent_months: IntArray
    bits: FloatArray
    arrived: FloatArray


def bits_per_event(model: Parameters) -> FloatArray:
    """Evidence for life in one event of each source, (sources,), bits; >= 0.

    The chance of such an event from somebody who is present against one from somebody who died within the year:
    a relative with the card, or a stranger's mistyped number.
    """
    usual = np.maximum((model.user_share * model.shape / model.rate).mean(axis=0), 1e-9)
    after = model.relative_share * model.relative_factor + np.minimum(model.stray_rate / usual, 1.0)
    return np.asarray(np.maximum(-np.log2(np.minimum(after, 1.0)), 0.0))


def empty_posterior(n: int) -> Posterior:
    """Room for n people's answers, not yet filled in."""
    return Posterior(
        p_away=np.empty(n),
        p_dead=np.empty(n),
        p_dead_ahead=np.empty((n, AHEAD_MONTHS), dtype=np.float32),
        death_month=np.empty(n, dtype=np.int16),
        top_source=np.empty(n, dtype=np.int8),
        recent_events=np.empty(n, dtype=np.int32),
        events=np.empty(n, dtype=np.int32),
        silent_months=np.empty(n, dtype=np.int16),
        bits=np.empty(n, dtype=np.float32),
        arrived=np.empty(n, dtype=np.float32),
    )


def judge(people: People, cells: Cells, model: Parameters, visits: Visits | None = None) -> Posterior:
    """Filter a batch.

    Args:
        people: ordered by county.
        cells: their events, sorted by person.
        model: fitted.
        visits: what visitors found, or None.

    Returns:
        One answer per person, in the order given.
    """
    out = empty_posterior(len(people))
    single = model.in_single_precision()
    for county, start, stop in county_blocks(people.county):
        own = cells.of_people(start, stop)
        block = _Block(
            county, 0, np.arange(start, stop), people.take(slice(start, stop)), own, last_months(own, stop - start)
        )
        quiet = block.seen.month < model.months - QUIET_MONTHS
        for chosen, first in ((~quiet, max(model.months - SHORT_MONTHS, 0)), (quiet, 0)):
            if chosen.any():
                _judge_block(block.select(chosen, first), model, single, visits, out)
    return out


@dataclass(frozen=True)
class _Block:
    """People of one county who are filtered together, from one month on; ``where`` are their positions in the batch."""

    county: int
    first: int
    where: IntArray
    people: People
    cells: Cells
    seen: LastMonths

    def select(self, chosen: BoolArray, first: int) -> "_Block":
        """The chosen people alone, to be filtered from month ``first`` on."""
        cells = self.cells.select(chosen.take(self.cells.person))
        cells = replace(cells, person=(np.cumsum(chosen) - 1).take(cells.person))
        return _Block(self.county, first, self.where[chosen], self.people.take(chosen), cells, self.seen.of(chosen))


def _judge_block(block: _Block, model: Parameters, single: Parameters, visits: Visits | None, out: Posterior) -> None:
    """Filter a block; rates and silence in single precision, the chain, whose range is wider, in double."""
    where, first = block.where, block.first
    e = emissions(block.cells, block.people.stratum, block.county, single, first=first, seen=block.seen)
    moves = dynamics(block.people, model, first=first)
    found = None if visits is None else visits.of_people(where)
    if found is not None:
        found = replace(found, month=np.maximum(found.month - first, 0))
    filtered = forward(e, moves, found)
    out.p_away[where] = filtered.last[AWAY]
    out.p_dead[where] = filtered.last[USED] + filtered.last[SILENT]
    out.p_dead_ahead[where] = silence_ahead(filtered.last, e, moves, single, block.county)
    out.death_month[where] = np.where(filtered.death_month < 0, -1, filtered.death_month + first)
    _describe(block, e.rates, single, out)


def silence_ahead(state: FloatArray, e: Emissions, moves: Dynamics, model: Parameters, county: int) -> FloatArray:
    """Probability of being dead after each further month without any event, (people, AHEAD_MONTHS)."""
    due = (model.ahead[county].T @ e.rates.T)[:AHEAD_MONTHS]
    sums = running_sum(np.vstack([e.silent_since, due]))
    cost = np.clip(np.diff(silence_cost(sums, e.shape), axis=0), 1e-9, LOG_LIMIT / 2).astype(float)
    dead_ahead, dies_ahead = np.exp(cost), np.expm1(cost) / cost
    last = len(moves.lengths) - 1
    out = np.empty((AHEAD_MONTHS, state.shape[1]), dtype=state.dtype)
    ill, leave, lost, back, end, _ = transitions(last, moves)
    for m in range(AHEAD_MONTHS):
        dead = dead_ahead[m]
        dying = state[FAILING] * end + state[AWAY] * lost
        new = np.empty_like(state)
        new[PRESENT] = state[PRESENT] * (1 - ill - leave) + state[AWAY] * back
        new[AWAY] = (state[AWAY] * (1 - lost - back) + state[PRESENT] * leave) * dead
        new[FAILING] = state[FAILING] * (1 - end) + state[PRESENT] * ill
        new[USED] = 0.0
        new[SILENT] = (state[SILENT] + state[USED]) * dead + dying * dies_ahead[m]
        state = new / new.sum(axis=0)
        out[m] = state[SILENT]
    return out.T


def _describe(block: _Block, rates: FloatArray, model: Parameters, out: Posterior) -> None:
    """What was seen, and which source tells most, for the sentence that a clerk reads."""
    where, cells, last = block.where, block.cells, block.seen.month
    people, months = len(where), model.months
    recent = totals(cells, people, model.sources, since=months - RECENT_MONTHS)
    bits = recent * bits_per_event(model)
    top = np.argmax(bits, axis=1)
    quiet = recent.sum(axis=1) == 0
    top[quiet] = _last_sources(cells, quiet)[quiet]
    out.top_source[where] = top
    out.recent_events[where] = recent.take(np.arange(people) * model.sources + np.maximum(top, 0))
    out.events[where] = np.bincount(cells.person, weights=cells.events, minlength=people)
    out.silent_months[where] = np.where(last >= 0, months - 1 - last, months)
    out.bits[where] = bits.sum(axis=1)
    out.arrived[where] = 1.0
    out.arrived[where[quiet]] = _arrived(rates[quiet], last[quiet], model.exposure[block.county], model.month_lengths)


def _arrived(rates: FloatArray, last: IntArray, exposure: FloatArray, lengths: FloatArray) -> FloatArray:
    """Share of the events due after the last one (rates: people, sources) that could have reached us, (people,)."""
    came, whole = (grown_exposure(part) for part in (exposure, _whole_exposure(exposure, lengths)))
    due_came, due = ((rates * (grown[:, -1] - grown.T.take(last + 1, axis=0))).sum(axis=1) for grown in (came, whole))
    return np.asarray(due_came / np.maximum(due, 1e-9))


def _whole_exposure(exposure: FloatArray, lengths: FloatArray) -> FloatArray:
    """Exposure (sources, months) had every month brought as much as the best of its calendar month."""
    best = exposure / lengths
    for month in range(min(YEAR_MONTHS, exposure.shape[1])):
        same = best[:, month::YEAR_MONTHS]
        same[:] = same.max(axis=1, keepdims=True)
    return best * lengths


def _last_sources(cells: Cells, asked: BoolArray) -> IntArray:
    """Source of the last event of those asked about, -1 for none and for all others, (people,)."""
    last = np.full(len(asked), -1, dtype=np.int64)
    own = cells.select(asked[cells.person])
    day = np.round(own.last_part * 31).astype(np.int64)
    np.maximum.at(last, own.person, (own.month * 64 + day) * 32 + own.source)
    return np.where(last >= 0, last % 32, -1)
