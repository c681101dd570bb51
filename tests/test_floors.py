"""The floors are proven on themselves: import-linter must break on each planted violation."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORKER = "chengshu/certification/worker.py"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def empty_house(tmp_path):
    """The project's packages with nothing inside, under the project's own contracts.

    A contract about one module needs that module to be there.
    """
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for init in [ROOT / "chengshu/__init__.py", *ROOT.glob("chengshu/*/__init__.py"), ROOT / WORKER]:
        plant(tmp_path, init.relative_to(ROOT).as_posix(), "")
    return tmp_path


def plant(house, path, code):
    module = house / path
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(code, encoding="utf-8")


def lint(folder):
    command = [str(LINT_IMPORTS), "--no-cache", "--config", "pyproject.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_contracts_are_kept_by_the_project():
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "0 broken" in outcome.stdout


def test_contracts_are_kept_by_empty_packages(empty_house):
    outcome = lint(empty_house)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("kernel", "lake"),
        ("kernel", "web"),
        ("lake", "certification"),
        ("lake", "samplecity"),
        ("survival", "lake"),
        ("samplecity", "survival"),
        ("samplecity", "web"),
        ("certification", "web"),
        ("accounts", "certification"),
        ("accounts", "web"),
        ("accounts", "lake"),
        ("accounts", "samplecity"),
        ("accounts", "survival"),
        ("lake", "accounts"),
        ("kernel", "accounts"),
    ],
)
def test_floors_break_when_a_package_imports_upward_or_sideways(empty_house, importer, imported):
    plant(empty_house, f"chengshu/{importer}/planted.py", f"import chengshu.{imported}\n")
    outcome = lint(empty_house)
    assert outcome.returncode == 1
    assert f"chengshu.{importer}.planted -> chengshu.{imported}" in outcome.stdout


def test_floors_break_when_an_import_is_hidden_in_a_function(empty_house):
    plant(
        empty_house,
        "chengshu/kernel/planted.py",
        "def hidden():\n    from chengshu import web\n    return web\n",
    )
    assert lint(empty_house).returncode == 1


def test_floors_break_when_a_new_package_has_no_floor(empty_house):
    plant(empty_house, "chengshu/attic/__init__.py", "")
    outcome = lint(empty_house)
    assert outcome.returncode == 1
    assert "attic" in outcome.stdout


@pytest.mark.parametrize("package", ["kernel", "lake", "samplecity", "survival"])
def test_below_the_ground_there_is_no_django(empty_house, package):
    plant(empty_house, f"chengshu/{package}/planted.py", "from django.db import models\n")
    outcome = lint(empty_house)
    assert outcome.returncode == 1
    assert f"chengshu.{package}.planted -> django" in outcome.stdout


@pytest.mark.parametrize("engine", ["deltalake", "duckdb", "pysail", "pyspark"])
def test_only_the_lake_may_open_an_engine(empty_house, engine):
    plant(empty_house, "chengshu/lake/planted.py", f"import {engine}\n")
    assert lint(empty_house).returncode == 0
    plant(empty_house, "chengshu/certification/planted.py", f"import {engine}\n")
    outcome = lint(empty_house)
    assert outcome.returncode == 1
    assert f"chengshu.certification.planted -> {engine}" in outcome.stdout


def test_the_model_may_not_read_tables(empty_house):
    plant(empty_house, "chengshu/survival/planted.py", "import pyarrow\n")
    outcome = lint(empty_house)
    assert outcome.returncode == 1
    assert "chengshu.survival.planted -> pyarrow" in outcome.stdout


@pytest.mark.parametrize("module", ["chengshu.lake", "duckdb", "ibis", "pyspark"])
def test_what_is_sent_to_spark_workers_may_not_need_the_lake_or_an_engine(empty_house, module):
    # Not even through a neighbour: the worker would have to import it all the same.
    plant(empty_house, "chengshu/certification/neighbour.py", f"import {module}\n")
    assert "Spark workers: what is sent to them needs no lake and no engine KEPT" in lint(empty_house).stdout
    plant(empty_house, WORKER, "import chengshu.certification.neighbour\n")
    outcome = lint(empty_house)
    assert outcome.returncode == 1
    assert f"chengshu.certification.neighbour -> {module}" in outcome.stdout
