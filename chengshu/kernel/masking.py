"""What of a person a screen shows to somebody without a purpose: enough to tell two apart, not enough to find one."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_SHOWN_FIRST, _SHOWN_LAST = 6, 2


def masked_id(number: str | None) -> str:
    """The region and the last two signs of an ID number.

    >>> masked_id("379001196105043803")
    '379001**********03'
    """
    if not number or len(number) <= _SHOWN_FIRST + _SHOWN_LAST:
        return "*" * len(number or "")
    return number[:_SHOWN_FIRST] + "*" * (len(number) - _SHOWN_FIRST - _SHOWN_LAST) + number[-_SHOWN_LAST:]


def masked_name(name: str | None) -> str:
    """The family name's first sign.

    >>> masked_name("崔彩华"), masked_name("董云"), masked_name(None)
    ('崔**', '董*', '')
    """
    return name[0] + "*" * (len(name) - 1) if name else ""


def masked_phone(phone: str | None) -> str:
    """The last two digits.

    >>> masked_phone("13812345678")
    '*********78'
    """
    return "*" * (len(phone) - _SHOWN_LAST) + phone[-_SHOWN_LAST:] if phone else ""


def masked_ids(numbers: pa.StringArray) -> pa.StringArray:
    """`masked_id` of (n,) numbers of 18 signs."""
    first = pc.utf8_slice_codeunits(numbers, 0, _SHOWN_FIRST)
    last = pc.utf8_slice_codeunits(numbers, 18 - _SHOWN_LAST, 18)
    return pc.binary_join_element_wise(first, "*" * (18 - _SHOWN_FIRST - _SHOWN_LAST), last, "")


def masked_names(names: pa.StringArray) -> pa.StringArray:
    """`masked_name` of (n,) names; nothing where there is none."""
    first = pc.utf8_slice_codeunits(names, 0, 1)
    stars = pc.binary_repeat("*", pc.max_element_wise(pc.subtract(pc.utf8_length(names), 1), 0))
    return pc.fill_null(pc.binary_join_element_wise(first, stars, ""), "")


def name_keys(names: pa.StringArray, secret: bytes) -> npt.NDArray[np.int64]:
    """(n, 2) keyed hashes of the first two signs of each name, and of the last two: 0 where there are none.

    By them a name is found without being kept: the key never leaves the lake.
    """
    keys = np.zeros((len(names), 2), dtype=np.int64)
    for column, (start, stop) in enumerate(((0, 2), (-2, None))):
        pairs = pc.utf8_slice_codeunits(names, start, stop).dictionary_encode()
        hashes = np.array([name_key(pair, secret) for pair in pairs.dictionary.to_pylist()] + [0], dtype=np.int64)
        places = pairs.indices.fill_null(len(hashes) - 1).to_numpy(zero_copy_only=False)
        keys[:, column] = hashes[places]
    return keys


def name_key(pair: str, secret: bytes) -> int:
    """The keyed hash of two signs of a name."""
    return int.from_bytes(blake2b(pair.encode(), digest_size=8, key=secret[:64]).digest(), "big", signed=True)
