"""Pages of the shell itself."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chengshu.ui.context import SIZE_COOKIE, SIZES, THEME_COOKIE, THEMES
from chengshu.ui.navigation import SEARCHES, WAITING

_COOKIE_SECONDS = 365 * 24 * 3600
_FEWEST_SIGNS = 2
_FOUND_PER_PAGE = 50


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the site answers and reaches its database; for whatever watches over it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for somebody, what is late, and the figures that they answer for."""
    lines = [line for waiting in WAITING for line in waiting(request)]
    return render(request, "web/home.html", {"lines": lines})


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Findings of two characters or more, from every application that somebody may look into."""
    query = " ".join(request.GET.get("q", "").split())
    is_long_enough = len(query) >= _FEWEST_SIGNS
    found = [one for find in SEARCHES for one in find(request, query)] if is_long_enough else []
    page = Paginator(found, _FOUND_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/search.html", {"query": query, "page": page, "is_long_enough": is_long_enough})


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, theme and size of text, kept in the browser."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    answer = HttpResponseRedirect(back if is_ours else "/")
    language = request.POST.get("language", "")
    chosen = {
        settings.LANGUAGE_COOKIE_NAME: language if check_for_language(language) else "",
        THEME_COOKIE: theme if (theme := request.POST.get("theme")) in THEMES else "",
        SIZE_COOKIE: size if (size := request.POST.get("text_size")) in SIZES else "",
    }
    for name, value in chosen.items():
        if value:
            answer.set_cookie(name, value, _COOKIE_SECONDS, secure=request.is_secure(), samesite="Lax", httponly=True)
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came from elsewhere, or from a page that stood open for too long."""
    return render(request, "web/stale_form.html", status=403)
