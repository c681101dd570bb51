import pyarrow as pa
import pytest

from chengshu.kernel.masking import masked_id, masked_ids, masked_name, masked_names, masked_phone, name_key, name_keys

SECRET = b"s" * 32


@pytest.mark.parametrize("number", [None, "", "1", "12345678"])
def test_what_is_too_short_shows_nothing(number):
    assert set(masked_id(number)) <= {"*"}


def test_columns_are_masked_like_single_values():
    numbers = ["379001196105043803", "37900119770914119X"]
    assert masked_ids(pa.array(numbers)).to_pylist() == [masked_id(number) for number in numbers]
    names = ["崔彩华", "董云", "王", None, "欧阳大明"]
    assert masked_names(pa.array(names)).to_pylist() == [masked_name(name) for name in names]


def test_a_phone_shows_two_digits():
    assert masked_phone("13812345678").count("*") == 9
    assert masked_phone(None) == ""


def test_names_are_found_by_their_first_and_last_two_signs():
    keys = name_keys(pa.array(["崔彩华", "董云", None, "王"]), SECRET)
    assert keys.shape == (4, 2)
    assert keys[0].tolist() == [name_key("崔彩", SECRET), name_key("彩华", SECRET)]
    assert keys[1, 0] == keys[1, 1] == name_key("董云", SECRET)
    assert keys[2].tolist() == [0, 0]


def test_another_key_gives_other_hashes():
    assert name_key("崔彩", SECRET) != name_key("崔彩", b"t" * 32)
