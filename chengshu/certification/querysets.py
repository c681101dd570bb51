"""Scoped query sets: a list starts from `visible_to`, and a stranger's is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast

from django.db import models
from django.db.models import Q

from chengshu.certification.scope import Scope

if TYPE_CHECKING:
    from chengshu.certification.models import DeathConfirmation, DisprovedLink, Visit, WorkItem  # noqa: F401

_NOBODY = Q(pk__in=[])


def region_after(region: str) -> str:
    """The first code behind a region's own: digits only, which every collation puts in the same order.

    >>> region_after("379001")
    '379002'
    """
    return str(int(region) + 1).zfill(len(region))


def in_regions(scope: Scope) -> Q:
    """Rows in a scope's regions, by one range of the index each."""
    if scope.is_everybody:
        return Q()
    found = _NOBODY
    for region in scope.regions:
        found |= Q(region_code__gte=region, region_code__lt=region_after(region))
    return found


def in_scope(rows: models.QuerySet[Any], scope: Scope, departments: list[str]) -> models.QuerySet[Any]:
    """Rows in a scope's regions, or paid by its departments; `departments` are those of the run in force."""
    where, mask = in_regions(scope), scope.mask(departments)
    if mask and not scope.is_everybody:
        rows = rows.annotate(overlap=models.F("departments").bitand(mask))
        where |= Q(overlap__gt=0)
    return rows.filter(where)


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    """People to ask."""

    def visible_to(self, scope: Scope, departments: list[str]) -> Self:
        """Those in a scope."""
        return cast("Self", in_scope(self, scope, departments))


class DeathConfirmationQuerySet(models.QuerySet["DeathConfirmation"]):
    """Recorded deaths of people who are paid."""

    def visible_by_run(self, scope: Scope, departments: Mapping[int, list[str]]) -> Self:
        """Those in a scope, of many runs: a department's bit is read by the list of the run that set it.

        Args:
            scope: whose rows may be seen.
            departments: of each run, by its key; needed of scopes with departments alone.
        """
        where, rows = in_regions(scope), self
        runs_by_mask: dict[int, list[int]] = {}
        for run, names in departments.items():
            runs_by_mask.setdefault(scope.mask(names), []).append(run)
        for number, (mask, runs) in enumerate(sorted(runs_by_mask.items())):
            if mask and not scope.is_everybody:
                overlap = f"overlap_{number}"
                rows = rows.annotate(**{overlap: models.F("departments").bitand(mask)})
                where |= Q(run_id__in=runs, **{f"{overlap}__gt": 0})
        return rows.filter(where)

    def visible_to(self, scope: Scope, departments: list[str]) -> Self:
        """Those in a scope."""
        return cast("Self", in_scope(self, scope, departments))


class VisitQuerySet(models.QuerySet["Visit"]):
    """What was found."""

    def visible_to(self, scope: Scope) -> Self:
        """Those in a scope's regions."""
        return self.filter(in_regions(scope))


class DisprovedLinkQuerySet(models.QuerySet["DisprovedLink"]):
    """The ledger of disproved links."""

    def visible_to(self, scope: Scope) -> Self:
        """Those in a scope's regions."""
        return self.filter(in_regions(scope))
