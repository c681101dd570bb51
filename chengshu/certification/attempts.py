"""Bounds how often somebody may guess, by the address that they come from."""

from ipaddress import ip_address, ip_network

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from chengshu.certification import self_check_messages

MOST_GUESSES = 10
GUESS_SECONDS = 15 * 60
_SALT = "chengshu.certification.attempts"


class Guess:
    """One of the guesses that an address has within a quarter of an hour.

    Each address has `MOST_GUESSES` places in the cache, and a guess takes one until it lapses: to take a place is one
    indivisible step, so that guesses that come at once are counted each.

    Args:
        address: of the client.

    Raises:
        Conflict: `certification.check-too-often`: all places are taken.
    """

    def __init__(self, address: str) -> None:
        # The address itself is kept nowhere.
        start = salted_hmac(_SALT, _network(address), algorithm="sha256").hexdigest()[:32]
        for number in range(MOST_GUESSES):
            self._key = f"self-check:{start}:{number}"
            if cache.add(self._key, True, GUESS_SECONDS):
                return
        raise self_check_messages.guessed_too_often()

    def was_right(self) -> None:
        """Give the place back: whole villages share one address, and those who type the right code harm nobody."""
        cache.delete(self._key)


def _network(address: str) -> str:
    """An IPv6 subscriber has a whole network of addresses to guess from."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return address if ip.version == 4 else str(ip_network((ip, 64), strict=False))
