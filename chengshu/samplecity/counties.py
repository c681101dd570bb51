"""The fourteen counties of the sample city; the codes are well-formed and belong to no real place today."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class County(NamedTuple):
    """One county: its code (GB/T 2260), name and share of the city's people."""

    code: int
    name: str
    weight: float

    @property
    def is_urban(self) -> bool:
        """Districts run from 01 to 20."""
        return self.code % 100 <= 20


COUNTIES = (
    County(379001, "城东区", 8.0),
    County(379002, "城西区", 7.0),
    County(379003, "河口新区", 5.5),
    County(379004, "南湖区", 6.0),
    County(379005, "北山区", 5.0),
    County(379021, "安平县", 9.0),
    County(379022, "临河县", 8.5),
    County(379023, "青石县", 6.5),
    County(379024, "望海县", 6.0),
    County(379025, "柳泉县", 8.0),
    County(379026, "云岭县", 4.5),
    County(379081, "长宁市", 10.0),
    County(379082, "东川市", 9.0),
    County(379083, "金塘市", 7.0),
)
COUNTY_CODES = np.array([county.code for county in COUNTIES])
COUNTY_WEIGHTS = np.array([county.weight for county in COUNTIES]) / sum(county.weight for county in COUNTIES)
COUNTY_IS_URBAN = np.array([county.is_urban for county in COUNTIES])
COUNTY_TEXTS = pa.array([str(county.code) for county in COUNTIES])
TOWNS, VILLAGES = 12, 40
FIRST_TOWN = 100
_VILLAGE_SHARE, _TOWN_SHARE = 0.7, 0.85


def draw_region_codes(random: np.random.Generator, county: npt.NDArray[np.int8]) -> pa.StringArray:
    """(n,) residents' region codes: most down to the village, some to the town or only the county.

    Args:
        random: where chance comes from.
        county: (n,) positions in `COUNTIES`.
    """
    town = random.integers(1, TOWNS + 1, len(county)) + np.where(COUNTY_IS_URBAN[county], 0, FIRST_TOWN)
    village = random.integers(1, VILLAGES + 1, len(county))
    level = random.random(len(county))
    code = COUNTY_CODES[county]
    code = np.where(level < _TOWN_SHARE, code * 1000 + town, code)
    code = np.where(level < _VILLAGE_SHARE, code * 1000 + village, code)
    return pc.cast(pa.array(code), pa.string())
