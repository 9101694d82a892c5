"""A video lecture: forms with their sizes, the place to go on, and the token by which watching is reported."""

from content.models import Slideshow, Video
from courses.actions.watching import token_for
from courses.conf import conf
from courses.models import Enrolment, WatchRecord
from courses.watching import BUCKET, buckets_in, from_bytes
from lms import sql
from lms.memory import remembered

RATES = (0.75, 1, 1.25, 1.5, 1.75, 2)
"""Speeds of the player; faster than twice would not be credited (``watching.RATE``)."""


_WATCHED = "SELECT * FROM lms_courses_watchrecord WHERE enrolment_id = %s AND video_id = %s AND version = %s"


def panel(request, enrolment: Enrolment, lesson, item: dict) -> dict:
    """The player of the version that the learner's release froze."""
    found = player(enrolment, item)
    record = found["record"]
    return {
        **found,
        "watch_pct": enrolment.run.release.policy["watch_pct"],
        # Up to here a lecture that must not be skipped through may be sought; the browser only asks nicely,
        # what counts is what was played.
        "furthest": from_bytes(record.bits).bit_length() * BUCKET if record and lesson.no_skipping else 0,
        "token": token_for(enrolment, item).signed() if enrolment.state != Enrolment.State.WITHDRAWN else "",
    }


def player(enrolment: Enrolment, item: dict) -> dict:
    """The forms of one version of a recording and how far *enrolment* has watched it, whatever it counts for."""
    version = item["version"]
    made = remembered(("video", item["video"], version), lambda: _made(item["video"], version))
    expired = bool(made["video"] and made["video"].is_expired)
    forms = [] if expired else made["forms"]
    record = sql.one(WatchRecord, _WATCHED, [enrolment.pk, item["video"], version])
    buckets = buckets_in(item["seconds"])
    credited = record.credited if record else 0
    return {
        **made,
        "forms": forms,
        "slideshow": None if expired else made["slideshow"],
        "expired": expired,
        "record": record,
        "chosen": next(
            (one for one in reversed(forms) if one.kind in {"360p", "240p"}), forms[-1] if forms else None
        ),
        "watched_pct": credited * 100 // buckets if buckets else 0,
        "position": record.position if record else 0,
        "seconds": int(item["seconds"]),
        "saved_at": record.updated_at if record else None,
        "beat_seconds": conf.BEAT_SECONDS,
        "rates": RATES,
    }


def _made(pk: int, version: int) -> dict:
    """What there is of a lecture, the same for all who may watch it."""
    video = Video.objects.filter(pk=pk).order_by().prefetch_related("renditions").first()
    stills = [one for one in video.renditions.all() if one.kind == "poster"] if video else []
    captions = list(video.captions.filter(version=version).order_by("-language")) if video else []
    written = video.transcript if video else ""
    slideshow = Slideshow.of(video, version) if video else None
    return {
        "video": video,
        "transcript": written or next((one.transcript for one in captions), ""),
        "forms": video.ready_renditions(version) if video else [],
        "slideshow": slideshow if slideshow and slideshow.is_offered else None,
        "poster": next((one for one in stills if one.version == version), None),
        "captions": captions,
        "chapters": list(video.chapters.filter(version=version)) if video else [],
    }
