"""Signing in: whom it lets in, and that the trail tells."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect

from chengshu.accounts.actor import Actor, person
from chengshu.accounts.audit import audit
from chengshu.accounts.domain import ADMINISTRATORS
from chengshu.accounts.models import User
from chengshu.ui.language import said

_STRANGER = said(
    "单点登录成功，但本平台没有您的账号。请联系系统管理员开立。",
    "You are known to the single sign-on, but have no account here. Ask the system administrator for one.",
)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by an administrator, never by whoever comes along."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The city's single sign-on opens the account of the same name."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: an account without a post would be of no use, and nobody would know of it."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Connect somebody who comes for the first time with the account of that name."""
        if sociallogin.is_existing:
            return
        name = str(sociallogin.account.extra_data.get("preferred_username") or "")
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            messages.error(request, _STRANGER)
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, user)


def lacks_second_factor(user: User) -> bool:
    """Whether somebody must set up a second factor before anything else: the three administrators."""
    return bool(user.roles & ADMINISTRATORS) and not is_mfa_enabled(user)


def record_sign_in(user: User) -> None:
    """Put a sign-in on record."""
    audit(person(user), "accounts.sign_in", user)


def record_failure(username: str) -> None:
    """Put a failed sign-in on record, by the name that was tried where there is such an account."""
    user = User.objects.filter(username=username).first()
    if user is not None:
        audit(Actor(None, "stranger"), "accounts.sign_in_failed", user)
