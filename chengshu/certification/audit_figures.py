"""The chart of a random sample: the exact interval as results come in, beside what was promised."""

from math import ceil

from chengshu.certification.audit_sample_queries import AuditSample
from chengshu.certification.auditing import Stage, Verdict
from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure, Options
from chengshu.ui.language import say

_HEADS = (
    Text("截至", "Up to"),
    Text("已查到（人）", "Found (people)"),
    Text("其中死亡（人）", "Of these dead (people)"),
    Text("死亡占比", "Share of dead"),
    Text("95% 区间下限", "95% interval from"),
    Text("95% 区间上限", "95% interval to"),
)
_SHARE, _BAND = Text("抽查死亡占比", "share found dead"), Text("95% 精确区间", "exact 95% interval")
_PROMISED, _BOUND = Text("模型预期", "expected by the model"), Text("承诺上限", "promised bound")


def findings(sample: AuditSample) -> Text:
    """What the sample says, in one sentence."""
    low, high = (f"{value:.2%}" for value in sample.interval)
    facts = {
        "seen": f"{sample.seen:,}",
        "dead": sample.dead,
        "low": low,
        "high": high,
        "bound": f"{sample.bound:.2%}",
    }
    return _FINDINGS[sample.verdict].format(**facts)


_FINDINGS = {
    Verdict.UNSEEN: Text("还没有走访结果。", "There are no results yet."),
    Verdict.BROKEN: Text(
        "查到 {seen} 人，{dead} 人已去世；真实占比不低于 {low}，超过承诺的 {bound}：承诺没有兑现。",
        "Of {seen} people found, {dead} are dead; the true share is at least {low}, more than the promised {bound}: the"
        " promise is broken.",
    ),
    Verdict.KEPT: Text(
        "查到 {seen} 人，{dead} 人已去世；真实占比不高于 {high}，低于承诺的 {bound}：承诺兑现。",
        "Of {seen} people found, {dead} are dead; the true share is at most {high}, within the promised {bound}: the"
        " promise is kept.",
    ),
    Verdict.OPEN: Text(
        "查到 {seen} 人，{dead} 人已去世；真实占比在 {low} 至 {high} 之间，与承诺的 {bound} 不矛盾。",
        "Of {seen} people found, {dead} are dead; the true share lies between {low} and {high}, which does not"
        " contradict the promised {bound}.",
    ),
}


def interval_figure(sample: AuditSample, source: Text) -> Figure:
    """The share found dead by day, with its exact interval."""
    return Figure(
        title=Text(
            "静默认证者中的死亡占比（%，按走访日累计）",
            "Share of dead among the silently certified (%, up to each day)",
        ),
        options=_options(sample),
        heads=_HEADS,
        rows=[_row(stage) for stage in sample.stages],
        source=source,
        finding=findings(sample),
    )


def _row(stage: Stage) -> list[str]:
    shares = (stage.share, *stage.interval)
    return [str(stage.day), f"{stage.seen:,}", f"{stage.dead:,}", *(f"{share:.2%}" for share in shares)]


def _options(sample: AuditSample) -> Options:
    days = [str(stage.day) for stage in sample.stages]
    low = [_percent(stage.interval.low) for stage in sample.stages]
    width = [_percent(stage.interval.high - stage.interval.low) for stage in sample.stages]
    promised, bound = ([_percent(value)] * len(days) for value in (sample.promised, sample.bound))
    # An area has no lower edge of its own: one that nobody sees is put under it.
    unseen: Options = {"type": "line", "stack": "interval", "symbol": "none", "lineStyle": {"opacity": 0}}
    return {
        "legend": {
            "bottom": 0,
            "icon": "roundRect",
            "data": [say(name) for name in (_SHARE, _BAND, _PROMISED, _BOUND)],
        },
        "grid": {"left": 8, "right": 24, "top": 24, "bottom": 64, "containLabel": True},
        "tooltip": {"show": False},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "min": 0, "max": _highest(sample), "axisLabel": {"formatter": "{value}%"}},
        "series": [
            {
                "name": say(_SHARE),
                "type": "line",
                "data": [_percent(stage.share) for stage in sample.stages],
                "symbolSize": 8,
                "color": "var(--tblr-primary)",
                "z": 4,
            },
            {**unseen, "data": low, "silent": True},
            {
                **unseen,
                "name": say(_BAND),
                "data": width,
                "areaStyle": {"opacity": 0.2},
                "itemStyle": {"opacity": 0.3},
                "color": "var(--tblr-primary)",
            },
            _level(_BOUND, bound, "var(--tblr-red)", "solid"),
            _level(_PROMISED, promised, "var(--tblr-green)", "dashed"),
        ],
    }


def _level(name: Text, values: list[float], colour: str, stroke: str) -> Options:
    return {
        "name": say(name),
        "type": "line",
        "data": values,
        "symbol": "none" if len(values) > 1 else "diamond",
        "lineStyle": {"type": stroke, "width": 2},
        "color": colour,
    }


def _highest(sample: AuditSample) -> float:
    """Of the axis: the first visits leave everything open, and what was promised would drown in that."""
    shares = max(stage.share for stage in sample.stages)
    return ceil(100 * min(1.0, max(1.5 * sample.interval.high, 1.2 * shares, 4 * sample.bound)))


def _percent(share: float) -> float:
    return round(100 * share, 4)
