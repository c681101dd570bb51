"""Made-up names from common characters; in a city of any size, namesakes happen by themselves."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘"
    "袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏"
)
MALE_CHARACTERS = "伟强军建国明德福生文华平志勇刚海山林云龙成东亮义宝庆春祥光永贵富有根金水长兴学荣忠树发才友田民新"
FEMALE_CHARACTERS = "秀英兰芳玉珍梅花香莲桂凤霞红艳敏静丽娟翠淑琴云华春美菊爱珠巧月娥彩素荣仙芝琼惠琳洁燕萍雪清"
_ONE_CHARACTER_SHARE = 0.22


def draw_names(random: np.random.Generator, sex: npt.NDArray[np.int8]) -> pa.StringArray:
    """(n,) names: surnames by how common they are, given names by sex (1 male, 2 female)."""
    n = len(sex)
    weights = 1 / (np.arange(len(SURNAMES)) + 6.0)
    surname = random.choice(len(SURNAMES), n, p=weights / weights.sum())
    first, second = (_draw_characters(random, sex) for _ in range(2))
    second = pc.if_else(pa.array(random.random(n) < _ONE_CHARACTER_SHARE), "", second)
    return pc.binary_join_element_wise(pa.array(list(SURNAMES)).take(pa.array(surname)), first, second, "")


def _draw_characters(random: np.random.Generator, sex: npt.NDArray[np.int8]) -> pa.StringArray:
    """(n,) one character of a given name each; the more common ones come first in the lists."""
    size = min(len(MALE_CHARACTERS), len(FEMALE_CHARACTERS))
    place = (random.random(len(sex)) ** 1.5 * size).astype(np.int64)
    characters = pa.array(list(MALE_CHARACTERS[:size]) + list(FEMALE_CHARACTERS[:size]))
    return characters.take(pa.array(np.where(sex == 1, place, place + size)))
