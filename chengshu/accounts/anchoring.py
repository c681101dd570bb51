"""Anchors: where the trail ended at some time, kept where whoever changes the database does not reach.

A file of anchors is JSON lines, `{"number": 17, "hash": "sm3:…"}`, so that a line can be printed, mailed or
notarised by itself.
"""

import json
import os
from pathlib import Path

from chengshu.accounts import chain
from chengshu.accounts.models import AuditHead
from chengshu.accounts.verification import Head
from chengshu.kernel.errors import StorageError
from chengshu.kernel.texts import Text


def make_anchor() -> Head:
    """The last event's number and hash, now."""
    row = AuditHead.objects.values_list("number", "hash").first()
    return Head(*row) if row else Head(0, chain.GENESIS)


def append_anchor(path: Path, anchor: Head) -> None:
    """Add an anchor to a file, and have it on the disk before going on.

    Raises:
        StorageError: `audit.anchors`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(anchor._asdict()) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unusable(path, str(error.strerror)) from error


def read_anchors(path: Path) -> list[Head]:
    """Every anchor of a file.

    Raises:
        StorageError: `audit.anchors`, with the line that is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, str(error)) from error
    return [_read_anchor(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read_anchor(path: Path, number: int, line: str) -> Head:
    try:
        anchor = Head(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise _unusable(path, f"{number}: {line[:80]}") from error
    if not (type(anchor.number) is int and type(anchor.hash) is str):
        raise _unusable(path, f"{number}: {line[:80]}")
    return anchor


def _unusable(path: Path, problem: str) -> StorageError:
    return StorageError(
        "audit.anchors",
        Text(f"锚点文件 {path} 无法使用：{problem}", f"The file of anchors {path} cannot be used: {problem}"),
        Text("请给出 chengshu audit anchor --to 写出的文件。", "Give a file that chengshu audit anchor --to wrote."),
    )
