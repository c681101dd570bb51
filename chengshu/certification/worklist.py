"""worklist.parquet: whom to ask, the most valuable first."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from chengshu.certification.domain import Decision
from chengshu.certification.writing import Certified


def worklist_order(all_of: Certified, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Positions of all who are to be asked: by the value of asking, the greatest first, then by ID number.

    Args:
        all_of: the decisions.
        numbers: (people,) ID numbers as integers.
    """
    outcome = all_of.outcome
    asked = (outcome.decision == Decision.SELF_CHECK) | (outcome.decision == Decision.VISIT)
    who = np.flatnonzero(asked & outcome.is_eligible)
    return who[np.lexsort((numbers[who], -outcome.value[who]))]


def write_worklist(path: Path, all_of: Certified, numbers: npt.NDArray[np.int64]) -> int:
    """Write the worklist; returns the number of people on it."""
    outcome, people = all_of.outcome, all_of.population.people
    who = worklist_order(all_of, numbers)
    counties = pa.array(all_of.population.counties, pa.string())
    decisions = pa.array([decision.code for decision in Decision])
    table = pa.table(
        {
            "rank": np.arange(1, len(who) + 1, dtype=np.int32),
            "id_number": all_of.id_numbers.take(pa.array(who)),
            "county_code": pa.DictionaryArray.from_arrays(pa.array(people.county[who]), counties),
            "decision": pa.DictionaryArray.from_arrays(pa.array(outcome.decision[who]), decisions),
            "ask_value": outcome.value[who].astype(np.float32),
            "p_dead": outcome.p_dead[who],
            "monthly_amount": outcome.monthly_yuan[who],
        }
    )
    pq.write_table(table, path, compression="zstd", compression_level=1)
    return len(who)
