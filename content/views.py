"""Lectures as files: forms, posters and captions, for those entitled and for nobody else."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from content.permissions import get_video_for
from lms import media

WEEK = 7 * 24 * 3600


@require_safe
def video(request: HttpRequest, uuid, version: int, kind: str) -> HttpResponse:
    """Send one form of one version, whole or the range asked for."""
    found = get_video_for(request.user, uuid)
    form = found.renditions.filter(version=version, kind=kind).first()
    if form is None:
        raise Http404
    name = f"{found.uuid}-{version}-{kind}{form.name[form.name.rindex('.') :]}"
    # The bytes behind a version and a kind stay the same until they are made anew.
    return media.serve(request, form.name, content_type=form.content_type, filename=name, max_age=WEEK)


@require_safe
def captions(request: HttpRequest, uuid, version: int, language: str) -> HttpResponse:
    """Send the captions of one version in one language."""
    caption = get_video_for(request.user, uuid).captions.filter(version=version, language=language).first()
    if caption is None:
        raise Http404
    headers = {
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return HttpResponse(caption.vtt, content_type="text/vtt; charset=utf-8", headers=headers)
