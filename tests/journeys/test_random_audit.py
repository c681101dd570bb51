"""The random audit of a published run, as results come in."""

import subprocess
import sys

import pytest

from tests.journeys.conftest import AXE
from tests.journeys.site import axe_problems

pytestmark = pytest.mark.browser
VISITED = 60
RECORD = f"""
import datetime, uuid, django
django.setup()
from chengshu.certification.models import Visit, WorkItem
from chengshu.kernel import clock
drawn = WorkItem.objects.filter(kind="audit", run_id=1).order_by("pk")[:{VISITED}]
for number, item in enumerate(drawn):
    outcome = {{7: "dead", 11: "not_found"}}.get(number, "alive")
    Visit.objects.get_or_create(
        client_id=uuid.uuid5(uuid.NAMESPACE_URL, f"audit {{item.pk}}"),
        defaults=dict(
            item=item, person_key=item.person_key, region_code=item.region_code, outcome=outcome,
            visited_on=datetime.date(2026, 1, 5) + datetime.timedelta(days=number // 10), recorded_at=clock.now(),
        ),
    )
"""


@pytest.fixture
def visited(site):
    environment = site.environment | {"DJANGO_SETTINGS_MODULE": "chengshu.web.settings"}
    subprocess.run([sys.executable, "-c", RECORD], env=environment, check=True)


def test_a_leader_reads_what_was_found_beside_what_was_promised(site, sign_in, screen, visited):
    page = sign_in("approver", screen)
    page.goto(f"{site.url}/certification/runs/1")
    page.click("main a:has-text('随机抽查')")
    page.wait_for_selector(".chart svg")
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
    assert axe_problems(page, AXE) == []
    assert f"查到 {VISITED - 1} 人，1 人已去世" in page.inner_text("figcaption")
    page.click("summary:has-text('数据表')")
    assert page.locator(".chart-table tbody tr").count() == 6
    page.click(".tile:has-text('其中死亡') a")
    assert page.locator("main .table-cards tbody tr").count() == 1
    assert "已去世" in page.inner_text("main .table-cards tbody")
    page.emulate_media(color_scheme="dark")
    assert axe_problems(page, AXE) == []


def test_english_is_whole(site, sign_in, screen, visited):
    page = sign_in("handler", screen)
    page.click("details.site-menu summary")
    page.click("button[value=en]")
    for path in ("runs/1/audit", "self-checks", "check"):
        page.goto(f"{site.url}/certification/{path}")
        words = " ".join(
            page.locator("main h1, main h2, main th[scope=col], main label, main figcaption").all_inner_texts()
        )
        assert not [sign for sign in words if "\u4e00" <= sign <= "\u9fff"], words
