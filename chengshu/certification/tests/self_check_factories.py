"""People who are asked to confirm themselves, with their phones, and what was sent to them."""

import json
import re

import pytest

from chengshu.certification import queries, sms
from chengshu.certification.items import open_items
from chengshu.certification.models import WorkItem
from chengshu.certification.states import RunStatus
from chengshu.certification.tests.site_factories import EAST, NOW, WEST, make_run, person
from chengshu.lake import Identity

SITE = "https://city.example.cn/"
ASKED = (
    person(13, "张华伟", EAST, decision="self_check", p_alive=0.93),
    person(15, "李四海", EAST, decision="self_check", p_alive=0.95),
    person(23, "钱多多", WEST, decision="self_check", p_alive=0.94, departments=2),
    person(12, "董云", EAST, decision="visit", p_alive=0.2),
)
IDENTITIES = {
    13: Identity("37900119400101013X", "张华伟", "12600000013", None),
    15: Identity("379001194001010152", "李四海", None, None),
    23: Identity("379002194001010235", "钱多多", "12600000023", None),
}


class FewIdentities:
    """What self-checks ask of a load."""

    def identities_of(self, keys: list[int]) -> dict[int, Identity]:
        """Those who are known."""
        return {key: IDENTITIES[key] for key in keys if key in IDENTITIES}


def make_questions(monkeypatch: pytest.MonkeyPatch) -> dict[int, WorkItem]:
    """Published questions to three people, by their keys."""
    monkeypatch.setattr(queries, "load_of", lambda run: FewIdentities())
    run = make_run(RunStatus.PUBLISHED, people=ASKED, is_in_force=True, published_at=NOW)
    open_items(run, NOW)
    return {item.person_key: item for item in WorkItem.objects.filter(kind="self_check")}


def inbox() -> list[dict[str, str]]:
    """Messages that were handed over."""
    file = sms.sms_file()
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def secret_in(message: dict[str, str]) -> str:
    """The secret of a message's link."""
    found = re.search(r"certification/check/([\w-]{43}) ", message["text"])
    assert found, message
    return found[1]


def code_in(message: dict[str, str]) -> str:
    """The code of a message."""
    found = re.search(r"验证码 ([0-9]{6}) ", message["text"])
    assert found, message
    return found[1]
