"""Files to take along: harmless to spreadsheets, and made piece by piece."""

import asyncio
import io
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from openpyxl import load_workbook

from chengshu.ui.exports import export

HEADS = ("姓名", "金额")
ROWS = [("=1+1", 3.5), ("崔**", None), ("@home", "-2")]


@pytest.fixture(autouse=True)
def connections_stay():
    """Closing an answer ends its request, and Django would look at connections that other tests opened."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


def content_of(answer):
    content = b"".join(answer.streaming_content)
    answer.close()
    return content


async def content_under_asgi(answer):
    content = b"".join([piece async for piece in answer])
    answer.close()
    return content


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_is_a_formula(kind):
    content = content_of(export("people", kind, HEADS, ROWS))
    if kind == "csv":
        assert content.decode("utf-8-sig").splitlines() == ["姓名,金额", "'=1+1,3.5", "崔**,", "'@home,'-2"]
    else:
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        assert [cell.value for cell in sheet["A"]] == ["姓名", "'=1+1", "崔**", "'@home"]
        assert sheet["B2"].value == 3.5


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_same_file_comes_under_asgi(kind):
    content = asyncio.run(content_under_asgi(export("people", kind, HEADS, ROWS)))
    assert content.startswith(b"\xef\xbb\xbf" if kind == "csv" else b"PK")
    assert len(content) > 30


def test_rows_are_drawn_as_they_are_sent():
    drawn = []

    def rows():
        for number in range(1000):
            drawn.append(number)
            yield (str(number),)

    answer: Any = export("people", "csv", HEADS[:1], rows())
    pieces = iter(answer.streaming_content)
    next(pieces), next(pieces), next(pieces)
    assert len(drawn) < 5
