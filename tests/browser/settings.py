"""The site as it runs for people — compressed static files, cache in the database — with the tests' logins."""

from website.settings.base import *  # noqa: F403
from website.settings.base import VAR_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# What a test publishes is looked at in the same second.
LMS_REMEMBER_SECONDS = 0
# As in the demonstration, so that every component is looked at.
WEBSITE_STYLEGUIDE = True
# Nobody else's: the other tests read theirs while these files are being written.
STATIC_ROOT = VAR_DIR / "browser" / "static"
