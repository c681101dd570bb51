"""Files that are not what they seem are named for what they are."""

import gzip

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from chengshu.lake.tests.small_city import ANN, BOB, gathered, small_city
from chengshu.lake.tests.test_bad_packages import describe, refused


@pytest.fixture
def folder(tmp_path):
    return small_city().write(tmp_path / "city")


def write_book(folder, *rows, with_cells=True):
    """A workbook whose first sheet is a chart; the second holds rows, unless it is to have none."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Rides", 0)
    for row in rows:
        sheet.append(row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    book.create_chartsheet("图", 0).add_chart(chart)
    if not with_cells:
        del book["Rides"], book["Sheet"]
    book.save(folder / "bus.xlsx")


def test_a_chart_before_the_table_is_passed_over(tmp_path):
    city = small_city()
    city.descriptor["events-bus"] = {"path": "bus.xlsx"}
    (tmp_path / "city").mkdir()
    write_book(tmp_path / "city", ["id_number", "occurred_on"], [ANN, "2025-03-03"], [BOB, "2025-03-03"])
    assert gathered(tmp_path, city).counts["events-bus"]["kept"] == 2


def test_a_workbook_of_charts_alone(folder):
    write_book(folder, with_cells=False)
    describe(folder, "events-bus", path="bus.xlsx")
    refused(folder, "package.file-unreadable", "bus.xlsx", "events-bus")


def test_a_title_above_the_column_names(folder):
    write_book(folder, ["May 2025"], ["id_number", "occurred_on"], [ANN, "2025-03-03"])
    describe(folder, "events-bus", path="bus.xlsx")
    refused(folder, "package.column-missing", "bus.xlsx", "events-bus", "Rides", "1", "id_number", "May 2025")


@pytest.mark.parametrize("other", ["ID_NUMBER", "id_number", " Id_Number"])
def test_a_column_that_stands_twice(folder, other):
    (folder / "events-bus.csv").write_text(f"id_number,{other},occurred_on\n{ANN},{BOB},2025-03-03\n")
    refused(folder, "package.column-twice", "events-bus.csv", "events-bus", "id_number", other.strip())


def test_other_columns_may_stand_twice(tmp_path):
    city = small_city(events_bus=[{"id_number": ANN, "note": "a", "Note": "b", "occurred_on": "2025-03-03"}])
    assert gathered(tmp_path, city).counts["events-bus"]["kept"] == 1


def test_a_compressed_file_that_does_not_say_so(folder):
    (folder / "events-bus.csv").write_bytes(gzip.compress((folder / "events-bus.csv").read_bytes()))
    refused(folder, "package.file-compressed", "events-bus.csv", "events-bus", "gzip", "events-bus.csv.gz")
