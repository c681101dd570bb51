"""From death records of the lake to confirmations that wait for people; nothing is stopped here."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from chengshu.certification.items import roster_of
from chengshu.certification.models import DeathConfirmation, DisprovedLink, Run
from chengshu.certification.roster import Question
from chengshu.certification.run_work import lake_folder
from chengshu.certification.scope import Scope
from chengshu.certification.states import DEATH_IN_FORCE, LinkKind
from chengshu.lake import LONGEST_SOURCE, open_load

_AT_ONCE = 2000


class DeathRecord(NamedTuple):
    """A row of the city's death records.

    Attributes:
        person_key: whose it is said to be.
        died_on: the day of death.
        source: the register; empty where the city does not say.
        recorded_on: when it came to be known.
    """

    person_key: int
    died_on: date
    source: str
    recorded_on: date | None


def death_records(run: Run, keys: Iterable[int]) -> dict[int, DeathRecord]:
    """The records of some people in the load that a run certified, by person.

    Raises:
        StorageError: the load is not there.
    """
    wanted = pa.array(sorted(set(keys)), pa.int64())
    deaths = open_load(lake_folder(), load_id=run.load_id).deaths()
    rows = deaths.filter(pc.is_in(deaths["person_key"], wanted)).to_pylist()
    return {row["person_key"]: _record(row) for row in rows}


def record_of(confirmation: DeathConfirmation) -> DeathRecord | None:
    """The record that a confirmation rests on, if the latest certified data still have it."""
    run = Run.objects.filter(is_in_force=True).first() or confirmation.run
    record = death_records(run, [confirmation.person_key]).get(confirmation.person_key)
    if record is None or (record.died_on, record.source) != (confirmation.died_on, confirmation.record_source):
        return None
    return record


def is_disproved(confirmation: DeathConfirmation) -> bool:
    """Whether the ledger says that the record is not this person's."""
    record = {"day": confirmation.died_on, "source": confirmation.record_source}
    links = DisprovedLink.objects.filter(kind=LinkKind.DEATH_RECORD, person_key=confirmation.person_key)
    return links.filter(**record).exists()


def open_confirmations(run: Run, now: datetime) -> int:
    """Open a confirmation for everybody with a death on record, unless there is one or the record is disproved.

    Returns:
        How many were opened.
    """
    # All columns of so few people cost little; who has none on record needs no lake.
    people = {
        row["person_key"]: row
        for row in roster_of(run, Scope(is_everybody=True)).full_rows(Question(decision="death_recorded"))
    }
    if not people:
        return 0
    held = set(DeathConfirmation.objects.filter(state__in=DEATH_IN_FORCE).values_list("person_key", flat=True))
    links = DisprovedLink.objects.filter(kind=LinkKind.DEATH_RECORD)
    disproved = set(links.values_list("person_key", "day", "source"))
    records = death_records(run, people.keys() - held)
    waiting = (
        _confirmation(run, people[key], record, now)
        for key, record in sorted(records.items())
        if (key, record.died_on, record.source) not in disproved
    )
    return _open(waiting)


def _open(waiting: Iterator[DeathConfirmation]) -> int:
    count = 0
    while some := list(islice(waiting, _AT_ONCE)):
        DeathConfirmation.objects.bulk_create(some)
        count += len(some)
    return count


def _record(row: dict[str, Any]) -> DeathRecord:
    source = (row["record_source"] or "")[:LONGEST_SOURCE]
    return DeathRecord(row["person_key"], row["died_on"], source, row["recorded_on"])


def _confirmation(run: Run, person: dict[str, Any], record: DeathRecord, now: datetime) -> DeathConfirmation:
    return DeathConfirmation(
        run=run,
        person_key=record.person_key,
        region_code=person["region_code"],
        departments=person["departments"],
        name=person["name"],
        age=person["age"],
        monthly_yuan=person["monthly_yuan"],
        died_on=record.died_on,
        record_source=record.source,
        opened_at=now,
    )
