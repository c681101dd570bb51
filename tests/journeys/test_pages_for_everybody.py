"""Every page in Chromium: nothing wider than the screen, no barrier that axe finds, light and dark, both languages."""

import pytest

from tests.journeys.conftest import AXE
from tests.journeys.site import axe_problems

pytestmark = pytest.mark.browser
PAGES = {
    "handler": [
        "/",
        "/certification/runs",
        "/certification/runs/1",
        "/certification/people",
        "/certification/self-checks",
        "/certification/runs/1/audit",
        "/tokens",
        "/account/2fa/",
    ],
    None: ["/account/login/", "/certification/check"],
}
NAME = "陈晨"  # of the handler, in either language
READ = "main h1, main thead th, main label, main button, nav a"
WALK = [(user, path) for user, paths in PAGES.items() for path in paths]


@pytest.mark.parametrize(("user", "path"), WALK, ids=str)
def test_a_page_fits_and_has_no_barrier(site, sign_in, screen, user, path):
    page = sign_in(user, screen)
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
    assert axe_problems(page, AXE) == []
    page.emulate_media(color_scheme="dark")
    assert axe_problems(page, AXE) == []


def test_a_person_s_page(site, sign_in, screen):
    page = sign_in("approver", screen)
    page.goto(f"{site.url}/certification/people?decision=self_check")
    page.click("tbody th a >> nth=0")
    page.wait_for_selector(".chart svg")
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
    assert axe_problems(page, AXE) == []
    assert "**" in page.inner_text("h1") or "*" in page.inner_text("h1")
    page.fill("[name=purpose]", "核实高龄津贴")
    page.click("button:has-text('显示完整信息')")
    page.wait_for_selector("dt:has-text('身份证号')")
    assert "*" not in page.inner_text("dl.facts")


def test_a_run_from_start_to_publication(site, sign_in, screen):
    handler, approver = sign_in("handler", screen), sign_in("approver", screen)
    handler.goto(f"{site.url}/certification/runs")
    handler.click("summary:has-text('用当前数据重新认证')")
    handler.click("form[action*=start] button")
    handler.wait_for_selector("#run-progress:has-text('已完成')", timeout=60_000)
    handler.reload()
    handler.click("button:has-text('提请发布')")
    handler.wait_for_selector(".alert-success")
    assert handler.locator("button:has-text('复核并发布')").count() == 0
    approver.goto(handler.url)
    approver.click("button:has-text('复核并发布')")
    approver.wait_for_selector(".badge:has-text('生效中')")
    approver.click("a:has-text('第 1 次')")
    assert "第 1 次认证" in approver.inner_text("h1")


def test_english_is_whole(site, sign_in, screen):
    page = sign_in("handler", screen)
    page.click("details.site-menu summary")
    page.click("button[value=en]")
    for path in ("/", "/certification/runs", "/certification/people", "/tokens"):
        page.goto(site.url + path)
        words = " ".join(page.locator(READ).all_inner_texts())
        words = words.replace(NAME, "")
        assert not [sign for sign in words if "\u4e00" <= sign <= "\u9fff"], words
