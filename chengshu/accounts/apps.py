"""The package as Django knows it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Organisations, people, posts, audit trail."""

    name = "chengshu.accounts"
    label = "accounts"
