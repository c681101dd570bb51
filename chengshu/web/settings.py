"""Django's settings: safe as they are, and changed by environment variables only.

| variable | meaning |
|---|---|
| `DATABASE_URL` | another database than SQLite, such as `postgres://user:password@host/name` |
| `CHENGSHU_VAR` | folder for what the installation writes; `var` where it is started |
| `CHENGSHU_HOSTS` | names that the site answers to, separated by commas; this machine alone by default |
| `CHENGSHU_SECRET_KEY` | signs sessions; else one is made and kept in `CHENGSHU_VAR` |
| `CHENGSHU_DEBUG` | `1` shows traces in the browser; never where others can reach it |
"""

import os
from pathlib import Path

from chengshu.kernel.secrets_on_disk import read_or_make_secret
from chengshu.web.databases import database_settings

VAR = Path(os.environ.get("CHENGSHU_VAR", "var")).resolve()
SECRET_KEY = os.environ.get("CHENGSHU_SECRET_KEY") or read_or_make_secret(VAR / "secret-key", random_bytes=48)
DEBUG = os.environ.get("CHENGSHU_DEBUG") == "1"

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ALLOWED_HOSTS = [host for host in os.environ.get("CHENGSHU_HOSTS", ",".join(_LOOPBACK)).split(",") if host]
IS_LOCAL = set(ALLOWED_HOSTS) <= set(_LOOPBACK)
"""Nobody but this machine reaches the site: then, and only then, it is served without TLS."""

ROOT_URLCONF = "chengshu.web.urls"
ASGI_APPLICATION = "chengshu.web.asgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "chengshu.accounts",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL"), VAR / "chengshu.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IS_LOCAL
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IS_LOCAL
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
