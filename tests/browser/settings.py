"""The site as it runs for people — compressed static files, cache in the database — with the tests' logins."""

from website.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# What a test publishes is looked at in the same second.
LMS_REMEMBER_SECONDS = 0
# As in the demonstration, so that every component is looked at.
WEBSITE_STYLEGUIDE = True
