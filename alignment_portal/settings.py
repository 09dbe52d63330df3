"""The one settings module. Everything that differs between places comes from the environment (variables.py)."""

import contextlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF

from alignment_portal.environment import Environment, kept_secret
from alignment_portal.providers import installable, providers

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")
env = Environment(os.environ)

# --- place -------------------------------------------------------------------------------------------------
MODE = env.choice("PORTAL_MODE")
PRODUCTION = MODE == "production"
if PRODUCTION:
    env.demand("SECRET_KEY", "ALLOWED_HOSTS", "PORTAL_URL", "DATABASE_URL", "REDIS_URL")
DEBUG = env.flag("DEBUG")
VAR = (BASE_DIR / env.text("PORTAL_VAR")).resolve()
if not PRODUCTION:
    VAR.mkdir(mode=0o700, parents=True, exist_ok=True)  # database and logs: for nobody else on this machine
    for folder in ("files", "mail", "queue/messages", "queue/processed", "queue/control", "static"):
        (VAR / folder).mkdir(parents=True, exist_ok=True)
SECRET_KEY = env.text("SECRET_KEY") if env.is_given("SECRET_KEY") else kept_secret(VAR / "secret-key")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
PORTAL_URL = env.url("PORTAL_URL")
PACK_DAY = env.number("PACK_DAY")
PACK_PARTS = env.number("PACK_PARTS")
PACK_CERTIFICATE = env.text("PACK_CERTIFICATE")
PACK_CERTIFICATE_PASSWORD = env.text("PACK_CERTIFICATE_PASSWORD")
DEMO = env.flag("DEMO") if env.is_given("DEMO") else not PRODUCTION
ORGANISATION = "Aldermoor Group" if DEMO and not env.is_given("ORGANISATION") else env.text("ORGANISATION")
DEMO_PASSWORD = env.text("DEMO_PASSWORD")
PROXY_COUNT = env.number("PROXY_COUNT")

# --- apps --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Before our own apps: accounts takes what allauth registers out of the admin again.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "alignment_portal",
    "alignment_portal.accounts",
    "alignment_portal.audit",
    "alignment_portal.outbox",
    "alignment_portal.http",
    "alignment_portal.operations",
    "initiatives",
    "metrics",
    "portfolio",
    "reviews",
    "gates",
    "packs",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "alignment_portal.urls"
WSGI_APPLICATION = "alignment_portal.wsgi.application"
ASGI_APPLICATION = "alignment_portal.asgi.application"

MIDDLEWARE = [
    "alignment_portal.http.middleware.RequestIdMiddleware",
    "alignment_portal.operations.middleware.MeasureMiddleware",
    "alignment_portal.http.middleware.HeadersMiddleware",
    "alignment_portal.http.middleware.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "alignment_portal.http.frameworks.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "alignment_portal.http.middleware.SlashMiddleware",
    "alignment_portal.http.middleware.BodyLimitMiddleware",
    "alignment_portal.http.middleware.AddressMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "alignment_portal.http.middleware.PlainTextMiddleware",
    "alignment_portal.http.frameworks.SessionUserMiddleware",
    "alignment_portal.http.frameworks.PageMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "alignment_portal.http.sessions.SessionLimitMiddleware",
    "alignment_portal.http.middleware.SignInMiddleware",
    "alignment_portal.http.middleware.ActorMiddleware",
    "alignment_portal.http.sessions.SecondFactorMiddleware",
    "alignment_portal.http.middleware.RefusalMiddleware",
    "alignment_portal.http.replicas.ReplicaMiddleware",
    "alignment_portal.http.shaping.ShapingMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "alignment_portal.pages.context.chrome",
            ],
        },
    },
]

