"""Region codes (GB/T 2260): province, city, county in six digits; town (9) and village (12) below them."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.kernel.errors import ChengshuError
from chengshu.kernel.texts import Text

Level = Literal["county", "town", "village"]
_LEVELS: dict[int, Level] = {6: "county", 9: "town", 12: "village"}
COUNTY_LENGTH = 6
LAST_DISTRICT = 20
"""The county part of districts (市辖区) runs from 01 to 20; that of other counties from 21."""


def level_of(region_code: str) -> Level:
    """Which level of the administrative tree a code names.

    Raises:
        ChengshuError: `region.malformed`, for anything but 6, 9 or 12 digits.

    >>> level_of("110105003")
    'town'
    """
    if len(region_code) not in _LEVELS or not (region_code.isascii() and region_code.isdecimal()):
        raise ChengshuError(
            "region.malformed",
            Text("区划代码“{code}”不是6、9或12位数字", "region code “{code}” is not 6, 9 or 12 digits").format(
                code=region_code
            ),
            Text(
                "请按 GB/T 2260 及统计用区划代码填写。",
                "Write it as in GB/T 2260 and its extension to towns and villages.",
            ),
        )
    return _LEVELS[len(region_code)]


def county_of(region_code: str) -> str:
    """The six digits of the county that a region lies in.

    Raises:
        ChengshuError: `region.malformed`.

    >>> county_of("370112004001")
    '370112'
    """
    level_of(region_code)
    return region_code[:COUNTY_LENGTH]


def is_urban(region_code: str) -> bool:
    """Whether a region lies in a city's district rather than in a county.

    Raises:
        ChengshuError: `region.malformed`.

    >>> is_urban("370112"), is_urban("370124")
    (True, False)
    """
    return 1 <= int(county_of(region_code)[4:]) <= LAST_DISTRICT


def counties_of(region_codes: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The counties of many regions at once; null where a code is null or malformed."""
    is_code = pc.match_substring_regex(region_codes, r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$")
    return pc.if_else(is_code, pc.utf8_slice_codeunits(region_codes, 0, COUNTY_LENGTH), pa.scalar(None, pa.string()))


def are_urban(region_codes: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """(n,) whether each region lies in a city's district; false where a code is null or malformed."""
    part = pc.cast(pc.utf8_slice_codeunits(counties_of(region_codes), 4, COUNTY_LENGTH), pa.int8())
    number = np.asarray(pc.fill_null(part, 0))
    return np.asarray((number >= 1) & (number <= LAST_DISTRICT))
