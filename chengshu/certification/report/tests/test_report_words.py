"""Every word of the page exists in Chinese and in English, and every key that the scripts ask for exists."""

import re
from pathlib import Path

import pytest

from chengshu.certification.report import page
from chengshu.certification.report.findings import find_sentences
from chengshu.certification.report.tests.sample_report import empty_report, sample_report, with_truth

FOLDER = Path(page.__file__).parent / "page"
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")}
CODE = "\n".join(SOURCES.values())
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Chinese product names and the name of the other language may stand in an English text.
CHINESE_IN_ENGLISH = {"brand"}


def figure_ids() -> set[str]:
    return set(re.findall(r'\bid: "([a-z_]+)",\n    (?:half|empty|table|words)', CODE)) | {"truth"}


def keys_asked_for() -> set[str]:
    plain = set(re.findall(r'\bt\("([a-z_.-]+)"', CODE)) | set(re.findall(r'"(fact\.[a-z_]+)"', CODE))
    plain |= {"promise.money", "promise.calibrated", "credit", "no_script"}
    plain |= {f"column.{label}" for label in re.findall(r'\blabel: "([a-z_]+)"', CODE)}
    plain |= {f"column.{label}" for label in re.findall(r'estimateColumns\("([a-z_]+)"', CODE)}
    plain |= {f"column.{name}" for name in ("certified", "self_check", "visit", "death_recorded")}
    plain |= {f"step.{name}" for name in re.findall(r'"(feed-[a-z]+)"', CODE)}
    plain |= {f"section.{name}" for name in re.findall(r'\{ id: "([a-z]+)", figures', CODE)}
    for figure in figure_ids():
        plain |= {f"{figure}.{part}" for part in ("title", "how", "source")}
    with_chart = re.findall(r'id: "([a-z_]+)",(?:(?!function ).)*?\n    chart:', CODE, re.DOTALL)
    return plain | {f"{figure}.unit" for figure in [*with_chart, "truth"]}


@pytest.mark.parametrize("key", sorted(page.load_strings()))
def test_string_is_complete_in_both_languages(key: str):
    text = page.load_strings()[key]
    assert set(text) == {"zh", "en"}
    assert text["zh"].strip()
    assert text["en"].strip()
    assert set(re.findall(r"\{\w+\}", text["zh"])) == set(re.findall(r"\{\w+\}", text["en"]))
    assert key in CHINESE_IN_ENGLISH or not CHINESE.search(text["en"])


def test_scripts_ask_for_every_string_and_for_no_other():
    assert keys_asked_for() == set(page.load_strings())


def test_scripts_hold_no_words_of_their_own():
    code = re.sub(r"//.*", "", CODE).replace("中文", "")
    assert not CHINESE.findall(code)


@pytest.mark.parametrize("report", [sample_report(), with_truth(sample_report()), empty_report()])
def test_every_figure_has_a_sentence_in_both_languages(report):
    sentences = find_sentences(report)
    assert figure_ids() - {"truth"} <= set(sentences)
    for text in sentences.values():
        assert CHINESE.search(text.zh)
        assert text.en.endswith(".")
        assert "{" not in text.zh + text.en
