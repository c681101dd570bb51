"""Django's settings: safe as they are, and changed by environment variables only.

| variable | meaning |
|---|---|
| `DATABASE_URL` | another database than SQLite, such as `postgres://user:password@host/name` |
| `CHENGSHU_VAR` | folder for what the installation writes; `var` where it is started |
| `CHENGSHU_LAKE` | folder of the lake; `lake` in `CHENGSHU_VAR` |
| `CHENGSHU_MONTHLY` | `1`: a worker starts the run of each month by itself; somebody still publishes it |
| `CHENGSHU_HOSTS` | names that the site answers to, separated by commas; this machine alone by default |
| `CHENGSHU_CONTACT` | whom notices to families name: address and telephone; the city's hot line 12345 by default |
| `CHENGSHU_SECRET_KEY` | signs sessions; else one is made and kept in `CHENGSHU_VAR` |
| `CHENGSHU_OIDC_SERVER`, `_CLIENT_ID`, `_SECRET`, `_NAME` | a city's own single sign-on by OpenID Connect |
| `CHENGSHU_SMS` | where messages to residents go: `file` (`sms.jsonl` in `CHENGSHU_VAR`, the default) or `console` |
| `CHENGSHU_FACES` | `sandbox`: a face step that looks at no face; the default where only this machine is served |
| `CHENGSHU_DEBUG` | `1` shows traces in the browser; never where others can reach it |
"""

import os
from pathlib import Path

from chengshu.kernel.secrets_on_disk import read_or_make_secret
from chengshu.web.databases import database_settings
from chengshu.web.single_sign_on import single_sign_on

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
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_filters",
    "django_tables2",
    "django_tasks",
    "django_tasks_db",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "chengshu.accounts",
    "chengshu.ui",
    "chengshu.certification",
    "chengshu.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "chengshu.web.middleware.second_factor",
    "chengshu.web.middleware.told_errors",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [Path(__file__).parent.parent / "ui" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chengshu.ui.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "chengshu.ui.forms.Renderer"
DJANGO_TABLES2_TEMPLATE = "ui/table.html"

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL"), VAR / "chengshu.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "home"
ACCOUNT_ADAPTER = "chengshu.web.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Locked out for the rest of a quarter of an hour after five failures with one name, or twenty from one address.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/15m/ip,5/15m/key"}
SOCIALACCOUNT_ADAPTER = "chengshu.web.sign_in.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = single_sign_on(os.environ)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts have no address: an administrator opens them
MFA_TOTP_ISSUER = "Chengshu"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOCAL
USERSESSIONS_TRACK_ACTIVITY = True

# Failures are counted here too, so that all processes of the site know of them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS: list[Path] = []
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
CSRF_FAILURE_VIEW = "chengshu.web.views.csrf_failure"

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR / "files"
IS_MONTHLY = os.environ.get("CHENGSHU_MONTHLY") == "1"
LAKE = Path(os.environ.get("CHENGSHU_LAKE", VAR / "lake"))
CERTIFICATION_FOLDER = VAR / "certification"
CHENGSHU_SMS = os.environ.get("CHENGSHU_SMS", "file")
# Where others reach the site, a sandbox lets anybody confirm anything: it is there by choice alone.
CHENGSHU_FACES = os.environ.get("CHENGSHU_FACES", "sandbox" if IS_LOCAL else "")
CERTIFICATION_CONTACT = os.environ.get("CHENGSHU_CONTACT", "12345")
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# No script, style, picture or request from anywhere else; no script within a page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}
