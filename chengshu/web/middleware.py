"""What every request goes through, beside Django's own."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chengshu.kernel.errors import ChengshuError, Conflict, NotAllowed
from chengshu.ui.language import said
from chengshu.web.sign_in import lacks_second_factor

Answer = Callable[[HttpRequest], HttpResponse]

# Where somebody may go who has yet to set up a second factor.
_OPEN = ("/account/", "/preferences", "/static/", "/healthz")
_SECOND_FACTOR = said(
    "您的岗位要求两步验证。请先设置验证器或通行密钥。",
    "Your post asks for a second factor. Set up an authenticator or a passkey first.",
)


def second_factor(answer: Answer) -> Answer:
    """Nobody works as an administrator with a password alone."""

    def answered(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_OPEN) and request.user.is_authenticated and lacks_second_factor(request.user):
            messages.warning(request, _SECOND_FACTOR)
            return redirect("mfa_index")
        return answer(request)

    return answered


def told_errors(answer: Answer) -> Answer:
    """Errors that the user can act on become a page that says so."""

    def answered(request: HttpRequest) -> HttpResponse:
        return answer(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ChengshuError):
            return None
        status = 403 if isinstance(error, NotAllowed) else 409 if isinstance(error, Conflict) else 400
        return render(request, "ui/told.html", {"error": error}, status=status)

    answered.process_exception = process_exception  # type: ignore[attr-defined] # Django's own way
    return answered
