"""Every write to the organisation tree."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Length, Substr

from chengshu.accounts import messages, permissions
from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.domain import (
    MOST_CHILDREN,
    STEP_DIGITS,
    OrganisationKind,
    OrganisationRow,
    may_stand_under,
    path_of_child,
)
from chengshu.accounts.models import Organisation
from chengshu.accounts.permissions import require
from chengshu.accounts.querysets import within

_DEEPEST_PATH = Organisation._meta.get_field("path").max_length or 0
_NAMES = ("name", "name_en", "region_code")


@transaction.atomic
def import_organisations(*, by: Actor, rows: Iterable[OrganisationRow]) -> int:
    """Take over a city's tree: new organisations are added, names of known ones brought up to date.

    Doing it twice changes nothing the second time. Nothing is deleted, and nothing moved: see `move_organisation`.

    Args:
        by: a system administrator over the whole tree.
        rows: a parent before its children.

    Returns:
        How many organisations are new or have changed.

    Raises:
        NotAllowed: `by` has no such right.
        Conflict: names the first row that does not fit; nothing is written then.
    """
    tree = _Tree()
    require(by, permissions.CHANGE_ORGANISATIONS, tree.city)
    for row in rows:
        tree.place(row)
    if not tree.changed:
        return 0
    new = [organisation for organisation in tree.changed.values() if organisation._state.adding]
    known = [organisation for organisation in tree.changed.values() if not organisation._state.adding]
    _insert_level_by_level(new)
    Organisation.objects.bulk_update(known, _NAMES, batch_size=500)
    audit(by, "accounts.import_organisations", tree.top, added=len(new), renamed=len(known), codes=sorted(tree.changed))
    return len(tree.changed)


def _insert_level_by_level(new: list[Organisation]) -> None:
    """Children need their parents' keys, which the database gives; path lengths are the levels."""
    for length in sorted({len(organisation.path) for organisation in new}):
        level = [organisation for organisation in new if len(organisation.path) == length]
        for organisation in level:
            organisation.parent = organisation.parent  # takes the key over that the parent has got meanwhile
        Organisation.objects.bulk_create(level, batch_size=500)


class _Tree:
    """The tree as it is, and as rows change it, in memory: one read and few writes for thousands of rows."""

    def __init__(self) -> None:
        self._by_code = {known.code: known for known in Organisation.objects.select_for_update().order_by("path")}
        self._places: dict[str, int] = {}
        for known in self._by_code.values():
            self._take(known.path)
        self.city = next((known for known in self._by_code.values() if known.parent_id is None), None)
        self.changed: dict[str, Organisation] = {}

    @property
    def top(self) -> Organisation:
        """The city."""
        return next(iter(self._by_code.values()))

    def _take(self, path: str) -> None:
        parent, place = path[:-STEP_DIGITS], int(path[-STEP_DIGITS:])
        self._places[parent] = max(place, self._places.get(parent, 0))

    def place(self, row: OrganisationRow) -> None:
        """Put one row where it belongs."""
        parent = self._by_code.get(row.parent_code) if row.parent_code else None
        if row.parent_code and parent is None:
            raise messages.unknown_parent(row.code, row.parent_code)
        kind = OrganisationKind(parent.kind) if parent else None
        if not may_stand_under(row.kind, kind):
            raise messages.wrong_parent(row.code, row.kind, kind)
        known = self._by_code.get(row.code)
        if known is None:
            self._add(row, parent)
        else:
            self._rename(known, row, parent)

    def _add(self, row: OrganisationRow, parent: Organisation | None) -> None:
        path = free_path(row.code, parent, self._places.get(parent.path if parent else "", 0))
        self._take(path)
        names = {"name": row.name, "name_en": row.name_en, "region_code": row.region_code}
        self._by_code[row.code] = self.changed[row.code] = Organisation(
            code=row.code, kind=row.kind, parent=parent, path=path, **names
        )

    def _rename(self, known: Organisation, row: OrganisationRow, parent: Organisation | None) -> None:
        if known.kind != row.kind or known.path[:-STEP_DIGITS] != (parent.path if parent else ""):
            raise messages.other_place(row.code)
        if any(getattr(known, name) != getattr(row, name) for name in _NAMES):
            known.name, known.name_en, known.region_code = row.name, row.name_en, row.region_code
            self.changed[row.code] = known


def free_path(code: str, parent: Organisation | None, last_place: int) -> str:
    """The next path under a parent.

    Raises:
        Conflict: `accounts.no-place`.
    """
    path = path_of_child(parent.path if parent else "", last_place + 1)
    if last_place >= MOST_CHILDREN or len(path) > _DEEPEST_PATH:
        raise messages.too_many(parent.code if parent else code)
    return path


@transaction.atomic
def move_organisation(*, by: Actor, organisation: Organisation, to: Organisation) -> Organisation:
    """Put an organisation, with all below it, under another parent.

    Raises:
        NotAllowed: `by` is no system administrator over both.
        Conflict: it does not fit there.
    """
    require(by, permissions.CHANGE_ORGANISATIONS, organisation)
    require(by, permissions.CHANGE_ORGANISATIONS, to)
    # The whole tree is locked, in the order of paths: a move is rare, and two at once could tie a knot.
    locked = {each.pk: each for each in Organisation.objects.select_for_update().order_by("path")}
    moved, to = locked[organisation.pk], locked[to.pk]
    if to.is_within(moved):
        raise messages.below_itself(moved.code)
    if not may_stand_under(OrganisationKind(moved.kind), OrganisationKind(to.kind)):
        raise messages.wrong_parent(moved.code, OrganisationKind(moved.kind), OrganisationKind(to.kind))
    last = max((int(each.path[-STEP_DIGITS:]) for each in locked.values() if each.parent_id == to.pk), default=0)
    old, new = moved.path, free_path(moved.code, to, last)
    deepest = max(len(each.path) for each in locked.values() if each.is_within(moved))
    if deepest - len(old) + len(new) > _DEEPEST_PATH:
        raise messages.too_many(to.code)
    tail = Substr("path", Value(len(old) + 1), Length(F("path")))
    Organisation.objects.filter(within([old], "path")).update(path=Concat(Value(new), tail))
    Organisation.objects.filter(pk=moved.pk).update(parent=to)
    audit(by, "accounts.move_organisation", moved, code=moved.code, to=to.code)
    return Organisation.objects.get(pk=moved.pk)
