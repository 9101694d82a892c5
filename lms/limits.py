"""Rate limits in the shared cache."""

import hashlib
import logging
from contextlib import suppress

from django.core.cache import cache

from lms import clock
from lms.conf import conf

log = logging.getLogger("lms.limits")


def _name(scope: str, key: str, seconds: int) -> str:
    """The entry that counts uses of *scope* by *key* in the present span."""
    span = int(clock.nearly().timestamp()) // seconds
    return f"lms:limit:{scope}:{hashlib.sha256(str(key).encode()).hexdigest()[:32]}:{span}"


def spent(uses: dict[tuple[str, str], int], *, seconds: int) -> bool:
    """Whether one of *uses*, (scope, key) to limit, is used up in this span; counts nothing.

    For what should cost honest people one read: count failures only, and ask here first.
    """
    limits = {_name(scope, key, seconds): limit for (scope, key), limit in uses.items()}
    try:
        counted = cache.get_many(list(limits))
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises
        log.warning("The cache did not say what is spent: %s", error)
        return False
    return any(counted.get(name, 0) >= limit for name, limit in limits.items())


def hit(scope: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count one use of *scope* by *key* and return whether it is within *limit* in this span of *seconds*.

    A cache that does not answer lets people through: a dead cache must not close an examination.
    """
    name = _name(scope, key, seconds)
    try:
        for _attempt in range(2):
            with suppress(ValueError):
                return cache.incr(name) <= limit
            if cache.add(name, 1, timeout=seconds):
                return limit >= 1
            # Another request has made the entry between the two calls: it is counted there.
        return True
    except Exception as error:  # noqa: BLE001 - whatever the cache's client raises
        log.warning("The cache did not count %s: %s", scope, error)
        return True


def address(request) -> str:
    """Return the address a request came from, read behind ``LMS_TRUSTED_PROXIES`` proxies of our own.

    Each proxy appends the address it saw; what stands left of those is the sender's own invention.
    """
    proxies = conf.TRUSTED_PROXIES
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(chain) >= proxies:
        return chain[-proxies]
    return request.META.get("REMOTE_ADDR", "")
