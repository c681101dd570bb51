"""Signing in, and the shell's own pages, as a browser asks for them."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.urls import reverse

from chengshu.accounts import actions, token_actions
from chengshu.accounts.actor import person
from chengshu.accounts.domain import ADMINISTRATORS, Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import MACHINE, make_post, make_tree, make_user
from chengshu.kernel import clock

pytestmark = pytest.mark.django_db
PASSWORD = "rivers-and-bridges-7"  # noqa: S105 - of nobody


@pytest.fixture(autouse=True)
def _no_failures_yet():
    cache.clear()


@pytest.fixture
def tree():
    return make_tree()


def signed_in(client, user, password=PASSWORD):
    actions.set_password(by=MACHINE, user=user, password=PASSWORD)
    return client.post(reverse("account_login"), {"login": user.username, "password": password})


def test_a_stranger_is_sent_to_the_sign_in(client):
    for name in ("home", "search", "audit", "tokens"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


def test_the_sign_in_offers_no_account_to_open(client):
    page = client.get(reverse("account_login")).content.decode()
    assert "登录城枢" in page
    assert reverse("account_signup") not in page
    assert "注册" in client.get(reverse("account_signup")).content.decode()
    answer = client.post(reverse("account_signup"), {"username": "new", "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 200
    assert not AuditEvent.objects.filter(verb="accounts.create_user").exists()


def test_signing_in_and_failing_to_are_on_record(client):
    user = make_user()
    assert signed_in(client, user).status_code == 302
    client.logout()
    assert signed_in(client, user, "wrong").status_code == 200
    verbs = list(AuditEvent.objects.filter(object_id=str(user.pk)).values_list("verb", flat=True).order_by("number"))
    assert [verb for verb in verbs if "sign_in" in verb] == ["accounts.sign_in", "accounts.sign_in_failed"]


def test_five_failures_lock_a_name_even_for_the_right_password(client):
    user = make_user()
    for _ in range(5):
        signed_in(client, user, "wrong")
    page = signed_in(client, user)
    assert page.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_an_administrator_sets_up_a_second_factor_before_anything_else(client, tree, role):
    user = make_post(tree["city"], role).person
    signed_in(client, user)
    assert client.get(reverse("home"))["Location"] == reverse("mfa_index")
    TOTP.activate(user, generate_totp_secret())
    assert client.get(reverse("home")).status_code == 200


def test_others_work_with_a_password(client, tree):
    signed_in(client, make_post(tree["east"], Role.GRASSROOTS_WORKER).person)
    assert client.get(reverse("home")).status_code == 200


def test_the_trail_is_for_the_auditor_alone(client, tree):
    signed_in(client, make_post(tree["city"], Role.HANDLER).person)
    assert client.get(reverse("audit")).status_code == 403
    client.logout()
    auditor = make_post(tree["city"], Role.AUDITOR).person
    TOTP.activate(auditor, generate_totp_secret())
    client.force_login(auditor)
    page = client.get(reverse("audit"), {"q": "accounts.appoint"})
    assert page.status_code == 200
    assert "accounts.appoint" in page.content.decode()
    assert "accounts.create_user" not in re.sub(r"(?s)<form.*?</form>", "", page.content.decode())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_taking_the_trail_along_is_on_the_trail(client, tree, kind):
    auditor = make_post(tree["city"], Role.AUDITOR).person
    TOTP.activate(auditor, generate_totp_secret())
    client.force_login(auditor)
    answer = client.get(reverse("audit"), {"export": kind})
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf" if kind == "csv" else b"PK")
    assert AuditEvent.objects.order_by("-number")[0].verb == "audit.export"


def test_the_trail_opens_with_a_few_queries(client, tree, django_assert_max_num_queries):
    auditor = make_post(tree["city"], Role.AUDITOR).person
    TOTP.activate(auditor, generate_totp_secret())
    client.force_login(auditor)
    client.get(reverse("audit"))
    with django_assert_max_num_queries(12):
        client.get(reverse("audit"))


def test_a_token_is_shown_once_and_opens_what_it_is_for(client, tree):
    user = make_post(tree["east"], Role.DATA_STEWARD).person
    client.force_login(user)
    form = {"name": "report", "scopes": ["profile.read"], "last_day": str(clock.today())}
    page = client.post(reverse("tokens"), form).content.decode()
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found
    secret = found[1]
    assert secret not in client.get(reverse("tokens")).content.decode()
    client.logout()
    answer = client.get(reverse("api.me"), headers={"Authorization": f"Bearer {secret}"})
    assert answer.json() == {"username": user.username, "posts": [{"organisation": "east", "role": "data_steward"}]}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer cs_wrong"}, {"Authorization": "Basic eDp5"}])
def test_no_token_no_answer(client, header):
    answer = client.get(reverse("api.me"), headers=header)
    assert answer.status_code == 401
    assert answer.json()["code"] == "accounts.token-refused"


def test_a_token_ends_by_its_day_by_revoking_and_with_the_account(tree):
    user = make_post(tree["east"], Role.DATA_STEWARD).person
    by = person(user)

    def issue():
        return token_actions.issue_token(by=by, name="x", scopes=["profile.read"], last_day=clock.today())

    token, secret = issue()
    assert token_actions.holder_of(secret, "profile.read").user == user
    with pytest.raises(Exception, match="token-refused"):
        token_actions.holder_of(secret, "certification.read")
    token_actions.revoke_token(by=by, token=token)
    with pytest.raises(Exception, match="token-refused"):
        token_actions.holder_of(secret, "profile.read")
    _, other = issue()
    actions.set_active(by=MACHINE, user=user, is_active=False)
    with pytest.raises(Exception, match="token-refused"):
        token_actions.holder_of(other, "profile.read")


def test_nobody_revokes_a_token_of_somebody_else(client, tree):
    owner, other = make_user(), make_user()
    token, secret = token_actions.issue_token(
        by=person(owner), name="x", scopes=["profile.read"], last_day=clock.today()
    )
    client.force_login(other)
    assert client.post(reverse("tokens.revoke", args=[token.pk])).status_code == 404
    assert token_actions.holder_of(secret, "profile.read").user == owner


@pytest.mark.parametrize(
    ("choice", "expected"),
    [({"language": "en"}, "Sign in to Chengshu"), ({"text_size": "large"}, 'data-text-size="large"')],
)
def test_preferences_stay_in_the_browser(client, choice, expected):
    answer = client.post(reverse("preferences"), {**choice, "next": reverse("account_login")})
    assert answer["Location"] == reverse("account_login")
    assert expected in client.get(reverse("account_login")).content.decode()


def test_preferences_lead_to_no_other_site(client):
    assert client.post(reverse("preferences"), {"next": "https://elsewhere.example/"})["Location"] == "/"


def test_no_page_may_load_or_run_what_is_not_ours(client):
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
