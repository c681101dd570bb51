"""The worklist of a visitor on a phone: whom to visit, one person, and what was found."""

from dataclasses import replace
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.views import actor
from chengshu.certification import queries, visit_actions, visit_photos, visit_queries
from chengshu.certification.models import Visit, WorkItem
from chengshu.certification.states import ITEM_KIND_NAMES, OUTCOME_NAMES, ItemKind, ItemState, Outcome
from chengshu.certification.visit_forms import NearForm, VisitForm
from chengshu.kernel.errors import ChengshuError, Conflict, NotAllowed, UsageError
from chengshu.kernel.texts import Text
from chengshu.ui.language import said, say
from chengshu.ui.pages import OpenPage

PER_PAGE = 50
_SERVICE_WORKER = Path(__file__).parent.parent / "static" / "certification" / "worklist-worker.js"
_CODE_DIGITS = frozenset("0123456789")


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """People to visit, masked, nearest first; each page that is shown is on record."""
    by = actor(request)
    asked = _region(request.GET.get("near"))
    near = asked or visit_queries.whereabouts(by)
    rows = visit_queries.to_visit(by, near)
    page = OpenPage.asked(request.GET.get("page"), PER_PAGE)
    page = page.filled(list(rows[page.start : page.start + PER_PAGE + 1]))
    run = queries.run_in_force()
    audit(by, "certification.list_visits", run, near=near, rows=len(page.rows))
    villages = visit_queries.villages_of(rows)
    names = _names([*villages, near, *(item.region_code for item in page.rows)])
    choices = [("", say(Text("自动判断", "wherever it was last")))]
    choices += [(code, f"{_place(code, names)} · {number}") for code, number in villages.items()]
    context = {
        "page": replace(page, rows=[(item, _kind(item), _place(item.region_code, names)) for item in page.rows]),
        "number": sum(villages.values()),
        "near": _place(near, names),
        "near_form": NearForm({"near": asked if asked in villages else ""}, villages=choices),
        "form": VisitForm(),
    }
    return render(request, "certification/worklist.html", context)


@login_required
@never_cache
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One person with name, phone and address, which is put on record, and the form of the visit."""
    item = visit_queries.item_to_visit(actor(request), pk)
    return _item_page(request, item, VisitForm())


@login_required
@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was found; told in JSON to a script that sends what waited on the phone."""
    is_script = request.headers.get("Accept") == "application/json"
    form = VisitForm(request.POST, request.FILES)
    if not form.is_valid() and is_script:
        text = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"code": "form", "message": text, "next_step": ""}, status=422)
    try:
        item = visit_queries.item_to_visit(actor(request), pk)
        if form.is_valid():
            visit_actions.record_visit(by=actor(request), item=item, **form.cleaned_data)
    except ChengshuError as error:
        if is_script:
            return _told(error)
        if not isinstance(error, UsageError):
            raise
        form.add_error(None, f"{say(error.message)}{say(error.next_step)}")
    if not form.is_valid():
        return _item_page(request, item, form, status=422)
    if not is_script:
        messages.success(request, said("已登记。", "Recorded."))
    return JsonResponse({"code": "ok"}) if is_script else redirect("worklist")


@login_required
@never_cache
@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of a visit, for people in whose scope the person is."""
    name = visit_actions.show_photo(by=actor(request), visit=get_object_or_404(Visit, pk=pk))
    return HttpResponse(visit_photos.path_of(name).read_bytes(), content_type="image/jpeg")


@never_cache
@require_safe
def token(request: HttpRequest) -> JsonResponse:
    """Who is signed in and a token for what they send; also how a page learns that the site can be reached."""
    user = request.user if request.user.is_authenticated else None
    return JsonResponse({"user": user.pk if user else None, "token": get_token(request) if user else ""})


@never_cache
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the worklist readable without a connection; its address decides what it may keep."""
    return HttpResponse(_SERVICE_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


def _item_page(request: HttpRequest, item: WorkItem, form: VisitForm, status: int = 200) -> HttpResponse:
    is_open = item.state == ItemState.OPEN
    visit = None if is_open else visit_queries.last_visit(item)
    context = {
        "item": item,
        "kind": _kind(item),
        "place": _place(item.region_code, _names([item.region_code])),
        "is_open": is_open,
        "who": visit_actions.show_item(by=actor(request), item=item) if is_open else None,
        "visit": visit,
        "outcome": OUTCOME_NAMES[Outcome(visit.outcome)] if visit else None,
        "form": form,
    }
    return render(request, "certification/visit.html", context, status=status)


def _told(error: ChengshuError) -> JsonResponse:
    status = 403 if isinstance(error, NotAllowed) else 409 if isinstance(error, Conflict) else 422
    told = {"code": error.code, "message": say(error.message), "next_step": say(error.next_step)}
    return JsonResponse(told, status=status)


def _kind(item: WorkItem) -> Text:
    return ITEM_KIND_NAMES[ItemKind(item.kind)]


def _region(code: str | None) -> str:
    """A region code that a query names; nothing for anything else."""
    return code if code and len(code) in (6, 9, 12) and _CODE_DIGITS.issuperset(code) else ""


def _names(codes: list[str]) -> dict[str, str]:
    """Names of regions and of the towns that they lie in, in the active language."""
    wanted = {code[:length] for code in codes for length in (6, visit_queries.TOWN, visit_queries.VILLAGE) if code}
    return {code: say(name) for code, name in visit_queries.region_names(wanted).items()}


def _place(code: str, names: dict[str, str]) -> str:
    """A region as it is read: town and village by name, or the code where they have none."""
    town, village = names.get(code[: visit_queries.TOWN]), names.get(code)
    if len(code) <= visit_queries.TOWN:
        return village or code
    return " ".join(filter(None, (town, village))) or code
