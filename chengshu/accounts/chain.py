"""The chain's arithmetic: what exactly is hashed, and by which function. Pure; no database.

A hash covers the event's number, all its columns and the hash before it. It names its own function (`sm3:…`), so that a
trail may be continued with another one on a machine whose OpenSSL lacks SM3.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

SM3, SHA256 = "sm3", "sha256"
GENESIS = f"{SHA256}:{'0' * 64}"
"""What stands before the first event."""
HASH_LENGTH = len(GENESIS)


class Link(NamedTuple):
    """What is hashed of an event; `at` as `instant` writes it, `payload` as `canonical_payload` does."""

    number: int
    at: str
    actor_id: int | None
    actor: str
    verb: str
    object_type: str
    object_id: str
    purpose: str
    payload: str


def preferred_function() -> str:
    """SM3 (GB/T 32905) where OpenSSL has it, else SHA-256."""
    return SM3 if is_available(SM3) else SHA256


def is_available(function: str) -> bool:
    """Whether this machine can compute it; an OpenSSL in FIPS mode lists SM3 and refuses it."""
    try:
        hashlib.new(function, b"")
    except ValueError:
        return False
    return True


def digest(link: Link, previous_hash: str, function: str) -> str:
    """The hash of an event, after the hash before it.

    Each column is written as its length, a colon and itself (a netstring), so that no text can spill from one into
    the next. JSON would do that too, and take three times as long.

    Raises:
        ValueError: the function is not there.
    """
    number, at, actor_id, *others = link
    columns = [previous_hash, str(number), at, str(actor_id), *others]
    text = "".join([f"{len(column)}:{column}" for column in columns])
    return f"{function}:{hashlib.new(function, text.encode()).hexdigest()}"


def function_of(hashed: str) -> str:
    """The function that a hash was made by.

    >>> function_of("sm3:66c7")
    'sm3'
    """
    return hashed.partition(":")[0]


def canonical_payload(payload: Mapping[str, Any]) -> str:
    """Facts as the one text that is stored and hashed.

    Raises:
        TypeError: something in it is neither text, number, truth value, list nor mapping.

    >>> canonical_payload({"b": 1, "a": "市"})
    '{"a":"市","b":1}'
    """
    return _encode(payload)


def instant(at: datetime) -> str:
    """An instant as it is hashed: UTC, microseconds, whichever zone the database answers in.

    >>> instant(datetime(2025, 12, 31, 8, tzinfo=UTC))
    '2025-12-31 08:00:00.000000'
    """
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode
