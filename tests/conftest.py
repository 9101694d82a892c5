"""The cast, the places and the clock that all tests share."""

import pytest
from django.core.cache import cache
from django.utils import translation


@pytest.fixture(autouse=True)
def _fresh_world():
    """Vietnamese, and no rate limit left over from another test."""
    cache.clear()
    with translation.override("vi"):
        yield
