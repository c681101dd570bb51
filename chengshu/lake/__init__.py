"""The lake: a city's tables, gathered with care and read through Ibis."""

from chengshu.lake.cells import Cells, count_words, sorted_blocks
from chengshu.lake.descriptor import Descriptor, read_descriptor
from chengshu.lake.disproved import LONGEST_SOURCE, DeathLink, Disproved, EventLink
from chengshu.lake.drafts import Draft, check_draft, draft_descriptor, write_draft
from chengshu.lake.engine import Engine, GroupFunction, open_engine, open_parquet, open_parquets
from chengshu.lake.events import PEOPLE_PER_FILE
from chengshu.lake.gathering import gather
from chengshu.lake.loads import City, Identity, Load, list_loads, open_load
from chengshu.lake.models import CELL_SOURCES, event_words, events_by_month, monthly_counts

__all__ = [
    "CELL_SOURCES",
    "LONGEST_SOURCE",
    "PEOPLE_PER_FILE",
    "Cells",
    "City",
    "DeathLink",
    "Descriptor",
    "Disproved",
    "Draft",
    "Engine",
    "EventLink",
    "GroupFunction",
    "Identity",
    "Load",
    "check_draft",
    "count_words",
    "draft_descriptor",
    "event_words",
    "events_by_month",
    "gather",
    "list_loads",
    "monthly_counts",
    "open_engine",
    "open_load",
    "open_parquet",
    "open_parquets",
    "read_descriptor",
    "sorted_blocks",
    "write_draft",
]
