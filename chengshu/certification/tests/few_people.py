"""A handful of people as certification holds them, each described by what matters in a test."""

from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
import pyarrow as pa

from chengshu.certification.domain import Found
from chengshu.certification.outcome import Rows
from chengshu.certification.population import Population, last_visits
from chengshu.certification.ranges import Answers
from chengshu.certification.window import Window
from chengshu.lake import Load
from chengshu.survival.evidence import NO_RECORD, People, Visits
from chengshu.survival.posterior import Posterior

AS_OF = date(2025, 12, 31)
WINDOW = Window(AS_OF, 12)


@dataclass(frozen=True)
class Person:
    """One person: chances, benefits and what is recorded.

    Attributes:
        p_dead: chance of being dead.
        benefits: numbers of the benefits.
        yuan: monthly amount of each.
        death_month: of a recorded death.
        last_event: (month, day, source) or None.
        ahead: chance of being dead after each further month of silence.
        visit: (day, found) of the last visit or None.
    """

    p_dead: float = 0.001
    benefits: tuple[int, ...] = (0,)
    yuan: float = 100.0
    death_month: int = NO_RECORD
    last_event: tuple[int, int, int] | None = (11, 3, 0)
    ahead: float = 0.5
    visit: tuple[str, Found] | None = None


def population(people: list[Person]) -> Population:
    """All in one county, keys in the order given."""
    n = len(people)
    zeros = np.zeros(n, dtype=np.int16)
    died = np.array([person.death_month for person in people], dtype=np.int16)
    batch = People(zeros, zeros, zeros + 1, zeros + 900, np.ones(n), died, died)
    visits = Visits(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((0, 5)))
    keys = np.arange(n) * 10 - 15
    visited = np.array([place for place, person in enumerate(people) if person.visit], dtype=np.int64)
    paid = [person.visit for person in people if person.visit]
    days = np.array([day for day, _ in paid], dtype="datetime64[D]")
    last = last_visits(n, visited, days, np.array([found for _, found in paid], dtype=np.int8))
    return Population(keys, ["370102"], batch, np.full(n, 75.0), np.zeros(n, dtype=bool), visits, last)


def answers(people: list[Person]) -> Answers:
    """What the model said of them."""
    n = len(people)
    seen = [person.last_event or (-1, 0, -1) for person in people]
    month, day, source = (np.array([event[i] for event in seen]) for i in range(3))
    posterior = Posterior(
        p_away=np.full(n, 0.01),
        p_dead=np.array([person.p_dead for person in people], dtype=float),
        p_dead_ahead=np.repeat(np.array([person.ahead for person in people])[:, None], 12, axis=1),
        death_month=np.zeros(n, dtype=np.int16),
        top_source=source.astype(np.int8),
        recent_events=np.where(month >= 6, 4, 0).astype(np.int32),
        events=np.where(month < 0, 0, 18).astype(np.int32),
        silent_months=np.where(month < 0, 12, 11 - month).astype(np.int16),
        bits=np.ones(n, dtype=np.float32),
        arrived=np.ones(n, dtype=np.float32),
    )
    return Answers(posterior, month.astype(np.int16), day.astype(np.int8), source.astype(np.int8))


def rows(people: list[Person]) -> Rows:
    """Their benefits, of two that the city has."""
    person = np.array([place for place, one in enumerate(people) for _ in one.benefits], dtype=np.int64)
    return Rows(
        person=person,
        benefit=np.array([number for one in people for number in one.benefits], dtype=np.int16),
        monthly_yuan=np.array([one.yuan for one in people for _ in one.benefits]),
        benefits=pa.table({"benefit_code": ["B1", "B2"], "name": ["高龄津贴", "养老金"]}),
        starts=np.concatenate([[0], np.cumsum(np.bincount(person, minlength=len(people)))]),
    )


class TablesOnly:
    """What ``read_rows`` asks of a load, from plain rows."""

    def __init__(self, benefits: list[dict[str, object]], entitlements: list[dict[str, object]]) -> None:
        self._benefits, self._entitlements = benefits, entitlements

    def benefits(self) -> pa.Table:
        """benefit_code, name, needs_survival."""
        schema = pa.schema([("benefit_code", pa.string()), ("name", pa.string()), ("needs_survival", pa.bool_())])
        return pa.Table.from_pylist(self._benefits, schema)

    def entitlements(self) -> pa.Table:
        """Ascending by person_key, as in the lake."""
        schema = pa.schema(
            [
                ("person_key", pa.int64()),
                ("benefit_code", pa.dictionary(pa.int32(), pa.string())),
                ("started_on", pa.date32()),
                ("ended_on", pa.date32()),
                ("monthly_amount", pa.float64()),
            ]
        )
        return pa.Table.from_pylist(self._entitlements, schema).sort_by("person_key")


def load_of(benefits: list[dict[str, object]], entitlements: list[dict[str, object]]) -> Load:
    """A load that has nothing but these tables."""
    return cast(Load, TablesOnly(benefits, entitlements))
