"""Pages of accounts: the trail for the auditor, tokens for everybody."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengshu.accounts import actions, queries, token_actions
from chengshu.accounts.actor import Actor, person
from chengshu.accounts.filters import AuditFilters
from chengshu.accounts.forms import TokenForm
from chengshu.accounts.messages import token_refused
from chengshu.accounts.models import ApiToken, User
from chengshu.accounts.tables import AuditTable
from chengshu.kernel.errors import NotAllowed
from chengshu.ui.lists import list_page


def actor(request: HttpRequest) -> Actor:
    """Who is signed in; pages without a sign-in have none."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("nobody is signed in")
    return person(user)


@login_required
@require_safe
def audit_trail(request: HttpRequest) -> HttpResponseBase:
    """Events, newest first, for the auditor; whoever hands them out is on record."""
    by = actor(request)
    return list_page(
        request,
        template="accounts/audit.html",
        rows=queries.audit_events(by),
        table=AuditTable,
        filters=AuditFilters,
        name="audit",
        on_export=lambda kind: actions.record_export(by=by, of="audit", kind=kind, query=request.GET.urlencode()),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens, and a new one, whose secret is shown on this page alone."""
    by, secret = actor(request), None
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _, secret = token_actions.issue_token(by=by, **form.cleaned_data)
        form = TokenForm()
    own = ApiToken.objects.filter(person=by.user)
    return render(request, "accounts/tokens.html", {"form": form, "tokens": own, "secret": secret})


@login_required
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token."""
    token = get_object_or_404(ApiToken, pk=pk, person=request.user)
    token_actions.revoke_token(by=actor(request), token=token)
    return redirect("tokens")


@never_cache
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Whose token it is, and the posts that they hold: `GET /api/me` with `Authorization: Bearer …`."""
    try:
        by = bearer(request, "profile.read")
    except NotAllowed as error:
        return refused(error)
    posts = queries.posts_in_view(by).filter(person=by.user, until__isnull=True)
    held = [{"organisation": post.organisation.code, "role": post.role} for post in posts]
    return JsonResponse({"username": by.user.username if by.user else None, "posts": held})


def bearer(request: HttpRequest, scope: str) -> Actor:
    """Who acts by the token in a request's header.

    Raises:
        NotAllowed: there is none, or it does not open this.
    """
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise token_refused()
    return token_actions.holder_of(secret.strip(), scope)


def refused(error: NotAllowed) -> JsonResponse:
    """An API's answer to a token that opens nothing."""
    answer = JsonResponse({"code": error.code, "message": error.message._asdict()}, status=401)
    answer["WWW-Authenticate"] = "Bearer"
    return answer
