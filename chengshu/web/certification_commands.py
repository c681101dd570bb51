"""`chengshu certification …`: what the site does with runs, from the server's own command line."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text as RichText

from chengshu.kernel.texts import Text
from chengshu.web import options
from chengshu.web.language import spoken_language
from chengshu.web.progress import shown_progress

certification_app = typer.Typer(help="资格认证。\n\nCertification on the site.", no_args_is_help=True)
_RUN_HELP = "认证数据湖现有数据，结果等待复核发布。\n\nRun it over what the lake holds; somebody then publishes it."
_DUE_HELP = "本月还没有认证时认证一次，供定时任务调用。\n\nRun it unless there is a run of this month: for a timer."
_DONE = Text(
    "第 {number} 次认证（{day}）已完成：静默认证率 {rate:.2%}，要问 {asked:,} 人。请在网站提请发布。",
    "Run {number} ({day}) is finished: silent rate {rate:.2%}, {asked:,} people to ask. Propose it on the site.",
)
_NOT_DUE = Text("本月已有认证，无需再做。", "There is a run of this month already.")


@certification_app.command("run", help=_RUN_HELP)
def run(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="认证哪一天。\nThe day, else that of the data.")
    ] = None,
    max_dead_share: Annotated[
        float, typer.Option("--max-dead-share", metavar="SHARE", help="死亡占比上限。\nBound of the dead share.")
    ] = 0.003,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Run it over what the lake holds."""
    from chengshu.web.django_start import usable_database

    day = options.parse_as_of(as_of) if as_of else None
    with usable_database():
        from chengshu.accounts import actor
        from chengshu.certification import run_actions

        asked = run_actions.start_run(
            by=actor.machine(), as_of=day, max_dead_share=options.check_dead_share(max_dead_share), is_queued=False
        )
        _do(asked.pk)


@certification_app.command("due", help=_DUE_HELP)
def due(lang: options.Lang = None, debug: options.Debug = False) -> None:
    """Run it unless there is a run of this month."""
    from chengshu.web.django_start import usable_database

    with usable_database():
        from chengshu.accounts import actor
        from chengshu.certification import run_actions

        asked = run_actions.start_due_run(by=actor.machine(), is_queued=False)
        if asked is None:
            Console().print(RichText(_NOT_DUE.get(spoken_language())), soft_wrap=True)
            return
        _do(asked.pk)


def _do(pk: int) -> None:
    """Do a run here, with bars, and tell how it ended."""
    from chengshu.certification import run_work
    from chengshu.certification.run import STAGES
    from chengshu.certification.states import RunStatus
    from chengshu.kernel.errors import EngineError

    language = spoken_language()
    with shown_progress(STAGES, language, is_plain=False) as tell:
        done = run_work.do_run(pk, tell)
    if done.status != RunStatus.FINISHED:
        raise EngineError(
            "certification.run-failed",
            Text(done.problem_zh, done.problem_en),
            Text("请按提示改正后重新运行。", "Correct it and run again."),
        )
    facts = {"number": done.pk, "day": done.as_of, "rate": done.summary["silent_rate"]}
    text = _DONE.format(**facts, asked=done.summary["worklist"])
    Console().print(RichText(text.get(language)), soft_wrap=True)
