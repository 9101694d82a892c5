"""Bringing recordings in: uploaded, replaced, processed again, given captions."""

import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from content import reasons, transcode
from content.conf import conf
from content.models import Caption, Chapter, SlideEdit, Video
from content.models.videos import CANCELLED, TRANSCODE
from lms import media, queue

CAPTION_BYTES = 500_000


class VideoRefused(Exception):
    """A recording or caption file that is not taken; the message says why and what to do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def add_video(facility, *, title: str, file: File, by) -> Video:
    """Store a recording of *facility* and promise its processing; raises VideoRefused, MediaUnwritable.

    Sending the same bytes under the same title again returns the video that is there.
    """
    video = Video(facility=facility, title=title.strip()[:200], created_by=by)
    source = _store(video, 1, file)
    twin = Video.objects.filter(facility=facility, title=video.title, source_sha256=source["source_sha256"])
    if found := twin.first():
        media.storage().delete(source["source"])
        return found
    try:
        with transaction.atomic():
            for name, value in source.items():
                setattr(video, name, value)
            video.save()
            queue.enqueue(TRANSCODE, video.job_key)
    except BaseException:
        media.storage().delete(source["source"])
        raise
    return video


def replace_video(video: Video, *, file: File, by) -> Video:
    """Give *video* a new recording as its next version; forms and watch records of the old one stay.

    The very same bytes change nothing.
    """
    version = video.version + 1
    source = _store(video, version, file)
    if source["source_sha256"] == video.source_sha256:
        media.storage().delete(source["source"])
        return video
    fresh = {"error": "", "duration_ms": 0, "width": 0, "height": 0, "state": Video.State.UPLOADED}
    try:
        with transaction.atomic():
            # Two replacements at once: one of them is told to look again.
            if not Video.objects.filter(pk=video.pk, version=video.version).update(
                version=F("version") + 1, **fresh, **source
            ):
                raise VideoRefused(
                    _("Somebody has just replaced this recording. Please look at the new one.")
                )
            video.refresh_from_db()
            queue.enqueue(TRANSCODE, video.job_key)
    except BaseException:
        media.storage().delete(source["source"])
        raise
    return video


def process_again(video: Video, *, by) -> Video:
    """Promise the processing of a video that failed or was cancelled, or lacks what is made of others today.

    What is made already is kept.
    """
    stuck = Q(state=Video.State.FAILED)
    if not video.is_under_way:
        stuck |= Q(state__in=[Video.State.UPLOADED, Video.State.PROCESSING])
    with transaction.atomic():
        if Video.objects.filter(stuck, pk=video.pk).update(state=Video.State.UPLOADED, error=""):
            queue.enqueue(TRANSCODE, video.job_key)
        elif not video.is_under_way and video.lacks_forms:
            Video.objects.filter(pk=video.pk, version=video.version).update(error="")
            queue.enqueue(TRANSCODE, video.job_key)
    video.refresh_from_db()
    return video


def complete_videos() -> int:
    """Promise what is missing of all ready lectures (``Video.lacks_forms``); return how many there are."""
    promised = 0
    for video in Video.objects.filter(state=Video.State.READY).prefetch_related("renditions").order_by("pk"):
        if video.lacks_forms and not video.is_under_way:
            process_again(video, by=None)
            promised += 1
    return promised


def cancel_processing(video: Video, *, by) -> Video:
    """Call the processing off; a worker stops within seconds, the recording and finished forms stay.

    A ready lecture that is being given what it lacks stays ready.
    """
    current = Video.objects.filter(pk=video.pk, version=video.version)
    under_way = [Video.State.UPLOADED, Video.State.PROCESSING]
    is_stopped = current.filter(state__in=under_way).update(state=Video.State.FAILED, error=CANCELLED)
    if not is_stopped and video.is_under_way:
        current.filter(state=Video.State.READY).update(error=CANCELLED)
    video.refresh_from_db()
    return video


def set_captions(video: Video, *, language: str, vtt: bytes) -> Caption:
    """Give the current version captions in *language* from the bytes of a WebVTT or SRT file."""
    caption, _created = Caption.objects.update_or_create(
        video=video, version=video.version, language=language, defaults={"vtt": caption_text(vtt)}
    )
    return caption


def set_chapters(video: Video, *, chapters: list[tuple[int, str, str]]) -> Video:
    """Give the current version exactly these chapters: beginning in milliseconds, title in both languages."""
    rows = [
        Chapter(video=video, version=video.version, at_ms=at, title_vi=vi, title_en=en)
        for at, vi, en in chapters
    ]
    with transaction.atomic():
        # One writer after the other.
        Video.objects.select_for_update().get(pk=video.pk)
        video.chapters.filter(version=video.version).delete()
        Chapter.objects.bulk_create(rows)
    return video


def set_slides(video: Video, *, left_out: Iterable[int], is_off: bool) -> SlideEdit:
    """Leave the slides of the current version that begin at the seconds *left_out* out; with *is_off* offer none.

    It stands when the slides are found anew.
    """
    edit, _created = SlideEdit.objects.update_or_create(
        video=video,
        version=video.version,
        defaults={"left_out": sorted(set(left_out)), "is_off": is_off},
    )
    return edit


def caption_text(vtt: bytes) -> str:
    """Return the bytes of a WebVTT or SRT file as WebVTT text, or raise VideoRefused."""
    if len(vtt) > CAPTION_BYTES:
        raise VideoRefused(_("The caption file is too big. At most 500 kB are taken."))
    try:
        text = vtt.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").strip()
    except UnicodeDecodeError:
        raise VideoRefused(_("The caption file is not UTF-8 text. Please save it as UTF-8.")) from None
    if not text.startswith("WEBVTT"):
        if not re.search(r"^\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", text, re.MULTILINE):
            raise VideoRefused(
                _("This is no caption file. Please upload a WebVTT (.vtt) or SubRip (.srt) file.")
            )
        text = "WEBVTT\n\n" + re.sub(r"(\d\d:\d\d:\d\d),(\d{3})", r"\1.\2", text)
    return text + "\n"


def _store(video: Video, version: int, file: File) -> dict:
    """Check what can be seen without ffmpeg, store the bytes, return the columns of the source."""
    check_room(video.facility, size=file.size)
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    suffix = suffix_of(head)
    # A name of its own: of two that replace a recording at once, the refused one takes away only its own bytes.
    place = f"video/{video.uuid}/{version}/source-{secrets.token_hex(4)}{suffix}"
    name, size, sha256 = media.save(place, file)
    return {
        "source": name,
        "source_name": Path(file.name or "").name[:200],
        "source_size": size,
        "source_sha256": sha256,
    }


def check_room(facility, *, size: int, promised: int = 0) -> None:
    """Refuse a recording of *size* bytes that is too big or for which *facility* has no room left.

    *promised* are bytes of other recordings that are on their way.
    """
    limit = conf.VIDEO_MAX_BYTES
    if size > limit:
        raise refused("too_big", size=size // 1_000_000, limit=limit // 1_000_000)
    quota = conf.VIDEO_QUOTA_BYTES
    if not quota:
        return
    used = Video.objects.filter(facility=facility).bytes_kept() + promised
    if used + size > quota:
        raise refused("quota", used=used // 1_000_000, limit=quota // 1_000_000, size=-(-size // 1_000_000))


def suffix_of(head: bytes) -> str:
    """The suffix for a recording that begins with *head*; refuses what is no video."""
    try:
        return transcode.container_of(head)
    except transcode.Unusable as unusable:
        raise refused(unusable.code, **unusable.params) from None


def refused(code: str, **params) -> VideoRefused:
    """The refusal that says the sentence *code* of ``reasons``."""
    return VideoRefused(reasons.words(code, params))
