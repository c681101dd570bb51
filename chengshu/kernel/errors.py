"""Errors that a user reads: what happened, which record, what to do next."""

from chengshu.kernel.texts import Lang, Text

_NEXT_STEP = Text("处理办法：", "What to do: ")


class ChengshuError(Exception):
    """Something that the user can act on.

    Args:
        code: dotted and stable, such as `package.resource-missing`; scripts may rely on it.
        message: what happened, naming file, column or record.
        next_step: what to do about it.
    """

    def __init__(self, code: str, message: Text, next_step: Text) -> None:
        """Keep the three parts; `args` holds them too, so that the error survives pickling."""
        super().__init__(code, message, next_step)
        self.code = code
        self.message = message
        self.next_step = next_step

    def render(self, lang: Lang) -> str:
        """Code, message and next step in one language, the next step on a line of its own."""
        return f"[{self.code}] {self.message.get(lang)}\n{_NEXT_STEP.get(lang)}{self.next_step.get(lang)}"

    def __str__(self) -> str:
        """English, then Chinese, one line each."""
        return "\n".join(
            f"[{self.code}] {self.message.get(lang)} {_NEXT_STEP.get(lang)}{self.next_step.get(lang)}"
            for lang in _ORDER
        )


_ORDER: tuple[Lang, Lang] = ("en", "zh")


class PackageError(ChengshuError):
    """The input folder is not a city data package that can be read."""


class StorageError(ChengshuError):
    """A disk is full, or a folder may not be read or written."""


class EngineError(ChengshuError):
    """The query engine cannot be reached or failed."""


class UsageError(ChengshuError):
    """A command was given options that do not fit together."""


class NotAllowed(ChengshuError):
    """Somebody lacks the right to do or to see something."""


class Conflict(ChengshuError):
    """A rule, or what somebody else did meanwhile, stands in the way of a change."""


class TrailDamaged(ChengshuError):
    """The audit trail is not as it was written."""


class ShapeMismatch(ChengshuError, ValueError):
    """Two arrays whose shapes must agree do not."""
