"""Small pages of the site itself: health, robots, language switch, privacy notice, style guide."""

import errno
import logging
import secrets
import sys

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import Resolver404, resolve, reverse, translate_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.localization import get_localized_response
from wagtail.models import Page, Site

from lms.media import MediaUnwritable
from lms.models import Job
from website.accounts.consents import PRIVACY_VERSION

log = logging.getLogger("website")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the database answers, and how much work waits; reads only, tells nothing personal."""
    try:
        now = timezone.now()
        due = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now)
        oldest = due.order_by("run_at").values_list("run_at", flat=True).first()
        jobs = {
            "due": due.count(),
            "running": Job.objects.filter(state=Job.State.RUNNING).count(),
            "dead": Job.objects.filter(state=Job.State.DEAD).count(),
            "oldest_due_seconds": int((now - oldest).total_seconds()) if oldest else 0,
        }
    except DatabaseError:
        return JsonResponse({"ok": False, "database": "unreachable"}, status=503)
    return JsonResponse({"ok": True, "database": "ok", "jobs": jobs})


class EditorWords(JavaScriptCatalog):
    """The words of Wagtail's editor that scripts show, with those of ours that it has no Vietnamese for."""

    packages = ["wagtail.admin"]

    def get_paths(self, packages):
        """Django leaves ``LOCALE_PATHS`` out where packages are named."""
        return [*super().get_paths(packages), *map(str, settings.LOCALE_PATHS)]


def editor_words(request: HttpRequest) -> HttpResponse:
    """As Wagtail's view, in the language that the user chose for the admin."""
    return get_localized_response(EditorWords.as_view(), request)


UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}
"""What a disk says that takes nothing now: full, its owner's share used up, not ours to write, read-only."""


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, with a code that stands in the log just above the error; asks nobody anything.

    Where the database or the disk cannot write or answer now (it is full, it is being restarted) nothing was
    changed and it is worth another try: 503, which our scripts take for "later" and keep what they hold.
    """
    code = secrets.token_hex(4).upper()
    log.error("error %s", code)
    error = sys.exc_info()[1]
    is_passing = isinstance(error, OperationalError | InterfaceError | MediaUnwritable)
    if is_passing or (isinstance(error, OSError) and error.errno in UNWRITABLE):
        page = render_to_string("503.html", {"code": code})
        return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
    return HttpResponseServerError(render_to_string("500.html", {"code": code}))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines see the public pages; nothing personal, no certificate."""
    closed = [
        "/admin/",
        "/accounts/",
        "/me/",
        "/learn/",
        "/certificates/",
        "/language/",
        "/V/",
        "/documents/",
    ]
    lines = ["User-agent: *"]
    for path in closed:
        lines += [f"Disallow: {path}", f"Disallow: /en{path}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to keep the site like an app."""
    icon = {"src": static("website/icon-app.svg"), "sizes": "any", "type": "image/svg+xml"}
    told = {
        "id": "/",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "lang": "vi",
        "start_url": reverse("me"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbfaf6",
        "theme_color": "#26397a",
        "icons": [{**icon, "purpose": "any"}, {**icon, "purpose": "maskable"}],
        "shortcuts": [{"name": str(_("Saved on this device")), "url": reverse("lms_courses:saved")}],
    }
    headers = {"Cache-Control": "public, max-age=86400"}
    return JsonResponse(told, content_type="application/manifest+json", headers=headers)


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from ``?from=`` to the same page in the language *code*; where there is none, to home, saying so."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    source = request.GET.get("from", "/")
    if not source.startswith("/") or not url_has_allowed_host_and_scheme(source, allowed_hosts=None):
        source = "/"
    path, _mark, query = source.partition("?")
    # Addresses are read in the language they were written in.
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            match = resolve(path)
        except Resolver404:
            match = None
        if match is not None and match.url_name != "wagtail_serve":
            target = translate_url(source, code)
            if target == source and code != settings.LANGUAGE_CODE:
                # Outside the language prefix (the public check of a certificate): say it in the query.
                target = f"{path}?lang={code}"
            return HttpResponseRedirect(target)
        page = page_at(request, match.args[0] if match and match.args else "")
    with override(code):
        translated, exact = nearest_translation(page, code)
        if not exact:
            messages.info(request, _("That page does not exist in this language yet."))
        url = translated.get_url(request) if translated else reverse("wagtail_serve", args=[""])
        return HttpResponseRedirect(f"{url}?{query}" if exact and query else url)


def nearest_translation(page: Page | None, code: str) -> tuple[Page | None, bool]:
    """The live translation of *page* or of the nearest page above it, and whether it is of *page* itself."""
    if page is None:
        return None, False
    for candidate in [page, *page.get_ancestors().filter(depth__gt=1).order_by("-depth")]:
        same = Page.objects.live().filter(
            translation_key=candidate.translation_key, locale__language_code=code
        )
        if (found := same.first()) is not None:
            return found, candidate.pk == page.pk
    return None, False


def page_at(request: HttpRequest, path: str) -> Page | None:
    """The live page that Wagtail serves under *path* in the active language."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    url_path = "/".join([site.root_page.localized.url_path.rstrip("/"), path.strip("/")]).rstrip("/") + "/"
    return Page.objects.live().filter(url_path=url_path).first()


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What data is kept, why, how long, and what one may ask for."""
    context = {"version": PRIVACY_VERSION, "controller": settings.PRIVACY_CONTROLLER}
    return render(request, "website/privacy.html", context)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components on one page; only where ``WEBSITE_STYLEGUIDE`` is set: developing, the demo, tests."""
    if not settings.WEBSITE_STYLEGUIDE:
        raise Http404
    return render(request, "website/styleguide.html")
