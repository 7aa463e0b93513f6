"""Django's settings. Everything that differs between towns or machines comes from the environment."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

env = environ.Env()

DATA_DIR = Path(env.str("GRIDLOOP_DATA", ".data")).resolve()
DEBUG = env.bool("GRIDLOOP_DEBUG", False)
SECRET_KEY = env.str("GRIDLOOP_SECRET_KEY", "unsafe-development-key")
FIELD_KEY = env.str("GRIDLOOP_FIELD_KEY", "unsafe-development-field-key")
FIELD_CIPHER = env.str("GRIDLOOP_FIELD_CIPHER", "AES-256-GCM")
ALLOWED_HOSTS = env.list("GRIDLOOP_HOSTS", default=["localhost", "127.0.0.1", "testserver"])

INSTALLED_APPS = [
    "gridloop.faces.portal",
    "gridloop.faces.desk",
    "gridloop.faces.centre",
    "gridloop.faces.exchange",
    "gridloop.core.cases",
    "gridloop.core.catalogue",
    "gridloop.core.org",
    "gridloop.core.audit",
    "gridloop.base.shell",
    "gridloop.demo",
    "procrastinate.contrib.django",
    "pghistory",
    "pgtrigger",
    "treebeard",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gridloop.base.shell.middleware.DomainErrorMiddleware",
    "gridloop.core.org.middleware.ActingPostMiddleware",
]
ROOT_URLCONF = "gridloop.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gridloop.base.shell.context.shell",
            ]
        },
    }
]
DATABASES = {"default": env.db_url("DATABASE_URL", "postgresql://postgres@localhost/gridloop")}
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "static/"
MEDIA_ROOT = DATA_DIR / "files"
