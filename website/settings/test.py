"""Settings of the test suite: fast hasher, memory mail, everything under one throw-away folder."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("VUONXA_INSECURE_KEY", "1")
os.environ.setdefault("LOG_LEVEL", "WARNING")
_folder = Path(os.environ.get("VUONXA_VAR") or Path(tempfile.gettempdir(), f"vuonxa-test-{os.getuid()}"))
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker and _folder.name != _worker:
    # Workers count each other's files otherwise; the processes they start inherit the folder.
    _folder = _folder / _worker
os.environ["VUONXA_VAR"] = str(_folder)

from .base import *  # noqa: E402,F403
from .base import DATABASES, STORAGES, VAR_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that threads and other processes see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LMS_CERTIFICATES_SAMPLE = False
LMS_REMEMBER_SECONDS = 0
# Whatever hour a test runs at; those of the night and of how many leave a day set their own.
LMS_QUIET_HOURS = ("00:00", "00:00")
LMS_MESSAGE_LIMITS = {"email": 1000, "sms": 1000}
VAR_DIR.mkdir(parents=True, exist_ok=True)
