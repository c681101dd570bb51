"""The Django app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Components of every page."""

    name = "chengshu.ui"
    label = "ui"
