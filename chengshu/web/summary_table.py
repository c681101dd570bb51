"""What `chengshu certify` says at its end."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from chengshu.certification.run import Certification
from chengshu.kernel.texts import Lang, Text

_TITLE = Text("认证结果（{as_of}）", "Certification as of {as_of}")
_ROWS = {
    "people": Text("享受须认证待遇的人", "People with a benefit to certify"),
    "silent": Text("静默认证率", "Silent rate"),
    "dead": Text("静默认证者预期死亡占比", "Dead share expected (of certified)"),
    "worklist": Text("工作清单", "Worklist"),
    "recorded": Text("有死亡登记", "Death recorded"),
    "aside": Text("搁置的行", "Rows set aside"),
    "seconds": Text("用时（秒）", "Seconds"),
}
_ASIDE = Text("{rows}（{later} 行晚于基准日）", "{rows} ({later} after as-of)")
_LIMIT = Text("{share}（上限 {limit}）", "{share} (limit {limit})")
_WORK = Text("{all}（本人自证 {self_check}，上门走访 {visit}）", "{all} ({self_check} self-check, {visit} visit)")
_SILENT = Text("{rate}（{people} 人）", "{rate} ({people} people)")
_REPORT, _DECISIONS = Text("报告", "Report"), Text("决定", "Decisions")
_WARNING = Text("注意", "Note")


def print_summary(console: Console, run: Certification, lang: Lang) -> None:
    """The figures that matter, what the user should know, and where the results lie."""
    facts = run.summary
    table = Table(title=_TITLE.format(as_of=facts["as_of"]).get(lang), title_justify="left", show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", overflow="fold")
    for key, value in _values(facts, lang).items():
        table.add_row(_ROWS[key].get(lang), value)
    console.print(table)
    for warning in facts.get("warnings", []):
        console.print(RichText(f"{_WARNING.get(lang)}: {warning[lang]}", style="yellow"))
    for name, path in ((_REPORT, run.report), (_DECISIONS, run.decisions)):
        console.print(RichText(f"{name.get(lang)}  {path}"), soft_wrap=True)


def _values(facts: dict[str, Any], lang: Lang) -> dict[str, str]:
    decisions = facts["decisions"]
    silent = _SILENT.format(rate=_percent(facts["silent_rate"]), people=f"{decisions['certified']:,}")
    dead = _LIMIT.format(share=_percent(facts["expected_dead_share"]), limit=_percent(facts["max_dead_share"]))
    work = _WORK.format(
        all=f"{decisions['self_check'] + decisions['visit']:,}",
        self_check=f"{decisions['self_check']:,}",
        visit=f"{decisions['visit']:,}",
    )
    return {
        "people": f"{sum(decisions.values()):,}",
        "silent": silent.get(lang),
        "dead": dead.get(lang),
        "worklist": work.get(lang),
        "recorded": f"{decisions['death_recorded']:,}",
        "aside": _aside(facts["rows"], lang),
        "seconds": f"{facts['seconds']['total']:.1f}",
    }


def _aside(rows: dict[str, Any], lang: Lang) -> str:
    """How many rows were set aside; those that are merely later than the as-of date are told apart."""
    count = sum(sum(counts["set_aside"].values()) for counts in rows.values())
    later = sum(counts.get("later", 0) for counts in rows.values())
    return _ASIDE.format(rows=f"{count:,}", later=f"{later:,}").get(lang) if later else f"{count:,}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
