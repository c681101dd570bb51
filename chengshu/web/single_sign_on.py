"""A city's own single sign-on, by OpenID Connect."""

from collections.abc import Mapping
from typing import Any

_PREFIX = "CHENGSHU_OIDC_"


def single_sign_on(environment: Mapping[str, str]) -> dict[str, Any]:
    """Settings of the one provider that the environment names; none where it names none.

    >>> single_sign_on({})
    {}
    >>> found = single_sign_on({"CHENGSHU_OIDC_SERVER": "https://sso.example", "CHENGSHU_OIDC_CLIENT_ID": "chengshu"})
    >>> found["openid_connect"]["APPS"][0]["client_id"]
    'chengshu'
    """
    server, client = environment.get(f"{_PREFIX}SERVER"), environment.get(f"{_PREFIX}CLIENT_ID")
    if not server or not client:
        return {}
    app = {
        "provider_id": "city",
        "name": environment.get(f"{_PREFIX}NAME", "OpenID Connect"),
        "client_id": client,
        "secret": environment.get(f"{_PREFIX}SECRET", ""),
        "settings": {"server_url": server, "token_auth_method": "client_secret_basic"},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
