"""Pandas makes fractions of whole numbers once one lacks: they are the same codes still."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chengshu.lake.tests.small_city import ANN, PEOPLE, gathered, rejects, resident, small_city


def write_residents(folder, **kinds):
    """Residents as Parquet, some columns of another kind."""
    folder.mkdir()
    rows = pa.Table.from_pylist([resident(number, region_code=int(number[:6])) for number in PEOPLE])
    for name, values in kinds.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, values(rows.column(name)))
    pq.write_table(rows, folder / "residents.parquet")


def load_of(tmp_path, **kinds):
    city = small_city()
    city.descriptor["residents"] = {"path": "residents.parquet"}
    write_residents(tmp_path / "city", **kinds)
    return gathered(tmp_path, city)


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.int32()])
def test_codes_are_read_from_numbers_of_any_kind(tmp_path, kind):
    load = load_of(tmp_path, sex=lambda v: v.cast(kind), region_code=lambda v: v.cast(kind))
    assert (load.people_count, rejects(load)) == (5, [])
    assert set(load.residents()["region_code"].to_pylist()) == {number[:6] for number in PEOPLE}


@pytest.mark.parametrize("odd", [None, 1.5, float("nan"), float("inf"), 1e300])
def test_one_that_is_no_code_is_set_aside_alone(tmp_path, odd):
    load = load_of(tmp_path, sex=lambda v: pa.array([odd, *map(float, v.to_pylist()[1:])], pa.float64()))
    assert load.people_count == 4
    assert ("residents", 1, "sex") in [row[:3] for row in rejects(load)]


def test_a_phone_and_an_id_number_keep_what_they_can(tmp_path):
    load = load_of(tmp_path, phone=lambda v: pa.array([float(text) for text in v.to_pylist()]))
    phones = dict(zip(*(load.identities()[name].to_pylist() for name in ("id_number", "phone")), strict=True))
    assert phones[ANN] == "13812345678"


def test_a_text_that_came_of_a_fraction_is_a_sex(tmp_path):
    city = small_city(residents=[resident(ANN, sex="2.0"), *map(resident, PEOPLE[1:])])
    assert gathered(tmp_path, city).people_count == 5
