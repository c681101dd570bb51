"""Charts of a person's page."""

from datetime import date
from typing import Any

from chengshu.certification.dossier import Dossier
from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure
from chengshu.ui.language import active_language, say

_SOURCE = Text("来源：数据湖中的事件与本次认证的模型。", "Source: events of the lake and the model of this run.")
_LEAST_BITS = 0.05
_INK = {"color": "var(--tblr-body-color)"}
_NAMES = {**_INK, "width": 116, "overflow": "truncate"}
_ALIVE = Text("在世可能（按今天所知）", "chance alive, by what is known today")
_THEN = Text("在世可能（按当时所知）", "chance alive, by what was known then")


def timeline(dossier: Dossier) -> Figure:
    """Events by source over the months, with the chance of being alive above them."""
    months = [_month(day) for day in dossier.months]
    seen = [number for number in range(len(dossier.sources)) if dossier.counts[number].any()]
    names = [dossier.sources[number] for number in seen]
    alive, then = (_percent(values[1:]) for values in (dossier.explained.p_alive, dossier.explained.p_then))
    height = 230 + 26 * max(len(seen), 1)
    options = {
        "legend": {"top": 0, "left": 0, "type": "scroll", "textStyle": _INK},
        "tooltip": {"trigger": "axis"},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "grid": [
            {"left": 128, "right": 16, "top": 34, "height": 130},
            {"left": 128, "right": 16, "top": 196, "bottom": 34},
        ],
        "xAxis": [
            {"type": "category", "data": months, "gridIndex": 0, "axisLabel": {"show": False}},
            {"type": "category", "data": months, "gridIndex": 1, "axisLabel": _INK},
        ],
        "yAxis": [
            {"type": "value", "min": 0, "max": 100, "gridIndex": 0, "axisLabel": {**_INK, "formatter": "{value}%"}},
            {
                "type": "category",
                "data": names,
                "gridIndex": 1,
                "axisLabel": {**_INK, "width": 116, "overflow": "truncate"},
            },
        ],
        "series": [*_lines(alive, then), _dots(dossier, seen)],
    }
    rows = [
        (month, f"{now:.1f}%", f"{past:.1f}%", _seen_in(dossier, number))
        for number, (month, now, past) in enumerate(zip(months, alive, then, strict=True))
    ]
    heads = (Text("月份", "Month"), _ALIVE, _THEN, Text("记录", "Records"))
    return Figure(
        title=Text("逐月的在世可能（%）与各来源的记录", "Chance of being alive by month (%), and records by source"),
        finding=_finding(dossier),
        options=options,
        heads=heads,
        rows=rows[::-1],
        source=_SOURCE,
        height=height,
    )


def _lines(alive: list[float], then: list[float]) -> list[dict[str, Any]]:
    """The chance by all that is known, and as it was known then."""
    dashed = {"lineStyle": {"type": "dashed"}, "color": "var(--tblr-orange)"}
    return [
        {"type": "line", "name": say(_ALIVE), "data": alive, "symbol": "none", "color": "var(--tblr-primary)"},
        {"type": "line", "name": say(_THEN), "data": then, "symbol": "none", **dashed},
    ]


def _dots(dossier: Dossier, seen: list[int]) -> dict[str, Any]:
    """A dot for each month with records of a source."""
    points = [
        [month, place, count]
        for place, number in enumerate(seen)
        for month, count in enumerate(dossier.counts[number].tolist())
        if count
    ]
    return {
        "type": "scatter",
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "data": points,
        "symbolSize": 9,
        "color": "var(--tblr-green)",
        "tooltip": {"trigger": "item"},
    }


def contributions(dossier: Dossier) -> Figure:
    """What each source adds, in bits: for life to the right, for death to the left."""
    told = sorted(
        (
            (float(bits), name)
            for bits, name in zip(dossier.explained.bits, dossier.sources, strict=True)
            if abs(bits) >= _LEAST_BITS
        ),
    )
    names, values = [name for _, name in told], [round(bits, 2) for bits, _ in told]
    data = [
        {"value": value, "itemStyle": {"color": "var(--tblr-green)" if value > 0 else "var(--tblr-orange)"}}
        for value in values
    ]
    options = {
        "grid": {"left": 128, "right": 40, "top": 8, "bottom": 28},
        "xAxis": {"type": "value", "axisLabel": _INK},
        "yAxis": {"type": "category", "data": names, "axisLabel": _NAMES},
        "series": [
            {"type": "bar", "data": data, "barMaxWidth": 18, "label": {"show": True, "color": "var(--tblr-body-color)"}}
        ],
    }
    return Figure(
        title=Text("各来源说明了什么（比特）", "What each source tells (bits)"),
        finding=Text(
            "向右说明在世，向左说明已故；一比特使可能性之比翻一倍。沉默也算在内。",
            "To the right for life, to the left for death; a bit doubles the odds. Silence counts too.",
        ),
        options=options,
        heads=(Text("来源", "Source"), Text("比特", "Bits")),
        rows=[(name, f"{value:+.2f}") for name, value in reversed(list(zip(names, values, strict=True)))],
        source=_SOURCE,
        height=80 + 26 * max(len(names), 1),
    )


def _month(day: date) -> str:
    return f"{day.year}-{day.month:02d}"


def _percent(values: object) -> list[float]:
    return [round(100 * float(value), 2) for value in values]  # type: ignore[attr-defined]


def _seen_in(dossier: Dossier, month: int) -> str:
    joint = "；" if active_language() == "zh" else "; "
    counts = dossier.counts[:, month].tolist()
    return joint.join(f"{name} {count}" for name, count in zip(dossier.sources, counts, strict=True) if count)


def _finding(dossier: Dossier) -> Text:
    seen = [month for month, count in enumerate(dossier.counts.sum(axis=0).tolist()) if count]
    if not seen:
        return Text("观察期内没有任何记录。", "There is no record in the whole window.")
    return Text(
        "最近一次记录在 {month}，观察期内共 {events} 条记录、{sources} 个来源。",
        "The last record is of {month}; {events} records of {sources} sources in the window.",
    ).format(
        month=_month(dossier.months[seen[-1]]),
        events=int(dossier.counts.sum()),
        sources=int(dossier.counts.any(axis=1).sum()),
    )
