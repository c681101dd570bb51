"""Region codes."""

import pyarrow as pa
import pytest

from chengshu.kernel import regions
from chengshu.kernel.errors import ChengshuError


@pytest.mark.parametrize(("code", "level"), [("370112", "county"), ("370112004", "town"), ("370112004001", "village")])
def test_length_tells_the_level(code: str, level: str) -> None:
    assert regions.level_of(code) == level
    assert regions.county_of(code) == "370112"


@pytest.mark.parametrize("code", ["", "37", "3701120", "37011x", "３７０１１２"])
def test_malformed_code_is_refused(code: str) -> None:
    with pytest.raises(ChengshuError) as refused:
        regions.county_of(code)
    assert refused.value.code == "region.malformed"


@pytest.mark.parametrize(("code", "urban"), [("370101", True), ("370120", True), ("370121", False), ("370181", False)])
def test_districts_are_urban_and_counties_rural(code: str, urban: bool) -> None:
    assert regions.is_urban(code) is urban


def test_many_codes_at_once_agree_with_one_at_a_time() -> None:
    codes = pa.array(["370112004001", "370124", None, "x", "370100"])
    assert regions.counties_of(codes).to_pylist() == ["370112", "370124", None, None, "370100"]
    assert regions.are_urban(codes).tolist() == [True, False, False, False, False]
