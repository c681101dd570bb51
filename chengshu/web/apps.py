"""The Django app."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed


class WebConfig(AppConfig):
    """The shell: sign-in, home, search."""

    name = "chengshu.web"
    label = "web"

    def ready(self) -> None:
        """Subscribe to sign-ins."""
        from chengshu.web.sign_in import record_failure, record_sign_in

        def signed_in(sender: object, **facts: object) -> None:
            record_sign_in(facts["user"])  # type: ignore[arg-type]

        def failed(sender: object, **facts: object) -> None:
            record_failure(str(dict(facts["credentials"]).get("username", "")))  # type: ignore[call-overload]

        user_logged_in.connect(signed_in, dispatch_uid="chengshu.sign_in", weak=False)
        user_login_failed.connect(failed, dispatch_uid="chengshu.sign_in_failed", weak=False)
