"""Every text of every template is there in both languages, and nothing runs inside a page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(
    path
    for path in (ROOT / "chengshu").rglob("templates/**/*.html")
    if "node_modules" not in path.parts and "report" not in path.parts
)
# Names of formats and languages, which are the same in both.
SAME_IN_BOTH = {"XLSX", "CSV", "PDF", "SVG", "中文", "English"}
PAIR = re.compile(r"""\{%\s*t\s+("[^"]*"|'[^']*')\s+("[^"]*"|'[^']*')""")


def words_outside_of_pairs(text):
    text = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", text)
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", text)
    shown = re.findall(r'(?:alt|title|placeholder|aria-label)="([^"]*)"', text)
    shown.append(re.sub(r"(?s)<[^>]*>", " ", text))
    words = re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+", " ".join(shown))
    return [word for word in words if word not in SAME_IN_BOTH]


def test_there_are_templates():
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "chengshu")))
def test_no_word_stands_outside_of_a_pair(path):
    text = path.read_text(encoding="utf-8")
    # `&nbsp;` and the like are no words
    assert words_outside_of_pairs(re.sub(r"&\w+;", " ", text)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "chengshu")))
def test_pairs_are_chinese_and_english(path):
    for chinese, english in PAIR.findall(path.read_text(encoding="utf-8")):
        assert not re.search("[\u4e00-\u9fff]", english)
        assert re.search("[\u4e00-\u9fff]", chinese) or chinese[1:-1] == english[1:-1]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "chengshu")))
def test_no_script_or_style_within_a_page(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", text)
    assert not re.search(r"\sstyle=|<style|\son\w+=\"|javascript:", text)
