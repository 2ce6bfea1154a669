"""One settings file, driven by the environment. Thresholds never live here: see scoring/rules/editions."""

import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

VAR = Path(env.str("PARAFFIN_VAR", default=str(BASE_DIR / "var")))
REDIS_URL = env.str("REDIS_URL", default="")
EMBEDDED = env.bool("PARAFFIN_EMBEDDED", default=not REDIS_URL)
DEBUG = env.bool("DEBUG", default=False)


def embedded_secret() -> str:
    """The key of an embedded installation: made once, readable by its owner alone."""
    VAR.mkdir(parents=True, exist_ok=True)
    path = VAR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EMBEDDED:
        raise ImproperlyConfigured("SECRET_KEY must be set in the environment when REDIS_URL is set.")
    SECRET_KEY = embedded_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "lims",
    "scoring",
    "specimens",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lims.web.tile_door.TilesAtHand",
    "csp.middleware.CSPMiddleware",
    "lims.web.middleware.NotTooLarge",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lims.web.middleware.WholeSlidesFromTheBench",
    "lims.web.middleware.ClosedByDefault",
    "lims.web.middleware.SiteClock",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lims.web.middleware.RefusalsBecomePages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lims.web.context.house",
            ],
        },
    }
]

# ---- database ----
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'paraffin.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"].endswith("sqlite3"):
    VAR.mkdir(parents=True, exist_ok=True)
    DATABASE["OPTIONS"] = {
        # IMMEDIATE: a read that turns into a write never meets a lock it cannot take
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
    }
    DATABASE["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
else:
    DATABASE["CONN_MAX_AGE"] = 0
    DATABASE["OPTIONS"] = {
        "pool": {
            "min_size": env.int("PARAFFIN_DB_POOL_MIN", default=1),
            "max_size": env.int("PARAFFIN_DB_POOL_MAX", default=8),
            "timeout": 5,
        },
        # The desks ask short questions with many parts: compiling one takes longer than answering it.
        "options": "-c jit=off",
    }
    DATABASE["TEST"] = {"NAME": env.str("PARAFFIN_TEST_DB", default="test_paraffin")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    ),
    # of this process alone: which session was let see which slide a moment ago (lims/web/tile_door.py)
    "here": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "here",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

# ---- workers: the job table is the truth, the broker only carries nudges ----
CELERY_BROKER_URL = REDIS_URL or "memory://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A broker that is away costs a page nothing: the job table keeps the job, the sweep sends it again.
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
} | (
    {
        "visibility_timeout": env.int("PARAFFIN_VISIBILITY_SECONDS", default=3600),
        "socket_connect_timeout": 1,
        "socket_timeout": 10,
    }
    if REDIS_URL
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "interactive"
# A worker told to end (SIGTERM, see docker-compose.yml) finishes what it can in so long and hands the rest back.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = env.float("PARAFFIN_SHUTDOWN_SECONDS", default=40)
CELERY_TASK_TIME_LIMIT = env.int("PARAFFIN_JOB_LIMIT_SECONDS", default=600)
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT * 9 // 10
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "specimens.tasks.sweep", "schedule": 15.0, "options": {"expires": 15}},
}
CELERY_BEAT_SCHEDULER = "specimens.clock:Leading"
# A lease is renewed while its worker lives, so it says how soon the job of a dead one is another's.
PARAFFIN_JOB_LEASE_SECONDS = env.int("PARAFFIN_JOB_LEASE_SECONDS", default=60)
PARAFFIN_JOB_ATTEMPTS = 5

# ---- letters: without EMAIL_URL nothing is mailed; what would be is written to the outbox's folder ----
PARAFFIN_MAILS = bool(env.str("EMAIL_URL", default=""))
if PARAFFIN_MAILS:
    MAIL = env.email_url("EMAIL_URL")
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = MAIL["EMAIL_BACKEND"], MAIL["EMAIL_HOST"], MAIL["EMAIL_PORT"] or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_USER"] or "", MAIL["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.get("EMAIL_USE_TLS", False), MAIL.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(VAR / "outbox")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Pathology Core <paraffin@localhost>")
PARAFFIN_REPLY_TO = env.str("PARAFFIN_REPLY_TO", default="")

# ---- people ----
AUTH_USER_MODEL = "lims.User"
AUTHENTICATION_BACKENDS = [
    "lims.people.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "lims.web.accounts.ClosedAdapter"
ACCOUNT_LOGOUT_ON_GET = False
MFA_ADAPTER = "lims.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
ACCOUNT_SESSION_REMEMBER = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("PARAFFIN_HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# ---- programs ----
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["lims.api.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["lims.api.rendering.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "lims.api.keyed.KeyedSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "lims.api.refusals.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False, "TOKEN_LIMIT_PER_USER": 20}
SPECTACULAR_SETTINGS = {
    "TITLE": "Paraffin",
    "VERSION": "1",
    "DESCRIPTION": "Pathology-core biomarker LIMS. Categories are investigational, for research use only, "
    "not validated for treatment decisions.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# A folder of edition files beside the committed ones: new cutoffs, further models (docs/new-edition.md).
PARAFFIN_EDITIONS = env.str("PARAFFIN_EDITIONS", default="")
PARAFFIN_MAX_UPLOAD_BYTES = env.int("PARAFFIN_MAX_UPLOAD_BYTES", default=20 * 1024 * 1024)
PARAFFIN_MAX_IMAGE_PIXELS = 40_000_000
PARAFFIN_MAX_SLIDE_BYTES = env.int("PARAFFIN_MAX_SLIDE_BYTES", default=8 * 1024**3)
PARAFFIN_MAX_SLIDE_PIXELS = 40_000_000_000
# Points between a CA-IX read and what was measured beside it, from which the lead pathologist looks: docs/images.md
PARAFFIN_MEASUREMENT_APART = env.int("PARAFFIN_MEASUREMENT_APART", default=20)

# ---- words, time, files ----
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("PARAFFIN_TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR / "static"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR / "media"))
# Files lie on this machine's disk, or in a bucket of S3-compatible storage (credentials as its library finds them).
S3_BUCKET = env.str("PARAFFIN_S3_BUCKET", default="")
S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env.str("PARAFFIN_S3_ENDPOINT", default="") or None,
        "region_name": env.str("PARAFFIN_S3_REGION", default="") or None,
        "location": env.str("PARAFFIN_S3_PREFIX", default=""),
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,
        "signature_version": "s3v4",
    },
}
DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STORAGES = {
    "default": S3 if S3_BUCKET else DISK,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = EMBEDDED

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("PARAFFIN_LOG_LEVEL", default="WARNING")},
}
