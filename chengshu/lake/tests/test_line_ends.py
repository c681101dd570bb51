"""A CSV put together from several systems may end its lines in two ways: no row may be lost of it."""

import gzip

import pytest

from chengshu.lake.tests.small_city import ANN, gathered, rejects, small_city

CRLF, LF = "\r\n", "\n"


def write_feed(folder, ends, *, note="", encoding="utf-8", name="mixed.csv"):
    """A feed whose header and rows end as told; returns how many rows it has."""
    lines = ["id_number,occurred_on,note", *(f'{ANN},2025-03-{day:02d},"{note}"' for day in range(1, len(ends)))]
    content = "".join(line + end for line, end in zip(lines, ends, strict=True)).encode(encoding)
    (folder / name).write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
    return len(ends) - 1


def read_of(tmp_path, **described):
    city = small_city()
    city.descriptor["events-bus"] = {"path": "mixed.csv"} | described
    return gathered(tmp_path, city)


@pytest.mark.parametrize("ends", [[CRLF] * 3 + [LF] * 3, [LF] * 3 + [CRLF] * 3, [CRLF, LF, LF], [LF, CRLF, LF]])
@pytest.mark.parametrize("note", ["", "first\nsecond", "first\r\nsecond"])
def test_lines_that_end_in_two_ways_are_all_read(tmp_path, ends, note):
    (tmp_path / "city").mkdir()
    rows = write_feed(tmp_path / "city", ends, note=note)
    load = read_of(tmp_path)
    assert (load.counts["events-bus"]["kept"], rejects(load)) == (rows, [])


@pytest.mark.parametrize("described", [{"encoding": "gb18030"}, {"path": "mixed.csv.gz"}, {"encoding": "utf-16"}])
def test_so_they_are_in_another_encoding_and_compressed(tmp_path, described):
    (tmp_path / "city").mkdir()
    name, encoding = described.get("path", "mixed.csv"), described.get("encoding", "utf-8")
    rows = write_feed(tmp_path / "city", [CRLF, CRLF, LF, LF], note="车", encoding=encoding, name=name)
    assert read_of(tmp_path, **described).counts["events-bus"]["kept"] == rows


def test_a_broken_line_among_them_keeps_its_number_and_its_reason(tmp_path):
    (tmp_path / "city").mkdir()
    write_feed(tmp_path / "city", [CRLF, CRLF, LF, LF])
    with (tmp_path / "city" / "mixed.csv").open("ab") as feed:
        feed.write(f"{ANN},2025-03-\xff9,\n".encode("latin-1") + f"{ANN}\r\n".encode())
    found = read_of(tmp_path).rejects().to_pylist()
    assert [(row["line_number"], row["code"]) for row in found] == [(5, "bad-encoding"), (6, "broken-row")]
