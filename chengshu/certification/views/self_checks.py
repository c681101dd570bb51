"""Self-checks as staff see them: who is asked, how far it has come, and sending messages."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.views import actor
from chengshu.certification import self_check_queries as reads
from chengshu.certification import self_check_send_actions as actions
from chengshu.certification.models import WorkItem
from chengshu.certification.querysets import region_after
from chengshu.certification.self_check_delivery import require_sender
from chengshu.certification.self_check_forms import AskedForm
from chengshu.certification.self_check_states import ASKED_NAMES, Asked, Channel
from chengshu.kernel import clock
from chengshu.kernel.texts import Text
from chengshu.ui.exports import FORMATS, export
from chengshu.ui.language import said, say
from chengshu.ui.pages import OpenPage

PER_PAGE = 50
_HEADS = (
    Text("姓名", "Name"),
    Text("区划代码", "Region"),
    Text("年龄", "Age"),
    Text("进度", "How far it has come"),
    Text("发往", "Sent to"),
    Text("发送时间", "Sent at"),
)


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """Those within one's scope who are asked to confirm themselves, masked; each page that is shown is on record."""
    by = actor(request)
    rows, form = _narrowed(request)
    query = request.GET.urlencode()[:2000]
    kind = request.GET.get("export")
    if kind in FORMATS:
        audit(by, "certification.export_self_checks", by.user, kind=kind, query=query)  # type: ignore[arg-type]
        return export("self-checks", kind, [say(head) for head in _HEADS], map(_cells, rows.iterator()))
    page = OpenPage.asked(request.GET.get("page"), PER_PAGE)
    shown = page.filled(list(rows[page.start : page.start + PER_PAGE + 1]))
    audit(by, "certification.list_self_checks", by.user, query=query, rows=len(shown.rows))  # type: ignore[arg-type]
    now = clock.now()
    context = {
        "form": form,
        "page": shown,
        "rows": [(item, ASKED_NAMES[reads.asked_of(item, now)]) for item in shown.rows],
        "may_send": reads.may_send(by),
        "most": reads.MOST_AT_ONCE,
    }
    return render(request, "certification/self_checks.html", context)


@login_required
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a message to one, or to all of the list that the query narrows."""
    by, site = actor(request), request.build_absolute_uri("/")
    pk = request.POST.get("item", "")
    if pk.isascii() and pk.isdecimal():
        link = actions.send_link(by=by, pk=int(pk), site=site)
        _tell(request, link.channel, link.sent_to)
        return redirect(f"{reverse('self_checks')}?{request.GET.urlencode()}")
    require_sender(by)
    rows, _ = _narrowed(request)
    return redirect("self_checks.job", actions.ask_to_send(by=by, items=reads.to_send_to(rows), site=site))


@login_required
@never_cache
@require_safe
def job(request: HttpRequest, job: UUID) -> HttpResponse:
    """How far the sending to a list has come, and who has no phone."""
    by = actor(request)
    found = reads.sending(by, job)
    if found is None:
        raise Http404
    is_part = request.headers.get("HX-Request")
    template = "certification/self_check_job.html#progress" if is_part else "certification/self_check_job.html"
    if found.no_phone and not is_part:
        audit(by, "certification.list_without_phone", by.user, rows=len(found.no_phone))  # type: ignore[arg-type]
    return render(request, template, {"sending": found})


def _narrowed(request: HttpRequest) -> tuple[QuerySet[WorkItem], AskedForm]:
    """The rows that a query asks for, and the form that it fills."""
    rows = reads.items_asked(actor(request))
    form = AskedForm(request.GET or None)
    if not form.is_valid():
        # Nothing rather than everything: a list that is sent to must never be longer than what was asked for.
        return (rows.none() if form.is_bound else rows), form
    if region := form.cleaned_data["region"]:
        rows = rows.filter(region_code__gte=region, region_code__lt=region_after(region))
    if asked := form.cleaned_data["asked"]:
        rows = rows.filter(reads.asked_so_far(Asked(asked), clock.now()))
    return rows, form


def _cells(item: WorkItem) -> list[object]:
    sent_at, sent_to = (getattr(item, name) for name in ("sent_at", "sent_to"))
    when = timezone.localtime(sent_at).strftime("%Y-%m-%d %H:%M") if sent_at else ""
    asked = say(ASKED_NAMES[reads.asked_of(item, clock.now())])
    return [item.name, item.region_code, item.age, asked, sent_to or "", when]


def _tell(request: HttpRequest, channel: str, sent_to: str) -> None:
    if channel == Channel.NO_PHONE:
        messages.warning(request, said("此人没有手机号，请上门走访。", "There is no phone number; visit the person."))
    elif channel == Channel.FAILED:
        messages.error(
            request,
            said("短信网关没有接收，请过一会儿再发。", "The gateway did not take the message; send it again later."),
        )
    else:
        messages.success(request, said(f"已发往 {sent_to}。", f"Sent to {sent_to}."))
