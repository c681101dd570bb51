"""Longer steps of the EM where much is not seen."""

import numpy as np

from chengshu.survival.arrays import FloatArray

# EM goes slowly where much is not seen, as with deaths off the records: so much farther than it says, each round.
STRIDE = 1.5


def further(old: FloatArray, new: FloatArray) -> FloatArray:
    """From old to new and half as far again, by factors; any shape, > 0.

    Where old and new agree it stays there: it ends where EM ends.

    Source:
        Over-relaxed EM (Salakhutdinov and Roweis 2003).

    Example:
        >>> further(np.array([1.0, 2.0]), np.array([4.0, 2.0]))
        array([8., 2.])
    """
    return np.asarray(old * (new / old) ** STRIDE)


def further_share(old: float, new: float) -> float:
    """The same for a share, by its odds; a share of 1 is final.

    Example:
        >>> further_share(0.5, 1.0)
        1.0
        >>> round(further_share(0.5, 0.8), 4)
        0.8889
    """
    if max(old, new) >= 1:
        return new
    odds = float(further(np.array(old / (1 - old)), np.array(new / (1 - new))))
    return odds / (1 + odds)
