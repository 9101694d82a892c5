"""Lectures, pictures and documents as files, for those entitled and for nobody else."""

import mimetypes

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from content import captions as cues
from content import pieces
from content.library import get_document_for, get_file_for, get_rendition_for
from content.models import Video
from content.permissions import get_video_for
from lms import clock, media

WEEK = 7 * 24 * 3600


def _kept(video: Video) -> int:
    """How many seconds a browser may keep what it fetched: a patient's recording not past its last day."""
    if not (video.shows_patient and video.shown_until):
        return WEEK
    return max(0, min(WEEK, (video.shown_until - clock.today()).days * 24 * 3600))


@require_safe
def video(request: HttpRequest, uuid, version: int, kind: str) -> HttpResponse:
    """Send one form of one version, whole or the range asked for."""
    found = get_video_for(request.user, uuid)
    form = found.renditions.filter(version=version, kind=kind).first()
    if form is None:
        raise Http404
    name = f"{found.uuid}-{version}-{kind}{form.name[form.name.rindex('.') :]}"
    # The bytes behind a version and a kind stay the same until they are made anew.
    return media.serve(
        request, form.name, content_type=form.content_type, filename=name, max_age=_kept(found)
    )


@require_safe
def part(request: HttpRequest, uuid, version: int, kind: str, number: int) -> HttpResponse:
    """Send one part of one form of a long lecture, whole or the range asked for."""
    found = get_video_for(request.user, uuid)
    form = found.renditions.filter(version=version, kind=kind).first()
    if form is None or not 1 <= number <= len(form.parts):
        raise Http404
    name = f"{uuid}-{version}-{kind}-{number}{form.name[form.name.rindex('.') :]}"
    return media.serve(
        request,
        form.part_name(number),
        content_type=form.content_type,
        filename=name,
        max_age=_kept(found),
    )


@require_safe
def slide(request: HttpRequest, uuid, version: int, place: int) -> HttpResponse:
    """Send one slide of one version; *place* is its place among all that were found."""
    found = get_video_for(request.user, uuid)
    form = found.renditions.filter(version=version, kind="slides").first()
    if form is None or not 1 <= place <= len(form.stills):
        raise Http404
    _second, start, size = form.stills[place - 1]
    return media.serve_part(
        request, form.name, start=start, size=size, content_type="image/webp", max_age=_kept(found)
    )


@require_safe
def playlist(request: HttpRequest, uuid, version: int, kind: str) -> HttpResponse:
    """Say where the pieces of one form lie, for browsers that stream by themselves."""
    form = _cut_form(request, uuid, version, kind)
    text = pieces.render(form.pieces, mark=form.sha256[:8])
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="application/vnd.apple.mpegurl", headers=headers)


@require_safe
def piece(request: HttpRequest, uuid, version: int, kind: str, number: int) -> HttpResponse:
    """Send one piece of one form: some seconds of it."""
    form = _cut_form(request, uuid, version, kind)
    if number >= len(form.pieces):
        raise Http404
    _seconds, start, size = form.pieces[number]
    kind = "audio/mp4" if form.kind == "audio" else "video/mp4"
    return media.serve_part(
        request, form.pieces_name, start=start, size=size, content_type=kind, max_age=_kept(form.video)
    )


def _cut_form(request: HttpRequest, uuid, version: int, kind: str):
    found = get_video_for(request.user, uuid)
    form = found.renditions.filter(version=version, kind=kind).first()
    if form is None or not form.pieces:
        raise Http404
    return form


@require_safe
def captions(request: HttpRequest, uuid, version: int, language: str) -> HttpResponse:
    """Send the captions of one version in one language, for the player of a part from its second ``from`` on."""
    caption = get_video_for(request.user, uuid).captions.filter(version=version, language=language).first()
    if caption is None:
        raise Http404
    headers = {
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    text, start = caption.vtt, request.GET.get("from", "")
    if start.isdecimal() and len(start) < 6:
        shifted = cues.nudge(cues.parse(text), -1000 * int(start))
        text = cues.render([cue for cue in shifted if cue.end])
    return HttpResponse(text, content_type="text/vtt; charset=utf-8", headers=headers)


@require_safe
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one size of a picture that a page shows."""
    return _picture(request, get_rendition_for(request.user, pk).file.name, max_age=WEEK)


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a document that a page offers, to be kept."""
    found = get_document_for(request.user, pk)
    return media.serve(
        request,
        found.file.name,
        content_type=found.content_type,
        filename=found.filename,
        inline=False,
        source=found.file.storage,
    )


@require_safe
def library(request: HttpRequest, name: str) -> HttpResponse:
    """Send a picture to the screens of those who keep it."""
    return _picture(request, get_file_for(request.user, name), max_age=0)


def _picture(request: HttpRequest, name: str, *, max_age: int) -> HttpResponse:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return media.serve(request, name, content_type=kind, max_age=max_age, source=default_storage)