# --- database ----------------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": environ.Env.db_url_config(env.text("DATABASE_URL") or f"sqlite:///{VAR / 'portal.sqlite3'}"),
}
DATABASE = DATABASES["default"]
# Opening SQLite anew takes longer than most answers: its pragmas and functions are set each time.
DATABASE["CONN_MAX_AGE"] = env.number("DATABASE_CONNECTION_SECONDS")
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads and then writes would otherwise fail at once when another is writing.
    # FULL: in WAL mode NORMAL can lose the last commits when the power goes.
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 60,  # seconds; who waits is not served in turn, so that a crowd needs more than its fair share
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
        ),
    }
    DATABASE["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"portal-test-{os.getpid()}.sqlite3")}
else:
    DATABASE["CONN_HEALTH_CHECKS"] = True
    DATABASE["OPTIONS"] = {**DATABASE.get("OPTIONS", {}), "application_name": "alignment-portal"}

if env.is_given("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = environ.Env.db_url_config(env.text("DATABASE_REPLICA_URL"))
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
    DATABASE_ROUTERS = ["alignment_portal.http.replicas.ReplicaRouter"]

# --- jobs (RELIABILITY 4.2: the row is the truth, the message is a hint) ------------------------------------
REDIS_URL = env.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"  # kombu warns of a broker without a host
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(VAR / "queue/messages"),
        "data_folder_out": str(VAR / "queue/messages"),
        "processed_folder": str(VAR / "queue/processed"),
        "control_folder": str(VAR / "queue/control"),
        "polling_interval": 0.2,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 150
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "portal"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tell what was not yet told": {
        "task": "alignment_portal.tasks.dispatch_due",
        "schedule": timedelta(seconds=15),
    },
    "tell webhooks what is due": {
        "task": "alignment_portal.tasks.deliver_due",
        "schedule": timedelta(seconds=15),
    },
    "judge everything again, hourly": {"task": "gates.tasks.evaluate_all", "schedule": crontab(minute="5")},
    "judge everything again, at the start of the day": {
        "task": "gates.tasks.evaluate_all",
        "schedule": crontab(minute="1", hour="0"),
    },
    "tell of evidence about to expire": {
        "task": "gates.tasks.notify_expiring",
        "schedule": crontab(minute="30", hour="6"),
    },
    "compare every stored file with its hash": {
        "task": "alignment_portal.tasks.verify_files",
        "schedule": crontab(minute="10", hour="3"),
    },
    "pick up what-ifs left behind": {"task": "portfolio.tasks.sweep", "schedule": timedelta(minutes=1)},
    "pick up packs left behind": {"task": "packs.tasks.sweep", "schedule": timedelta(minutes=1)},
    "verify the record and its guards": {
        "task": "alignment_portal.tasks.verify_record",
        "schedule": crontab(minute="40", hour="2"),
    },
    "clear what has been kept long enough": {
        "task": "alignment_portal.tasks.clear_old",
        "schedule": crontab(minute="50", hour="2"),
    },
}
if PACK_DAY:
    CELERY_BEAT_SCHEDULE["build the pack of the portfolio, monthly"] = {
        "task": "packs.tasks.build_monthly",
        "schedule": crontab(minute="20", hour="5", day_of_month=str(PACK_DAY)),
    }

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "alignment_portal.http.cache.ForgetfulRedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- people and sessions -----------------------------------------------------------------------------------
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SIGN_IN_ATTEMPTS = env.number("SIGN_IN_ATTEMPTS")
SIGN_IN_PAUSE = timedelta(minutes=env.number("SIGN_IN_PAUSE_MINUTES"))
CONFIRM_MINUTES = env.number("CONFIRM_MINUTES")
KEEP_ATTEMPTS = max(env.time_kept("KEEP_ATTEMPTS_HOURS", timedelta(hours=1)), 2 * SIGN_IN_PAUSE)
KEEP_SESSIONS = env.time_kept("KEEP_SESSIONS_DAYS", timedelta(days=1))
KEEP_EVENTS = env.time_kept("KEEP_EVENTS_DAYS", timedelta(days=1))
KEEP_ANSWERS = env.time_kept("KEEP_ANSWERS_HOURS", timedelta(hours=1))
# The guard of that log keeps its last 90 days against everybody. None: for as long as the pack.
KEEP_READINGS = (
    env.time_kept("KEEP_READINGS_DAYS", timedelta(days=1), least=90)
    if env.number("KEEP_READINGS_DAYS")
    else None
)
SECOND_FACTOR_ROLES = env.names_of("SECOND_FACTOR_ROLES")
# The library's own limits are off: ours count in the database, for every door and every process alike.
ACCOUNT_ADAPTER = "alignment_portal.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS, ACCOUNT_SIGNUP_FIELDS = {"email"}, ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD, ACCOUNT_EMAIL_VERIFICATION = None, "none"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
MFA_ADAPTER = "alignment_portal.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Touching a key that was left in the machine says nothing of who did.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = f"Alignment portal, {ORGANISATION}"
MFA_RECOVERY_CODE_DIGITS = 10
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False

