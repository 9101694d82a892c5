"""The demonstration site with a bare page and a bare view beside it."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ["VUONXA_DEMO"] = "1"
os.environ.setdefault("VUONXA_VAR", str(HERE.parent / "var" / "bench"))
os.environ.setdefault("LOG_LEVEL", "ERROR")

from website.settings.base import *  # noqa: E402,F403
from website.settings.base import MIDDLEWARE, STORAGES, TEMPLATES  # noqa: E402

ROOT_URLCONF = "benchmarks.urls"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
TEMPLATES[0]["DIRS"] = [HERE / "templates"]

# Styles and scripts as a real site serves them: collected, named by their content, compressed beforehand.
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
WHITENOISE_USE_FINDERS = False
MIDDLEWARE.remove("website.middleware.StaticCompression")
MIDDLEWARE.append("benchmarks.stage.bare_asks")

# Figures alone are printed.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
