"""Recorded deaths: the list, one of them, and the steps that two people take."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengshu.accounts.actions import record_export
from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import may
from chengshu.accounts.views import actor
from chengshu.certification import death_actions, death_queries, permissions
from chengshu.certification.death_forms import AnswerForm, ReasonForm
from chengshu.certification.death_records import is_disproved
from chengshu.certification.death_tables import AT_STAKE, ConfirmationFilters, ConfirmationTable
from chengshu.certification.forms import PurposeForm
from chengshu.certification.models import DeathConfirmation
from chengshu.certification.states import DEATH_STATE_NAMES, DEATH_WAITING, DeathState
from chengshu.kernel.texts import Text
from chengshu.lake import Identity
from chengshu.ui.language import said
from chengshu.ui.lists import list_page

_LIST = Text("死亡核实", "Recorded deaths")
_SHOWN_BEHIND = ("run", "first_by", "second_by", "refuted_by", "restored_by")


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """Recorded deaths in scope, masked, under what they come to; each look is on record."""
    by = actor(request)
    rows = death_queries.confirmations(by)
    query = request.GET.urlencode()[:2000]
    is_shown = "export" not in request.GET
    if is_shown:
        audit(by, "certification.list_deaths", request.user, query=query)
    return list_page(
        request,
        template="certification/deaths.html",
        rows=rows,
        table=ConfirmationTable,
        filters=ConfirmationFilters,
        name="recorded-deaths",
        context={"money": death_queries.money(by), "links": _links()} if is_shown else {},
        on_export=lambda kind: record_export(by=by, of="certification.deaths", kind=kind, query=query),
    )


def _links() -> dict[str, str]:
    groups = {"at_stake": AT_STAKE, "stopped": DeathState.STOPPED, "restored": DeathState.RESTORED}
    return {name: f"{reverse('deaths')}?state={state}" for name, state in groups.items()}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One recorded death, masked; with a purpose that is posted, and goes on record, in full."""
    found = find(request, pk)
    form, identity = PurposeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        identity = death_actions.unmask(by=actor(request), confirmation=found, **form.cleaned_data)
    return shown(request, found, {"purpose_form": form}, identity=identity)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm it, the first of two."""
    death_actions.confirm_first(by=actor(request), confirmation=find(request, pk))
    messages.success(request, said("已完成第一次核实，须由另一人再次核实。", "Confirmed once; somebody else has to."))
    return redirect("deaths.one", pk)


@login_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm it, the second of two: money stops next month."""
    found = death_actions.confirm_second(by=actor(request), confirmation=find(request, pk))
    told = said("已核实，自 {day} 起停发。请打印告知书。", "Confirmed; money stops on {day}. Print the notice.")
    messages.success(request, str(told).format(day=found.stops_on))
    return redirect("deaths.one", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def refute(request: HttpRequest, pk: int) -> HttpResponse:
    """Rule that the record is wrong."""
    return _with_reason(request, pk, "refute_form", death_actions.refute)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Give back what was stopped."""
    return _with_reason(request, pk, "restore_form", death_actions.restore)


def _with_reason(request: HttpRequest, pk: int, name: str, action: Callable[..., DeathConfirmation]) -> HttpResponse:
    found, form = find(request, pk), ReasonForm(request.POST or None)
    if request.method != "POST":
        return redirect("deaths.one", pk)
    if not form.is_valid():
        return shown(request, found, {name: form}, status=422)
    action(by=actor(request), confirmation=found, **form.cleaned_data)
    messages.success(request, said("已记录。", "On record."))
    return redirect("deaths.one", pk)


def find(request: HttpRequest, pk: int) -> DeathConfirmation:
    """One within the scope of whoever is signed in; nobody else's is found."""
    return get_object_or_404(death_queries.confirmations(actor(request)).select_related(*_SHOWN_BEHIND), pk=pk)


def shown(
    request: HttpRequest,
    found: DeathConfirmation,
    forms: Mapping[str, Form],
    *,
    identity: Identity | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one, with forms that were filled in wrongly in place of empty ones."""
    by = actor(request)
    if identity is None:
        audit(by, "certification.look_at_death", found, person=found.person_key)
    is_mine = request.user.pk in (found.first_by_id, found.second_by_id)
    appeals = list(found.appeals.select_related("received_by", "decided_by").order_by("-pk"))
    may_confirm = may(by, permissions.CONFIRM)
    empty = {"purpose_form": PurposeForm(), "refute_form": ReasonForm(), "restore_form": ReasonForm()}
    context = {
        "found": found,
        "trail": [(_LIST, reverse("deaths"))],
        "state": DEATH_STATE_NAMES[DeathState(found.state)],
        "is_waiting": found.state in DEATH_WAITING,
        "is_disproved": is_disproved(found),
        "identity": identity,
        "appeals": appeals,
        "has_open_appeal": any(not appeal.is_decided for appeal in appeals),
        "may_confirm": may_confirm,
        "may_appeal": may(by, permissions.APPEAL),
        "is_mine": is_mine,
        "answer_form": AnswerForm(),
        **empty,
        **forms,
    }
    return render(request, "certification/death.html", context, status=status)
