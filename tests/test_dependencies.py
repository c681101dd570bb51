"""Every dependency has argued its case, and comes from a public registry."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"
RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
PYPI = ("https://pypi.org/", "https://files.pythonhosted.org/")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def required_python_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
        project["build-system"]["requires"],
    ]
    return {normal(re.split(r"[^\w.-]", line)[0]) for group in groups for line in group}


def required_npm_packages():
    manifests = [path for path in ROOT.rglob("package.json") if not is_installed(path)]
    contents = [json.loads(path.read_text(encoding="utf-8")) for path in manifests]
    names = {
        name for content in contents for key in ("dependencies", "devDependencies") for name in content.get(key, {})
    }
    return {name if name.startswith("@") else normal(name) for name in names}


def is_installed(path):
    return {"node_modules", ".venv"} & set(path.relative_to(ROOT).parts)


def covered_by(record):
    line = re.search(r"^Covers: (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE)
    return (
        {name if name.startswith("@") else normal(name) for name in re.findall(r"`([^`]+)`", line[1])}
        if line
        else set()
    )


def test_every_dependency_has_a_decision_record():
    required = required_python_packages() | required_npm_packages()
    assert len(required) > 10
    assert required - set().union(*map(covered_by, RECORDS)) == set()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_record_makes_every_point_of_its_kind(record):
    text = record.read_text(encoding="utf-8")
    points = ("Licence", "Why", "Upkeep", "Exit") if covered_by(record) else ("Decided", "Why", "Price")
    assert [point for point in points if f"**{point}.**" not in text] == []


def test_the_index_lists_every_decision_record_once():
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", (DECISIONS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == [record.name for record in RECORDS]


def test_uv_lock_names_only_the_public_registry():
    addresses = re.findall(r'(?:registry|url) = "([^"]+)"', (ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert addresses
    assert [address for address in addresses if not address.startswith(PYPI)] == []


def test_npm_locks_name_no_other_registry():
    locks = [path for path in ROOT.rglob("package-lock.json") if not is_installed(path)]
    packages = [
        package for lock in locks for package in json.loads(lock.read_text(encoding="utf-8"))["packages"].values()
    ]
    elsewhere = [
        package["resolved"]
        for package in packages
        if not package.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/")
    ]
    assert elsewhere == []
