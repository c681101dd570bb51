"""The settings as an installation gets them, each in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

ASK = """
import json
from chengshu.web import settings
from django.core.management import call_command
import django; django.setup()
call_command("check", deploy=True, fail_level="WARNING")
names = [n for n in dir(settings) if n.isupper()]
print(json.dumps({n: getattr(settings, n) for n in names}, default=str))
"""


KEY = "abcdefghijklmnopqrstuvwxyz" * 2  # long enough for Django's own check


def run(program, tmp_path, **environment):
    given = {"CHENGSHU_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "chengshu.web.settings"} | environment
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHENGSHU_", "DATABASE_URL"))}
    return subprocess.run(
        [sys.executable, "-c", program], env=kept | given, capture_output=True, text=True, check=False
    )


def settings_with(tmp_path, **environment):
    """The settings of a site that passes Django's own examination for deployment."""
    ran = run(ASK, tmp_path, **environment)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_out_of_the_box_it_serves_this_machine_alone_in_chinese_from_sqlite(tmp_path):
    ran = run(ASK.replace('call_command("check", deploy=True, fail_level="WARNING")', ""), tmp_path)
    settings = json.loads(ran.stdout)
    assert (settings["DEBUG"], settings["ALLOWED_HOSTS"]) == (False, ["127.0.0.1", "localhost", "[::1]"])
    assert (settings["LANGUAGE_CODE"], settings["TIME_ZONE"], settings["USE_TZ"]) == ("zh-hans", "Asia/Shanghai", True)
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "chengshu.sqlite3")
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["SECRET_KEY"] == (tmp_path / "secret-key").read_text().strip()
    assert settings["SESSION_COOKIE_SECURE"] is False


def test_where_others_reach_it_everything_goes_by_tls(tmp_path):
    settings = settings_with(tmp_path, CHENGSHU_HOSTS="data.example.cn,127.0.0.1", CHENGSHU_SECRET_KEY=KEY)
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_HTTPONLY")
    assert all(settings[name] is True for name in names)
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert not (tmp_path / "secret-key").exists()


def test_a_database_url_is_taken_over(tmp_path):
    settings = settings_with(
        tmp_path, DATABASE_URL="postgres://u:p@db.example.cn:5433/chengshu", CHENGSHU_HOSTS="data.example.cn"
    )
    database = settings["DATABASES"]["default"]
    assert (database["ENGINE"], database["HOST"], database["PORT"]) == (
        "django.db.backends.postgresql",
        "db.example.cn",
        5433,
    )


@pytest.mark.django_db
def test_the_site_says_that_it_is_there(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/healthz", headers={"host": "127.0.0.1"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.post("/healthz", headers={"host": "127.0.0.1"}).status_code == 405


def test_an_address_without_a_page_is_told_as_such(client):
    assert client.get("/nothing-here", headers={"host": "127.0.0.1"}).status_code == 404


def test_another_host_name_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400
