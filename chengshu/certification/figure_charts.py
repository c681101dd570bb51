"""Charts of trust and of the silent rate: each says something, and each bar leads to its people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from chengshu.certification.calibration_charts import bands_panel, late_deaths_panel
from chengshu.certification.figure_queries import LEAST_SHOWN, Figures, ShownGroup, bands_found
from chengshu.certification.figures import AGES
from chengshu.certification.panels import Panel, percent
from chengshu.certification.states import DECISION_NAMES, ItemKind
from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure, Linked, Options
from chengshu.ui.language import say

_COLOURS = ("var(--site-good)", "var(--site-mild)", "var(--site-warm)", "var(--site-grey)")
_ROW_PX, _FRAME_PX = 26, 96
_HEADS = (
    Text("人数", "People"),
    *DECISION_NAMES.values(),
    Text("静默认证率", "Silent rate"),
)
_SEX_NAMES = {"1": Text("男", "men"), "2": Text("女", "women")}
_VISIT_DAYS = 366
_LEAST_TOLD = 30  # people of a group that a finding names: the rate of fewer says little
_WITHHELD = f"<{LEAST_SHOWN}"


@dataclass(frozen=True)
class _Grouping:
    """One way to tell people apart.

    Attributes:
        key: in addresses.
        title: of the chart.
        head: of the first column.
        name: of a group, by its code.
        query: of the list of its people, by its code.
        is_by_rate: the lowest rate first; else in the order given.
    """

    key: str
    title: Text
    head: Text
    name: Callable[[str], str]
    query: Callable[[str], dict[str, str]]
    is_by_rate: bool = field(default=False)


def silent_panels(figures: Figures) -> list[Panel]:
    """Who is certified in silence, by county, benefit, age and sex."""
    return [_groups_panel(figures, grouping, rows) for grouping, rows in _groupings(figures) if rows]


def trust_panels(figures: Figures) -> list[Panel]:
    """How far the chances can be trusted: figures of the whole city, for everybody who may look."""
    is_whole = figures.scope.is_everybody
    since = figures.kept.as_of - timedelta(days=_VISIT_DAYS)
    records = Text(
        "没有参与拟合的人，判断时不看死亡登记；比较的是“死亡已登记”的占比。",
        "People who taught the model nothing, judged without the register of deaths; compared is the share whose death"
        " is on record.",
    )
    visits = Text("一年来网站上记录的上门走访（全市）。", "Visits of a year recorded on this site, of the whole city.")
    audits = Text(
        "一年来随机抽查的静默认证者（全市）。", "Certified people drawn at random within a year, of the whole city."
    )
    found = [
        bands_panel(
            "records",
            Text("用死亡登记检验（已登记死亡占比，%）", "Against records of death (dead on record, %)"),
            figures.kept.records,
            records,
            is_whole=is_whole,
        ),
        late_deaths_panel(figures.kept.late_deaths),
        bands_panel(
            "visits",
            Text("用走访结果检验（死亡占比，%）", "Against what visits found (dead, %)"),
            bands_found(ItemKind.VISIT, since),
            visits,
            is_whole=is_whole,
        ),
        bands_panel(
            "audits",
            Text("用随机抽查检验（死亡占比，%）", "Against the random audit (dead, %)"),
            bands_found(ItemKind.AUDIT, since),
            audits,
            is_whole=is_whole,
        ),
    ]
    return [panel for panel in found if panel is not None]


def _groupings(figures: Figures) -> list[tuple[_Grouping, list[ShownGroup]]]:
    kept = figures.kept
    benefits = {benefit.code: benefit.name for benefit in kept.benefits}
    county = _Grouping(
        "counties",
        Text("各县（市、区）的决定（%）", "Decisions by county (%)"),
        Text("县（市、区）", "County"),
        lambda code: kept.county_names.get(code, code),
        lambda code: {"region": code},
        is_by_rate=True,
    )
    benefit = _Grouping(
        "benefits",
        Text("各项待遇的决定（%）", "Decisions by benefit (%)"),
        Text("待遇", "Benefit"),
        lambda code: benefits.get(code, code),
        lambda code: {"benefit": code},
        is_by_rate=True,
    )
    age = _Grouping(
        "ages", Text("各年龄段的决定（%）", "Decisions by age (%)"), Text("年龄", "Age"), _age_name, _age_query
    )
    sex = _Grouping(
        "sexes",
        Text("男女的决定（%）", "Decisions by sex (%)"),
        Text("性别", "Sex"),
        lambda code: say(_SEX_NAMES[code]),
        lambda code: {"sex": code},
    )
    # One county by itself is the total, which stands above.
    counties = figures.counties() if figures.chosen.kind != "county" else []
    return [(county, counties), (age, figures.ages()), (sex, figures.sexes()), (benefit, figures.benefits())]


def _age_name(code: str) -> str:
    high = dict(AGES)[int(code)]
    return say(Text(f"{code}—{high}岁", f"{code}–{high}") if high else Text(f"{code}岁及以上", f"{code} and over"))


def _age_query(code: str) -> dict[str, str]:
    high = dict(AGES)[int(code)]
    return {"age_from": code} | ({"age_to": str(high)} if high else {})


def _cut_query(figures: Figures) -> dict[str, str]:
    """What narrows the list of people to the cut that is shown."""
    names = {"county": "region", "department": "department"}
    kind = figures.chosen.kind
    return {names[kind]: figures.chosen.code} if kind in names else {}


def people_at(figures: Figures, query: dict[str, str]) -> str:
    """Address of the list of these people."""
    return f"{reverse('people')}?{urlencode({**_cut_query(figures), **query})}"


def _groups_panel(figures: Figures, grouping: _Grouping, rows: list[ShownGroup]) -> Panel:
    if grouping.is_by_rate:
        rows = sorted(rows, key=lambda row: 2.0 if row.silent_rate is None else row.silent_rate)
    names = [grouping.name(row.code) for row in rows]
    table, plain = [], []
    for name, row in zip(names, rows, strict=True):
        query = grouping.query(row.code)
        counts = [
            Linked(count_shown(count), people_at(figures, {**query, "decision": code})) if count != 0 else "0"
            for code, count in zip(DECISION_NAMES, row.counts, strict=True)
        ]
        table.append(
            (Linked(name, people_at(figures, query)), count_shown(row.people), *counts, percent(row.silent_rate))
        )
        plain.append((name, *map(_plain, (row.people, *row.counts)), row.silent_rate))
    heads = (grouping.head, *_HEADS)
    figure = Figure(
        title=grouping.title,
        options=_bars(figures, grouping, rows, names),
        heads=heads,
        rows=table,
        source=_source(figures),
        finding=_finding(figures, names, rows),
        height=len(rows) * _ROW_PX + _FRAME_PX,
    )
    return Panel(grouping.key, figure, heads, plain)


def _bars(figures: Figures, grouping: _Grouping, rows: list[ShownGroup], names: list[str]) -> Options:
    series = []
    for place, (code, name) in enumerate(DECISION_NAMES.items()):
        items = []
        for row in rows:
            count, people = row.counts[place], row.people
            is_known = count is not None and people and None not in row.counts
            value = round(100 * (count or 0) / (people or 1), 1) if is_known else None
            items.append({"value": value, "href": people_at(figures, {**grouping.query(row.code), "decision": code})})
        label = {"show": place == 0, "position": "insideLeft", "formatter": "{c}%", "color": "var(--site-on-good)"}
        series.append(
            {
                "type": "bar",
                "stack": "decisions",
                "name": say(name),
                "data": items,
                "label": label,
                "barMaxWidth": 20,
                "itemStyle": {"color": _COLOURS[place]},
            }
        )
    return {
        "legend": {"top": 0, "left": 0, "itemWidth": 14},
        "grid": {"left": 12, "right": 16, "top": 30, "bottom": 4, "containLabel": True},
        "tooltip": {"formatter": "{b}\n{a} {c}%"},
        "xAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "yAxis": {
            "type": "category",
            "data": [
                name if row.silent_rate is not None else f"{name} ({_WITHHELD})"
                for name, row in zip(names, rows, strict=True)
            ],
            "inverse": True,
            "axisTick": {"show": False},
            "axisLabel": {"width": 170, "overflow": "truncate"},
        },
        "series": series,
        "media": [
            {"query": {"maxWidth": 480}, "option": {"grid": {"top": 54}, "yAxis": {"axisLabel": {"width": 96}}}},
            {"option": {"grid": {"top": 30}, "yAxis": {"axisLabel": {"width": 170}}}},
        ],
    }


def _finding(figures: Figures, names: Sequence[str], rows: Sequence[ShownGroup]) -> Text:
    known = [(row, name) for name, row in zip(names, rows, strict=True) if row.silent_rate is not None]
    rates = [(row.silent_rate or 0.0, name) for row, name in known if (row.people or 0) >= _LEAST_TOLD]
    total = percent(figures.total().silent_rate)
    if len(rates) < 2:
        return Text(f"全体静默认证率 {total}。", f"Silent rate of all: {total}.")
    (low, lowest), (high, highest) = min(rates), max(rates)
    return Text(
        f"静默认证率最低的是{lowest}（{percent(low)}），最高的是{highest}（{percent(high)}），全体 {total}。",
        f"The silent rate is lowest for {lowest} ({percent(low)}), highest for {highest} ({percent(high)}), and"
        f" {total} of all.",
    )


def _source(figures: Figures) -> Text:
    day, run = figures.kept.as_of, figures.run.pk
    return Text(
        f"来源：第 {run} 次认证，{day}；享受须认证待遇的人。",
        f"Source: run {run}, {day}; people on benefits that need survival.",
    )


def count_shown(count: int | None) -> str:
    """A count as it is read, also where it is withheld."""
    return _WITHHELD if count is None else f"{count:,}"


def _plain(count: int | None) -> int | str:
    return _WITHHELD if count is None else count
