"""What a user reads when something is wrong."""

import pickle

import pytest

from chengshu.kernel.errors import ChengshuError, PackageError, ShapeMismatch
from chengshu.kernel.texts import Text

MISSING = PackageError(
    "package.resource-missing",
    Text("没有找到文件 {file}", "file {file} is missing").format(file="deaths.csv"),
    Text("请补上该文件。", "Add the file."),
)


def test_text_fills_both_languages() -> None:
    assert Text("共{n}行", "{n} rows").format(n=2) == Text("共2行", "2 rows")


def test_text_without_its_fact_is_refused() -> None:
    with pytest.raises(KeyError):
        Text("共{n}行", "{n} rows").format(rows=2)


def test_rendered_error_names_code_message_and_next_step() -> None:
    assert MISSING.render("zh") == "[package.resource-missing] 没有找到文件 deaths.csv\n处理办法：请补上该文件。"
    assert MISSING.render("en") == "[package.resource-missing] file deaths.csv is missing\nWhat to do: Add the file."


def test_error_as_text_is_english_then_chinese_one_line_each() -> None:
    english, chinese = str(MISSING).splitlines()
    assert "file deaths.csv is missing" in english
    assert "没有找到文件 deaths.csv" in chinese


def test_error_survives_pickling_between_processes() -> None:
    copy = pickle.loads(pickle.dumps(MISSING))  # noqa: S301
    assert type(copy) is PackageError
    assert copy.render("en") == MISSING.render("en")


def test_shape_mismatch_is_also_a_value_error() -> None:
    error = ShapeMismatch("survival.shape", Text("形状不符", "shapes differ"), Text("检查", "check"))
    assert isinstance(error, ValueError)
    assert isinstance(error, ChengshuError)
