"""Figures that hold beliefs against the truth. Pure: arrays in, figures out."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from chengshu.kernel.texts import Text

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

BAND_EDGES = (0.0, 0.1, 0.5, 0.8, 0.9, 0.97, 0.99, 0.997, 0.999, 1.0)
_SURE = 1e-6
_TAIL = 0.025


@dataclass(frozen=True)
class Share:
    """A share of people with its 95% interval; `low <= value <= high`."""

    value: float
    low: float
    high: float


def observed_share(count: int, people: int) -> Share:
    """A share with Jeffreys' interval, which holds its level for rare things too.

    Args:
        count: who have it; 0 to `people`.
        people: of how many; >= 1.

    Source:
        Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion.
    """
    low = betaincinv(count + 0.5, people - count + 0.5, _TAIL) if count else 0.0
    high = betaincinv(count + 0.5, people - count + 0.5, 1 - _TAIL) if count < people else 1.0
    return Share(count / people, float(low), float(high))


@dataclass(frozen=True)
class Band:
    """People given a chance in [p_low, p_high) (the last one closed), and how many of them live."""

    p_low: float
    p_high: float
    people: int
    predicted: float
    observed: Share


def calibrate(p_alive: Floats, alive: Bools) -> list[Band]:
    """Predicted and observed shares of the living by bands of chance; bands without people are left out."""
    band = np.searchsorted(BAND_EDGES[1:-1], p_alive, side="right")
    people = np.bincount(band, minlength=len(BAND_EDGES) - 1)
    living = np.bincount(band, alive, minlength=len(people)).astype(int)
    believed = np.bincount(band, p_alive, minlength=len(people))
    return [
        Band(
            BAND_EDGES[place],
            BAND_EDGES[place + 1],
            int(people[place]),
            float(believed[place] / people[place]),
            observed_share(int(living[place]), int(people[place])),
        )
        for place in np.flatnonzero(people)
    ]


def brier(p_alive: Floats, alive: Bools) -> float:
    """Mean squared difference between belief and truth; 0 is best."""
    return float(np.mean((p_alive - alive) ** 2))


def log_loss(p_alive: Floats, alive: Bools) -> float:
    """Mean nats lost on the truth; beliefs count as at most 1 - 1e-6 sure."""
    belief = np.clip(np.where(alive, p_alive, 1 - p_alive), _SURE, 1 - _SURE)
    return float(-np.mean(np.log(belief)))


def score_group(key: str, name: Text, p_alive: Floats, alive: Bools) -> dict[str, Any]:
    """All figures of one group of people, as plain values.

    Args:
        key: what scripts know the group by.
        name: what people call it.
        p_alive: (people,) beliefs.
        alive: (people,) the truth.
    """
    return {
        "key": key,
        "name": name._asdict(),
        "people": len(p_alive),
        "dead": int((~alive).sum()),
        "expected_dead": float((1 - p_alive).sum()),
        "brier": brier(p_alive, alive),
        "log_loss": log_loss(p_alive, alive),
        "bands": [asdict(band) for band in calibrate(p_alive, alive)],
    }


def silent_share(p_alive: Floats, alive: Bools, dead_share: float) -> float:
    """The largest share that can be certified by descending belief with so few truly dead among them.

    People of equal belief go together, so that their order cannot help.
    """
    order = np.argsort(-p_alive, kind="stable")
    ranked = p_alive[order]
    is_last = np.append(ranked[1:] < ranked[:-1], True)
    dead = np.cumsum(~alive[order]) / np.arange(1, len(order) + 1)
    fitting = np.flatnonzero(is_last & (dead <= dead_share))
    return float((fitting[-1] + 1) / len(order)) if len(fitting) else 0.0


def keep_promise(p_alive: Floats, alive: Bools, limit: float) -> dict[str, Any]:
    """Certify as many as the expected dead allow, as a run does, and count those who truly are."""
    ranked = np.argsort(-p_alive, kind="stable")
    expected = np.cumsum(1 - p_alive[ranked]) / np.arange(1, len(ranked) + 1)
    taken = ranked[: int((expected <= limit).sum())]
    if not len(taken):
        return {"limit": limit, "silent": 0.0, "dead_share": None, "ratio": None}
    dead = observed_share(int((~alive[taken]).sum()), len(taken))
    return {
        "limit": limit,
        "silent": len(taken) / len(ranked),
        "dead_share": asdict(dead),
        "ratio": dead.value / limit,
    }
