"""The notice to the family, and appeals against a stop."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.models import Organisation
from chengshu.accounts.views import actor
from chengshu.certification import death_actions, death_queries
from chengshu.certification.death_forms import AnswerForm, AppealForm
from chengshu.certification.death_records import record_of
from chengshu.certification.forms import PurposeForm
from chengshu.certification.models import APPEAL_DAYS, DeathConfirmation
from chengshu.certification.permissions import BUREAU
from chengshu.certification.views.deaths import find, shown
from chengshu.ui.language import said


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice to the family, to print; with the full name for a purpose that is posted and goes on record."""
    found, by = _stopped(request, pk), actor(request)
    form, identity = PurposeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        identity = death_actions.unmask(by=by, confirmation=found, **form.cleaned_data)
    else:
        audit(by, "certification.look_at_notice", found, person=found.person_key)
    context = {**_letter(found), "form": form, "identity": identity, "record": record_of(found)}
    return render(request, "certification/notice.html", context)


@login_required
@never_cache
@require_safe
def blank(request: HttpRequest, pk: int) -> HttpResponse:
    """An appeal form for the family to fill in by hand; it names the notice and nobody."""
    return render(request, "certification/appeal_blank.html", _letter(_stopped(request, pk)))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an appeal down."""
    found, form = _stopped(request, pk), AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        death_actions.receive_appeal(by=actor(request), confirmation=found, **form.cleaned_data)
        messages.success(request, said("申诉已受理。", "The appeal is received."))
        return redirect("deaths.one", pk)
    status = 422 if form.errors else 200
    return render(request, "certification/appeal.html", {"found": found, "form": form}, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Uphold or dismiss an appeal, by the button that was pressed."""
    appeal = get_object_or_404(death_queries.appeals(actor(request)), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return shown(request, find(request, appeal.confirmation_id), {"answer_form": form}, status=422)
    is_upheld = request.POST.get("decision") == "uphold"
    death_actions.decide_appeal(by=actor(request), appeal=appeal, is_upheld=is_upheld, **form.cleaned_data)
    messages.success(
        request,
        said("申诉成立，已恢复发放。", "Upheld; the money is restored.")
        if is_upheld
        else said("已驳回并记录答复。", "Dismissed; the answer is on record."),
    )
    return redirect("deaths.one", appeal.confirmation_id)


def _stopped(request: HttpRequest, pk: int) -> DeathConfirmation:
    """One that was stopped, whatever has become of it since: before that there is nothing to tell anybody."""
    found = find(request, pk)
    if found.stops_on is None:
        raise Http404
    return found


def _letter(found: DeathConfirmation) -> dict[str, object]:
    office = Organisation.objects.filter(code=BUREAU).first()
    return {
        "found": found,
        "office": office,
        "contact": settings.CERTIFICATION_CONTACT,
        "appeal_days": APPEAL_DAYS,
    }
