"""In which encoding a text file is written, and which of its lines are not."""

import codecs
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from chengshu.lake import file_messages, readers
from chengshu.lake.descriptor import Resource

_UTF8, _GB = "utf-8", "gb18030"
_BY_LINE = {"utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "ascii"}
"""Encodings, by Python's names of them, in which a line ends with the byte of a line feed and nothing else has it."""
_MOST_BAD_SHARE = 100
_SAMPLE_LINES = 50_000


class Tally(NamedTuple):
    """What lines are of an encoding.

    Attributes:
        lines: all of them.
        good: that are not plain ASCII, and can be decoded.
        bad: that cannot.
        first_bad: number of the first of these, from 1; 0 for none.
    """

    lines: int
    good: int
    bad: int
    first_bad: int

    @property
    def is_sound_but_for_few(self) -> bool:
        """Whether what is wrong is some lines rather than the encoding."""
        return self.bad <= max(1, self.good, self.lines // _MOST_BAD_SHARE)


def tally_of(lines: Iterable[bytes], encoding: str) -> Tally:
    r"""Try every line.

    >>> tally_of([b"id", "王".encode(), b"\xff"], "utf-8")
    Tally(lines=3, good=1, bad=1, first_bad=3)
    """
    number = good = bad = first_bad = 0
    for number, line in enumerate(lines, start=1):
        if line.isascii():
            continue
        try:
            line.decode(encoding)
            good += 1
        except UnicodeError:  # not of bytes alone: UTF-16 may lack its mark
            bad += 1
            first_bad = first_bad or number
    return Tally(number, good, bad, first_bad)


class LineEnds:
    r"""Whether the lines of a file end in two ways, seen in its bytes, part by part.

    >>> ends = LineEnds()
    >>> for part in (b"id\r", b"\n1\r\n", b"2\n"):
    ...     ends.see(part)
    >>> ends.are_mixed
    True
    """

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._has_both, self._has_single, self._last = False, False, b""

    @property
    def are_mixed(self) -> bool:
        """Whether both CR LF and LF alone were seen."""
        return self._has_both and self._has_single

    def see(self, part: bytes) -> None:
        """Look at the next bytes; a file without any CR costs next to nothing."""
        if self.are_mixed or not part:
            return
        is_split = self._last == b"\r" and part.startswith(b"\n")
        both = is_split + (part.count(b"\r\n") if b"\r" in part else 0)
        self._has_both |= both > 0
        self._has_single |= part.count(b"\n") > both if both else b"\n" in part
        self._last = part[-1:]


def proposed_encoding(path: Path, lines: int | None = _SAMPLE_LINES) -> str | None:
    """UTF-8 or GB18030, the two encodings that cities use, of a file's first lines or all; None for neither."""
    tallies = []
    for encoding in (_UTF8, _GB):
        with readers.open_bytes(path) as content:
            tallies.append(tally_of(islice(content, lines), encoding))
    utf8, gb = tallies
    # Most Chinese text in UTF-8 is not GB18030, and hardly any in GB18030 is UTF-8, but single lines may be either.
    if utf8.bad and not gb.bad and utf8.bad > utf8.good:
        return _GB
    return _UTF8 if utf8.is_sound_but_for_few else None


def judge_undecodable(path: Path, resource: Resource) -> None:
    """Let a file pass of which only some lines cannot be decoded; reading sets these aside.

    Args:
        path: a file that is not wholly of its encoding.
        resource: names that encoding.

    Raises:
        PackageError: `package.wrong-encoding`: another encoding, or too much that cannot be decoded.
    """
    declared = codecs.lookup(resource.encoding).name
    with readers.open_bytes(path) as content:
        own = tally_of(content, declared)
    proposal = proposed_encoding(path, lines=None)
    is_other = proposal is not None and proposal != declared.removesuffix("-sig")
    if declared in _BY_LINE and own.first_bad > 1 and own.is_sound_but_for_few and not is_other:
        return
    advice = proposal if is_other else None
    line = max(1, own.first_bad) if declared in _BY_LINE else 0
    raise file_messages.wrong_encoding(path, resource.name, resource.encoding, line, own.bad, advice)
