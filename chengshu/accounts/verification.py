"""Checking the audit trail from end to end, in one pass and constant memory."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.db import connection

from chengshu.accounts import chain
from chengshu.accounts.models import AuditEvent, AuditHead
from chengshu.kernel.errors import EngineError
from chengshu.kernel.texts import Text

_FUNCTIONS = frozenset({chain.SM3, chain.SHA256})
_AT_ONCE = 2_000
_MOST_FINDINGS = 1_000
_SECONDS_ONLY = len("2025-12-31 08:00:00")
_COLUMNS = (*chain.Link._fields, "previous_hash", "hash")


class Damage(StrEnum):
    """What can have happened to events."""

    CHANGED = "changed"
    """A column holds something else than what was hashed."""
    REWRITTEN = "rewritten"
    """The event fits its own hash, but the next one (or the head, or an anchor) followed another."""
    REMOVED = "removed"
    INSERTED = "inserted"
    HEAD_MISSING = "head-missing"
    """The row that holds the last number and hash is gone, and with it what would tell of a cut tail."""


DAMAGE_NAMES = {
    Damage.CHANGED: Text("被改动", "changed"),
    Damage.REWRITTEN: Text("被整条改写", "rewritten"),
    Damage.REMOVED: Text("被删除", "removed"),
    Damage.INSERTED: Text("被插入", "inserted"),
    Damage.HEAD_MISSING: Text("链首记录缺失", "the head is missing"),
}


class Finding(NamedTuple):
    """Events, from first to last number, to which the same has happened."""

    damage: Damage
    first: int
    last: int


class Stored(NamedTuple):
    """An event as it stands in the table now."""

    link: chain.Link
    previous_hash: str
    hash: str

    @property
    def is_as_written(self) -> bool:
        """Whether the columns give the hash."""
        try:
            function = chain.function_of(self.hash)
            return function in _FUNCTIONS and chain.digest(self.link, self.previous_hash, function) == self.hash
        except TypeError:  # SQLite keeps bytes in a column of text if told to
            return False


class Head(NamedTuple):
    """A last event: of the chain now, or as it was once written down elsewhere (an anchor)."""

    number: int
    hash: str


_BEGINNING = Head(0, chain.GENESIS)


@dataclass
class Verification:
    """What was found.

    Args:
        events: how many were read.
        head: the last one's number and hash.
        findings: in the order of events, neighbours put together; at most a thousand.
        unlisted: how many more there were.
    """

    events: int = 0
    head: Head = _BEGINNING
    findings: list[Finding] = field(default_factory=list)
    unlisted: int = 0
    _latest: Finding | None = None

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, damage: Damage, first: int, last: int | None = None) -> None:
        """Note a finding, beside the one before it where they touch."""
        last = first if last is None else last
        finding, latest = Finding(damage, first, last), self._latest
        joins = latest is not None and (latest.damage, latest.last + 1) == (damage, first)
        if latest is not None and joins:
            finding = latest._replace(last=last)
        if joins and not self.unlisted:
            self.findings[-1] = finding
        elif len(self.findings) < _MOST_FINDINGS:
            self.findings.append(finding)
        elif not joins:
            self.unlisted += 1
        self._latest = finding

    def add_once(self, damage: Damage, number: int) -> None:
        """Note it, unless the latest finding is about that event already."""
        if not (self._latest and self._latest.first <= number <= self._latest.last):
            self.add(damage, number)


def verify(anchors: Iterable[Head] = ()) -> Verification:
    """Check every event of the trail, while others may go on writing to it.

    The head is read before the events and again behind them. What was there before must be among the events, and
    nothing may lie beyond what is there after: so no lock is needed, and writers do not wait.

    Args:
        anchors: heads that were written down elsewhere, earlier.

    Raises:
        EngineError: `audit.function-missing`: hashes were made by a function that this machine does not have.
    """
    before = _head()
    known = {anchor.number: anchor.hash for anchor in anchors if anchor.number}
    if before and before.number:
        # An anchor that contradicts the head stays, for it is the one that somebody outside keeps.
        known.setdefault(before.number, before.hash)
    found = check_chain(_stored_events(), known)
    after = _head()
    if after is None and found.events:
        found.add(Damage.HEAD_MISSING, found.head.number)
    elif after and found.head.number > after.number:
        found.add(Damage.INSERTED, after.number + 1, found.head.number)
    elif after and found.head.number == after.number and found.head.hash != after.hash:
        found.add_once(Damage.REWRITTEN, after.number)
    return found


def check_chain(events: Iterable[Stored], known: Mapping[int, str]) -> Verification:
    """Hold each event against its own hash and against the one before it.

    Args:
        events: by number.
        known: hashes, by number, that must be met on the way.

    Returns:
        Findings, each under the number of the event that it is about: an event whose columns do not give its
        hash was changed; where they do and the link to the event before does not hold, that one was rewritten.
    """
    found = Verification()
    for event in events:
        number = event.link.number
        found.events += 1
        if number <= found.head.number:
            found.add(Damage.INSERTED, number)
            continue
        is_next = number == found.head.number + 1
        if not is_next:
            found.add(Damage.REMOVED, found.head.number + 1, number - 1)
        if not event.is_as_written:
            found.add(Damage.CHANGED, number)
        elif is_next and event.previous_hash != found.head.hash:
            found.add_once(Damage.REWRITTEN, max(1, number - 1))
        found.head = Head(number, event.hash)
        if known.get(number, event.hash) != event.hash:
            found.add_once(Damage.REWRITTEN, number)
    if (last_known := max(known, default=0)) > found.head.number:
        found.add(Damage.REMOVED, found.head.number + 1, last_known)
    return found


def _head() -> Head | None:
    row = AuditHead.objects.values_list("number", "hash").first()
    return Head(*row) if row else None


def _stored_events() -> Iterator[Stored]:
    """Every event by number, from a server-side cursor; plain rows, for a model object each would double the time.

    Raises:
        EngineError: `audit.function-missing`.
    """
    names = ", ".join(map(_selected, _COLUMNS))
    table = connection.ops.quote_name(AuditEvent._meta.db_table)
    _refuse_missing_function(table)
    with closing(connection.chunked_cursor()) as cursor:
        cursor.execute(f"SELECT {names} FROM {table} ORDER BY number")  # noqa: S608 - the model's own names
        while rows := cursor.fetchmany(_AT_ONCE):
            for number, at, *others, previous_hash, hashed in rows:
                place = number if isinstance(number, int) else 0  # SQLite would keep a text there too
                yield Stored(chain.Link(place, _instant(at), *others), previous_hash, hashed)


def _refuse_missing_function(table: str) -> None:
    """SM3 events cannot be checked where there is no SM3; to call them changed would be a false alarm."""
    if chain.is_available(chain.SM3) or not AuditEvent.objects.filter(hash__startswith=f"{chain.SM3}:").exists():
        return
    raise EngineError(
        "audit.function-missing",
        Text(
            "审计记录以 SM3 成链，本机的 OpenSSL 没有 SM3。", "The trail is chained by SM3, which this OpenSSL lacks."
        ),
        Text("请在支持 SM3 的机器上核验。", "Verify it on a machine whose OpenSSL has SM3."),
    )


def _selected(name: str) -> str:
    """A column; instants as text, for to make a `datetime` of each takes as long as all the hashing.

    SQLite has them as text, and Django's reading of it would stumble over what is no instant: the sign makes an
    expression of the column, which has no declared type to be read by.
    """
    quoted = connection.ops.quote_name(name)
    if name != "at":
        return quoted
    if connection.vendor == "postgresql":
        return f"to_char({quoted} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"+{quoted}"


def _instant(at: str) -> str:
    """As it was hashed; SQLite has no fraction where that is zero."""
    return f"{at}.000000" if len(at or "") == _SECONDS_ONLY else at
