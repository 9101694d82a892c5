"""System checks that name the fix."""

import contextlib
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import BaseDatabaseCache
from django.core.checks import Error, Tags, Warning, register
from django.core.files.storage import FileSystemStorage, InvalidStorageError, storages
from django.db import connections
from django.utils.formats import get_format

from lms.conf import conf

BUSY_SECONDS = 20
FEWEST_ENTRIES = 10_000
"""What a cache must hold at least: several counters for each of some thousand people of a busy hour."""


@register()
def check_sqlite(app_configs, **kwargs):
    """Refuse SQLite options that lose writes as soon as two people write (measured: 1,263 of 1,300)."""
    return [
        Error(
            f"The SQLite database {alias!r} would lose writes: {'; '.join(wrong)}.",
            hint="Set DATABASES[…]['OPTIONS'] = lms.database.SQLITE_OPTIONS.",
            id="lms.E001",
        )
        for alias, own in connections.databases.items()
        if own["ENGINE"] == "django.db.backends.sqlite3"
        and (wrong := losing_writes(own.get("OPTIONS") or {}))
    ]


def losing_writes(options: dict) -> list[str]:
    """Return what is wrong with the OPTIONS of a SQLite database."""
    wrong = []
    if options.get("transaction_mode") != "IMMEDIATE":
        wrong.append('"transaction_mode" is not "IMMEDIATE"')
    if "journal_mode=wal" not in str(options.get("init_command", "")).replace(" ", "").lower():
        wrong.append('"init_command" does not set journal_mode=WAL')
    if float(options.get("timeout") or 5) < BUSY_SECONDS:
        wrong.append(f'"timeout" is below {BUSY_SECONDS}')
    return wrong


@register()
def check_time(app_configs, **kwargs):
    """Refuse naive times, in which no deadline can be kept."""
    if settings.USE_TZ:
        return []
    return [Error("USE_TZ is off.", hint="Set USE_TZ = True.", id="lms.E002")]


@register()
def check_private_files(app_configs, **kwargs):
    """Refuse a private folder that a web server would hand to anybody."""
    try:
        storage = storages["lms_private"]
    except InvalidStorageError:
        return [
            Error(
                "There is no storage for private files.",
                hint='Add "lms_private" to STORAGES, with a location outside MEDIA_ROOT and STATIC_ROOT.',
                id="lms.E003",
            )
        ]
    if not isinstance(storage, FileSystemStorage):
        return []
    found, private = [], Path(storage.location).resolve()
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        root = getattr(settings, name, None)
        if root and _inside(private, Path(root).resolve()):
            found.append(
                Error(
                    f"The private folder lies inside {name}, from where anybody can read it.",
                    hint=f'Move STORAGES["lms_private"] out of {name}.',
                    id="lms.E004",
                )
            )
        elif root and _inside(Path(root).resolve(), private):
            found.append(
                Error(
                    f"{name} lies inside the private folder.",
                    hint=f"Give {name} a folder of its own.",
                    id="lms.E005",
                )
            )
    if storage._base_url:
        found.append(
            Error(
                "The private storage has a public address.",
                hint='Set "base_url": None in the OPTIONS of STORAGES["lms_private"].',
                id="lms.E006",
            )
        )
    return found


def _inside(inner: Path, outer: Path) -> bool:
    return inner == outer or outer in inner.parents


@register()
def check_celery(app_configs, **kwargs):
    """Refuse messages that could carry code, and results kept where nobody reads them."""
    found = []
    if set(getattr(settings, "CELERY_ACCEPT_CONTENT", None) or ["json"]) - {"json", "application/json"}:
        found.append(
            Error(
                "Celery accepts messages other than JSON.",
                hint='Set CELERY_ACCEPT_CONTENT = ["json"], or use lms.broker.celery_settings().',
                id="lms.E007",
            )
        )
    if getattr(settings, "CELERY_RESULT_BACKEND", None):
        found.append(
            Warning(
                "Celery keeps results; the jobs of this site keep theirs in the database.",
                hint="Remove CELERY_RESULT_BACKEND, or use lms.broker.celery_settings().",
                id="lms.W001",
            )
        )
    if getattr(settings, "CELERY_BROKER_URL", "") and not getattr(settings, "CELERY_TASK_ACKS_LATE", False):
        found.append(
            Warning(
                "Celery acknowledges a message before its work is done.",
                hint="Set CELERY_TASK_ACKS_LATE = True, or use lms.broker.celery_settings().",
                id="lms.W002",
            )
        )
    return found


@register()
def check_admin_is_silent(app_configs, **kwargs):
    """Warn of what makes Wagtail's admin tell hosts abroad who works here."""
    found = []
    if getattr(settings, "WAGTAIL_GRAVATAR_PROVIDER_URL", "default") is not None:
        found.append(
            Warning(
                "Wagtail's admin sends a hash of each staff e-mail to Gravatar.",
                hint="Set WAGTAIL_GRAVATAR_PROVIDER_URL = None.",
                id="lms.W009",
            )
        )
    if getattr(settings, "WAGTAIL_ENABLE_UPDATE_CHECK", True):
        found.append(
            Warning(
                "Wagtail's admin asks a host abroad for updates.",
                hint="Set WAGTAIL_ENABLE_UPDATE_CHECK = False.",
                id="lms.W010",
            )
        )
    if getattr(settings, "WAGTAIL_ENABLE_WHATS_NEW_BANNER", True):
        found.append(
            Warning(
                "Wagtail's admin shows a banner with news that links abroad.",
                hint="Set WAGTAIL_ENABLE_WHATS_NEW_BANNER = False.",
                id="lms.W003",
            )
        )
    return found


