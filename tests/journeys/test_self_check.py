"""A resident is sent a message, opens it on a phone, and is alive on record."""

import json
import re

import pytest

from tests.journeys.conftest import AXE
from tests.journeys.site import axe_problems

pytestmark = pytest.mark.browser


def messages(site):
    file = site.var / "sms.jsonl"
    return [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def fits(page, screen):
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
    assert axe_problems(page, AXE) == []


def message_to_one_more(site, sign_in, screen):
    """Send to whoever has not been sent anything, until somebody has a phone."""
    page = sign_in("handler", screen)
    before = len(messages(site))
    while len(messages(site)) == before:
        page.goto(f"{site.url}/certification/self-checks?asked=unsent")
        page.click("tbody button >> nth=0")
        page.wait_for_selector(".site-messages .alert")
    fits(page, screen)
    assert "已发往" in page.inner_text(".site-messages")
    return messages(site)[-1]


def test_a_resident_confirms_by_a_link(site, sign_in, screen):
    text = message_to_one_more(site, sign_in, screen)
    found = re.search(r"(http\S+/check/[\w-]{43}) ", text)
    assert found
    resident = sign_in(None, screen)
    resident.goto(found[1])
    fits(resident, screen)
    assert "长河市大数据局" in resident.inner_text("main")
    size = resident.evaluate("parseFloat(getComputedStyle(document.querySelector('main button')).fontSize)")
    assert size >= 24
    resident.click("main form button")
    resident.wait_for_selector("text=这是沙箱，不是真的刷脸")
    fits(resident, screen)
    resident.click("button:has-text('不是本人')")
    resident.wait_for_selector("h1:has-text('刷脸没有通过')")
    fits(resident, screen)
    resident.click("main a:has-text('再试一次')")
    resident.click("main form button:has-text('我是本人')")
    resident.click("button:has-text('模拟：是本人')")
    resident.wait_for_selector("h1:has-text('确认好了')")
    fits(resident, screen)
    resident.goto(found[1])
    assert "确认过了" in resident.inner_text("h1")
    fits(resident, screen)
    staff = sign_in("handler", screen)
    staff.goto(f"{site.url}/certification/self-checks?asked=done")
    assert "已确认" in staff.inner_text("tbody")


def test_a_code_that_is_wrong_says_what_to_do(site, sign_in, screen):
    resident = sign_in(None, screen)
    resident.goto(f"{site.url}/certification/check")
    fits(resident, screen)
    resident.fill("[name=code]", "12")
    resident.fill("[name=digits]", "12")
    resident.click("main form button")
    assert "验证码是六位数字" in resident.inner_text("main form")
    resident.fill("[name=code]", "１２３ ４５６")
    resident.fill("[name=digits]", "000x")
    resident.click("main form button")
    resident.wait_for_selector("[role=alert]:has-text('12345')")
    fits(resident, screen)


def test_a_whole_list_is_sent_to_while_one_looks_on(site, sign_in, screen):
    page = sign_in("county", screen)
    page.goto(f"{site.url}/certification/self-checks")
    fits(page, screen)
    rows = page.locator("tbody tr:has-text('未发送'), tbody tr:has-text('没有手机号')").count()
    page.click("button[name=all]")
    if not rows:  # the other screen has sent to all of them
        assert "没有需要发送的人" in page.inner_text("main")
        return
    page.wait_for_selector("#sending-progress:has-text('发送完毕')", timeout=60_000)
    page.reload()
    fits(page, screen)
    assert page.get_attribute("progress", "value") == "1.000"


def test_no_one_needs_scripts_to_confirm(site, sign_in, screen):
    text = message_to_one_more(site, sign_in, screen)
    found = re.search(r"(http\S+/check/[\w-]{43}) ", text)
    assert found
    resident = sign_in(None, screen, java_script_enabled=False)
    resident.goto(found[1])
    resident.click("main form button")
    resident.click("button:has-text('模拟：是本人')")
    assert "确认好了" in resident.inner_text("h1")
