"""Where a sample city is written: never over somebody's own files, and never by halves."""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chengshu.kernel.errors import StorageError, UsageError
from chengshu.kernel.texts import Text
from chengshu.kernel.workplace import UNFINISHED, workplace

DESCRIPTOR = "datapackage.json"
PACKAGE_NAME = "chengshu-sample-city"
TRUTH_WORLD = "truth-world.json"
_OTHER_FORMAT = {".csv": ".parquet", ".parquet": ".csv"}


def check_free(out: Path) -> None:
    """Refuse a folder with anything in it that no sample city left.

    Raises:
        UsageError: `sample-city.not-empty`.
        StorageError: `storage.not-writable`.
    """
    with storage_errors(out):
        if not out.exists() or is_sample_city(out):
            return
        others = [place.name for place in out.iterdir() if not place.name.startswith(UNFINISHED)]
    if others:
        raise UsageError(
            "sample-city.not-empty",
            Text(
                f"{out} 不是空文件夹，也不是 sample-city 生成的城市（其中有 {min(others)}），未作改动。",
                f"{out} is neither empty nor a city made by sample-city: it holds {min(others)}. Nothing was changed.",
            ),
            Text("请换一个新文件夹，或先移走其中的文件。", "Name a new folder, or move what is in it away first."),
        )


def is_sample_city(folder: Path) -> bool:
    """Whether a sample city was written here: its truth beside its own descriptor, or beside none."""
    if not (folder / TRUTH_WORLD).is_file():
        return False
    try:
        descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return isinstance(descriptor, dict) and descriptor.get("name") == PACKAGE_NAME and bool(descriptor.get("simulated"))


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A folder within `out` to write a city to, whose files take their places when the block ends well, or vanish.

    What a killed run left is removed. The descriptor comes last: a folder without one is not finished.
    """
    out.mkdir(parents=True, exist_ok=True)
    with workplace(out) as place:
        yield place
        _move_in(place, out)


def _move_in(place: Path, out: Path) -> None:
    """Put a whole city in the place of the one before."""
    files = sorted(path.relative_to(place) for path in place.rglob("*") if path.is_file())
    (out / DESCRIPTOR).unlink(missing_ok=True)
    for file in files:
        other = _OTHER_FORMAT.get(file.suffix)
        if other is not None and not file.name.startswith("truth"):
            (out / file).with_suffix(other).unlink(missing_ok=True)
    # First what tells a sample city, so that one killed here may be written again.
    for file in sorted(files, key=lambda path: (path.name != TRUTH_WORLD, path.name == DESCRIPTOR)):
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (place / file).replace(out / file)


@contextmanager
def storage_errors(out: Path) -> Iterator[None]:
    """Say in the user's words why a disk refused."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = Text("磁盘已满，无法写入 {out}", "the disk is full: cannot write {out}")
        if not is_full:
            reason = Text("无法写入 {out}：{error}", "cannot write {out}: {error}")
        step = Text("请腾出空间，或换一个可写的文件夹。", "Free some space, or choose a folder that you may write to.")
        code = "storage.full" if is_full else "storage.not-writable"
        raise StorageError(code, reason.format(out=out, error=error.strerror or error), step) from error
