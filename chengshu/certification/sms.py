"""Text messages: what a gateway has to do, and two that need none: the console, and a file."""

import json
import os
import sys
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from chengshu.kernel import clock


class SmsGateway(Protocol):
    """Hands a message over; how it gets to the phone is the operator's business."""

    @property
    def name(self) -> str:
        """Kept with what was sent; 16 signs at most."""

    def send(self, phone: str, text: str) -> None:
        """Hand a message over.

        Raises:
            OSError: it could not be; `TimeoutError` and `ConnectionError` are such.
        """


class ConsoleGateway:
    """Prints messages where the process runs; for trying things out."""

    name = "console"

    def send(self, phone: str, text: str) -> None:
        """Print it."""
        sys.stdout.write(f"SMS {phone}: {text}\n")
        sys.stdout.flush()


class FileGateway:
    """Adds messages to a file, one JSON object a line, that its owner alone can read.

    Args:
        path: of the file.
    """

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, phone: str, text: str) -> None:
        """Add a line; one write, so that lines of several processes do not mix."""
        line = json.dumps({"at": clock.now().isoformat(), "to": phone, "text": text}, ensure_ascii=False) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)


def sms_file() -> Path:
    """Where the file gateway writes."""
    return Path(settings.VAR) / "sms.jsonl"


def gateway() -> SmsGateway:
    """The one that `CHENGSHU_SMS` names; a city's own gateway gets its line here.

    Raises:
        ImproperlyConfigured: there is none of that name.
    """
    known: dict[str, SmsGateway] = {each.name: each for each in (ConsoleGateway(), FileGateway(sms_file()))}
    chosen = known.get(settings.CHENGSHU_SMS)
    if chosen is None:
        raise ImproperlyConfigured(f"CHENGSHU_SMS is {settings.CHENGSHU_SMS!r}; it is one of {', '.join(known)}")
    return chosen
