"""The ledger of disproved links."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chengshu.accounts.actions import record_export
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import may, require
from chengshu.accounts.views import actor
from chengshu.certification import death_queries, disproved_actions, permissions, queries
from chengshu.certification.death_forms import DisproveForm
from chengshu.certification.death_tables import DisprovedFilters, DisprovedTable
from chengshu.ui.language import said
from chengshu.ui.lists import list_page


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """The ledger in scope, masked; each look is on record."""
    by = actor(request)
    rows, query = death_queries.disproved_links(by), request.GET.urlencode()[:2000]
    if "export" not in request.GET:
        audit(by, "certification.list_disproved", request.user, query=query)
    return list_page(
        request,
        template="certification/disproved.html",
        rows=rows,
        table=DisprovedTable,
        filters=DisprovedFilters,
        name="disproved-links",
        context={"may_add": may(by, permissions.CONFIRM)},
        on_export=lambda kind: record_export(by=by, of="certification.disproved", kind=kind, query=query),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Enter records of a source that are not somebody's."""
    by = actor(request)
    require(by, permissions.CONFIRM)
    asked: dict[str, Any] = {"person_key": request.GET.get("person", "")}
    form = DisproveForm(request.POST or None, initial=asked, sources=_sources())
    if request.method == "POST" and form.is_valid():
        disproved_actions.disprove_events(by=by, **form.cleaned_data)
        messages.success(request, said("已记入台账。", "Entered into the ledger."))
        return redirect("disproved")
    return render(request, "certification/disprove.html", {"form": form}, status=422 if form.errors else 200)


def _sources() -> list[tuple[str, str]]:
    rows = queries.load_of(queries.run_in_force()).sources().select(["source_code", "name"]).to_pylist()
    return sorted((row["source_code"], row["name"] or row["source_code"]) for row in rows)
