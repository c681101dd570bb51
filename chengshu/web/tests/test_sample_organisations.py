import json

import pytest

from chengshu.web.failures import OK, USAGE


def test_the_sample_tree_and_an_account_for_each_role_once(installation):
    first = installation.run("sample-organisations", "--json")
    assert first.returncode == OK, first.stderr
    made, again = json.loads(first.stdout), json.loads(installation.run("sample-organisations", "--json").stdout)
    assert (made["organisations"], made["added_organisations"], made["added_accounts"]) == (7_236, 7_236, 12)
    assert (again["organisations"], again["added_organisations"], again["added_accounts"]) == (7_236, 0, 0)
    assert again["password"] == made["password"]
    assert len(made["password"]) == 16
    verified = json.loads(installation.run("audit", "verify", "--json").stdout)
    assert (verified["intact"], verified["events"]) == (True, 1 + 2 * 12)


def test_where_others_reach_the_site_there_are_none(installation, monkeypatch):
    monkeypatch.setattr(type(installation), "hosts", "data.example.cn")
    refused = installation.run("sample-organisations")
    assert refused.returncode == USAGE
    assert "[sample.not-local]" in refused.stderr


@pytest.mark.django_db
def test_every_role_has_an_account_that_can_sign_in(tmp_path, settings, client):
    from chengshu.accounts.domain import Role  # noqa: PLC0415 - they need Django's settings
    from chengshu.accounts.models import Post, User  # noqa: PLC0415
    from chengshu.accounts.tests.factories import MACHINE  # noqa: PLC0415
    from chengshu.web.sample_accounts import ACCOUNTS, make_sample_accounts  # noqa: PLC0415

    settings.VAR, settings.IS_LOCAL = tmp_path, True
    made = make_sample_accounts(MACHINE)
    assert {post.role for post in Post.objects.held()} == set(Role)
    assert all(client.login(username=account.username, password=made.password) for account in ACCOUNTS)
    (tmp_path / "demonstration-password").unlink()
    renewed = make_sample_accounts(MACHINE)
    assert renewed.password != made.password
    assert User.objects.get(username="auditor").check_password(renewed.password)
