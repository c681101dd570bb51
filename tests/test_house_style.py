"""What the house style says of size and names, over every Python file of the project."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Installed by npm; written by Django.
GENERATED = {"node_modules", "migrations"}
FOLDERS = ("chengshu", "benchmarks", "tests")
SOURCES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if not GENERATED & set(path.parts)
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
BARE_NAMES = {"utils", "helpers", "manager", "misc", "common"}

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())


@each_source
def test_a_file_stays_within_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@each_source
def test_a_function_stays_within_60_lines(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    assert too_long == []


@each_source
def test_a_name_says_what_a_file_holds(path):
    assert not BARE_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
