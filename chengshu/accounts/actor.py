"""Who does something, and what for."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chengshu.kernel.errors import UsageError
from chengshu.kernel.texts import Text

if TYPE_CHECKING:
    from chengshu.accounts.models import User

_SHORTEST_PURPOSE, _LONGEST_PURPOSE = 2, 400


@dataclass(frozen=True)
class Actor:
    """A person who is signed in, or whoever types commands on the server itself.

    The latter may do everything: the files of the database are in their hands anyway. The trail names them by
    their login on the machine.
    """

    user: User | None
    label: str
    purpose: str = ""

    @property
    def is_machine(self) -> bool:
        """On the server's own command line."""
        return self.user is None

    def for_purpose(self, purpose: str) -> Actor:
        """The same with a purpose, which the events from now on carry.

        Raises:
            UsageError: `usage.purpose`, where it says next to nothing or does not fit.
        """
        stated = " ".join(purpose.split())
        if not _SHORTEST_PURPOSE <= len(stated) <= _LONGEST_PURPOSE:
            raise UsageError(
                "usage.purpose",
                Text(f"查询目的有 {len(stated)} 个字。", f"The purpose has {len(stated)} characters."),
                Text(
                    f"请用 {_SHORTEST_PURPOSE} 至 {_LONGEST_PURPOSE} 个字说明用途，如“核实李某的补贴”。",
                    f"Say in {_SHORTEST_PURPOSE} to {_LONGEST_PURPOSE} characters what it is for.",
                ),
            )
        return replace(self, purpose=stated)


def person(user: User) -> Actor:
    """Somebody who is signed in."""
    return Actor(user, f"{user.name} ({user.username})")


def machine() -> Actor:
    """Whoever runs this process."""
    return Actor(None, f"machine:{getpass.getuser()}")
