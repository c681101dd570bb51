"""Decisions for everybody who gets a benefit that needs survival."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.certification.domain import (
    Cut,
    Decision,
    Found,
    days_until_lapse,
    decide,
    end_of_next_month,
    value_of_asking,
    widest_cut,
)
from chengshu.certification.population import Population
from chengshu.certification.ranges import Answers
from chengshu.certification.window import Window
from chengshu.lake import Load

_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Rows:
    """Benefits in force that need survival, ordered by person_key.

    Attributes:
        person: (rows,) position in the population.
        benefit: (rows,) number of the benefit.
        monthly_yuan: (rows,).
        benefits: the city's benefits that need survival, in order of their numbers.
        starts: (people + 1,) first row of each person.
    """

    person: npt.NDArray[np.int64]
    benefit: npt.NDArray[np.int16]
    monthly_yuan: npt.NDArray[np.float64]
    benefits: pa.Table
    starts: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """Decisions, (people,) for the whole population.

    Attributes:
        rows: the benefits decided on.
        is_eligible: gets a benefit that needs survival.
        has_record: a recorded death.
        decision: Decision numbers; meaningful where eligible.
        cut: who is certified.
        p_dead: 1 where a death is recorded.
        monthly_yuan: paid to each in a month for such benefits.
        value: yuan saved for each yuan of asking.
        valid_until: day on which the certificate lapses, at the earliest at the end of next month; NaT where there is
            none.
    """

    rows: Rows
    is_eligible: npt.NDArray[np.bool_]
    has_record: npt.NDArray[np.bool_]
    decision: npt.NDArray[np.int8]
    cut: Cut
    p_dead: npt.NDArray[np.float64]
    monthly_yuan: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]
    valid_until: npt.NDArray[np.datetime64]


def read_rows(load: Load, population: Population, as_of: date) -> Rows:
    """Entitlements in force on a day to benefits that need survival, one for each person and benefit.

    Where two to the same benefit are in force, the later one says what is paid: it was granted in the earlier's place.
    """
    benefits = load.benefits()
    needing = benefits.filter(benefits["needs_survival"]).sort_by("benefit_code")
    entitlements = load.entitlements()
    codes = entitlements["benefit_code"].combine_chunks()
    number = pc.index_in(codes.dictionary, needing["benefit_code"].combine_chunks()).take(codes.indices)
    day = pa.scalar(as_of, pa.date32())
    ended = pc.fill_null(pc.less(entitlements["ended_on"], day), False)
    in_force = pc.and_(pc.and_(pc.is_valid(number), pc.less_equal(entitlements["started_on"], day)), pc.invert(ended))
    kept = entitlements.select(["person_key", "monthly_amount"]).append_column("number", number).filter(in_force)
    key, benefit = kept["person_key"].to_numpy(), kept["number"].to_numpy().astype(np.int16)
    # A load has them ordered by person, benefit and start.
    is_last = np.append((key[1:] != key[:-1]) | (benefit[1:] != benefit[:-1]), True)[: len(key)]
    person = np.searchsorted(population.keys, key[is_last])
    return Rows(
        person=person,
        benefit=benefit[is_last],
        monthly_yuan=kept["monthly_amount"].to_numpy()[is_last],
        benefits=needing,
        starts=np.concatenate([[0], np.cumsum(np.bincount(person, minlength=len(population.keys)))]),
    )


def decide_everybody(
    rows: Rows, population: Population, answers: Answers, window: Window, max_dead_share: float
) -> Outcome:
    """Cut, decisions, worth of asking and lapse of certificates."""
    people = len(population.keys)
    is_eligible = np.zeros(people, dtype=bool)
    is_eligible[rows.person] = True
    monthly_yuan = np.asarray(np.bincount(rows.person, weights=rows.monthly_yuan, minlength=people), dtype=float)
    has_record = population.people.death_month >= 0
    p_dead = np.where(has_record, 1.0, answers.posterior.p_dead)
    found_dead = _found_dead(population, answers, window)
    cut = widest_cut(p_dead[is_eligible & ~has_record & ~found_dead], max_dead_share)
    decision = decide(p_dead, monthly_yuan, has_record, found_dead, cut)
    until = np.full(people, np.datetime64("NaT"), dtype="datetime64[D]")
    certified = np.flatnonzero((decision == Decision.CERTIFIED) & is_eligible)
    days = days_until_lapse(p_dead[certified], answers.posterior.p_dead_ahead[certified], cut, _MONTH_DAYS)
    lapse = np.datetime64(window.as_of) + days.astype("timedelta64[D]")
    until[certified] = np.maximum(lapse, np.datetime64(end_of_next_month(window.as_of)))
    return Outcome(
        rows=rows,
        is_eligible=is_eligible,
        has_record=has_record,
        decision=decision,
        cut=cut,
        p_dead=p_dead,
        monthly_yuan=monthly_yuan,
        value=value_of_asking(p_dead, monthly_yuan, decision),
        valid_until=until,
    )


def certified_unseen(outcome: Outcome, population: Population, answers: Answers) -> int:
    """How many are certified by age and sex alone: without one record or visit in the window."""
    unseen = outcome.is_eligible & (outcome.decision == Decision.CERTIFIED) & (answers.last_month < 0)
    unseen[population.visits.person] = False
    return int(np.count_nonzero(unseen))


def _found_dead(population: Population, answers: Answers, window: Window) -> npt.NDArray[np.bool_]:
    """Whom the last visit found dead, nothing having been seen of them since, (people,)."""
    last = population.last_visit
    found_dead = np.zeros(len(population.keys), dtype=bool)
    who = np.flatnonzero(last.found == Found.DEAD)
    found_dead[who] = ~(answers.last_event_days(window, who) > last.day[who])
    return found_dead
