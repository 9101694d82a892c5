"""Settings shared by every way of running the site; every value may come from the environment."""

import json
import os
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from lms.broker import celery_settings
from lms.database import SQLITE_OPTIONS
from website.oidc import configuration as oidc

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("VUONXA_VAR", BASE_DIR / "var"))


def envbool(name: str, default: bool) -> bool:
    """Read a yes/no variable; anything but the known words stops the start with its name."""
    text = os.environ.get(name, "yes" if default else "no").lower()
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {text!r}.")
    return text in {"1", "true", "yes", "on"}


def envlist(name: str, default: str = "") -> list[str]:
    """Read a comma-separated variable."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def envsecret(name: str, default: str = "") -> str:
    """Read a secret from ``NAME`` or from the file that ``NAME_FILE`` points to."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


DEBUG = envbool("DEBUG", False)
DEMO = envbool("VUONXA_DEMO", False)
SECRET_KEY = envsecret("SECRET_KEY")
if not SECRET_KEY:
    if not (DEMO or DEBUG or os.environ.get("VUONXA_INSECURE_KEY")):
        raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE) to a long random text.")
    SECRET_KEY = "only-for-demonstration-and-tests-not-a-secret-0123456789"  # noqa: S105
SECRET_KEY_FALLBACKS = envsecret("SECRET_KEY_FALLBACKS").split()
ALLOWED_HOSTS = envlist("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = envlist("CSRF_TRUSTED_ORIGINS")
SITE_NAME = "Vươn Xa"
BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "website",
    "website.oidc",
    "certificates",
    "courses",
    "content",
    "lms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.locales",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "website.middleware.PageCompression",
    "website.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "website.middleware.without_nul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "courses.middleware.signed_out",
    "website.accounts.middleware.idle",
    "website.accounts.middleware.second_factor",
    "lms.scanning.uploads",
    "website.middleware.impossible_numbers",
    "website.middleware.known_site",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "website.urls"
WSGI_APPLICATION = "website.wsgi.application"
AUTH_USER_MODEL = "website.User"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.context_processors.lms",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", f"sqlite:///{VAR_DIR}/db.sqlite3"), conn_max_age=300
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
elif envbool("DATABASE_PREPARE", True):
    # What is asked again and again is planned once on each connection (docs/decisions/0008-hot-paths.md).
    DATABASES["default"]["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = os.environ.get("CACHE_URL", "")
if CACHE_URL.startswith(("redis://", "rediss://")):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
else:
    # Rate limits live in the cache, and a per-process cache would multiply them by the workers.
    CACHES = {
        "default": {
            "BACKEND": "lms.cache.DatabaseCache",
            "LOCATION": "website_cache",
            # Beyond that a third is deleted, counters of wrong passwords among it; Django's own bound is 300.
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        }
    }

# Durable jobs work without a broker; with one, messages are hints that wake workers at once.
CELERY_BROKER_URL = os.environ.get("BROKER_URL", "")
globals().update(celery_settings(CELERY_BROKER_URL))

STORAGES = {
    "default": {"BACKEND": "content.library.LibraryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "lms_private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "private"), "base_url": None},
    },
}
if DEMO:
    # The demonstration serves what lies in the folders: nothing to collect before it starts.
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    MIDDLEWARE.insert(1, "website.middleware.StaticCompression")
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"

