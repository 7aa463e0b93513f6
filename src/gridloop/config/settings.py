"""
Django's settings. Everything that differs between towns or machines comes from the environment.

docs/operations.md has one row for each variable that is read here; tests/config/test_operations_docs.py
compares the two.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from gridloop.config import logs, postgres
from gridloop.config.environment import Environment, base_map, database, secret, span

env = Environment()  # type: ignore[no-untyped-call]  # the library's own constructor
PROJECT = Path(__file__).parents[3]

# The data folder and what is secret in it

DATA_DIR = Path(env.str("GRIDLOOP_DATA", ".data")).resolve()
SECRET_KEY = secret("GRIDLOOP_SECRET_KEY", DATA_DIR)
FIELD_KEY = secret("GRIDLOOP_FIELD_KEY", DATA_DIR)
FIELD_CIPHER = env.str("GRIDLOOP_FIELD_CIPHER", "AES-256-GCM")

# The town's own choices

TOWN_NAME = env.str("GRIDLOOP_TOWN", "")
NEAREST_GRID_M = env.int("GRIDLOOP_NEAREST_GRID_M", 200)
GRID_HOUSEHOLDS = env.list("GRIDLOOP_GRID_HOUSEHOLDS", cast=int, default=[300, 500])
WORKING_HOURS = env.list(
    "GRIDLOOP_WORKING_HOURS", cast=span, default=[span("09:00-12:00"), span("13:30-17:30")]
)
REVISION_TTL_S = env.float("GRIDLOOP_REVISION_TTL_S", 2.0)
CASE_RULES = {
    "send_back_hours": env.int("GRIDLOOP_SEND_BACK_HOURS", 4),
    "most_send_backs": env.int("GRIDLOOP_MOST_SEND_BACKS", 2),
    "most_extensions": env.int("GRIDLOOP_MOST_EXTENSIONS", 2),
    "reopen_days": env.int("GRIDLOOP_REOPEN_DAYS", 30),
}
BATCH_RULES = {
    "undo_minutes": env.int("GRIDLOOP_UNDO_MINUTES", 10),
    "most_each": env.int("GRIDLOOP_MOST_EACH", 30),
}
PROPOSAL_RULES = {
    "boundary_m": env.int("GRIDLOOP_BOUNDARY_M", 30),
    "floor": env.float("GRIDLOOP_DISPATCH_FLOOR", 0.5),
}

# Web

DEBUG = env.bool("GRIDLOOP_DEBUG", False)
ALLOWED_HOSTS = env.list("GRIDLOOP_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("GRIDLOOP_ORIGINS", default=[])
HTTPS = env.bool("GRIDLOOP_HTTPS", False)
ROOT_URLCONF = "gridloop.config.urls"
WSGI_APPLICATION = "gridloop.config.wsgi.application"
ACCESS_TABLE = "gridloop.config.access.TABLE"
APPEND_SLASH = True

# A face or domain is one folder and one line here.
INSTALLED_APPS = [
    "gridloop.faces.portal",
    "gridloop.faces.desk",
    "gridloop.faces.centre",
    "gridloop.faces.exchange",
    "gridloop.capabilities.dispatch",
    "gridloop.capabilities.incidents",
    "gridloop.capabilities.rooms",
    "gridloop.capabilities.oversight",
    "gridloop.capabilities.figures",
    "gridloop.capabilities.notify",
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
    "django_structlog",
    "ninja",
    "gridloop.core.org.admin_apps.TownAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gridloop.base.shell.middleware.ContentSecurityPolicyMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "gridloop.core.org.sessions.SessionLimitMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gridloop.base.shell.middleware.DomainErrorMiddleware",
    "gridloop.core.org.middleware.ActingPostMiddleware",
]
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
FORM_RENDERER = "gridloop.base.shell.forms.TablerRenderer"
CSRF_FAILURE_VIEW = "gridloop.base.shell.errors.csrf_failure"
SHELL_HOME = "portal:home"
SHELL_SEARCH = ("case.view", "desk:search")
# More sources for the content security policy, such as a map's tiles: img-src=https://t0.tianditu.gov.cn
CSP_EXTRA = env.dict("GRIDLOOP_CSP_EXTRA", default={})

# The ground under the screen's map, none by default; where its tiles come from is let through the policy.
CENTRE_BASE_MAP, _TILE_SOURCE = base_map(env.str("GRIDLOOP_TIANDITU_KEY", ""), env.str("GRIDLOOP_TILES", ""))
for _directive in ("img-src", "connect-src") if _TILE_SOURCE else ():
    CSP_EXTRA[_directive] = f"{CSP_EXTRA.get(_directive, '')} {_TILE_SOURCE}".strip()

# Visitors of the screen see these categories (or all below a main one) in no figure: disputes, security.
CENTRE_HIDDEN_CATEGORIES = env.list("GRIDLOOP_VISIT_HIDDEN", default=["MD", "PA"])

# Behind HTTPS

SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# Only where a proxy of the town's own sets the header and drops the visitor's.
BEHIND_PROXY = env.bool("GRIDLOOP_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Uploads

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 12
ATTACHMENT_MAX_BYTES = env.int("GRIDLOOP_ATTACHMENT_MAX_MB", 20) * 1024 * 1024
UPLOAD_MAX_BYTES = DATA_UPLOAD_MAX_NUMBER_FILES * ATTACHMENT_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE
FILE_UPLOAD_HANDLERS = [
    "gridloop.base.common.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
ATTACHMENTS_PER_CASE = env.int("GRIDLOOP_ATTACHMENTS_PER_CASE", 30)

# Database, cache, jobs

DATABASES = {
    "default": database(
        env.str("DATABASE_URL", "") or postgres.address(DATA_DIR),
        pool_size=env.int("GRIDLOOP_POOL_SIZE", 16),
        timeout_s=env.int("GRIDLOOP_STATEMENT_TIMEOUT_S", 60),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that a limit on failed logins counts over every process of every machine.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
_NODE_MODULES = Path(env.str("GRIDLOOP_NODE_MODULES", str(PROJECT / "node_modules")))
FROM_NPM = {"tabler": "@tabler/core/dist", "maplibre": "maplibre-gl/dist", "echarts": "echarts/dist"}
# Only what is there: on a machine without the npm packages the pages come up bare, and doctor says why.
STATICFILES_DIRS = [
    (prefix, _NODE_MODULES / folder)
    for prefix, folder in FROM_NPM.items()
    if (_NODE_MODULES / folder).is_dir()
]
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
_S3_BUCKET = env.str("GRIDLOOP_S3_BUCKET", "")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": _S3_BUCKET,
                "endpoint_url": env.str("GRIDLOOP_S3_ENDPOINT", "") or None,
                "default_acl": "private",
                "file_overwrite": False,
            },
        }
        if _S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# People and their login

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "phone", "email")},
    },
    {
        "NAME": f"{_VALIDATORS}.MinimumLengthValidator",
        "OPTIONS": {"min_length": env.int("GRIDLOOP_PASSWORD_LENGTH", 10)},
    },
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
SESSION_COOKIE_AGE = env.int("GRIDLOOP_SESSION_HOURS", 12) * 3600
SESSION_IDLE_S = env.int("GRIDLOOP_SESSION_IDLE_MINUTES", 60) * 60
SESSION_COOKIE_NAME = "gridloop_session"
SESSION_EXPIRE_AT_BROWSER_CLOSE = env.bool("GRIDLOOP_SESSION_ENDS_WITH_BROWSER", False)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = env.str("GRIDLOOP_AFTER_LOGIN", "/desk/")
ACCOUNT_ADAPTER = "gridloop.config.login.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Five failures of one name lock it for a quarter of an hour; ten a minute from one address are refused.
ACCOUNT_RATE_LIMITS = {"login_failed": env.str("GRIDLOOP_LOGIN_FAILURES", "10/m/ip,5/15m/key")}
# How many proxies of the town's own stand in front; the visitor's address is read that far back.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("GRIDLOOP_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = TOWN_NAME or "Gridloop"
SOCIALACCOUNT_ADAPTER = "gridloop.config.login.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
_OIDC_SERVER = env.str("GRIDLOOP_OIDC_SERVER", "")
_OIDC_APP = {
    "provider_id": "town",
    "name": env.str("GRIDLOOP_OIDC_NAME", "统一身份认证"),
    "client_id": env.str("GRIDLOOP_OIDC_CLIENT", ""),
    "secret": env.str("GRIDLOOP_OIDC_SECRET", ""),
    "settings": {"server_url": _OIDC_SERVER, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_OIDC_APP] if _OIDC_SERVER else []}}

# Mail: none is sent until the town names a server

EMAIL_CONFIG = env.email_url("GRIDLOOP_EMAIL_URL", default="dummymail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("GRIDLOOP_EMAIL_FROM", "gridloop@localhost")

# Messages that leave the house

# Nobody is woken in these hours for what can wait; empty is never quiet.
_QUIET = env.str("GRIDLOOP_QUIET_HOURS", "22:00-07:00")
QUIET_HOURS = span(_QUIET) if _QUIET else None
# The gateway as Apprise writes it, with {phone} where the number goes; the messengers that staff may name.
SMS_URL = env.str("GRIDLOOP_SMS_URL", "")
MESSENGERS = env.list("GRIDLOOP_MESSENGERS", default=["wecombot", "dingtalk", "feishu", "schan", "pushplus"])
SITE_URL = env.str("GRIDLOOP_SITE_URL", "").rstrip("/")
NOTICES_KEPT_DAYS = env.int("GRIDLOOP_NOTICES_KEPT_DAYS", 365)

# Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Logs

logs.configure()
LOGGING = logs.logging_config(
    env.str("GRIDLOOP_LOG_LEVEL", "INFO"), plain=env.bool("GRIDLOOP_LOG_PLAIN", False)
)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# A proxy of the town's own names a request, so that its log and ours can be laid side by side.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = BEHIND_PROXY
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
