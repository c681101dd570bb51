"""The package as Django knows it."""

from django.apps import AppConfig

from chengshu.kernel.texts import Text
from chengshu.ui import navigation
from chengshu.ui.navigation import Place


class AccountsConfig(AppConfig):
    """Organisations, people, posts, audit trail."""

    name = "chengshu.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Add the auditor's place to the navigation."""
        from chengshu.accounts.domain import Role

        places = [Place(Text("审计", "Audit"), "audit", "gavel", lambda user: Role.AUDITOR in user.roles)]
        navigation.register(places=places)
