"""
Settings of the sandbox.

They are applied in the order of the LMS: own settings, common settings of plugins, settings of the site, production
settings of plugins.

Environment variables change the defaults:

- `LMS_SANDBOX_VAR`: the folder for database, reports, broker and logs (default: `var` in the repository).
- `DATABASE_URL`: another database than SQLite.
- `CELERY_BROKER_URL`: another broker than files.
- `LMS_SANDBOX_DEBUG=1`: turn on Django's error pages.
- `LMS_SANDBOX_ORIGINS`: origins, separated by spaces, whose pages may call the APIs with a visitor's cookies.
- `LMS_SANDBOX_REPORT_STORE=public`: keep reports where the platform keeps them on a local disk, below a public URL.
"""

import importlib.util
import os
import sys
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from edx_django_utils.plugins import add_plugins, get_plugin_apps

HERE = Path(__file__).resolve().parent
STAND_INS = str(HERE / "stand_ins")
if STAND_INS not in sys.path:
    if importlib.util.find_spec("lms"):
        raise ImproperlyConfigured("A real LMS can be imported here: use its settings instead of the sandbox's.")
    sys.path.append(STAND_INS)

VAR = Path(os.environ.get("LMS_SANDBOX_VAR") or HERE.parent / "var").resolve()
BROKER, RESULTS, LOGS, MAIL = (VAR / name for name in ("broker", "results", "logs", "mail"))
for _folder in (BROKER / "messages", BROKER / "control", RESULTS, LOGS, MAIL):
    _folder.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("LMS_SANDBOX_DEBUG") == "1"
SECRET_KEY = "every sandbox has this key, it guards nothing, for it is in public"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
ROOT_URLCONF = "lms_sandbox.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PROJECT_TYPE = "lms.djangoapp"

INSTALLED_APPS = [
    "lms_sandbox.apps.LmsSandboxConfig",
    "corsheaders",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "drf_spectacular",
    "eventtracking.django.apps.EventTrackingConfig",
    "openedx_filters",
    "rest_framework",
    "rules.apps.AutodiscoverRulesConfig",
    "simple_history",
    "waffle",
    "openedx.core.djangoapps.content.course_overviews.apps.CourseOverviewsConfig",
    "common.djangoapps.student.apps.StudentConfig",
    "lms.djangoapps.instructor_task.apps.InstructorTaskConfig",
    "lms.djangoapps.lms_xblock.apps.LMSXBlockConfig",
    "openedx.core.djangoapps.waffle_utils.apps.WaffleUtilsConfig",
    *get_plugin_apps(PROJECT_TYPE),
]

MIDDLEWARE = [
    "crum.CurrentRequestUserMiddleware",
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "edx_rest_framework_extensions.auth.jwt.middleware.JwtAuthCookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "waffle.middleware.WaffleMiddleware",
    "edx_django_utils.cache.middleware.TieredCacheMiddleware",
    "edx_rest_framework_extensions.auth.jwt.middleware.EnsureJWTAuthSettingsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

# Databases, sessions, caches

DATABASES = {
    "default": {
        **dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'lms.sqlite3'}"),
        "ATOMIC_REQUESTS": True,
    }
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Web server and worker share the file, so each waits for the other's writes. apps.py does the rest.
    DATABASES["default"].setdefault("OPTIONS", {})["timeout"] = 30
elif DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
    DATABASES["default"].setdefault("OPTIONS", {})["charset"] = "utf8mb4"
    DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4"}
    if not importlib.util.find_spec("MySQLdb"):
        # Pure Python: MariaDB needs no compiler. Both supported Django releases accept it in place of mysqlclient.
        importlib.import_module("pymysql").install_as_MySQLdb()

# Sessions are not in the database: viewing a page never waits for a writer.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(VAR / "cache")}}

# Users

AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "lms_sandbox.permissions.CoursePermissionsBackend",
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Templates, static files, languages

MAKO_TEMPLATE_DIRS_BASE = [str(HERE / "mako_templates")]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                "lms_sandbox.theme.ThemeLoader",
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms_sandbox.theme.site_name",
            ],
        },
    }
]
#: Folders of a site theme: templates in them override all other Django templates.
THEME_TEMPLATE_DIRS = []
STATIC_URL = "/static/"
STATIC_ROOT = str(VAR / "static")
PIPELINE = {"JAVASCRIPT": {}, "STYLESHEETS": {}}
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("ar", "العربية"),
    ("de-de", "Deutsch"),
    ("es-419", "Español (Latinoamérica)"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("ja-jp", "日本語"),
    ("pt-br", "Português (Brasil)"),
    ("ru", "Русский"),
    ("zh-cn", "中文 (简体)"),
]

# Celery: a worker consumes both queues. The platform sends reports to the second one.

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or "filesystem://"
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER / "messages"),
        "data_folder_out": str(BROKER / "messages"),
        "control_folder": str(BROKER / "control"),
        "polling_interval": 0.2,
    }
CELERY_RESULT_BACKEND = RESULTS.as_uri()
CELERY_TASK_DEFAULT_QUEUE = "edx.lms.core.default"
GRADES_DOWNLOAD_ROUTING_KEY = "edx.lms.core.high_mem"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"

# The platform

