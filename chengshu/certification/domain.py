"""What a certification decides, and by which rule. Pure: no files, no engines."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# What asking costs, in yuan, and how many answer. Estimates of a bureau's practice, to be replaced by its own
# figures once visits and self-checks are recorded; they order the asking, and never decide what is paid.
VISIT_COST_YUAN = 40.0
SELF_CHECK_COST_YUAN = 2.0
ANSWERING_SHARE = 0.6
# A self-check that nobody answers leads to a visit only a month later.
SELF_CHECK_MONTHS = 1.0
# Somebody is visited only where at least one such visit in ten finds a death; others are asked by phone.
LEAST_FINDING = 0.1
# What a death found is worth: the payments that would have gone on until the next yearly certification.
STAKE_MONTHS = 12.0


class Decision(IntEnum):
    """What happens next with a person; none of them stops any money."""

    CERTIFIED = 0
    SELF_CHECK = 1
    VISIT = 2
    DEATH_RECORDED = 3

    @property
    def code(self) -> str:
        """As written to decisions.parquet."""
        return self.name.lower()


class Found(IntEnum):
    """What a visitor found; of two on one day, the later in this order counts."""

    ALIVE = 0
    MOVED_AWAY = 1
    NOT_FOUND = 2
    DEAD = 3


@dataclass(frozen=True)
class Cut:
    """Who is certified without being asked.

    Attributes:
        p_dead: the greatest chance of being dead with which anybody is certified; -1 when nobody is.
        expected_dead_share: mean chance of being dead among the certified; 0 when nobody is.
        certified: how many people.
    """

    p_dead: float
    expected_dead_share: float
    certified: int


def widest_cut(p_dead: Floats, max_dead_share: float) -> Cut:
    """Certify as many people as keep the expected share of dead among them within the limit.

    Args:
        p_dead: (people,) chances of being dead of all who are to be certified.
        max_dead_share: the limit, in (0, 1).

    Returns:
        The cut. People with equal chances are all certified or none, so that order decides nothing.
    """
    ranked = np.sort(p_dead)
    means = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.empty(0, dtype=np.int64)
    fitting = ends[means[ends] <= max_dead_share]
    if not len(fitting):
        return Cut(-1.0, 0.0, 0)
    end = int(fitting[-1])
    return Cut(float(ranked[end]), float(means[end]), end + 1)


def decide(
    p_dead: Floats, monthly_yuan: Floats, has_record: Bools, found_dead: Bools, cut: Cut
) -> npt.NDArray[np.int8]:
    """One decision per person.

    Args:
        p_dead: (people,) chances of being dead.
        monthly_yuan: (people,) what is paid to each in a month.
        has_record: (people,) an authoritative record of death exists.
        found_dead: (people,) the last visit found them dead, and nothing was seen of them since. Nobody is certified
            against such a report, however improbable: somebody goes and sees.
        cut: who is certified without being asked.

    Returns:
        (people,) Decision numbers.
    """
    later_loss = p_dead * monthly_yuan * SELF_CHECK_MONTHS
    saved_visits = ANSWERING_SHARE * (1 - p_dead) * VISIT_COST_YUAN
    asks_first = (SELF_CHECK_COST_YUAN + later_loss < saved_visits) | (p_dead < LEAST_FINDING)
    decisions = np.where(asks_first, Decision.SELF_CHECK, Decision.VISIT)
    decisions = np.where(p_dead <= cut.p_dead, Decision.CERTIFIED, decisions)
    decisions = np.where(found_dead, Decision.VISIT, decisions)
    return np.where(has_record, Decision.DEATH_RECORDED, decisions).astype(np.int8)


def value_of_asking(p_dead: Floats, monthly_yuan: Floats, decisions: npt.NDArray[np.int8]) -> Floats:
    """Yuan saved for each yuan spent on asking, (people,); 0 for those who are not asked."""
    cost = np.where(decisions == Decision.VISIT, VISIT_COST_YUAN, SELF_CHECK_COST_YUAN)
    asked = (decisions == Decision.VISIT) | (decisions == Decision.SELF_CHECK)
    return np.where(asked, p_dead * monthly_yuan * STAKE_MONTHS / cost, 0.0)


def days_until_lapse(
    p_dead: Floats, p_dead_ahead: npt.NDArray[np.floating[Any]], cut: Cut, month_days: float
) -> Floats:
    """Days for which a certificate holds if nothing more is seen.

    Args:
        p_dead: (people,) chances of being dead today.
        p_dead_ahead: (people, months) the same after each further month of silence.
        cut: who is certified.
        month_days: mean length of a month.

    Returns:
        (people,) whole days >= 0, at most the months looked ahead; by linear interpolation within the month.
    """
    whole = np.zeros(len(p_dead))
    before, holds = p_dead, p_dead <= cut.p_dead
    for month in range(p_dead_ahead.shape[1]):
        after = p_dead_ahead[:, month].astype(np.float64)
        still = holds & (after <= cut.p_dead)
        crosses = np.flatnonzero(holds & ~still)
        rise = np.maximum(after[crosses] - before[crosses], 1e-12)
        whole[crosses] = month + np.clip((cut.p_dead - before[crosses]) / rise, 0.0, 1.0)
        before, holds = after, still
    whole[holds] = p_dead_ahead.shape[1]
    return np.floor(whole * month_days)


def end_of_next_month(day: date) -> date:
    """The last day of the month after a day's: by then the next monthly run has judged everybody anew."""
    year, month = divmod(day.year * 12 + day.month + 1, 12)
    return date(year, month + 1, 1) - timedelta(days=1)
