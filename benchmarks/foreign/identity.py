"""Resident identity numbers (GB 11643), their check digit and personal names."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Int64s: TypeAlias = NDArray[np.int64]
Texts: TypeAlias = NDArray[np.str_]

# Where people live: counties and districts of one prefecture; the first three are urban districts.
COUNTY_CODES = [str(360_000 + c) for c in (702, 703, 704, 722, 723, 724, 725, 726, 728, 729, 730, 731, 732, 734)]
# Where their numbers were given out: old codes that GB/T 2260 has listed in every birth year in question,
# so that a strict check of place against year accepts them too.
REGISTRY_CODES = ["513401", *(str(code) for code in range(513_422, 513_435))]
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array(list("10X98765432"))
_SURNAMES = np.array(
    list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢")
)
_GIVEN = np.array(list("秀英桂兰玉华明国建军文志平红梅春生福贵金凤海云山德永发淑珍庆荣长根水林忠义芳菊香莲子"))


def with_check_digit(first17: Int64s) -> Texts:
    """Append the check digit of GB 11643 (ISO 7064, mod 11-2).

    Args:
        first17: (people,) the first 17 digits as one integer.

    Returns:
        (people,) texts of 18 characters.
    """
    powers = 10 ** np.arange(16, -1, -1, dtype=np.int64)
    total = np.zeros(len(first17), dtype=np.int64)
    for power, weight in zip(powers, _WEIGHTS, strict=True):
        total += (first17 // power) % 10 * weight
    return np.char.add(first17.astype("U17"), _CHECK[total % 11])


def number_people(county: Int64s, birth_yyyymmdd: Int64s, male: NDArray[np.bool_]) -> Texts:
    """Give each person a number of its own; odd sequence numbers are men's.

    Args:
        county: (people,) six-digit code of the place of registration.
        birth_yyyymmdd: (people,) date of birth.
        male: (people,) sex.

    Returns:
        (people,) identity numbers, all different while fewer than 499 share county, day and sex.
    """
    group = (county * 10**8 + birth_yyyymmdd) * 2 + male
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1]
    rank = np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))
    sequence = np.empty(len(group), dtype=np.int64)
    sequence[order] = 2 * (rank + 1) + ordered % 2
    return with_check_digit((county * 10**8 + birth_yyyymmdd) * 1000 + sequence)


def invent_names(rng: np.random.Generator, people: int) -> Texts:
    """Surname and one or two given characters; namesakes are common, as in life."""
    surname = _SURNAMES[rng.integers(0, len(_SURNAMES), people)]
    first = _GIVEN[rng.integers(0, len(_GIVEN), people)]
    second = np.where(rng.random(people) < 0.75, _GIVEN[rng.integers(0, len(_GIVEN), people)], "")
    return np.char.add(np.char.add(surname, first), second)
