"""Texts in the language that the page is read in."""

from collections.abc import Callable
from typing import cast

from django.utils.functional import lazy
from django.utils.translation import get_language

from chengshu.kernel.texts import Lang, Text


def active_language() -> Lang:
    """The language of the request that is answered; Chinese outside of any."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def say(text: Text) -> str:
    """A text in the active language."""
    return text.get(active_language())


def _both(zh: str, en: str) -> str:
    return say(Text(zh, en))


said = cast("Callable[[str, str], str]", lazy(_both, str))
"""A text for a form's label or a table's head, put into words when it is shown: `said("姓名", "Name")`."""
