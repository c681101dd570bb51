"""Root URLs."""

from django.urls import path

from chengshu.web import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