LANGUAGE_CODE = "vi"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
# What allauth, Wagtail and Django lack in Vietnamese; our own words lie in each app.
LOCALE_PATHS = [BASE_DIR / "website" / "translations"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
# Day first, as everybody here writes: by Django's own list 05/06/1990 would be the sixth of May.
FORMAT_MODULE_PATH = "lms.formats"
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"

PASSWORD_HASHERS = [
    "website.accounts.hashers.SiteArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "website.accounts.backends.PasswordBackend",
    "website.accounts.backends.AccountBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"phone", "email", "username"}
ACCOUNT_ADAPTER = "website.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "confirm_login_code": "website.accounts.forms.ConfirmLoginCodeForm",
    "login": "website.accounts.forms.LoginForm",
    "request_login_code": "website.accounts.forms.RequestLoginCodeForm",
    "reset_password": "website.accounts.forms.ResetPasswordForm",
    "signup": "website.accounts.forms.SignupForm",
}
# Many stations share one mailbox or have none: each of these is optional, the form asks for one of them.
ACCOUNT_SIGNUP_FIELDS = ["phone", "email", "username", "password1", "password2"]
SILENCED_SYSTEM_CHECKS = ["account.W001"]  # it wants one field required for everybody
ACCOUNT_EMAIL_VERIFICATION = "optional"
# Strict: several accounts may name one mailbox, as stations do; it opens the one that proved it.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_SESSION_REMEMBER = None  # asked at sign-in: station computers are shared
ACCOUNT_LOGIN_BY_CODE_ENABLED = True  # the second way in while a password is locked (security E3)
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True  # a code reaches phones too, and a mail holds no link to fake
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE = ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# Text messages are slow where the mountains are high; ten minutes is the longest that security §6.5 allows.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 10 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
ACCOUNT_USERNAME_MIN_LENGTH = 4
ACCOUNT_LOGOUT_ON_GET = False
# How one signs in, weighty decisions and exports ask for a proof of identity not older than this.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Generous per address (a hospital is one address), strict per account: reference/security E2, E3.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    "signup": "120/m/ip",
    # Three guesses a code: at most sixty of a million a day against one account.
    "request_login_code": "600/m/ip,3/m/key,20/d/key",
    "verify_phone": "120/m/ip,3/m/key,20/d/key",
    "reset_password": "60/m/ip,3/m/key,20/d/key",
    "reset_password_from_key": "60/m/ip",
    "change_phone": "5/m/user",
}
# Institutions whose accounts open ours; none unless the administrator names them.
SOCIALACCOUNT_PROVIDERS = oidc.providers(envsecret("OIDC_PROVIDERS"))
SOCIALACCOUNT_ADAPTER = "website.oidc.adapter.ProviderAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1  # half a minute either way: a phone's clock drifts, fingers are slow

SESSION_ENGINE = "website.accounts.sessions"
SESSION_COOKIE_AGE = 90 * 24 * 3600  # of who asked to stay signed in; all others end with the browser
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and envbool("SECURE_SSL_REDIRECT", True)
# A monitor asks the machine itself, where nobody ends TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if envbool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

PRIVACY_CONTROLLER = os.environ.get("PRIVACY_CONTROLLER", "")

WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_I18N_ENABLED = True
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE, "Asia/Tokyo", "UTC"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "pptx", "xlsx", "m4a", "mp3"]
WAGTAILDOCS_CONTENT_TYPES = {"m4a": "audio/mp4", "mp3": "audio/mpeg"}
WAGTAILDOCS_DOCUMENT_FORM_BASE = "content.forms.documents.DocumentForm"
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "lms.search"}}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10000

_printing = "website.demo.mail" if DEMO else "django.core.mail.backends.console"
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", f"{_printing}.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = envsecret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = envbool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Vươn Xa <khong-tra-loi@localhost>")

# How text messages leave: the provider's HTTP gateway, or printed where none is named (trials only).
SMS_URL = os.environ.get("SMS_URL", "")
LMS_CHANNELS = {
    "email": {"BACKEND": "lms.messages.Email"},
    "sms": {"BACKEND": "lms.messages.Console"},
}
if SMS_URL:
    LMS_CHANNELS["sms"] = {
        "BACKEND": "lms.messages.SmsGateway",
        "OPTIONS": {
            "url": SMS_URL,
            "fields": json.loads(os.environ.get("SMS_FIELDS", "null")),
            "headers": json.loads(os.environ.get("SMS_HEADERS", "null")),
            "token": envsecret("SMS_TOKEN"),
            "as_json": envbool("SMS_JSON", False),
            "expect": os.environ.get("SMS_EXPECT", ""),
        },
    }

LMS_BASE_TEMPLATE = "base.html"
LMS_RECENT_LOGIN = "website.accounts.recent.ask"
LMS_MEDIA_ACCEL = os.environ.get("LMS_MEDIA_ACCEL", "")
LMS_UPLOAD_SCANNER = os.environ.get("UPLOAD_SCANNER", "")
LMS_CONTENT_CAN_READ = "courses.page_permissions.can_read"
LMS_CONTENT_CAN_WATCH = "courses.permissions.can_watch_video"
LMS_COURSES_ALLOW_UNREVIEWED = DEMO
LMS_REMEMBER_SECONDS = 30
# All components on one page: for developing and for whoever looks the demonstration over.
WEBSITE_STYLEGUIDE = DEBUG or DEMO
LMS_CERTIFICATES_SAMPLE = DEMO
# For the user of the worker alone; never below MEDIA_ROOT nor in the database.
LMS_CERTIFICATES_KEYS_FOLDER = os.environ.get("LMS_CERTIFICATES_KEYS_FOLDER", VAR_DIR / "keys")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "lms.logs.Discreet", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    # They tell of each table of a font that is dropped, and twice of each page that is indexed.
    "loggers": {"fontTools": {"level": "WARNING"}, "django_tasks": {"level": "WARNING"}},
}
