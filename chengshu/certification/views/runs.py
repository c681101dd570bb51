"""Runs: asked for, watched, compared, proposed and published."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chengshu.accounts.permissions import may
from chengshu.accounts.views import actor
from chengshu.certification import permissions, queries, run_actions
from chengshu.certification.figures import STAGE_NAMES
from chengshu.certification.forms import ReturnForm, StartForm
from chengshu.certification.models import Run
from chengshu.certification.states import DECIDED, RUN_STATUS_NAMES, RunStatus
from chengshu.ui.language import said

_SHOWN = 50


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All runs, and a form for another."""
    by = actor(request)
    rows = queries.runs(by)[:_SHOWN]
    context = {"runs": [(run, RUN_STATUS_NAMES[RunStatus(run.status)]) for run in rows], "may": _rights(request)}
    return render(request, "certification/runs.html", {**context, "form": StartForm()})


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a run."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return render(request, "certification/start.html", {"form": form}, status=422)
    run = run_actions.start_run(by=actor(request), **form.cleaned_data)
    return redirect("runs.one", run.pk)


@login_required
@never_cache
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A run: how far it has come, its figures, and what may be done with it."""
    run = get_object_or_404(queries.runs(actor(request)), pk=pk)
    context = {
        "run": run,
        "status": RUN_STATUS_NAMES[RunStatus(run.status)],
        "stage": STAGE_NAMES.get(run.stage),
        "is_at_work": run.status in (RunStatus.QUEUED, RunStatus.RUNNING),
        "may": _rights(request),
        "others": queries.runs(actor(request)).filter(status__in=DECIDED).exclude(pk=run.pk)[:12],
        "form": ReturnForm(),
    }
    template = "certification/run.html#progress" if request.headers.get("HX-Request") else "certification/run.html"
    return render(request, template, context)


@login_required
@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for it to be published."""
    run_actions.propose_run(by=actor(request), run=get_object_or_404(Run, pk=pk))
    messages.success(request, said("已提请发布，等待另一人复核。", "Proposed; somebody else has to approve it."))
    return redirect("runs.one", pk)


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it back with a reason."""
    form = ReturnForm(request.POST)
    if form.is_valid():
        run_actions.return_run(by=actor(request), run=get_object_or_404(Run, pk=pk), **form.cleaned_data)
        messages.info(request, said("已退回。", "Given back."))
    return redirect("runs.one", pk)


@login_required
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it in force."""
    run_actions.publish_run(by=actor(request), run=get_object_or_404(Run, pk=pk))
    messages.success(request, said("已发布，决定即日生效。", "Published; its decisions are in force."))
    return redirect("runs.one", pk)


def _rights(request: HttpRequest) -> dict[str, bool]:
    by = actor(request)
    return {"run": may(by, permissions.RUN), "publish": may(by, permissions.PUBLISH)}
