"""Exact intervals of shares. Pure."""

from scipy.special import betaincinv

from chengshu.certification.report.data import Estimate

_TAIL = 0.025


def exact_share(count: int, people: int) -> Estimate:
    """A share with its exact 95% interval, which is never too narrow.

    Args:
        count: who have it; 0 to `people`.
        people: of how many; >= 1.

    Source:
        Clopper and Pearson (1934).

    >>> found = exact_share(0, 300)
    >>> round(found.high, 4)
    0.0122
    """
    low = float(betaincinv(count, people - count + 1, _TAIL)) if count else 0.0
    high = float(betaincinv(count + 1, people - count, 1 - _TAIL)) if count < people else 1.0
    return Estimate(value=count / people, low=low, high=high)
