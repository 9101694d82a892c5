"""What a learner may keep on a device to learn without a network: which lessons, how heavy, and what is in them.

Never in it: the key of any question, live sessions, surveys, checklists and tests that decide.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from content import grading
from content.models import Slideshow
from courses import activities, promised
from courses.journey import Row
from courses.links import base_page
from courses.models import Attempt, Enrolment, Lesson, SessionRecording
from lms import clock
from lms.languages import pick

FIGURE = "max-640x960|format-webp|webpquality-60"
"""The size of a picture that a lesson shows (``lms_content/blocks/figure.html``)."""

KINDS = ("audio", "slides", "240p")
"""The forms of a lecture that may be kept."""

NEVER = ("/admin/", "/accounts/", "/V/", "/documents/", "/static/")
"""Beginnings of addresses that the worker leaves alone."""


def worker_url() -> str:
    """Where the service worker stands; nothing on a site that does not mount it, which then keeps no lessons."""
    try:
        return reverse("lms_worker:worker")
    except NoReverseMatch:
        return ""


def addresses() -> dict:
    """What the scripts and the worker need to know of the site's addresses; ``pages`` longest first."""
    pages = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            pages.append(reverse("lms_courses:saved"))
    return {
        "pages": sorted(dict.fromkeys(pages), key=len, reverse=True),
        "who": reverse("lms_courses:who"),
        "watched": reverse("lms_courses:watched_offline"),
        "worker": worker_url(),
        "store": static("lms_courses/store.js"),
        # Modules are imported by their plain names.
        "imports": [
            f"{settings.STATIC_URL}lms_courses/{name}.js" for name in ("saved-here", "store", "played")
        ],
        "statics": settings.STATIC_URL,
        "never": NEVER,
    }


def owner_of(user) -> str:
    """A name for the person behind *user* that tells a device apart whose things it keeps, and nothing else."""
    if not user.is_authenticated:
        return ""
    return salted_hmac("lms_courses.saving", str(user.pk), secret=settings.SECRET_KEY).hexdigest()[:16]


def why_not(row: Row) -> str:
    """Why the lesson of *row* cannot be kept, in words, or nothing."""
    if row.locked:
        return row.locked
    if not worker_url():
        return _("This site keeps no lessons on devices.")
    if row.page is None:
        return _("This lesson has no page at present.")
    if row.kind == "video":
        return "" if row.sizes else _("The recording is not available just now.")
    if row.kind == "quiz" and row.purpose == "practice":
        return _("Its time is counted by the server.") if promised.time_limit(row.item) else ""
    return "" if row.kind == "reading" else _("This one needs a network.")


def weights(rows: Iterable[Row]) -> dict[int, int]:
    """Bytes of documents, sounds and pictures in the body of each lesson, by its id; as many queries for one as for all."""
    pages = {row.page.pk: row.item["lesson"] for row in rows if row.page is not None}
    found = base_page().objects.filter(pk__in=pages).specific()
    bodies = {pages[page.pk]: page for page in found}
    files: dict[int, set[int]] = {}
    pictures: dict[int, set[int]] = {}
    for lesson, page in bodies.items():
        values = [one["value"] for one in page.body.raw_data if isinstance(one["value"], dict)]
        files[lesson] = {one[name] for one in values for name in ("document", "sound") if one.get(name)}
        pictures[lesson] = {one["image"] for one in values if one.get("image")}
    documents = get_document_model().objects.in_bulk({pk for found in files.values() for pk in found})
    sizes = (
        get_image_model()
        .get_rendition_model()
        .objects.filter(image__in={pk for found in pictures.values() for pk in found}, filter_spec=FIGURE)
    )
    drawn = {one.image_id: one.file.size for one in sizes}
    return {
        lesson: sum(documents[pk].get_file_size() or 0 for pk in files[lesson] if pk in documents)
        + sum(drawn.get(pk, 0) for pk in pictures[lesson])
        for lesson in bodies
    }


def packed(request, row: Row, lesson: Lesson, enrolment: Enrolment, *, attempt: Attempt | None) -> dict:
    """What the device keeps of one lesson, all but the files; *attempt* is the practice test begun for it."""
    page = row.page.specific
    made = {
        "owner": owner_of(request.user),
        "id": f"{enrolment.pk}-{lesson.pk}",
        "course": enrolment.run.release.title,
        "number": row.number,
        "title": row.title,
        "url": row.url,
        "kind": row.kind,
        "met": bool(row.result and row.result.met),
        "html": page.body.render_as_block(),
    }
    if row.kind == "video":
        made["video"] = _video(activities.panel(request, enrolment, lesson, row.item))
    if attempt is not None:
        made["quiz"] = _quiz(attempt)
    return made


def packed_recording(
    request, enrolment: Enrolment, row: SessionRecording, panel: dict, *, number: int, url: str
) -> dict:
    """The same of a recording of a session: its parts that were missed stand in the place of chapters."""
    return {
        "owner": owner_of(request.user),
        "id": f"{enrolment.pk}-again-{row.pk}",
        "course": enrolment.run.release.title,
        "number": number,
        "mark": "↺",
        "title": f"{row.session.title}: {row.video.title}",
        "url": url,
        "kind": "again",
        "met": False,
        "html": "",
        "video": _video({**panel, "chapters": panel["parts"]}) | {"makes_up": True},
    }


def until(made: dict, moment: datetime) -> datetime:
    """Until when the device keeps *made*: *moment*, or the end of the last day on which its recording is shown."""
    last = made.get("video", {}).get("last_day")
    return min(moment, clock.end_of(date.fromisoformat(last))) if last else moment


def _video(panel: dict) -> dict:
    video = panel["video"]
    return {
        # A patient's recording is kept no longer than it is shown.
        "last_day": video.shown_until.isoformat() if video and video.shows_patient else "",
        "seconds": panel["seconds"],
        "position": panel["position"],
        "pct": panel["watched_pct"],
        "needed": panel["watch_pct"],
        "transcript": panel["transcript"],
        "chapters": [
            {"at": one.seconds, "clock": one.clock, "title": one.title} for one in panel["chapters"]
        ],
        "captions": [{"language": one.language, "url": one.url} for one in panel["captions"]],
        "forms": [
            *({"kind": one.kind, "url": one.url, "size": one.size} for one in panel["forms"]),
            *_slides(panel["slideshow"]),
        ],
    }


def _slides(slideshow: Slideshow | None) -> list[dict]:
    """The sound once more, with all stills in one file and where each lies in it."""
    if slideshow is None:
        return []
    found = [
        {"at": one.seconds, "start": one.start, "end": one.start + one.size, "title": one.title}
        for one in slideshow.slides
    ]
    sound = slideshow.sound
    stills = {"url": slideshow.form.url, "slides": found}
    return [{"kind": "slides", "url": sound.url, "size": slideshow.size, "stills": stills}]


def _quiz(attempt: Attempt) -> dict:
    """The questions as a learner may see them, and what was answered already."""
    answers = list(attempt.answers.all())
    given = {one.slot: one.value for one in answers}
    return {
        "attempt": attempt.pk,
        "nonce": attempt.nonce,
        "seq": max((one.client_seq for one in answers), default=0),
        "questions": [
            {
                "slot": one["slot"],
                "multiple": one["kind"] == "multiple",
                "stem": pick(one["stem"].get("vi", ""), one["stem"].get("en", "")),
                "options": [
                    {"id": each["id"], "text": pick(each["vi"], each["en"])} for each in one["options"]
                ],
                "chosen": given.get(one["slot"], []),
            }
            for one in grading.without_keys(attempt.frozen)
        ],
        "language": get_language(),
    }
