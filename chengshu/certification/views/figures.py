"""Feed health, and the figures of the run in force."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chengshu.accounts.actor import Actor
from chengshu.accounts.audit import audit
from chengshu.accounts.views import actor
from chengshu.certification.feed_charts import STEP_NAMES, feeds_panel
from chengshu.certification.feed_queries import feed_health
from chengshu.certification.figure_charts import count_shown, people_at, silent_panels, trust_panels
from chengshu.certification.figure_forms import FeedForm, FigureForm, choice_name
from chengshu.certification.figure_queries import LEAST_SHOWN, figures_in_force
from chengshu.certification.models import Run
from chengshu.certification.panels import Panel
from chengshu.certification.states import DECISION_NAMES
from chengshu.kernel.texts import Text
from chengshu.ui.exports import FORMATS, export
from chengshu.ui.language import say

_SILENT = Text("静默认证", "Certified in silence")
_TRUST = Text("概率可信程度（全市）", "How far the chances can be trusted (the whole city)")


@login_required
@never_cache
@require_safe
def feeds(request: HttpRequest) -> HttpResponseBase:
    """Sources by months, and whom to call about those that broke."""
    by = actor(request)
    health = feed_health(by, request.GET.get("county", ""))
    panel = feeds_panel(health)
    if (kind := request.GET.get("export")) in FORMATS:
        return _taken(by, health.run, panel, str(kind), request)
    context = {
        "health": health,
        "panel": panel,
        "steps": list(enumerate(STEP_NAMES)),
        "form": FeedForm({"county": health.county}, counties=health.counties),
    }
    return render(request, "certification/feeds.html", context)


@login_required
@never_cache
@require_safe
def figures(request: HttpRequest) -> HttpResponseBase:
    """How far the chances can be trusted, and who is certified in silence."""
    by = actor(request)
    shown = figures_in_force(by, request.GET.get("of", ""))
    silent, trust = silent_panels(shown), trust_panels(shown)
    if (kind := request.GET.get("export")) in FORMATS:
        chosen = [panel for panel in (*silent, *trust) if panel.key == request.GET.get("panel")]
        if not chosen:
            raise Http404
        return _taken(by, shown.run, chosen[0], str(kind), request)
    total = shown.total()
    context = {
        "figures": shown,
        "sections": [(say(_SILENT), silent), (say(_TRUST), trust)],
        "total": total,
        "tiles": [
            (say(name), count_shown(count), people_at(shown, {"decision": code}))
            for (code, name), count in zip(DECISION_NAMES.items(), total.counts, strict=True)
        ],
        "name": choice_name(shown.chosen),
        "least": LEAST_SHOWN,
        "form": FigureForm({"of": shown.chosen.key}, choices=shown.choices),
    }
    return render(request, "certification/figures.html", context)


def _taken(by: Actor, run: Run, panel: Panel, kind: str, request: HttpRequest) -> HttpResponseBase:
    """A chart's table as a file; it is on record."""
    audit(by, "certification.export_figures", run, kind=kind, query=request.GET.urlencode()[:2000])
    return export(panel.key, kind, [say(head) for head in panel.heads], panel.rows)
