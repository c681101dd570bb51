"""What every template may lean on: the place in the navigation, and how somebody reads."""

from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse

from chengshu.ui.language import active_language
from chengshu.ui.navigation import PLACES

THEMES, SIZES = ("auto", "light", "dark"), ("normal", "large")
THEME_COOKIE, SIZE_COOKIE = "theme", "text_size"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Theme, size of text, language, and the places of this person."""
    theme, size = request.COOKIES.get(THEME_COOKIE), request.COOKIES.get(SIZE_COOKIE)
    user = getattr(request, "user", None)
    places = [place for place in PLACES if user and user.is_authenticated and place.is_for(user)]
    return {
        "theme": theme if theme in THEMES else "auto",
        "text_size": size if size in SIZES else "normal",
        "lang": active_language(),
        "places": [(place, reverse(place.url_name), _is_here(request, place.url_name)) for place in places],
    }


def _is_here(request: HttpRequest, url_name: str) -> bool:
    match = request.resolver_match or resolve(request.path_info)
    here, there = match.view_name or "", url_name
    return here == there or here.startswith(f"{there}.")
