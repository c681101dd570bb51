"""People to visit for tests: items of a run in force, and a lake that knows who they are."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from PIL import Image

from chengshu.certification import visit_actions
from chengshu.certification.models import WorkItem
from chengshu.certification.states import ItemKind, RunStatus
from chengshu.certification.tests.site_factories import EAST, make_run
from chengshu.kernel import clock
from chengshu.lake import Identity

NEXT_DOOR, SAME_TOWN, OTHER_TOWN = EAST, "379001001002", "379001002001"
WHO = Identity("379001194001010011", "董云", "13812345678", "花园社区 3 号楼")


class Lake:
    """What `queries.load_of` gives, for tests that need no real one."""

    def identities_of(self, keys):
        return dict.fromkeys(keys, WHO)


def run_in_force(**facts):
    """A published run."""
    return make_run(status=RunStatus.PUBLISHED, is_in_force=True, **facts)


def make_item(run, key=12, region=EAST, days=0, kind=ItemKind.VISIT, **facts):
    """Somebody to visit, on the list for some days."""
    own = {
        "name": "董*",
        "age": 85,
        "value": 1.0,
        "p_dead": 0.5,
        "monthly_yuan": 100.0,
        "departments": 1,
        "reason_zh": "此后10个月没有任何记录。",
        "reason_en": "No record for 10 months.",
        "opened_at": clock.now() - timedelta(days=days),
    }
    return WorkItem.objects.create(run=run, kind=kind, person_key=key, region_code=region, **(own | facts))


def record(by, item, **changes):
    """A visit of today that found somebody alive."""
    facts: dict[str, Any] = {"client_id": uuid4(), "visited_on": clock.today(), "outcome": "alive"}
    return visit_actions.record_visit(by=by, item=item, **(facts | changes))


def picture(size=(3000, 1500), kind="JPEG", **options):
    """A file with a picture, red on its left half."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    image.save(file, kind, **options)
    return BytesIO(file.getvalue())