@register()
def check_documents(app_configs, **kwargs):
    """Refuse documents that are handed out past the permission check, and an API that lists every page."""
    found = []
    if getattr(settings, "WAGTAILDOCS_SERVE_METHOD", "serve_view") != "serve_view":
        found.append(
            Error(
                "Documents are served past the check of who asks.",
                hint='Set WAGTAILDOCS_SERVE_METHOD = "serve_view".',
                id="lms.E008",
            )
        )
    if apps.is_installed("wagtail.api.v3"):
        found.append(
            Error(
                "wagtail.api.v3 is installed; it lists every live page, lessons included, and can write.",
                hint='Remove "wagtail.api.v3" from INSTALLED_APPS.',
                id="lms.E009",
            )
        )
    return found


@register()
def check_folding_search(app_configs, **kwargs):
    """Warn where a search for "dot quy" would not find "Đột quỵ"."""
    backend = getattr(settings, "WAGTAILSEARCH_BACKENDS", {}).get("default", {}).get("BACKEND", "")
    if backend == "lms.search":
        return []
    return [
        Warning(
            'The search needs diacritics: "dot quy" does not find "Đột quỵ".',
            hint='Set WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "lms.search"}} and run wagtail_update_index.',
            id="lms.W004",
        )
    ]


@register()
def check_days(app_configs, **kwargs):
    """Warn where a form reads 05/06/1990 as the sixth of May: birth dates would be stored wrong, unseen."""
    wrong = [code for code in ("vi", "en") if _sixth_of_may(get_format("DATE_INPUT_FORMATS", lang=code))]
    if not wrong:
        return []
    return [
        Warning(
            f"Forms read 05/06/1990 month first ({', '.join(wrong)}).",
            hint='Set FORMAT_MODULE_PATH = "lms.formats", WAGTAIL_DATE_FORMAT = "%d/%m/%Y" and '
            'WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M".',
            id="lms.W011",
        )
    ]


def _sixth_of_may(formats) -> bool:
    for one in formats:
        with contextlib.suppress(ValueError):
            return datetime.strptime("05/06/1990", one).month == 5
    return False


@register(Tags.security)
def check_upload_scanner(app_configs, **kwargs):
    """Name a scanner of uploads that nobody asks."""
    if conf.UPLOAD_SCANNER and "lms.scanning.uploads" not in settings.MIDDLEWARE:
        return [
            Error(
                "LMS_UPLOAD_SCANNER is set, but no file reaches it.",
                hint='Add "lms.scanning.uploads" to MIDDLEWARE, after the login.',
                id="lms.E013",
            )
        ]
    return []


@register(Tags.database)
def check_guards(app_configs, databases=None, **kwargs):
    """Name the triggers of the log of who looked that a database lacks.

    A warning, because an error would stop the very ``migrate`` that puts them in place; ``lms_verify`` calls
    it a breach.
    """
    from lms import guards  # reads models

    return [
        Warning(
            f"Who looked at whose data can be rewritten: the database {alias} lacks {', '.join(missing)}.",
            hint="Put them back: manage.py migrate. Then run manage.py lms_verify.",
            id="lms.W012",
        )
        for alias in databases or ()
        if guards.are_due(connections[alias]) and (missing := sorted(guards.missing(connections[alias])))
    ]


def _entries(cache: BaseCache) -> float:
    """How many entries *cache* keeps; Redis knows no number."""
    return cache._max_entries if isinstance(cache, BaseDatabaseCache) else float("inf")


@register(Tags.security, deploy=True)
def check_production(app_configs, **kwargs):
    """What only a production site must have."""
    found = []
    if settings.CACHES.get("default", {}).get("BACKEND", "").endswith(("LocMemCache", "DummyCache")):
        found.append(
            Warning(
                "Rate limits live in the cache, and this cache is not shared by the worker processes.",
                hint="Use lms.cache.DatabaseCache or Redis for CACHES['default'].",
                id="lms.W005",
            )
        )
    elif type(caches["default"]).incr is BaseCache.incr:
        found.append(
            Warning(
                "This cache keeps counters for five minutes, so that a limit of an hour begins again all the time.",
                hint="Use lms.cache.DatabaseCache instead of Django's, or Redis, for CACHES['default'].",
                id="lms.W013",
            )
        )
    elif _entries(caches["default"]) < FEWEST_ENTRIES:
        found.append(
            Warning(
                "The cache deletes a third of itself so early that others push out the counters of rate limits.",
                hint="Set CACHES['default']['OPTIONS'] = {'MAX_ENTRIES': 50_000}.",
                id="lms.W014",
            )
        )
    if settings.EMAIL_BACKEND.endswith(("console.EmailBackend", "dummy.EmailBackend")):
        found.append(
            Warning("No mail leaves this site.", hint="Set EMAIL_BACKEND and EMAIL_HOST.", id="lms.W006")
        )
    if not settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher"):
        found.append(
            Warning(
                "Passwords are not hashed with Argon2.",
                hint="Put Argon2PasswordHasher first in PASSWORD_HASHERS.",
                id="lms.W007",
            )
        )
    proxied = bool(getattr(settings, "SECURE_PROXY_SSL_HEADER", None))
    if proxied and apps.is_installed("allauth") and not getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0):
        found.append(
            Warning(
                "Behind a proxy every visitor has the proxy's address, so that one can lock out all.",
                hint="Set ALLAUTH_TRUSTED_PROXY_COUNT to the number of proxies.",
                id="lms.W008",
            )
        )
    return found
