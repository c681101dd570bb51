"""What people's own events say of their rates, and of the silence before and after."""

from dataclasses import dataclass

import numpy as np

from chengshu.survival.arrays import FloatArray, IntArray
from chengshu.survival.evidence import Cells, totals
from chengshu.survival.exposure import exposure_seen, grown_exposure
from chengshu.survival.habits import Habits, find_habits
from chengshu.survival.parameters import Parameters
from chengshu.survival.rates import RateLaw, activity, posterior_rates, user_given_silence


@dataclass(frozen=True)
class Strays:
    """What would be known of people, had the events of their last month been strangers'.

    Attributes:
        rates: (people, sources) posterior mean rates without these events.
        cost: (people,) nats that having been silent otherwise until then costs.
    """

    rates: FloatArray
    cost: FloatArray


@dataclass(frozen=True)
class Personal:
    """What people's events say of their rates, (people, sources), and of silence, (people,).

    Attributes:
        counts: events.
        seen: exposure in months until each one's last event anywhere.
        law: of their rates before any event.
        usual: posterior mean rates a month over all the time until then.
        rates: the same at that time, habits given up by then taken out.
        variances: of these.
        habits: what became of the sources that they have used.
        tail_cost: nats that the silence since the last event costs.
        unknown: variance of what all their rates have in common and their events do not tell.
        strays: what would be known without the last month's events.
    """

    counts: FloatArray
    seen: FloatArray
    law: RateLaw
    usual: FloatArray
    rates: FloatArray
    variances: FloatArray
    habits: Habits
    tail_cost: FloatArray
    unknown: FloatArray
    strays: Strays


def learn(cells: Cells, last: IntArray, stratum: IntArray, exposure: FloatArray, model: Parameters) -> Personal:
    """People's rates, by the law of their stratum, their activity and their own events.

    Args:
        cells: events of people of one county, in visits.
        last: (people,) month of the last of them, -1 for none.
        stratum: (people,) stratum numbers.
        exposure: (sources, months) of the county.
        model: the fitted parameters.
    """
    people = len(stratum)
    counts = totals(cells, people, model.sources).astype(model.rate.dtype)
    seen = exposure_seen(exposure, last)
    law = RateLaw(*(values.take(stratum, axis=0) for values in (model.user_share, model.shape, model.rate)))
    active, precision = activity(counts, seen, law, model.activity_spread)
    law = RateLaw(law.user_share, law.shape, law.rate / active[:, None])
    usual, variances = posterior_rates(counts, seen, law)
    left = grown_exposure(exposure)[:, -1] - seen
    habits = find_habits(cells, counts, seen, left, exposure, law, model)
    rates = usual.copy()
    np.put(rates, habits.pair, rates.take(habits.pair) * habits.kept)
    np.put(variances, habits.pair, variances.take(habits.pair) * habits.kept)
    past_cost, tail_cost = _unused_costs(counts, seen, left, law)
    silent = np.bincount(habits.pair // model.sources, weights=habits.cost, minlength=people)
    tail_cost += silent.astype(tail_cost.dtype)
    unknown = _share_unknown(rates, seen, law) ** 2 / precision
    strays = _without_last_month(cells, last, counts, seen, law, habits, rates, past_cost)
    return Personal(counts, seen, law, usual, rates, variances, habits, tail_cost, unknown, strays)


def _unused_costs(
    counts: FloatArray, seen: FloatArray, left: FloatArray, law: RateLaw
) -> tuple[FloatArray, FloatArray]:
    """Nats that silence until the last event and since then costs at sources without any event, exactly; (people,)."""
    a, b, z = law.shape, law.rate, law.user_share
    before = b + seen
    unused = counts == 0
    quiet = a * np.log(b / before)
    cost = np.log1p(z * np.expm1(quiet))
    # all of it at once is quicker than picking the sources without events out
    cost *= unused
    past = -cost.sum(axis=1)
    quiet -= a * np.log1p(left / before)
    cost = np.log1p(z * np.expm1(quiet))
    cost *= unused
    return past, -past - cost.sum(axis=1)


def _share_unknown(rates: FloatArray, seen: FloatArray, law: RateLaw) -> FloatArray:
    """Share of people's rates that rests on their activity and not on events of their own, (people,)."""
    resting = (rates * (law.rate / (law.rate + seen))).sum(axis=1)
    return np.asarray(resting / np.maximum(rates.sum(axis=1), 1e-12))


def _without_last_month(
    cells: Cells,
    last: IntArray,
    counts: FloatArray,
    seen: FloatArray,
    law: RateLaw,
    habits: Habits,
    rates: FloatArray,
    past_cost: FloatArray,
) -> Strays:
    """Take the events of everybody's last month out of the rates, and give the whole cost of silence until then."""
    sources = counts.shape[1]
    growth = np.log1p(seen.take(habits.pair) / law.rate.take(habits.pair))
    cost = (law.shape.take(habits.pair) + counts.take(habits.pair)) * growth
    whole = np.bincount(habits.pair // sources, weights=cost, minlength=len(rates))
    latest = np.flatnonzero(cells.month == last.take(cells.person))
    person = cells.person.take(latest)
    pair = person.astype(np.int64) * sources + cells.source.take(latest)
    events = counts.take(pair)
    rest = np.maximum(events - cells.events.take(latest), 0.0)
    share, shape, rate, months = (x.take(pair) for x in (law.user_share, law.shape, law.rate, seen))
    growth = np.log1p(months / rate)
    unused = rest < 0.5
    user = np.where(unused, user_given_silence(share, shape, rate, months), 1.0)
    out = rates.copy()
    np.put(out, pair, user * (shape + rest) / (rate + months))
    left = np.where(unused, -np.log1p(share * np.expm1(-shape * growth)), (shape + rest) * growth)
    whole += np.bincount(person, weights=left - (shape + events) * growth, minlength=len(rates))
    return Strays(out, past_cost + whole.astype(past_cost.dtype))
