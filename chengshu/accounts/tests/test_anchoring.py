import pytest

from chengshu.accounts import anchoring
from chengshu.accounts.verification import Head
from chengshu.kernel.errors import StorageError


def test_anchors_come_back_as_they_were_written(tmp_path):
    file = tmp_path / "new" / "anchors.jsonl"
    anchors = [Head(3, "sm3:a"), Head(9, "sha256:b")]
    for anchor in anchors:
        anchoring.append_anchor(file, anchor)
    assert anchoring.read_anchors(file) == anchors


@pytest.mark.parametrize(
    "line", ["{}", "[1, 2]", '{"number": "4", "hash": "x"}', "4 sm3:x", '{"number": 4, "hash": 5}']
)
def test_a_line_that_is_no_anchor_is_named(tmp_path, line):
    file = tmp_path / "anchors.jsonl"
    file.write_text('{"number": 3, "hash": "sm3:a"}\n\n' + line)
    with pytest.raises(StorageError, match=r"audit\.anchors.*anchors\.jsonl cannot be used: 3: "):
        anchoring.read_anchors(file)


def test_a_file_that_is_not_there_or_cannot_be_written_is_named(tmp_path):
    with pytest.raises(StorageError, match=r"audit\.anchors"):
        anchoring.read_anchors(tmp_path / "nothing")
    with pytest.raises(StorageError, match=r"audit\.anchors"):
        anchoring.append_anchor(tmp_path, Head(1, "x"))
