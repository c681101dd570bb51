"""Figures of many groups of people at once, in one pass over everybody."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chengshu.certification.domain import Decision
from chengshu.certification.outcome import Outcome

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Groups:
    """Sums by group.

    Attributes:
        decisions: (groups, 4) people by Decision.
        expected_dead: (groups,) sum of the chances of being dead over the certified.
        variance: (groups,) of their number, were they independent.
    """

    decisions: Ints
    expected_dead: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]

    @property
    def people(self) -> Ints:
        """(groups,) everybody in each."""
        return np.asarray(self.decisions.sum(axis=1))

    @property
    def certified(self) -> Ints:
        """(groups,) certified people in each."""
        return np.asarray(self.decisions[:, Decision.CERTIFIED])


def count_groups(outcome: Outcome, who: Ints, group: npt.NDArray[np.integer], groups: int) -> Groups:
    """Count decisions by group.

    Args:
        outcome: the decisions.
        who: (n,) positions of people; one who is in several groups stands here once for each.
        group: (n,) the group of each, from 0.
        groups: how many there are.
    """
    decision, kinds = outcome.decision[who], len(Decision)
    cell = group.astype(np.int64) * kinds + decision
    decisions = np.bincount(cell, minlength=groups * kinds).reshape(groups, kinds)
    is_certified = np.flatnonzero(decision == Decision.CERTIFIED)
    p_dead, own = outcome.p_dead[who[is_certified]], group[is_certified]
    expected = np.bincount(own, weights=p_dead, minlength=groups).astype(float)
    variance = np.bincount(own, weights=p_dead * (1 - p_dead), minlength=groups).astype(float)
    return Groups(decisions, expected, variance)


def by_county(outcome: Outcome, county: npt.NDArray[np.integer], counties: int) -> Groups:
    """Figures of those who get a benefit, by county; ``county`` is (people,)."""
    who = np.flatnonzero(outcome.is_eligible)
    return count_groups(outcome, who, county[who], counties)


def by_benefit(outcome: Outcome) -> Groups:
    """Figures by benefit; who gets several counts in each, who gets one twice counts once."""
    rows = outcome.rows
    same = (rows.person[1:] == rows.person[:-1]) & (rows.benefit[1:] == rows.benefit[:-1])
    first = np.flatnonzero(np.concatenate([[True], ~same])[: len(rows.person)])
    return count_groups(outcome, rows.person[first], rows.benefit[first], rows.benefits.num_rows)
