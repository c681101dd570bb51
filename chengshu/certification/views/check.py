"""Self-checks as residents see them: no account, large text, plain words, and nothing that leaks the link."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengshu.certification import faces, self_check_actions, self_check_messages
from chengshu.certification.self_check_forms import CodeForm
from chengshu.certification.self_check_queries import asking_office, link_of
from chengshu.kernel.errors import ChengshuError, Conflict

View = Callable[..., HttpResponse]
_STATUS = {
    "certification.check-unknown": 404,
    "certification.check-pass": 410,
    "certification.check-used": 410,
    "certification.check-expired": 410,
    "certification.check-not-needed": 410,
    "certification.check-tried-out": 429,
    "certification.check-too-often": 429,
    "certification.check-code": 422,
    "certification.check-face": 422,
}
_AGAIN = frozenset({"certification.check-face"})
_BY_CODE = frozenset({"certification.check-unknown", "certification.check-pass", "certification.check-expired"})


def for_residents(view: View) -> View:
    """A page that is kept nowhere, found by no search engine, named to no other site, and tells errors plainly."""

    @never_cache
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **facts: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **facts)
        except ChengshuError as error:
            answer = _told(request, error, facts.get("token", ""))
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        # Not `no-referrer`: with it, browsers hide where a form comes from, and forms are refused as forged.
        answer["Referrer-Policy"] = "same-origin"
        return answer

    return answered


@for_residents
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """Type the code of a message instead of opening its link."""
    form = CodeForm(request.POST or None)
    error, status = None, 200
    if request.method == "POST" and form.is_valid():
        try:
            token = self_check_actions.open_by_code(**form.cleaned_data, address=request.META["REMOTE_ADDR"])
        except ChengshuError as refused:
            error, status = refused, _status(refused)
        else:
            return redirect("check.one", token)
    elif request.method == "POST":
        status = 422
    context = {"form": form, "error": error, "office": asking_office()}
    return render(request, "certification/check_code.html", context, status=status)


@for_residents
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, token: str) -> HttpResponse:
    """The question, and its one button, which leads to the face step."""
    if request.method == "POST":
        return_to = reverse("check.face", args=[token])
        return redirect(self_check_actions.begin_face_step(token=token, return_to=return_to))
    link = self_check_actions.open_link(token=token)
    context = {"item": link.item, "link": link, "office": asking_office()}
    answer = render(request, "certification/check.html", context)
    # The form is answered by a way to the face service, which the page's policy has to let pass.
    if origins := faces.service().origins:
        csp_update({"form-action": list(origins)})(lambda _: answer)(request)
    return answer


@csrf_exempt  # posted by the face service: its signature, bound to this link, says more than a cookie
@for_residents
@require_POST
def face(request: HttpRequest, token: str) -> HttpResponse:
    """The face service gives somebody back with its answer."""
    self_check_actions.confirm_self_check(token=token, answer=request.POST.get("answer", ""))
    return redirect("check.done", token)


@for_residents
@require_safe
def done(request: HttpRequest, token: str) -> HttpResponse:
    """Thanks, with the day."""
    link = link_of(token)
    if link.used_at is None:
        return redirect("check.one", token)
    return render(request, "certification/check_done.html", {"link": link})


@for_residents
@require_safe
def sandbox(request: HttpRequest) -> HttpResponse:
    """The face step's stand-in, where it is what the site has."""
    service = faces.service()
    if not isinstance(service, faces.Sandbox):
        raise self_check_messages.no_face_service()
    asked = service.opened(request.GET.get("request", ""))
    return render(request, "certification/check_sandbox.html", {"asked": asked})


def _told(request: HttpRequest, error: ChengshuError, token: str) -> HttpResponse:
    context = {"error": error, "again": token if error.code in _AGAIN else "", "by_code": error.code in _BY_CODE}
    return render(request, "certification/check_told.html", context, status=_status(error))


def _status(error: ChengshuError) -> int:
    return _STATUS.get(error.code, 409 if isinstance(error, Conflict) else 400)