# --- single sign-on (docs/sign-in.md) ----------------------------------------------------------------------
SSO_CREATE = env.flag("PORTAL_SSO_CREATE")
SSO_ROLES = env.roles_of_groups("PORTAL_SSO_ROLES")
OIDC_GROUPS = env.text("PORTAL_OIDC_GROUPS")
SAML_PERSON_NAME = env.text("PORTAL_SAML_PERSON_NAME")
SAML_GROUPS = env.text("PORTAL_SAML_GROUPS")
SOCIALACCOUNT_ADAPTER = "alignment_portal.accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET, SOCIALACCOUNT_STORE_TOKENS = True, False
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in installable(env)]
SOCIALACCOUNT_PROVIDERS = providers(env)
CSRF_FAILURE_VIEW = "alignment_portal.pages.failures.csrf_failure"
SESSION_COOKIE_AGE = env.number("SESSION_HOURS") * 3600
SESSION_IDLE = timedelta(minutes=env.number("SESSION_IDLE_MINUTES"))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- browser security --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS")
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- files -------------------------------------------------------------------------------------------------
MEDIA_ROOT = VAR / "files"
MEDIA_URL = ""  # nothing uploaded is ever served from an address of its own
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILES_BUCKET = env.text("FILES_BUCKET")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "alignment_portal.object_store.ObjectStore",
        "OPTIONS": {
            "bucket_name": FILES_BUCKET,
            "endpoint_url": env.text("FILES_ENDPOINT") or None,
            "region_name": env.text("FILES_REGION") or None,
            "access_key": env.text("FILES_ACCESS_KEY") or None,
            "secret_key": env.text("FILES_SECRET_KEY") or None,
            "default_acl": "private",
            "file_overwrite": True,  # a name is a hash: what is written again is the same
            "addressing_style": "path" if env.text("FILES_ENDPOINT") else "auto",
        },
    }
    if FILES_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
        # Whoever builds an image writes them, another user serves them; uploads are for their writer alone.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Embedded, files are looked up when asked for: reading all of them first would take seconds of every start.
WHITENOISE_AUTOREFRESH = not PRODUCTION
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_MB") * 1024 * 1024
UPLOAD_MAX_REQUEST_BYTES = env.number("UPLOAD_MAX_REQUEST_MB") * 1024 * 1024
UPLOAD_MAX_FILES = env.number("UPLOAD_MAX_FILES")
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = UPLOAD_MAX_FILES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
# Beside the files, not in /tmp: a large upload must not fill what the rest of the machine needs.
INCOMING = VAR / "files" / "incoming"
with contextlib.suppress(OSError):  # a folder that cannot be written to is named by check portal.E005
    INCOMING.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_TEMP_DIR = str(INCOMING) if INCOMING.is_dir() else None

# --- language and time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- e-mail ------------------------------------------------------------------------------------------------
_email: dict[str, Any] = (
    environ.Env.email_url_config(env.text("EMAIL_URL"))
    if env.is_given("EMAIL_URL")
    else {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(VAR / "mail"),
    }
)
vars().update({name: value for name, value in _email.items() if name.startswith("EMAIL_")})
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- REST --------------------------------------------------------------------------------------------------
API_RATE = env.number("API_RATE")
FRAMEWORKS = Path(env.text("FRAMEWORKS")).resolve() if env.is_given("FRAMEWORKS") else None
WEBHOOK_NETWORKS = env.networks("WEBHOOK_NETWORKS")
REST_FRAMEWORK: dict[str, Any] = {
    "SCHEMA_COERCE_PATH_PK": False,  # the description names parameters as the routes do
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "alignment_portal.http.authentication.BearerAuthentication",
        "alignment_portal.http.authentication.PageSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "alignment_portal.http.authentication.SignedInWithScope",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["alignment_portal.http.throttling.CallerThrottle"],
    "DEFAULT_PAGINATION_CLASS": "alignment_portal.http.pagination.CursorPage",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "alignment_portal.http.parsing.TextParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "alignment_portal.http.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Alignment portal",
    "DESCRIPTION": "Everything the pages do, for programs: dossiers, evidence, verdicts, decisions and packs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": True,
    "ENUM_NAME_OVERRIDES": {
        "PackState": "packs.models.State.choices",
        "DependencyState": "portfolio.models.DependencyState.choices",
        "DeliveryState": ["waiting", "delivered", "failed", "withheld"],
        "WebhookState": ["live", "failing", "stopped", "retired"],
        "KindEnum": "portfolio.models.DependencyKind.choices",
        "LinkKind": ["initiative", "review", "pack"],
        "QuestionState": ["open", "answered", "passed", "left_out"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "alignment_portal.http.openapi.add_common",
    ],
}

# --- figures and traces ------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")
TRACES_URL = env.text("TRACES_URL")

# --- logging -----------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "alignment_portal.logs.RequestIdFilter"},
        "callers_fault": {"()": "alignment_portal.logs.CallersFaultFilter"},
    },
    "formatters": {
        "text": {
            "class": "alignment_portal.logs.TextFormatter",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
        "json": {"()": "alignment_portal.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("LOG_FORMAT"),
            "filters": ["request_id", "callers_fault"],
        },
    },
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL")},
    "loggers": {
        "alignment_portal.requests": {"level": "INFO" if env.choice("LOG_FORMAT") == "json" else "WARNING"}
    },
}
