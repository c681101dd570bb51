"""Feeds that somebody may see: what came, what broke, and whom to call about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from chengshu.accounts.actor import Actor
from chengshu.accounts.domain import OrganisationKind, Role
from chengshu.accounts.models import Organisation, Post
from chengshu.accounts.permissions import require
from chengshu.accounts.queries import posts_in_view
from chengshu.accounts.querysets import PostQuerySet
from chengshu.certification import permissions, queries
from chengshu.certification.figure_queries import touches
from chengshu.certification.figures_kept import KeptBroken, KeptFeeds, KeptFigures, KeptSource, Matrix, read_figures
from chengshu.certification.models import Run
from chengshu.certification.permissions import scope_of
from chengshu.certification.scope import Scope

_SENDERS = (OrganisationKind.DEPARTMENT, OrganisationKind.ENTERPRISE, OrganisationKind.COUNTY)


@dataclass(frozen=True)
class Contact:
    """Whom to call about a source.

    Attributes:
        organisation: that sends it; None where the tree has none of this name.
        stewards: names of its data stewards.
    """

    organisation: Organisation | None
    stewards: tuple[str, ...]


@dataclass(frozen=True)
class BrokenFeed:
    """A feed that broke.

    Attributes:
        source: which.
        county_code: where; empty for the whole city.
        county_name: as it is read.
        first_month: since when.
        last_month: the last of the months without it.
        is_going_on: whether it is still broken at the end of the window.
        came: share of what was due that came meanwhile.
        contacts: the department, and the county where it is one county's.
        anchor: of its row in a page; that of the first row of each source alone.
    """

    source: KeptSource
    county_code: str
    county_name: str
    first_month: date
    last_month: date
    is_going_on: bool
    came: float
    contacts: tuple[Contact, ...]
    anchor: str = ""


@dataclass(frozen=True)
class FeedHealth:
    """Feeds of the run in force, for one viewer.

    Attributes:
        run: whose feeds.
        feeds: all that is kept of them.
        counties: code and name of those that matter to the viewer.
        county: the one that is shown; empty for the whole city.
        broken: those that matter to the viewer, what still goes on first.
        names_everybody: whether all stewards are named to the viewer, or only those of the viewer's organisations.
    """

    run: Run
    feeds: KeptFeeds
    counties: tuple[tuple[str, str], ...]
    county: str
    broken: tuple[BrokenFeed, ...]
    names_everybody: bool

    @property
    def matrix(self) -> Matrix:
        """Shares that came, (sources, months)."""
        return self.feeds.counties[self.county] if self.county else self.feeds.city

    def has_broken(self, source: str, month: date) -> bool:
        """Whether a source broke in this month, here or in the whole city."""
        return any(
            feed.source.code == source and feed.first_month <= month <= feed.last_month
            for feed in self.broken
            if feed.county_code in ("", self.county)
        )


def feed_health(by: Actor, county: str = "") -> FeedHealth:
    """Feeds of the run in force.

    Args:
        by: the viewer.
        county: code; the whole city for one that does not matter to the viewer.

    Raises:
        NotAllowed: `by` has no business with certification.
        Conflict: nothing is in force, or the run has no figures.
    """
    require(by, permissions.LOOK)
    run, scope = queries.run_in_force(), scope_of(by.user)
    kept = read_figures(run.folder, run.pk)
    codes = [code for code in sorted(kept.feeds.counties) if touches(scope, code)]
    return FeedHealth(
        run=run,
        feeds=kept.feeds,
        counties=tuple((code, kept.county_names.get(code, code)) for code in codes),
        county=county if county in codes else "",
        broken=_broken(by, scope, kept, set(codes)),
        names_everybody=scope.is_everybody,
    )


def broken_now(by: Actor) -> int:
    """How many feeds of somebody's own departments, or of any for whoever answers for the city, are broken now.

    Raises:
        Conflict: nothing is in force, or the run has no figures.
    """
    run, scope = queries.run_in_force(), scope_of(by.user)
    feeds = read_figures(run.folder, run.pk).feeds
    mask = scope.mask([source.department for source in feeds.sources])
    own = {source.code for number, source in enumerate(feeds.sources) if scope.is_everybody or mask >> number & 1}
    return sum(feed.source in own and feed.last_month == feeds.months[-1] for feed in feeds.broken)


def _broken(by: Actor, scope: Scope, kept: KeptFigures, counties: set[str]) -> tuple[BrokenFeed, ...]:
    feeds = [feed for feed in kept.feeds.broken if not feed.county or feed.county in counties]
    sources = {source.code: source for source in kept.feeds.sources}
    book = _ContactBook(by, scope, [sources[feed.source].department for feed in feeds], {f.county for f in feeds})
    last = kept.feeds.months[-1:]
    found = [_with_contacts(feed, sources[feed.source], kept, book, (feed.last_month,) == last) for feed in feeds]
    # What goes on before what is over, the whole city's before a county's, the newest and the worst first.
    found.sort(key=lambda feed: (not feed.is_going_on, bool(feed.county_code), -feed.last_month.toordinal(), feed.came))
    first: set[str] = set()
    return tuple(_anchored(feed, first) for feed in found)


def _anchored(feed: BrokenFeed, met: set[str]) -> BrokenFeed:
    """The same with an anchor, where its source has not been met before."""
    if feed.source.code in met:
        return feed
    met.add(feed.source.code)
    return replace(feed, anchor=f"broken-{feed.source.code}")


def _with_contacts(
    feed: KeptBroken, source: KeptSource, kept: KeptFigures, book: _ContactBook, is_going_on: bool
) -> BrokenFeed:
    return BrokenFeed(
        source=source,
        county_code=feed.county,
        county_name=kept.county_names.get(feed.county, feed.county),
        first_month=feed.first_month,
        last_month=feed.last_month,
        is_going_on=is_going_on,
        came=feed.came,
        contacts=book.of(source.department, feed.county),
    )


class _ContactBook:
    """Departments and counties with their data stewards, looked up at once.

    People are named to whoever answers for the whole city, and within the organisations that one's posts open.

    Args:
        by: the viewer.
        scope: of the viewer.
        departments: names, with or without the city's 市.
        counties: codes.
    """

    def __init__(self, by: Actor, scope: Scope, departments: Iterable[str], counties: Iterable[str]) -> None:
        names = {name for each in departments for name in (each, each.removeprefix("市")) if name}
        named = Q(name__in=names, parent__kind=OrganisationKind.CITY.value)
        of_county = Q(region_code__in=[code for code in counties if code], kind=OrganisationKind.COUNTY.value)
        senders = Organisation.objects.filter(named | of_county, kind__in=[kind.value for kind in _SENDERS])
        self._by_name = {each.name.removeprefix("市"): each for each in senders if each.kind != OrganisationKind.COUNTY}
        self._by_region = {each.region_code: each for each in senders if each.kind == OrganisationKind.COUNTY}
        self._stewards = list(_stewards(by, scope)) if names else []

    def of(self, department: str, county: str) -> tuple[Contact, ...]:
        """The department, and the county's office where it is one county's feed."""
        found = [self._contact(self._by_name.get(department.removeprefix("市")))]
        if at_county := self._by_region.get(county):
            found.append(self._contact(at_county))
        return tuple(found)

    def _contact(self, organisation: Organisation | None) -> Contact:
        if organisation is None:
            return Contact(None, ())
        # A county's towns have stewards of their own, who do not send the county's feeds.
        own = [post for post in self._stewards if _answers_for(post, organisation)]
        return Contact(organisation, tuple(dict.fromkeys(post.person.name for post in own)))


def _answers_for(post: Post, organisation: Organisation) -> bool:
    if organisation.kind == OrganisationKind.COUNTY:
        return post.organisation_id == organisation.pk
    return post.organisation.is_within(organisation)


def _stewards(by: Actor, scope: Scope) -> PostQuerySet:
    everybody = Post.objects.select_related("person", "organisation").order_by("organisation__path", "pk")
    seen = everybody if scope.is_everybody else posts_in_view(by)
    return seen.filter(role=Role.DATA_STEWARD.value, until__isnull=True, person__is_active=True)
