"""What happens to every answer: what the browser may load, do and keep, and how light it travels."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_cache_control
from django.views.defaults import page_not_found
from wagtail.models import Site

from lms.conf import conf
from lms.memory import remembered

# Nothing inline and nothing foreign. Lectures are played from blobs when they were kept for offline use.
PUBLIC_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)
PREVIEW_POLICY = PUBLIC_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
# Wagtail's admin writes scripts and styles into its pages, and previews our pages in a frame.
ADMIN_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)
PERMISSIONS = (
    "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


IMPOSSIBLE = re.compile(r"\d{10}")
"""Digits that may be more than a column of keys takes."""


class PageCompression(GZipMiddleware):
    """Compress pages, nothing else: lectures are asked for in ranges, which compression would break.

    A proxy in front may do it instead; a page that is compressed already stays as it is. Django
    masks the CSRF token and pads the stream at random, so the length tells nothing (BREACH).
    """

    kinds = ("text/html", "application/json", "text/vtt", "text/plain")

    def process_response(self, request, response):
        if response.streaming or not response.get("Content-Type", "").startswith(self.kinds):
            return response
        return super().process_response(request, response)


class StaticCompression(GZipMiddleware):
    """Compress styles and scripts on their way: for the demonstration, which collects nothing beforehand."""

    kinds = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")

    def process_response(self, request, response):
        is_static = request.path_info.startswith(settings.STATIC_URL)
        if not is_static or not response.get("Content-Type", "").startswith(self.kinds):
            return response
        return super().process_response(request, response)


def headers(get_response):
    """Set the content policy, the permissions, and "keep no copy" on answers made for one person.

    A page names its stylesheet before its first byte: on a slow line the browser asks for it while
    the page itself is still on its way. A view that sets its own policy or caching (private media does) keeps it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        admin = request.path_info.startswith("/admin/")
        # Wagtail shows a preview in a frame of its editor; inside it the page may do no more than in public.
        public = PREVIEW_POLICY if getattr(request, "is_preview", False) else PUBLIC_POLICY
        response.setdefault("Content-Security-Policy", ADMIN_POLICY if admin else public)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        if stylesheet := getattr(request, "stylesheet", ""):
            response.setdefault("Link", f"<{stylesheet}>; rel=preload; as=style")
        if not response.has_header("Cache-Control") and is_personal(request):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware


def impossible_numbers(get_response):
    """Answer "not found" where an address asks for a number that no database holds: no row has it.

    Filters of Wagtail's page lists hand such a number to the database, which refuses it with an error.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def not_there(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        is_asked = any(IMPOSSIBLE.search(text) for _key, texts in request.GET.lists() for text in texts)
        if is_asked and isinstance(exception, OverflowError | DataError):
            return page_not_found(request, exception)
        return None

    middleware.process_exception = not_there  # type: ignore[attr-defined]
    return middleware


def without_nul(get_response):
    """Refuse the sign NUL in an address, a cookie or a form: no key types it, and PostgreSQL keeps no text with it.

    Stands behind the protection against forged requests, which reads forms first, and before whoever asks the database.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        _require_none(request.path, *request.COOKIES.values(), *_texts(request.GET))
        return get_response(request)

    def look(request: HttpRequest, view, *arguments) -> None:
        # Who is exempt from that protection reads no form, but the body itself, which can be read only once.
        if not getattr(view, "csrf_exempt", False):
            _require_none(*_texts(request.POST))

    middleware.process_view = look  # type: ignore[attr-defined]
    return middleware


def _texts(sent: QueryDict) -> Iterator[str]:
    return (text for key, values in sent.lists() for text in (key, *values))


def _require_none(*texts: str) -> None:
    if any("\0" in text for text in texts):
        raise BadRequest("NUL")


def known_site(get_response):
    """Remember which site answers for a host: Wagtail asks for each page, by a statement that Django builds for a millisecond.

    ``_wagtail_site`` is where Wagtail itself keeps the answer for the request; were it called otherwise one
    day, Wagtail would only ask again. The object is made anew each time: its home page is read when it is served.
    """
    fields = [field.attname for field in Site._meta.concrete_fields]

    def read(request: HttpRequest) -> tuple | None:
        site = Site.find_for_request(request)
        return site and (site._state.db, tuple(getattr(site, name) for name in fields))

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def look(request: HttpRequest, view, args, kwargs) -> None:
        # Nothing else needs to know, least of all what says whether the database answers.
        if conf.REMEMBER_SECONDS and request.resolver_match.url_name == "wagtail_serve":
            known = remembered(("site", request.get_host(), request.get_port()), lambda: read(request))
            request._wagtail_site = Site.from_db(known[0], fields, known[1]) if known else None

    middleware.process_view = look  # type: ignore[attr-defined]
    return middleware


def is_personal(request: HttpRequest) -> bool:
    """Whether somebody is signed in; asks the session only where the browser sent its cookie."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated)
