"""How people's states change from month to month, by age, sex, records and the fitted parameters."""

import numpy as np

from chengshu.survival.chain import Dynamics
from chengshu.survival.evidence import NO_RECORD, People
from chengshu.survival.lifetable import monthly_hazards
from chengshu.survival.parameters import Parameters, age_band
from chengshu.survival.registration import off_the_records


def dynamics(people: People, model: Parameters, *, first: int = 0) -> Dynamics:
    """Transition probabilities from month ``first`` on of people, who may have a recorded death."""
    lengths = model.month_lengths[first:]
    hazard = monthly_hazards(people.sex, people.age_months + first, len(lengths)).astype(model.rate.dtype)
    band = age_band((people.age_months + model.months) / 12.0)
    multiplier = model.hazard_multiplier[(people.sex == 2).astype(int), band] * people.risk
    hazard *= multiplier
    hazard *= lengths[:, None]
    np.clip(hazard, 1e-9, 0.5, out=hazard)
    off = off_the_records(model.never_registered, model.delay_cdf, lengths).astype(hazard.dtype)
    known = np.flatnonzero(people.death_month != NO_RECORD)
    unrecorded = off
    if len(known):
        unrecorded = np.repeat(off[:, None], len(people), axis=1)
        unrecorded[:, known] = 0.0
        unrecorded[np.clip(people.death_month[known] - first, 0, None), known] = 1.0
    start_dead = model.never_registered * (model.backlog_years + first / 12) * hazard[0] * 12
    start_dead[known] = 0.0
    return Dynamics(
        hazard=hazard,
        unrecorded=unrecorded,
        away_start=model.away_start[people.stratum],
        away_return=model.away_return,
        relative_share=model.relative_share,
        relative_stop=model.relative_stop,
        start_dead=np.minimum(start_dead, 0.5),
        lengths=lengths,
        death_month=np.where(people.death_month == NO_RECORD, NO_RECORD, people.death_month - first),
    )
