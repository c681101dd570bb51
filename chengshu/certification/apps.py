"""The Django app."""

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    """Runs, decisions in force, visits, self-checks, confirmations of deaths."""

    name = "chengshu.certification"
    label = "certification"

    def ready(self) -> None:
        """Add places to the navigation, and work to the home page."""
        from chengshu.certification import shell

        shell.register()
