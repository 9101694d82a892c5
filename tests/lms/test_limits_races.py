"""Many use up one limit at the same moment; what is counted in the database loses no use."""

import pytest

from lms import limits

pytestmark = pytest.mark.race


def let_through(race_db, settings, backend: str) -> int:
    """How many of 120 uses by twelve threads get through a limit of fifty."""
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "website_cache"}}
    got = race_db.threads(
        12, lambda _number: [limits.hit("lms.claim", "lan", limit=50, seconds=86400) for _ in range(10)]
    )
    return sum(is_within for uses in got for is_within in uses)


def test_as_many_get_through_at_the_same_moment_as_the_limit_says(race_db, settings):
    assert let_through(race_db, settings, "lms.cache.DatabaseCache") == 50


def test_djangos_own_counting_would_let_more_through(race_db, settings):
    with pytest.raises(AssertionError):
        assert let_through(race_db, settings, "django.core.cache.backends.db.DatabaseCache") == 50
