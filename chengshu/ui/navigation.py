"""What there is to go to: each application registers its places, and people are shown those that are theirs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chengshu.kernel.texts import Text

if TYPE_CHECKING:
    from django.http import HttpRequest

Trail = Sequence[tuple[Text, str]]
"""Names and addresses of the pages above one, from the top."""


class Place(NamedTuple):
    """A place in the navigation.

    Attributes:
        name: as it is read.
        url_name: of Django's address.
        icon: of `build.ICONS`.
        is_for: whether somebody is shown it.
    """

    name: Text
    url_name: str
    icon: str
    is_for: Callable[[Any], bool]


class Waiting(NamedTuple):
    """A line of the home page: what waits for somebody, or what they answer for.

    Attributes:
        name: as it is read.
        number: how many.
        href: where they are.
        is_late: whether a term has passed.
        note: what else is to be said.
    """

    name: Text
    number: int
    href: str
    is_late: bool = False
    note: Text | None = None


class Found(NamedTuple):
    """One finding of the search."""

    kind: Text
    title: str
    href: str
    note: str = ""


Places = list[Place]
WaitingFor = Callable[["HttpRequest"], Sequence[Waiting]]
FoundFor = Callable[["HttpRequest", str], Sequence[Found]]

PLACES: Places = []
WAITING: list[WaitingFor] = []
SEARCHES: list[FoundFor] = []


def register(
    *, places: Sequence[Place] = (), waiting: WaitingFor | None = None, search: FoundFor | None = None
) -> None:
    """What an application adds to the shell; called in its `apps.py`."""
    PLACES.extend(place for place in places if place not in PLACES)
    if waiting and waiting not in WAITING:
        WAITING.append(waiting)
    if search and search not in SEARCHES:
        SEARCHES.append(search)
