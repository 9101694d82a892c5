"""The test settings on the servers that the environment names: ``DATABASE_URL``, ``BROKER_URL``, ``CACHE_URL``."""

import os

from website.settings.test import *  # noqa: F403

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["CACHE_URL"],
        "KEY_PREFIX": "vuonxa-tests",
    }
}
