"""How far the visits have come, for those who answer for them."""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import may
from chengshu.accounts.views import actor
from chengshu.certification import permissions, queries, visit_queries
from chengshu.certification.states import OUTCOME_NAMES, Outcome
from chengshu.certification.visit_queries import AGE_NAMES, Town
from chengshu.kernel.texts import Text
from chengshu.ui.charts import Figure
from chengshu.ui.exports import FORMATS, export
from chengshu.ui.language import say

_PEOPLE = Text("人数", "People")
_SOURCE = Text("来源：生效中的认证及其走访记录", "Source: the run in force and its visits")
HEADS = (
    Text("区划代码", "Region code"),
    Text("乡镇街道", "Town"),
    Text("待走访", "Open"),
    Text("已完成", "Done"),
    Text("完成率", "Share done"),
    *(Text(f"待走访 {name.zh}", f"open {name.en}") for name in AGE_NAMES),
    *OUTCOME_NAMES.values(),
)


@login_required
@never_cache
@require_safe
def shown(request: HttpRequest) -> HttpResponseBase:
    """Coverage by town, age of what is open, and what was found."""
    by = actor(request)
    run, towns = queries.run_in_force(), visit_queries.coverage(by)
    names = _names(towns)
    if (kind := request.GET.get("export")) in FORMATS:
        audit(by, "certification.export_coverage", run, kind=kind, rows=len(towns))
        return export("coverage", kind, [say(head) for head in HEADS], _rows(towns, names))
    everything = visit_queries.total(towns)
    context = {
        "run": run,
        "towns": [(town, names.get(town.region_code, town.region_code)) for town in towns],
        "total": everything,
        "late": everything.ages[-1],
        "ages": AGE_NAMES,
        "outcomes": OUTCOME_NAMES.values(),
        "figures": [_ages(everything), _found(everything)],
        "may_visit": may(by, permissions.RECORD),
    }
    return render(request, "certification/coverage.html", context)


def _rows(towns: list[Town], names: dict[str, str]) -> Iterator[list[object]]:
    for town in towns:
        share = None if town.share is None else round(town.share, 4)
        name = names.get(town.region_code, "")
        yield [town.region_code, name, town.open, town.done, share, *town.ages, *town.outcomes]


def _names(towns: list[Town]) -> dict[str, str]:
    """Counties and towns by code, in the active language; two counties may have towns of one name."""
    codes = {town.region_code[:length] for town in towns for length in (6, visit_queries.TOWN)}
    named = {code: say(name) for code, name in visit_queries.region_names(codes).items()}
    found = {}
    for town in towns:
        county, own = named.get(town.region_code[:6]), named.get(town.region_code)
        found[town.region_code] = " ".join(dict.fromkeys(filter(None, (county, own)))) or town.region_code
    return found


def _ages(everything: Town) -> Figure:
    late = everything.ages[-1]
    return _bars(
        Text("待走访的人已等了多久（人）", "How long those still to be visited have waited (people)"),
        AGE_NAMES,
        everything.ages,
        Text(f"{late} 人已超过 30 天。", f"{late} have waited for more than 30 days."),
        ("var(--tblr-primary)", "var(--tblr-primary)", "var(--tblr-danger)"),
    )


def _found(everything: Town) -> Figure:
    dead = everything.outcomes[list(Outcome).index(Outcome.DEAD)]
    visits = sum(everything.outcomes)
    return _bars(
        Text("走访结果（人）", "What visits found (people)"),
        tuple(OUTCOME_NAMES.values()),
        everything.outcomes,
        Text(f"{visits} 次走访，{dead} 人已去世。", f"{visits} visits, {dead} found dead."),
        ("var(--tblr-primary)",) * len(Outcome),
    )


def _bars(
    title: Text, names: tuple[Text, ...], numbers: tuple[int, ...], finding: Text, colours: tuple[str, ...]
) -> Figure:
    data = [{"value": n, "itemStyle": {"color": colour}} for n, colour in zip(numbers, colours, strict=True)]
    options = {
        "xAxis": {"type": "category", "data": [say(name) for name in names]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "data": data, "barMaxWidth": 56, "label": {"show": True, "position": "top"}}],
    }
    rows = [(say(name), n) for name, n in zip(names, numbers, strict=True)]
    heads = (Text("类别", "Group"), _PEOPLE)
    return Figure(title, options, heads, rows, _SOURCE, finding=finding, height=240)
