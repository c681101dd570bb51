"""What `chengshu evaluate` prints: a few tables, narrow enough for a small terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from chengshu.kernel.texts import Lang, Text

_MOST_ROWS = 40
_PEOPLE = Text(
    "无死亡登记的 {people} 人中实际死亡 {dead} 人，模型预期 {expected} 人。",
    "Of {people} people without a recorded death {dead} are dead; the model expected {expected}.",
)
_MISSING = Text("另有 {count} 人不在真值文件中，未计入。", "{count} more are not in the truth file and do not count.")
_AS_RUN = Text("本次认证", "This run")
_RULE = Text("90 天规则", "90-day rule")
_SILENT, _DEAD, _RANGE = (
    Text("静默率", "silent"),
    Text("死亡占比", "dead share"),
    Text("95% 区间", "95% interval"),
)
_OUTCOMES = Text("静默认证与其中的死亡", "Certified silently, and dead among them")
_AT = Text("同一死亡占比下的静默率", "Silent rate at the same dead share")
_MODEL, _ORACLE, _RATIO = Text("模型", "model"), Text("先知", "oracle"), Text("模型/先知", "of oracle")
_RULE_SHORT = Text("规则", "rule")
_PROMISES = Text("按预期认证到上限，实际死亡占比", "Certified up to a limit, and truly dead")
_LIMIT = Text("上限", "limit")
_TO_LIMIT = Text("实际/上限", "of limit")
_BANDS = Text("校准：全部", "Calibration: all")
_BAND, _COUNT, _SAID, _TRUE = (
    Text("给出的概率", "said"),
    Text("人数", "people"),
    Text("平均", "mean"),
    Text("实际在世", "alive"),
)
_GROUPS = {
    "all": Text("全部", "All"),
    "age": Text("按年龄", "By age"),
    "sex": Text("按性别", "By sex"),
    "region": Text("按区县", "By region"),
    "benefit": Text("按待遇", "By benefit"),
}
_DEAD_COUNT, _EXPECTED = Text("死亡", "dead"), Text("预期", "expected")
_LOSS = Text("对数损失", "log loss")
_ORACLE_LINE = Text(
    "先知（知道每人真实频率）：Brier {brier}，对数损失 {loss}；模型：{model_brier}，{model_loss}。",
    "Oracle (knows everyone's rates): Brier {brier}, log loss {loss}; model: {model_brier}, {model_loss}.",
)
_FULL = Text("全部数字  {path}", "All figures  {path}")


def print_evaluation(console: Console, found: dict[str, Any], path: object, lang: Lang) -> None:
    """Print the figures; every group's bands stand in the file only.

    Args:
        console: where to.
        found: what `evaluate` gave.
        path: of evaluation.json.
        lang: of the words.
    """
    facts = _PEOPLE.format(
        people=f"{found['people']:,}", dead=f"{found['dead']:,}", expected=f"{found['expected_dead']:,.0f}"
    )
    console.print(RichText(facts.get(lang)))
    if found["without_truth"]:
        console.print(RichText(_MISSING.format(count=found["without_truth"]).get(lang), style="yellow"))
    console.print(_outcomes(found, lang))
    console.print(_silent_at(found, lang))
    console.print(_promises(found, lang))
    console.print(_bands(found["scores"]["all"][0], lang))
    console.print(_scores(found, lang))
    if found["oracle"]:
        oracle = found["oracle"]
        line = _ORACLE_LINE.format(
            brier=f"{oracle['brier']:.5f}",
            loss=f"{oracle['log_loss']:.4f}",
            model_brier=f"{oracle['model_brier']:.5f}",
            model_loss=f"{oracle['model_log_loss']:.4f}",
        )
        console.print(RichText(line.get(lang)))
    console.print(RichText(_FULL.format(path=path).get(lang)), soft_wrap=True)


def _table(title: Text, columns: list[Text | None], lang: Lang) -> Table:
    """A table whose first column is words and whose others are figures."""
    table = Table(title=title.get(lang), title_justify="left")
    for place, column in enumerate(columns):
        name = column.get(lang) if column else ""
        if place:
            table.add_column(name, justify="right", overflow="fold")
        else:
            table.add_column(name, overflow="fold")
    return table


def _outcomes(found: dict[str, Any], lang: Lang) -> Table:
    table = _table(_OUTCOMES, [None, _SILENT, _DEAD, _RANGE], lang)
    for name, key in ((_AS_RUN, "certified"), (_RULE, "rule_90_days")):
        outcome = found[key]
        if outcome and outcome["dead_share"]:
            share = outcome["dead_share"]
            table.add_row(name.get(lang), _percent(outcome["silent"]), _percent(share["value"], 3), _range(share, 2))
    return table


def _silent_at(found: dict[str, Any], lang: Lang) -> Table:
    table = _table(_AT, [_DEAD, _RULE_SHORT, _MODEL, _ORACLE, _RATIO], lang)
    for row in found["silent_at"]:
        ratio = row["model_to_oracle"]
        table.add_row(
            _percent(row["dead_share"], 3),
            _percent(row["rule"]),
            _percent(row["model"]),
            _percent(row["oracle"]),
            "–" if ratio is None else f"{ratio:.3f}",
        )
    return table


def _promises(found: dict[str, Any], lang: Lang) -> Table:
    table = _table(_PROMISES, [_LIMIT, _SILENT, _DEAD, _TO_LIMIT], lang)
    for row in found["promises"]:
        share, ratio = row["dead_share"], row["ratio"]
        table.add_row(
            _percent(row["limit"]),
            _percent(row["silent"]),
            "–" if share is None else _percent(share["value"], 3),
            "–" if ratio is None else f"{ratio:.2f}",
        )
    return table


def _bands(score: dict[str, Any], lang: Lang) -> Table:
    table = _table(_BANDS, [_BAND, _COUNT, _SAID, _TRUE, _RANGE], lang)
    for band in score["bands"]:
        table.add_row(
            f"{band['p_low']:g}–{band['p_high']:g}",
            f"{band['people']:,}",
            _percent(band["predicted"], 2),
            _percent(band["observed"]["value"], 2),
            _range(band["observed"], 2),
        )
    return table


def _scores(found: dict[str, Any], lang: Lang) -> Table:
    """One row a group; the smallest groups of a long list stand in the file only."""
    table = _table(
        Text("Brier 与对数损失", "Brier score and log loss"),
        [None, _COUNT, _DEAD_COUNT, _EXPECTED, Text("Brier", "Brier"), _LOSS],
        lang,
    )
    for kind, rows in found["scores"].items():
        if not rows:
            continue
        if kind != "all":
            table.add_section()
            table.add_row(RichText(_GROUPS[kind].get(lang), style="bold"))
        kept = sorted(rows, key=lambda row: -row["people"])[:_MOST_ROWS]
        for row in (row for row in rows if row in kept):
            table.add_row(
                row["name"][lang],
                f"{row['people']:,}",
                f"{row['dead']:,}",
                f"{row['expected_dead']:,.1f}",
                f"{row['brier']:.4f}",
                f"{row['log_loss']:.4f}",
            )
    return table


def _percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{100 * share:.{digits}f}%"


def _range(share: dict[str, float], digits: int) -> str:
    return f"{100 * share['low']:.{digits}f}–{100 * share['high']:.{digits}f}"
