"""Charts that hold what the model said against what became known."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from chengshu.certification.figure_queries import LEAST_SHOWN
from chengshu.certification.figures_kept import KeptBand, KeptLateDeath
from chengshu.certification.intervals import exact_share
from chengshu.certification.panels import Panel, percent
from chengshu.certification.report.data import Estimate
from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure, Linked, Options
from chengshu.ui.language import say

_FLOOR = 0.01  # per cent: what is less, and none, stands at the edge of a logarithmic axis
_ROW_PX, _FRAME_PX = 40, 84
_EXACT = Text("区间为精确 95% 置信区间。", "Intervals are exact, of 95%.")
_HEADS = (
    Text("模型给出的在世可能", "Chance alive, as the model had it"),
    Text("人数", "People"),
    Text("预测死亡占比", "Dead, predicted"),
    Text("实际死亡占比", "Dead, observed"),
    Text("区间下限", "Interval from"),
    Text("区间上限", "Interval to"),
)
_PREDICTED, _OBSERVED = Text("预测", "predicted"), Text("实际", "observed")
_INTERVAL = Text("95% 区间", "95% interval")


def bands_panel(key: str, title: Text, bands: Sequence[KeptBand], source: Text, *, is_whole: bool) -> Panel | None:
    """Predicted and observed shares of the dead by bands of chance; None where nothing is known yet.

    Args:
        key: of the panel.
        title: of the chart.
        bands: the most certain last.
        source: who these people are.
        is_whole: the viewer may see everybody's rows; else bands of few people are withheld.
    """
    rows = [band for band in reversed(bands) if band.people]
    if not rows:
        return None
    observed = [_observed(band, is_whole=is_whole) for band in rows]
    links = [_people_in(band) for band in rows]
    table, plain = [], []
    for band, found, href in zip(rows, observed, links, strict=True):
        people = band.people if is_whole or band.people >= LEAST_SHOWN else None
        shares = (1 - band.predicted, *((found.value, found.low, found.high) if found else (None,) * 3))
        few = f"<{LEAST_SHOWN}"
        table.append(
            (
                Linked(_band_name(band), href),
                few if people is None else f"{people:,}",
                *(percent(share, 2) for share in shares),
            )
        )
        plain.append((_band_name(band), few if people is None else people, *shares))
    figure = Figure(
        title=title,
        options=_intervals(rows, observed),
        heads=_HEADS,
        rows=table,
        source=Text(source.zh + _EXACT.zh, f"{source.en} {_EXACT.en}"),
        finding=_finding(rows, observed),
        height=len(rows) * _ROW_PX + _FRAME_PX,
        links=links,
    )
    return Panel(key, figure, _HEADS, plain)


def _observed(band: KeptBand, *, is_whole: bool) -> Estimate | None:
    if not is_whole and band.people < LEAST_SHOWN:
        return None
    return exact_share(band.people - band.alive, band.people)


def _band_name(band: KeptBand) -> str:
    return f"{band.p_low:.6g}–{band.p_high:.6g}"


def _people_in(band: KeptBand) -> str:
    return f"{reverse('people')}?{urlencode({'p_from': band.p_low, 'p_to': band.p_high, 'order': 'doubt'})}"


def _per_cent(share: float) -> float:
    return round(max(_FLOOR, 100 * share), 4)


def _intervals(rows: Sequence[KeptBand], observed: Sequence[Estimate | None]) -> Options:
    """Rows of points with their intervals; a line that is broken between rows draws all of these."""
    spans: list[list[float | str | None]] = []
    for place, found in enumerate(observed):
        if found is not None:
            spans += [[_per_cent(found.low), place], [_per_cent(found.high), place], [None, None]]
    seen = [
        {"value": [None if found is None else _per_cent(found.value), place], "name": _told(_OBSERVED, found)}
        for place, found in enumerate(observed)
    ]
    believed = [
        {"value": [_per_cent(1 - band.predicted), place], "name": f"{say(_PREDICTED)} {percent(1 - band.predicted, 2)}"}
        for place, band in enumerate(rows)
    ]
    return {
        "legend": {"top": 0, "left": 0},
        "grid": {"left": 12, "right": 28, "top": 34, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "log", "min": _FLOOR, "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "yAxis": {
            "type": "category",
            "data": [_band_name(band) for band in rows],
            "inverse": True,
            "axisTick": {"show": False},
        },
        "tooltip": {"formatter": "{b}"},
        "series": [
            {
                "type": "scatter",
                "name": say(_OBSERVED),
                "data": seen,
                "symbolSize": 13,
                "z": 4,
                "itemStyle": {"color": "var(--site-good)"},
            },
            {
                "type": "line",
                "name": say(_INTERVAL),
                "data": spans,
                "symbol": "none",
                "silent": True,
                "lineStyle": {"color": "var(--site-good)", "width": 3, "opacity": 0.55},
                "itemStyle": {"color": "var(--site-good)"},
            },
            {
                "type": "scatter",
                "name": say(_PREDICTED),
                "data": believed,
                "symbol": "diamond",
                "symbolSize": 13,
                "z": 5,
                "itemStyle": {"color": "var(--site-warm)"},
            },
        ],
        "media": [{"query": {"maxWidth": 480}, "option": {"grid": {"top": 58}}}, {"option": {"grid": {"top": 34}}}],
    }


def _told(name: Text, found: Estimate | None) -> str:
    if found is None:
        return say(name)
    return f"{say(name)} {percent(found.value, 2)}\n{percent(found.low, 2)}–{percent(found.high, 2)}"


def _finding(rows: Sequence[KeptBand], observed: Sequence[Estimate | None]) -> Text:
    told = [(band, found) for band, found in zip(rows, observed, strict=True) if found is not None]
    kept = sum(found.low <= 1 - band.predicted <= found.high for band, found in told)
    people = sum(band.people for band, _ in told)
    return Text(
        f"{people:,} 人，{len(told)} 档中有 {kept} 档的预测落在实际值的区间内。",
        f"{people:,} people: in {kept} of {len(told)} bands the prediction lies within the interval of what was"
        " observed.",
    )


def late_deaths_panel(rows: Sequence[KeptLateDeath]) -> Panel | None:
    """How soon the model notices a death that nobody has told it of; None where nobody died."""
    if not rows:
        return None
    heads = (
        Text("去世后月数", "Months since death"),
        Text("人数", "People"),
        Text("平均在世可能", "Mean chance alive"),
        Text("区间下限", "Interval from"),
        Text("区间上限", "Interval to"),
    )
    shares = [(point.p_alive, point.low, point.high) for point in rows]
    first, last = rows[0], rows[-1]
    figure = Figure(
        title=Text(
            "死亡登记隐藏时，模型给已故者的在世可能（%）",
            "Chance alive given to people who had died, the record hidden (%)",
        ),
        options=_late_line(rows),
        heads=heads,
        rows=[
            (_since(point), f"{point.people:,}", *map(percent, each)) for point, each in zip(rows, shares, strict=True)
        ],
        source=Text(
            "没有参与拟合、已登记死亡的人，判断时不看死亡登记。区间为均值的 95% 区间。",
            "People with a recorded death who taught the model nothing, judged without the register."
            " Intervals of the mean, of 95%.",
        ),
        finding=Text(
            f"去世后 {_since(first)} 个月平均 {percent(first.p_alive)}，{_since(last)} 个月后降到"
            f" {percent(last.p_alive)}。",
            f"{percent(first.p_alive)} on average {_since(first)} months after a death,"
            f" {percent(last.p_alive)} after {_since(last)}.",
        ),
        height=300,
    )
    return Panel(
        "late_deaths",
        figure,
        heads,
        [(_since(point), point.people, *each) for point, each in zip(rows, shares, strict=True)],
    )


def _since(point: KeptLateDeath) -> str:
    if point.months_to is None:
        return f"{point.months_from}+"
    is_one = point.months_from == point.months_to
    return str(point.months_from) if is_one else f"{point.months_from}–{point.months_to}"


def _late_line(rows: Sequence[KeptLateDeath]) -> Options:
    hidden = {"type": "line", "stack": "interval", "symbol": "none", "silent": True, "lineStyle": {"opacity": 0}}
    return {
        "legend": {"top": 0, "left": 0, "data": [say(_MEAN), say(_INTERVAL)]},
        "grid": {"left": 12, "right": 16, "top": 34, "bottom": 24, "containLabel": True},
        "tooltip": {"formatter": "{b}\n{c}%"},
        "xAxis": {
            "type": "category",
            "data": [_since(point) for point in rows],
            "name": say(Text("去世后月数", "months since death")),
            "nameLocation": "middle",
            "nameGap": 26,
        },
        "yAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "series": [
            {
                "type": "line",
                "name": say(_MEAN),
                "data": [round(100 * point.p_alive, 1) for point in rows],
                "symbolSize": 8,
                "z": 4,
                "lineStyle": {"color": "var(--site-good)", "width": 2},
                "itemStyle": {"color": "var(--site-good)"},
            },
            {**hidden, "name": "low", "data": [round(100 * point.low, 2) for point in rows]},
            {
                **hidden,
                "name": say(_INTERVAL),
                "data": [round(100 * (point.high - point.low), 2) for point in rows],
                "areaStyle": {"color": "var(--site-good)", "opacity": 0.25},
                "itemStyle": {"color": "var(--site-good)"},
            },
        ],
    }


_MEAN = Text("平均在世可能", "mean chance alive")
