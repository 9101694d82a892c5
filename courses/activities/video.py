"""A video lecture: forms with their sizes, the place to go on, and the token by which watching is reported."""

from content.models import Video
from courses.actions.watching import token_for
from courses.conf import conf
from courses.models import Enrolment, WatchRecord
from courses.watching import buckets_in


def panel(request, enrolment: Enrolment, lesson, item: dict) -> dict:
    """The player of the version that the learner's release froze."""
    video = Video.objects.filter(pk=item["video"]).prefetch_related("renditions").first()
    version = item["version"]
    forms = video.ready_renditions(version) if video else []
    record = WatchRecord.objects.filter(enrolment=enrolment, video=item["video"], version=version).first()
    buckets = buckets_in(item["seconds"])
    credited = record.credited if record else 0
    stills = [one for one in video.renditions.all() if one.kind == "poster"] if video else []
    return {
        "video": video,
        "forms": forms,
        "chosen": next(
            (one for one in reversed(forms) if one.kind in {"360p", "240p"}), forms[-1] if forms else None
        ),
        "poster": next((one for one in stills if one.version == version), None),
        "captions": list(video.captions.filter(version=version)) if video else [],
        "watched_pct": credited * 100 // buckets if buckets else 0,
        "watch_pct": enrolment.run.release.policy["watch_pct"],
        "position": record.position if record else 0,
        "seconds": int(item["seconds"]),
        "saved_at": record.updated_at if record else None,
        "token": token_for(enrolment, item).signed() if enrolment.state != Enrolment.State.WITHDRAWN else "",
        "beat_seconds": conf.BEAT_SECONDS,
    }
