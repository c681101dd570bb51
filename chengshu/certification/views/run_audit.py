"""The random audit of a published run."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.views import actor
from chengshu.certification import audit_sample_queries as reads
from chengshu.certification import queries
from chengshu.certification.audit_figures import findings, interval_figure
from chengshu.certification.models import WorkItem
from chengshu.certification.states import OUTCOME_NAMES, Outcome
from chengshu.kernel.texts import Text
from chengshu.ui.exports import FORMATS, export
from chengshu.ui.language import say
from chengshu.ui.pages import OpenPage

PER_PAGE = 50
FOUND_NAMES = {
    "": Text("全部", "all"),
    reads.WAITING: Text("未走访", "not visited yet"),
    reads.SEEN: Text("已查到", "found, dead or living"),
    **{outcome.value: OUTCOME_NAMES[outcome] for outcome in Outcome},
}
_HEADS = (
    Text("姓名", "Name"),
    Text("区划代码", "Region"),
    Text("年龄", "Age"),
    Text("月金额（元）", "Yuan a month"),
    Text("走访结果", "Found"),
    Text("走访日期", "On"),
)


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How the sample stands beside what was promised, and its people within one's scope, masked."""
    by = actor(request)
    run = get_object_or_404(queries.runs(by), pk=pk)
    wanted = request.GET.get("found", "")
    found = wanted if wanted in FOUND_NAMES else ""
    rows = reads.sample_people(by, run, found)
    kind = request.GET.get("export")
    if kind in FORMATS:
        audit(by, "certification.export_audit_sample", run, kind=kind, found=found)
        return export(f"audit-{pk}", kind, [say(head) for head in _HEADS], [_cells(item) for item in rows])
    page = OpenPage.asked(request.GET.get("page"), PER_PAGE)
    shown = page.filled(list(rows[page.start : page.start + PER_PAGE + 1]))
    audit(by, "certification.list_audit_sample", run, found=found, rows=len(shown.rows))
    sample = reads.audit_sample(by, run)
    source = Text(
        "来源：第 {run} 次认证抽取的 {people} 人与走访记录",
        "Source: the {people} people drawn by run {run}, and visits to them",
    ).format(run=run.pk, people=sample.people)
    context = {
        "run": run,
        "sample": sample,
        "finding": findings(sample),
        "figure": interval_figure(sample, source) if sample.stages else None,
        "page": shown,
        "rows": [(item, _found(item)) for item in shown.rows],
        "found": found,
        "choices": FOUND_NAMES,
    }
    return render(request, "certification/run_audit.html", context)


def _found(item: WorkItem) -> Text:
    return FOUND_NAMES[reads.finding_of(item)[0] or reads.WAITING]


def _cells(item: WorkItem) -> list[object]:
    _, found_on = reads.finding_of(item)
    return [item.name, item.region_code, item.age, item.monthly_yuan, say(_found(item)), found_on]
