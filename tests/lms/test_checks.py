"""Each system check: silent on the site as it is, and loud on the mistake it knows."""

from copy import deepcopy

import pytest
from django.core.checks.registry import registry
from django.db import connections
from django.test import override_settings

from lms.checks import check_sqlite
from lms.database import SQLITE_OPTIONS

PRIVATE = {"BACKEND": "django.core.files.storage.FileSystemStorage"}


OURS = [
    check for check in registry.get_checks(include_deployment_checks=True) if check.__module__ == "lms.checks"
]


def messages(**values):
    """What our checks say under other settings."""
    with override_settings(**values):
        return [message for check in OURS for message in check(None)]


def ids(**values):
    """The ids of what our checks say under other settings."""
    return {message.id for message in messages(**values)}


def storages_with(settings, **options):
    found = deepcopy(settings.STORAGES)
    found["lms_private"] = {**PRIVATE, "OPTIONS": {**found["lms_private"]["OPTIONS"], **options}}
    return found


@pytest.mark.parametrize(
    "options", [{"transaction_mode": "DEFERRED"}, {"init_command": ""}, {"timeout": 5}, {"timeout": None}]
)
def test_sqlite_options_that_lose_writes_are_refused(monkeypatch, options):
    own = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": SQLITE_OPTIONS}
    monkeypatch.setitem(connections.databases, "default", own)
    assert check_sqlite(None) == []

    own["OPTIONS"] = {**SQLITE_OPTIONS, **options}
    assert [message.id for message in check_sqlite(None)] == ["lms.E001"]


TABLE = {"BACKEND": "lms.cache.DatabaseCache", "LOCATION": "website_cache"}
MISTAKES = [
    ("lms.E002", {"USE_TZ": False}),
    ("lms.E007", {"CELERY_ACCEPT_CONTENT": ["json", "pickle"]}),
    ("lms.W001", {"CELERY_RESULT_BACKEND": "redis://127.0.0.1/1"}),
    ("lms.W002", {"CELERY_BROKER_URL": "redis://127.0.0.1/1", "CELERY_TASK_ACKS_LATE": False}),
    ("lms.W009", {"WAGTAIL_GRAVATAR_PROVIDER_URL": "//www.gravatar.com/avatar"}),
    ("lms.W010", {"WAGTAIL_ENABLE_UPDATE_CHECK": True}),
    ("lms.W003", {"WAGTAIL_ENABLE_WHATS_NEW_BANNER": True}),
    ("lms.E008", {"WAGTAILDOCS_SERVE_METHOD": "direct"}),
    ("lms.W004", {"WAGTAILSEARCH_BACKENDS": {"default": {"BACKEND": "wagtail.search.backends.database"}}}),
    ("lms.W005", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}),
    (
        "lms.W013",
        {"CACHES": {"default": {**TABLE, "BACKEND": "django.core.cache.backends.db.DatabaseCache"}}},
    ),
    ("lms.W014", {"CACHES": {"default": TABLE}}),
    ("lms.W006", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ("lms.W007", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}),
    (
        "lms.W008",
        {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"), "ALLAUTH_TRUSTED_PROXY_COUNT": 0},
    ),
]
GOOD = {
    "CACHES": {"default": {**TABLE, "OPTIONS": {"MAX_ENTRIES": 50_000}}},
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
}


def test_the_site_as_it_should_be_is_silent():
    assert ids(**GOOD) == set()


@pytest.mark.parametrize(("expected", "values"), MISTAKES, ids=[name for name, _ in MISTAKES])
def test_each_mistake_has_its_message(expected, values):
    assert ids(**{**GOOD, **values}) == {expected}


def test_every_message_names_the_fix():
    found = messages(**{key: value for _, values in MISTAKES for key, value in values.items()})

    assert len(found) >= 10
    assert all(message.hint for message in found)


def test_a_private_folder_inside_a_public_one_is_refused(settings):
    media, static = str(settings.MEDIA_ROOT), str(settings.STATIC_ROOT)
    assert ids(**GOOD, STORAGES=storages_with(settings, location=f"{media}/private")) == {"lms.E004"}
    assert ids(**GOOD, STORAGES=storages_with(settings, location=static)) == {"lms.E004"}
    assert ids(**GOOD, STORAGES=storages_with(settings, location=str(settings.VAR_DIR))) == {"lms.E005"}
    assert ids(**GOOD, STORAGES=storages_with(settings, base_url="/private/")) == {"lms.E006"}


def test_a_site_without_a_private_storage_is_refused(settings):
    without = {name: value for name, value in settings.STORAGES.items() if name != "lms_private"}
    assert ids(**GOOD, STORAGES=without) == {"lms.E003"}


def test_a_site_that_reads_the_month_first_is_told(monkeypatch):
    formats = {"vi": ["%Y-%m-%d", "%m/%d/%Y"], "en": ["%d/%m/%Y"]}
    monkeypatch.setattr("lms.checks.get_format", lambda _name, lang: formats[lang])

    found = [message for message in messages(**GOOD) if message.id == "lms.W011"]
    assert "(vi)" in found[0].msg
