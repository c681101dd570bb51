"""Report data as JSON that is safe inside a `<script>` element."""

import json
import math
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from chengshu.certification.report.data import ReportData
from chengshu.certification.report.findings import find_sentences
from chengshu.kernel.texts import Text

# `<` could end the script element early, `&` confuses XML readers, the two separators end lines in old
# JavaScript.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})

Plain = dict[str, "Plain"] | list["Plain"] | str | int | float | bool | None


def to_plain(value: Any) -> Plain:
    """Dataclasses, texts and dates as JSON knows them; figures that are not numbers become null."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return _to_scalar(value)


def _to_scalar(value: Any) -> Plain:
    """Numbers of NumPy become numbers of Python."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"report data holds a {type(value).__name__}, which JSON has no word for")


def to_script_json(report: ReportData, strings: dict[str, dict[str, str]]) -> str:
    """All that the page needs, as JSON without one character that HTML could mistake for markup."""
    payload = {"data": report, "findings": find_sentences(report), "strings": strings}
    text = json.dumps(to_plain(payload), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPES)
