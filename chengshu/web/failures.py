"""What a failed command says, and the exit code that it leaves for scripts."""

import contextlib
import traceback
from collections.abc import Callable

from rich.console import Console
from rich.text import Text as RichText
from typer.exceptions import TyperException

from chengshu.kernel.errors import (
    ChengshuError,
    Conflict,
    EngineError,
    NotAllowed,
    PackageError,
    StorageError,
    TrailDamaged,
    UsageError,
)
from chengshu.kernel.texts import Lang, Text
from chengshu.web import interruption

OK, UNEXPECTED, USAGE, PACKAGE, STORAGE, ENGINE, STRICT, DAMAGED, REFUSED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 8, 130
STRICT_CODE = "package.rows-set-aside"
EXIT_CODES = Text(
    "退出码：0 成功，1 意外错误，2 用法，3 输入数据，4 存储，5 引擎，6 --strict 拒绝，"
    "7 审计记录受损，8 无权或冲突，130 用户中断。",
    "Exit codes: 0 done, 1 unexpected, 2 usage, 3 input, 4 storage, 5 engine, 6 refused by --strict, "
    "7 audit trail damaged, 8 not allowed or in conflict, 130 interrupted.",
)
_KINDS: tuple[tuple[type[ChengshuError], int], ...] = (
    (UsageError, USAGE),
    (PackageError, PACKAGE),
    (StorageError, STORAGE),
    (EngineError, ENGINE),
    (TrailDamaged, DAMAGED),
    (NotAllowed, REFUSED),
    (Conflict, REFUSED),
)
_INTERRUPTED = Text(
    "已中断。没有写出半份结果，重新运行即可。",
    "Interrupted. Nothing half-done was left behind; run it again at any time.",
)
_UNEXPECTED = Text("意外错误：{kind}：{problem}", "Unexpected error: {kind}: {problem}")
_MEMORY = Text("内存不足。", "There is not enough memory.")
_DEBUG = Text(
    "处理办法：加 --debug 重新运行可得到完整堆栈，请随问题报告一并提交。",
    "What to do: run it again with --debug for the full trace, and send that with your report.",
)
_USAGE = Text("[usage.options] 命令用法不对：{problem}", "[usage.options] The command was not understood: {problem}")
_USAGE_STEP = Text("处理办法：用 --help 查看用法。", "What to do: --help explains the command.")


def exit_code(error: ChengshuError) -> int:
    """The exit code of an error that the user can act on."""
    if error.code == STRICT_CODE:
        return STRICT
    return next((code for kind, code in _KINDS if isinstance(error, kind)), UNEXPECTED)


def run_guarded(work: Callable[[], None], *, lang: Lang, is_debug: bool) -> int:
    """Do the work; turn whatever goes wrong into words on stderr and an exit code.

    Args:
        work: the command.
        lang: of the words.
        is_debug: let unexpected errors show their trace.
    """
    try:
        with interruption.remembered():
            work()
    except ChengshuError as error:
        if is_debug:
            traceback.print_exc()
        _say(error.render(lang))
        return exit_code(error)
    except TyperException as error:
        problem = getattr(error, "format_message", error.__str__)()
        if problem:  # a bare `chengshu` has printed its help and has none
            _say(_USAGE.format(problem=problem).get(lang), _USAGE_STEP.get(lang))
        return USAGE
    except KeyboardInterrupt:
        _say(_INTERRUPTED.get(lang))
        return INTERRUPTED
    except MemoryError:
        _say(_MEMORY.get(lang))
        return UNEXPECTED
    except Exception as error:  # the last resort: a trace is no message for a clerk
        if is_debug:
            traceback.print_exc()
        _say(_UNEXPECTED.format(kind=type(error).__name__, problem=error).get(lang), _DEBUG.get(lang))
        return UNEXPECTED
    return OK


def _say(*lines: str) -> None:
    """Lines on stderr, in red where there are colours; never broken, so that paths can be copied."""
    console = Console(stderr=True)
    first, *others = "\n".join(lines).splitlines() or [""]
    with contextlib.suppress(OSError):  # a full disk takes no words; the exit code still tells
        console.print(RichText(first, style="bold red"), soft_wrap=True)
        for line in others:
            console.print(RichText(line), soft_wrap=True)
