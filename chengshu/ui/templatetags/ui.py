"""Components of pages: `{% load ui %}`."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure
from chengshu.ui.language import say
from chengshu.ui.navigation import Trail

register = template.Library()
_NONE: tuple[object, ...] = (None, "")


@register.simple_tag
def t(zh: str, en: str, **facts: object) -> str:
    """A text in the active language, with facts put in: `{% t "{n} 人" "{n} people" n=count %}`."""
    text = Text(zh, en)
    return say(text.format(**facts) if facts else text)


@register.filter(name="say")
def say_filter(text: Text | None) -> str:
    """A Text in the active language; nothing for none."""
    return say(text) if text else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of Tabler's icons, for the eye alone: words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/icons.svg"),
        name,
    )


@register.filter
def count(number: float | None) -> str:
    """A number with separators; a dash for none, or for what a template did not find."""
    return "–" if number in _NONE else f"{number:,.0f}"


@register.filter
def share(value: float | None, digits: int = 1) -> str:
    """A share as a percentage; a dash for none."""
    return "–" if value in _NONE else f"{value:.{digits}%}"


@register.filter
def yuan(value: float | None) -> str:
    """Money in yuan; a dash for none."""
    return "–" if value in _NONE else f"{value:,.2f}"


@register.filter
def day(value: date | None) -> str:
    """A day as it is written in China and in ISO 8601; a dash for none."""
    return "–" if not value else value.strftime("%Y-%m-%d")


@register.inclusion_tag("ui/components/tile.html")
def tile(label: str, value: object, note: str = "", href: str = "", tone: str = "") -> dict[str, object]:
    """A figure that somebody answers for, with a way to its rows."""
    return {"label": label, "value": value, "note": note, "href": href, "tone": tone}


@register.inclusion_tag("ui/components/empty.html")
def empty(title: str, advice: str = "", href: str = "", action: str = "") -> dict[str, str]:
    """What stands where a list has nothing: why, and what to do."""
    return {"title": title, "advice": advice, "href": href, "action": action}


@register.inclusion_tag("ui/components/chart.html")
def chart(figure: Figure) -> dict[str, object]:
    """A chart with its table beside it; see `charts.Figure`."""
    name = f"chart-{uuid4().hex[:8]}"
    return {"figure": figure, "id": name, "script_id": f"{name}-options"}


@register.inclusion_tag("ui/components/trail.html")
def trail(steps: Trail) -> dict[str, object]:
    """Where a page stands: links to what is above it."""
    return {"steps": steps}


@register.inclusion_tag("ui/components/pages.html", takes_context=True)
def pages(context: Mapping[str, Any], page: object) -> dict[str, object]:
    """Links to the pages of a list."""
    return {"page": page, "request": context["request"]}


@register.simple_tag(takes_context=True)
def with_query(context: Mapping[str, Any], **changes: object) -> str:
    """The query of this page with changes; an empty value takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"
