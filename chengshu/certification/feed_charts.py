"""The heat map of feeds: sources by months."""

from __future__ import annotations

from chengshu.certification.feed_queries import FeedHealth
from chengshu.certification.panels import Panel, percent
from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure, Linked, Options

_GONE = 0.1
_STEPS = ((None, _GONE), (_GONE, 0.5), (0.5, 0.9), (0.9, 1.15), (1.15, None))
STEP_NAMES = (
    Text("低于 10%：几乎没有", "below 10%: next to nothing"),
    Text("10%—50%：缺一半以上", "10% to 50%: less than half"),
    Text("50%—90%：偏少", "50% to 90%: thin"),
    Text("90%—115%：正常", "90% to 115%: as usual"),
    Text("115% 以上：偏多", "115% and over: more than usual"),
)
"""Steps of colour instead of a ramp: a step can be named, and found again in the legend."""
_CROSS = "path://M0,0L10,10M10,0L0,10"
_ROW_PX, _FRAME_PX = 22, 40
_ON_A_PHONE: Options = {
    "xAxis": {"axisLabel": {"interval": 11}},
    "yAxis": {"axisLabel": {"width": 84}},
    "series": [{"itemStyle": {"borderWidth": 0.5}}, {"symbolSize": 4}],
}
# Without this, a chart that was narrow once keeps what it was given then.
_ELSEWHERE: Options = {
    "xAxis": {"axisLabel": {"interval": 5}},
    "yAxis": {"axisLabel": {"width": 170}},
    "series": [{"itemStyle": {"borderWidth": 1}}, {"symbolSize": 7}],
}


def feeds_panel(health: FeedHealth) -> Panel:
    """What came of each source in each month, of the city or of one county."""
    months = [f"{month:%Y-%m}" for month in health.feeds.months]
    heads = (Text("数据源", "Source"), Text("部门", "Department"), *(Text(month, month) for month in months))
    plain, table = [], []
    for source, row in zip(health.feeds.sources, health.matrix, strict=True):
        marks = [health.has_broken(source.code, month) for month in health.feeds.months]
        plain.append((source.name, source.department, *row))
        cells = [f"{percent(came, 0)}{' ×' if is_broken else ''}" for came, is_broken in zip(row, marks, strict=True)]
        name = Linked(source.name, f"#broken-{source.code}") if any(marks) else source.name
        table.append((name, source.department, *cells))
    figure = Figure(
        title=Text("各数据源逐月到数率（占应到数的 %）", "What came of each source by month (% of what was due)"),
        options=_heat(health, months),
        heads=heads,
        rows=table,
        source=Text(
            f"来源：第 {health.run.pk} 次认证；应到数按往年同月和全市推算，× 为断供。",
            f"Source: run {health.run.pk}. What was due follows from the same month of other years and from the whole"
            " city; × marks a broken feed.",
        ),
        finding=_finding(health),
        height=len(health.feeds.sources) * _ROW_PX + _FRAME_PX,
    )
    return Panel("feeds", figure, heads, plain)


def _heat(health: FeedHealth, months: list[str]) -> Options:
    cells, marks = [], []
    for y, (source, row) in enumerate(zip(health.feeds.sources, health.matrix, strict=True)):
        for x, came in enumerate(row):
            if came is not None:
                cells.append([x, y, came])
            if health.has_broken(source.code, health.feeds.months[x]):
                ink = "#fff" if came is not None and came < _GONE else "var(--tblr-body-color)"
                marks.append(
                    {
                        "value": [x, y],
                        "name": f"{source.name}\n{months[x]}  {percent(came, 0)}",
                        "href": f"#broken-{source.code}",
                        "itemStyle": {"borderColor": ink},
                    }
                )
    names = [source.name for source in health.feeds.sources]
    bare = {"type": "category", "axisTick": {"show": False}, "splitLine": {"show": False}}
    return {
        "grid": {"left": 12, "right": 4, "top": 24, "bottom": 4, "containLabel": True},
        "xAxis": {**bare, "data": months, "position": "top", "axisLabel": {"interval": 5, "align": "left"}},
        "yAxis": {
            **bare,
            "data": names,
            "inverse": True,
            "axisLabel": {"width": 170, "overflow": "truncate", "interval": 0},
        },
        "visualMap": {"type": "piecewise", "show": False, "dimension": 2, "seriesIndex": 0, "pieces": _pieces()},
        "series": [
            {
                "type": "heatmap",
                "data": cells,
                "itemStyle": {"borderWidth": 1, "borderColor": "var(--tblr-bg-surface)"},
                "emphasis": {"itemStyle": {"borderColor": "var(--tblr-body-color)"}},
            },
            {
                "type": "scatter",
                "data": marks,
                "symbol": _CROSS,
                "symbolSize": 7,
                "itemStyle": {"color": "none", "borderWidth": 1.6},
                "tooltip": {"formatter": "{b}"},
            },
        ],
        "media": [{"query": {"maxWidth": 480}, "option": _ON_A_PHONE}, {"option": _ELSEWHERE}],
    }


def _pieces() -> list[Options]:
    """The colour of each step."""
    found = []
    for number, (low, high) in enumerate(_STEPS):
        bounds = {"gte": low, "lt": high}
        named = {name: bound for name, bound in bounds.items() if bound is not None}
        found.append({"color": f"var(--site-heat-{number})", **named})
    return found


def _finding(health: FeedHealth) -> Text:
    here = [feed for feed in health.broken if feed.county_code in ("", health.county)]
    now = {feed.source.name for feed in here if feed.is_going_on}
    ever = {feed.source.name for feed in here}
    total = len(health.feeds.sources)
    if not ever:
        return Text(f"{total} 个数据源均未断供。", f"None of the {total} sources broke.")
    names_zh, names_en = "、".join(sorted(now)), ", ".join(sorted(now))
    rest_zh = f"目前断供：{names_zh}。" if now else "目前都已恢复。"
    rest_en = f"broken now: {names_en}." if now else "all came back."
    return Text(
        f"{total} 个数据源中有 {len(ever)} 个断供过；{rest_zh}", f"{len(ever)} of {total} sources broke; {rest_en}"
    )
