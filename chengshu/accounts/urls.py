"""URLs of accounts."""

from django.urls import path

from chengshu.accounts import views

urlpatterns = [
    path("audit", views.audit_trail, name="audit"),
    path("tokens", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke", views.revoke_token, name="tokens.revoke"),
    path("api/me", views.me, name="api.me"),
]
