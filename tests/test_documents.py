"""The documents agree with each other and with the tree."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
README_ZH = ROOT / "README.zh-CN.md"
DOCUMENTS = [README, README_ZH, *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("changes/*.md"))]


def headings(document):
    outside_code = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", outside_code, re.MULTILINE)]


def commands(document):
    return re.findall(
        r"^\s*(?:\| )?`?((?:make|chengshu|\.venv/bin/chengshu) [^`|\n]+?)`?\s*(?:\||#|$)",
        document.read_text(encoding="utf-8"),
        re.MULTILINE,
    )


def test_both_readmes_have_the_same_structure():
    assert headings(README) == headings(README_ZH)


def test_both_readmes_give_the_same_commands():
    assert commands(README)
    assert commands(README) == commands(README_ZH)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_inside_the_repository_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (document.parent / link).exists()] == []


def test_every_make_command_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)", README.read_text(encoding="utf-8")))
    assert named
    assert named <= targets


def test_readme_shows_every_package_of_the_tree():
    packages = {init.parent.name for init in ROOT.glob("chengshu/*/__init__.py")}
    assert packages
    for document in (README, README_ZH):
        text = document.read_text(encoding="utf-8")
        assert [name for name in packages if f"{name}/" not in text] == []
