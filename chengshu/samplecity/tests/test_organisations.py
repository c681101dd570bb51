from collections import Counter

import numpy as np

from chengshu.samplecity.counties import COUNTIES, draw_region_codes
from chengshu.samplecity.organisations import BUREAU_CODE, sample_organisations

TREE = list(sample_organisations())


def test_it_is_as_large_as_the_city_that_the_platform_is_built_for():
    assert Counter(each.kind for each in TREE) == {
        "city": 1,
        "department": 53,
        "section": 53 * 4,
        "county": 14,
        "town": 14 * 12,
        "community": 14 * 12 * 40,
        "enterprise": 68,
    }


def test_a_parent_comes_before_its_children_and_codes_are_their_own():
    seen = set()
    for each in TREE:
        assert each.parent_code is None or each.parent_code in seen
        assert each.code not in seen
        assert each.name
        assert each.name_en.isascii()
        seen.add(each.code)
    assert BUREAU_CODE in seen


def test_every_region_that_people_live_in_has_its_organisation():
    county = np.repeat(np.arange(len(COUNTIES), dtype=np.int8), 3_000)
    lived_in = set(draw_region_codes(np.random.default_rng(1), county).to_pylist())
    assert len(lived_in) > 5_000
    assert lived_in <= {each.region_code for each in TREE}


def test_departments_and_names_within_a_parent_are_their_own():
    assert len({(each.parent_code, each.name) for each in TREE}) == len(TREE)
