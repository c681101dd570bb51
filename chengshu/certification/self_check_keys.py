"""Secrets of self-checks: what a resident is sent, and the digests that are all the database keeps of it."""

import hashlib
import secrets
import unicodedata
from typing import NamedTuple

from django.core import signing
from django.utils.crypto import salted_hmac

CODE_DIGITS, ID_SIGNS = 6, 4
PASS_SECONDS = 30 * 60
_SECRET_BYTES = 32
_HALF = 32
_CODE, _BOTH, _REFERENCE, _PASS = (
    f"chengshu.certification.self-check.{of}" for of in ("code", "code-and-digits", "reference", "pass")
)


class Keys(NamedTuple):
    """What opens a self-check: the secret of its link, or a code of six digits with the end of an ID number."""

    secret: str
    code: str


def new_keys() -> Keys:
    """A secret of 256 random bits, and a code."""
    return Keys(secrets.token_urlsafe(_SECRET_BYTES), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}")


def secret_digest(secret: str) -> str:
    """What is kept of a secret; 256 random bits need no slow hash, for there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_digest(code: str, digits: str) -> str:
    """What is kept of a code: 32 signs of the code's own digest, then 32 of its digest with the end of the ID number.

    Both are keyed with the site's secret key, for a million codes are soon tried. By the first half a wrong end is
    counted against the code that it was tried with.
    """
    return code_start(code) + _keyed(_BOTH, f"{code}:{digits}")


def code_start(code: str) -> str:
    """The first half of `code_digest`."""
    return _keyed(_CODE, code)


def id_end(id_number: str) -> str:
    """The last four signs of an ID number.

    >>> id_end("37900119610510380x")
    '380X'
    """
    return tidy(id_number)[-ID_SIGNS:]


def tidy(typed: str) -> str:
    """What somebody typed, without blanks, in plain digits and capitals.

    >>> tidy(" １２3 45６ ")
    '123456'
    """
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def reference_of(digest: str) -> str:
    """By which the face service knows a self-check; nobody gets from it to the link."""
    return _keyed(_REFERENCE, digest)


def make_pass(pk: int) -> str:
    """What stands in an address for the secret, for half an hour, once a code has been typed."""
    return signing.dumps(pk, salt=_PASS)


def pk_of_pass(token: str) -> int | None:
    """Whose pass it is; None for none, or an old one."""
    try:
        return int(signing.loads(token, salt=_PASS, max_age=PASS_SECONDS))
    except signing.BadSignature:
        return None


def is_pass(token: str) -> bool:
    """Whether it is a pass, not a secret: those have no colon."""
    return ":" in token


def _keyed(salt: str, text: str) -> str:
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()[:_HALF]
