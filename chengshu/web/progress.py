"""How far a command has come: a bar per stage on a terminal, plain lines elsewhere."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from chengshu.kernel.texts import Lang, Text
from chengshu.web import interruption

Tell = Callable[[str, float], None]
_NARROW = 70


@contextmanager
def shown_progress(stages: Mapping[str, Text], lang: Lang, *, is_plain: bool) -> Iterator[Tell]:
    """Give the function to call with a stage and the share of it that is done.

    Args:
        stages: names of the stages; a stage that is not among them shows as it is.
        lang: of the names.
        is_plain: lines even on a terminal.
    """
    console = Console(stderr=True)
    if is_plain or not console.is_terminal:
        yield _stopping(_Lines(stages, lang).tell)
        return
    with _Bars(console, stages, lang) as bars:
        yield _stopping(bars.tell)


def _stopping(tell: Tell) -> Tell:
    """The same, which also stops the work where Ctrl-C got lost."""

    def told(stage: str, done: float) -> None:
        interruption.check()
        tell(stage, done)

    return told


class _Lines:
    """One line on stderr when a stage starts and one when it ends."""

    def __init__(self, stages: Mapping[str, Text], lang: Lang) -> None:
        self._stages, self._lang = stages, lang
        self._began: dict[str, float] = {}
        self._ended: set[str] = set()

    def tell(self, stage: str, done: float) -> None:
        """Write a line where something starts or ends."""
        name = self._stages[stage].get(self._lang) if stage in self._stages else stage
        if stage not in self._began:
            self._began[stage] = time.perf_counter()
            _say(f"{name} …")
        if done >= 1 and stage not in self._ended:
            self._ended.add(stage)
            _say(f"{name} {time.perf_counter() - self._began[stage]:.1f} s")


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # work goes on where nobody can be told of it
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


class _Bars:
    """One bar per stage, in order of appearance."""

    def __init__(self, console: Console, stages: Mapping[str, Text], lang: Lang) -> None:
        self._stages, self._lang = stages, lang
        width = 12 if console.width < _NARROW else 30
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=width),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "_Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, stage: str, done: float) -> None:
        """Move a stage's bar; a new one appears below the others."""
        if stage not in self._tasks:
            name = self._stages[stage].get(self._lang) if stage in self._stages else stage
            self._tasks[stage] = self._progress.add_task(name, total=1.0)
        self._progress.update(self._tasks[stage], completed=min(done, 1.0))
