"""Root URLs."""

from django.urls import include, path

from chengshu.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search, name="search"),
    path("preferences", views.preferences, name="preferences"),
    path("healthz", views.healthz, name="healthz"),
    path("account/", include("allauth.urls")),
    path("", include("chengshu.accounts.urls")),
    path("certification/", include("chengshu.certification.urls")),
]
