"""The lake: a city's tables, gathered with care and read through Ibis."""

from chengshu.lake.engine import Engine, open_engine
from chengshu.lake.gathering import gather
from chengshu.lake.loads import Load, list_loads, open_load
from chengshu.lake.models import CELL_SOURCES, PersonRange, feed_totals, monthly_counts, person_ranges

__all__ = [
    "CELL_SOURCES",
    "Engine",
    "Load",
    "PersonRange",
    "feed_totals",
    "gather",
    "list_loads",
    "monthly_counts",
    "open_engine",
    "open_load",
    "person_ranges",
]