PLATFORM_NAME = "Sandbox LMS"
SITE_NAME = "127.0.0.1:8000"
HTTPS = "off"
LMS_ROOT_URL = "http://127.0.0.1:8000"
LEARNING_MICROFRONTEND_URL = f"{LMS_ROOT_URL}/learning"
INSTRUCTOR_MICROFRONTEND_URL = f"{LMS_ROOT_URL}/instructor-dashboard"
EXAMS_DASHBOARD_MICROFRONTEND_URL = None
ENV_ROOT = str(VAR)
COURSE_KEY_PATTERN = r"(?P<course_key_string>[^/+]+(/|\+)[^/+]+(/|\+)[^/?]+)"
USAGE_KEY_PATTERN = r"(?P<usage_key_string>[^/]+)"
COURSE_ID_PATTERN = COURSE_KEY_PATTERN.replace("course_key_string", "course_id")
FEATURES = {
    "ALLOW_COURSE_STAFF_GRADE_DOWNLOADS": True,
    "ENABLE_GRADE_DOWNLOADS": True,
    "ENABLE_INSTRUCTOR_BACKGROUND_TASKS": True,
    "ENABLE_MASQUERADE": True,
    "ENABLE_SPECIAL_EXAMS": True,
}
MEDIA_ROOT = str(VAR / "media")
MEDIA_URL = "/media/"
GRADES_DOWNLOAD = {
    "STORAGE_TYPE": "",
    "STORAGE_CLASS": "proctored_results.storage.PrivateReportStorage",
    "STORAGE_KWARGS": {"location": str(VAR / "grades")},
}
if os.environ.get("LMS_SANDBOX_REPORT_STORE") == "public":
    # As Tutor has it: local files behind plain URLs that never expire.
    GRADES_DOWNLOAD = {
        "STORAGE_TYPE": "",
        "STORAGE_CLASS": "django.core.files.storage.FileSystemStorage",
        "STORAGE_KWARGS": {"location": str(VAR / "media" / "grades"), "base_url": "/media/grades/"},
    }
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(MAIL)
DEFAULT_FROM_EMAIL = "sandbox@example.com"
CONTACT_EMAIL = "support@example.com"
TECH_SUPPORT_EMAIL = "technical@example.com"
PROCTORING_USER_OBFUSCATION_KEY = "sandbox"
OPEN_EDX_FILTERS_CONFIG = {}
OPENEDX_TELEMETRY = []
EVENT_TRACKING_ENABLED = True
EVENT_TRACKING_BACKENDS = {
    "tracking_logs": {
        "ENGINE": "eventtracking.backends.logger.LoggerBackend",
        "OPTIONS": {"name": "tracking", "max_event_size": 50_000},
    }
}

# APIs, and pages of other origins that may call them with a visitor's cookies

CORS_ALLOW_CREDENTIALS = True
CORS_ALLOWED_ORIGINS = os.environ.get("LMS_SANDBOX_ORIGINS", "").split()
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "edx_rest_framework_extensions.auth.jwt.authentication.JwtAuthentication",
        "edx_rest_framework_extensions.auth.session.authentication.SessionAuthenticationAllowInactiveUser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Proctored exam results",
    "VERSION": "v1",
    "PREPROCESSING_HOOKS": ["proctored_results.instructor.api.schema.only_ours"],
}
JWT_AUTH = {
    "JWT_ALGORITHM": "HS256",
    "JWT_AUDIENCE": "sandbox",
    "JWT_AUTH_COOKIE": "edx-jwt-cookie",
    "JWT_AUTH_COOKIE_HEADER_PAYLOAD": "edx-jwt-cookie-header-payload",
    "JWT_AUTH_COOKIE_SIGNATURE": "edx-jwt-cookie-signature",
    "JWT_AUTH_HEADER_PREFIX": "JWT",
    "JWT_DECODE_HANDLER": "edx_rest_framework_extensions.auth.jwt.decoder.jwt_decode_handler",
    "JWT_ISSUER": "http://127.0.0.1:8000/oauth2",
    "JWT_ISSUERS": [{"ISSUER": "http://127.0.0.1:8000/oauth2", "AUDIENCE": "sandbox", "SECRET_KEY": SECRET_KEY}],
    "JWT_LEEWAY": 1,
    "JWT_PAYLOAD_GET_USERNAME_HANDLER": lambda payload: payload.get("username"),
    "JWT_PUBLIC_SIGNING_JWK_SET": None,
    "JWT_SECRET_KEY": SECRET_KEY,
    "JWT_SUPPORTED_VERSION": "1.2.0",
    "JWT_VERIFY_EXPIRATION": True,
}
EDX_DRF_EXTENSIONS = {"JWT_PAYLOAD_USER_ATTRIBUTE_MAPPING": {}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "requests": {"class": "logging.FileHandler", "filename": str(LOGS / "requests.log"), "delay": True},
        "tracking": {"class": "logging.FileHandler", "filename": str(LOGS / "tracking.log"), "delay": True},
    },
    "loggers": {
        "django.server": {"level": "INFO", "handlers": ["requests"], "propagate": False},
        "edx_proctoring": {"level": "ERROR"},
        "tracking": {"level": "INFO", "handlers": ["tracking"], "propagate": False},
    },
    "root": {"level": "WARNING", "handlers": ["console"]},
}

add_plugins(__name__, PROJECT_TYPE, "common")

# What a site sets in its YAML file

_RPNOW = {
    "organization": "sandbox",
    "exam_sponsor": "sandbox",
    # Replaced by the address of the provider, once it runs (provider.py).
    "exam_register_endpoint": "http://127.0.0.1:9/",
    "secret_key_id": "sandbox",
    "secret_key": "sandbox",
    "crypto_key": "123456789012345678901234",
    "software_download_url": "http://127.0.0.1:9/download",
}
PROCTORING_BACKENDS = {
    "DEFAULT": "software_secure",
    "software_secure": _RPNOW,
    "rpnow4": _RPNOW,
    "mock": {},
    "null": {},
}
PROCTORING_SETTINGS = {}

add_plugins(__name__, PROJECT_TYPE, "production")
