"""people.parquet: what the site shows of everybody who is certified or asked, masked, in order of region and value."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chengshu.certification.outcome import Rows
from chengshu.certification.writing import Certified, people_columns
from chengshu.kernel.masking import masked_ids, masked_names, name_keys
from chengshu.lake import Load

MOST_DEPARTMENTS = MOST_BENEFITS = 62
"""Bits of a 64-bit number, the sign and one more left out."""
_PEOPLE_PER_GROUP = 50_000
_LEFT_OUT = ("id_number",)


def write_people(path: Path, all_of: Certified, load: Load, *, progress: Callable[[float], None]) -> int:
    """Write one row per person who gets a benefit that needs survival.

    Args:
        path: of people.parquet.
        all_of: the decisions and what they rest on.
        load: whose people they are.
        progress: told the share done.

    Returns:
        Rows of benefits that were decided on, as `write_decisions` counts them.
    """
    outcome = all_of.outcome
    residents = load.read("residents", ["region_code", "birth_date"])
    identities = load.identities()
    secret = load.name_secret()
    masks = {"departments": department_masks(outcome.rows), "benefit_bits": benefit_masks(outcome.rows)}
    who = np.flatnonzero(outcome.is_eligible)
    region = residents["region_code"].combine_chunks()
    order = pc.sort_indices(
        pa.table(
            {"region": region.take(pa.array(who)), "value": outcome.value[who], "key": all_of.population.keys[who]}
        ),
        sort_keys=[("region", "ascending"), ("value", "descending"), ("key", "ascending")],
    ).to_numpy()
    who = who[order]
    parts = [who[start : start + _PEOPLE_PER_GROUP] for start in range(0, len(who), _PEOPLE_PER_GROUP)]
    writer = None
    try:
        for done, part in enumerate(parts, start=1):
            table = _rows_of(all_of, residents, identities, secret, masks, part)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
            writer.write_table(table)
            progress(done / len(parts))
    finally:
        if writer is not None:
            writer.close()
    return len(outcome.rows.person)


def departments_of(rows: Rows) -> list[str]:
    """The departments whose benefits are decided on, in order of their bits."""
    return sorted(set(rows.benefits["department"].to_pylist()))[:MOST_DEPARTMENTS]


def department_masks(rows: Rows) -> npt.NDArray[np.int64]:
    """(people,) the departments that pay each person, a bit each by `departments_of`."""
    bit = {name: 1 << number for number, name in enumerate(departments_of(rows))}
    of_benefit = np.array([bit.get(name, 0) for name in rows.benefits["department"].to_pylist()] or [0], dtype=np.int64)
    masks = np.zeros(len(rows.starts) - 1, dtype=np.int64)
    np.bitwise_or.at(masks, rows.person, of_benefit[rows.benefit])
    return masks


def benefits_of(rows: Rows) -> list[dict[str, str]]:
    """code, name and department of the benefits decided on, in order of their bits; those beyond 62 have none."""
    columns = rows.benefits.select(["benefit_code", "name", "department"]).slice(0, MOST_BENEFITS).to_pylist()
    return [
        {"code": row["benefit_code"], "name": row["name"] or "", "department": row["department"] or ""}
        for row in columns
    ]


def benefit_masks(rows: Rows) -> npt.NDArray[np.int64]:
    """(people,) the benefits of each person, a bit each by `benefits_of`."""
    of_benefit = np.array(
        [1 << number if number < MOST_BENEFITS else 0 for number in range(rows.benefits.num_rows)] or [0],
        dtype=np.int64,
    )
    masks = np.zeros(len(rows.starts) - 1, dtype=np.int64)
    np.bitwise_or.at(masks, rows.person, of_benefit[rows.benefit])
    return masks


def _rows_of(
    all_of: Certified,
    residents: pa.Table,
    identities: pa.Table,
    secret: bytes,
    masks: dict[str, npt.NDArray[np.int64]],
    who: npt.NDArray[np.int64],
) -> pa.Table:
    """Rows of the people at these positions."""
    taken = pa.array(who)
    columns = people_columns(all_of, who)
    names = identities["name"].take(taken).combine_chunks()
    hashed = name_keys(names, secret)
    known = all_of.outcome
    facts = {
        "person_key": all_of.population.keys[who],
        "name": masked_names(names),
        "id_masked": masked_ids(columns["id_number"].combine_chunks()),
        "name_key_1": hashed[:, 0],
        "name_key_2": hashed[:, 1],
        "region_code": residents["region_code"].take(taken).combine_chunks().cast(pa.string()),
        "sex": all_of.population.people.sex[who].astype(np.int8),
        "age": np.floor(all_of.population.age_years[who]).astype(np.int16),
        **{name: mask[who] for name, mask in masks.items()},
        "benefits": (known.rows.starts[who + 1] - known.rows.starts[who]).astype(np.int16),
        "monthly_yuan": known.monthly_yuan[who],
    }
    kept = {name: columns[name] for name in columns.schema.names if name not in _LEFT_OUT}
    return pa.table({**facts, **kept})
