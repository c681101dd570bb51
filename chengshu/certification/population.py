"""Everybody in a load as the survival model wants them: arrays in order of person_key."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from chengshu.certification.domain import Found
from chengshu.certification.window import Window
from chengshu.kernel.regions import are_urban, counties_of
from chengshu.lake import Load
from chengshu.survival.evidence import NO_RECORD, People, Visits
from chengshu.survival.parameters import AGE_BANDS, age_band

STRATA = AGE_BANDS * 4
# Log likelihood of a visit's outcome when the person is present, away, failing, dead with cards in use, dead
# in silence. Visitors err, and people are out: stated, not fitted, until there are visits enough to fit them.
VISIT_LOGS = {
    Found.ALIVE: np.log([0.98, 0.1, 0.98, 0.002, 0.002]),
    Found.DEAD: np.log([0.004, 0.004, 0.004, 0.97, 0.97]),
    Found.MOVED_AWAY: np.log([0.05, 0.7, 0.05, 0.05, 0.05]),
    Found.NOT_FOUND: np.log([0.15, 0.9, 0.15, 0.5, 0.5]),
}
NO_VISIT = -1


@dataclass(frozen=True)
class LastVisits:
    """Each person's last visit, (people,).

    Attributes:
        day: of the visit; NaT for none.
        found: number of what was Found; NO_VISIT for none.
    """

    day: npt.NDArray[np.datetime64]
    found: npt.NDArray[np.int8]


def last_visits(
    people: int, person: npt.NDArray[np.int64], day: npt.NDArray[np.datetime64], found: npt.NDArray[np.int8]
) -> LastVisits:
    """The last of each person's visits, which are given in any order by the person's position, (visits,) each."""
    last = LastVisits(np.full(people, np.datetime64("NaT"), dtype="datetime64[D]"), np.full(people, NO_VISIT, np.int8))
    order = np.lexsort((found, day, person))
    is_last = np.append(person[order][1:] != person[order][:-1], True)[: len(order)]
    chosen = order[is_last]
    last.day[person[chosen]], last.found[person[chosen]] = day[chosen], found[chosen]
    return last


@dataclass(frozen=True)
class Population:
    """All residents, ascending by person_key.

    Attributes:
        keys: (people,) person_key.
        counties: six-digit codes; ``people.county`` counts into them.
        people: what the model needs of each, NOT ordered by county.
        age_years: (people,) at the day of the run.
        died_before: (people,) recorded as dead before the window.
        visits: within the window, with positions in this order.
        last_visit: of each, whenever it was.
    """

    keys: npt.NDArray[np.int64]
    counties: list[str]
    people: People
    age_years: npt.NDArray[np.float64]
    died_before: npt.NDArray[np.bool_]
    visits: Visits
    last_visit: LastVisits


def read_population(load: Load, window: Window, found_since: pa.Table | None = None) -> Population:
    """Read residents, deaths and visits of a load.

    Args:
        load: whose people.
        window: the months watched.
        found_since: person_key, visited_on, outcome of visits that the load does not know of yet.
    """
    residents = load.read("residents", dictionaries=["region_code"])
    keys = residents["person_key"].to_numpy()
    region = residents["region_code"].combine_chunks()
    place = region.indices.to_numpy()
    county_codes = counties_of(region.dictionary).to_pylist()
    counties = sorted({county_codes[number] for number in np.unique(place)})
    numbers = np.array([counties.index(code) if code in counties else -1 for code in county_codes], dtype=np.int16)
    born = residents["birth_date"].to_numpy().astype("datetime64[D]")
    age_months = -window.month_of(born)
    sex = residents["sex"].to_numpy()
    age_years = (np.datetime64(window.as_of) - born).astype(np.int64) / 365.25
    death_month, record_month, died_before = _recorded_deaths(load.deaths(), keys, window)
    people = People(
        county=numbers[place],
        stratum=strata_of(age_years, sex, are_urban(region.dictionary)[place]),
        sex=sex,
        age_months=age_months.astype(np.int32),
        risk=np.ones(len(keys), dtype=np.float32),
        death_month=death_month,
        record_month=record_month,
    )
    return Population(
        keys, counties, people, age_years, died_before, *_visits(_all_visits(load, found_since), keys, window)
    )


def strata_of(
    age_years: npt.NDArray[np.float64], sex: npt.NDArray[np.int8], is_urban: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int16]:
    """The stratum of each, (people,): age band, sex, whether in a city's district."""
    strata: npt.NDArray[np.int16] = ((age_band(age_years) * 2 + (sex == 2)) * 2 + is_urban).astype(np.int16)
    return strata


def _recorded_deaths(
    deaths: pa.Table, keys: npt.NDArray[np.int64], window: Window
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
    """Months of death and of its record, and who died before the window, each (people,)."""
    place = np.searchsorted(keys, deaths["person_key"].to_numpy())
    died = window.month_of(_days(deaths["died_on"]))
    recorded = window.month_of(_days(deaths["recorded_on"]))
    death_month = np.full(len(keys), NO_RECORD, dtype=np.int16)
    record_month = np.full(len(keys), NO_RECORD, dtype=np.int16)
    died_before = np.zeros(len(keys), dtype=bool)
    death_month[place] = np.maximum(died, 0)
    record_month[place] = np.maximum(recorded, 0)
    died_before[place] = died < 0
    return death_month, record_month, died_before


def _days(column: pa.ChunkedArray) -> npt.NDArray[np.datetime64]:
    return np.asarray(column.to_numpy(), dtype="datetime64[D]")


def _all_visits(load: Load, found_since: pa.Table | None) -> pa.Table:
    names = ["person_key", "visited_on", "outcome"]
    known = load.visits().select(names)
    if found_since is None or not found_since.num_rows:
        return known
    return pa.concat_tables([known, found_since.select(names).cast(known.schema)])


def _visits(visits: pa.Table, keys: npt.NDArray[np.int64], window: Window) -> tuple[Visits, LastVisits]:
    day = _days(visits["visited_on"])
    month = window.month_of(day)
    recent = month >= 0
    found = np.array([Found[outcome.upper()] for outcome in visits["outcome"].to_pylist()], dtype=np.int8)
    logs = np.array([VISIT_LOGS[outcome] for outcome in Found])[found]
    place = np.searchsorted(keys, visits["person_key"].to_numpy())
    return Visits(place[recent], month[recent], logs[recent]), last_visits(len(keys), place, day, found)


def delays(load: Load, window: Window) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Days from each death recorded within the window to its record, and to the day of the run."""
    deaths = load.deaths()
    died, recorded = _days(deaths["died_on"]), _days(deaths["recorded_on"])
    inside = window.month_of(died) >= 0
    delay = (recorded - died).astype(np.int64)
    room = (np.datetime64(window.as_of) - died).astype(np.int64)
    return np.maximum(delay[inside], 0), np.maximum(room[inside], 0)
