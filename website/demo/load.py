"""Loads the demonstration in two stages: what a visitor sees first, then the rest as durable jobs."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth import get_user_model
from django.db import connection

from content.actions import process_video
from content.models import Video
from content.models.videos import TRANSCODE
from courses.models import Course, Release
from lms import messages, queue
from lms.models import Facility, Job, Person

from . import (
    bank,
    classes,
    conference,
    data,
    lectures,
    pages,
    people,
    places,
    register,
    rooms,
    stories,
    talks,
)

Say = Callable[[str], None]


def load(stage: str = "fast", *, out: Say = print, again: bool = False) -> None:
    """Load *stage*: ``fast`` leaves the rest queued, ``full`` runs it to the end.

    Twice changes nothing, but for a new live session once the last one is over. A site that has
    been loaded is not looked through again unless *again*.
    """
    with messages.untold():
        if again or not rooms.is_planned():
            first_stage(out)
        stories.live_room()
    talks.load()
    promise_rest()
    if stage == "full":
        finish(out=out)


def is_another_site() -> bool:
    """Whether the database holds people though the demonstration never loaded its own there.

    Whoever signs up in the demonstration stands beside its invented people, who are never deleted.
    """
    tables = connection.introspection.table_names()
    if Person._meta.db_table not in tables or Person.objects.filter(is_fictional=True).exists():
        return False
    return get_user_model().objects.exists() or Person.objects.exists()


def first_stage(out: Say) -> None:
    """Everything that stands when the site opens."""
    out("Provinces, hospitals, professions, guidelines, credit rules …")
    places.load()
    out("People, logins and roles …")
    people.load_named()
    register.load_keys()
    # ffmpeg works beside us: on two cores that halves the wait.
    with ThreadPoolExecutor(2) as beside:
        made = [beside.submit(_in_thread, code, number) for code, number in _fast_lectures()]
        people.load_invented()
        pages.load_site()
        out("Lectures: drawn, uploaded, made light …")
        for one in made:
            out(f"  {one.result()}")
    out("Two courses, their releases and classes …")
    for code in data.FAST:
        course(code)
    out("What learners did so far …")
    stories.completed_fast()
    stories.stroke_class()
    for key in rooms.past_keys(near=True):
        rooms.hold_past(key)
    conference.hold()
    rooms.plan_coming()


def facility_of(code: str) -> Facility:
    """The hospital that gives a programme."""
    return Facility.objects.get(name=pages.PROVIDER_OF[code])


def ready_lecture(code: str, number: int) -> str:
    """Upload one lecture and make its renditions here and now; return its title."""
    video = lectures.upload(code, number, facility_of(code))
    if video.state != Video.State.READY and not queue.run(queue.enqueue(TRANSCODE, video.job_key).pk):
        # On paper a load that was killed a moment ago still works on it.
        process_video(video, version=video.version, progress=lambda pct, note: None)
    return video.title


def course(code: str) -> Release | None:
    """Questions, pages, release and classes of a programme whose lectures are ready."""
    known = Course.objects.filter(code=code).first()
    if known is None or not known.releases.exists():
        facility = facility_of(code)
        made = bank.load(code, facility)
        videos = {number: lectures.find(code, number, facility) for number in lectures.numbers_of(code)}
        known = pages.load_course(code, made, videos)
    release = classes.publish(known)
    if release:
        classes.open_classes(release)
    return release


def is_ready(code: str) -> bool:
    """Whether every lecture of a programme can be watched."""
    facility = facility_of(code)
    videos = [lectures.find(code, number, facility) for number in lectures.numbers_of(code)]
    return all(video and video.state == Video.State.READY for video in videos)


def _fast_lectures() -> list[tuple[str, int]]:
    return [(code, number) for code in data.FAST for number in lectures.numbers_of(code)]


def _in_thread(code: str, number: int) -> str:
    try:
        return ready_lecture(code, number)
    finally:
        connection.close()


def promise_rest() -> None:
    """Queue what the worker does while the site is open; once each, in this order."""
    later = [code for code in data.PROGRAMMES if code not in data.FAST]
    # First what the appraiser waits for.
    later.sort(key=lambda code: code != classes.WAITING)
    # And what the signer and the verifier find on their desks.
    promises = [("website.demo_class", register.WAITING), ("website.demo_course", later[0])]
    promises += [("website.demo_session", key) for key in rooms.past_keys(near=False)]
    promises += [("website.demo_course", code) for code in later[1:]]
    promises += [("website.demo_class", code) for code in ("BM-01.K1", "DQ-01.K2")]
    promises += [("website.demo_desk", "bachmai")]
    for kind, key in promises:
        if not Job.objects.filter(kind=kind, key=key).exists():
            queue.enqueue(kind, key)


def finish(*, out: Say = print) -> None:
    """Run every job in this process until none is left, saying what was done; raise where one fails."""
    periodic = [kind.name for kind in queue.kinds().values() if kind.every]
    while row := queue.due().exclude(kind__in=periodic).first():
        began = time.monotonic()
        queue.run(row.pk)
        row.refresh_from_db()
        if row.error:
            raise RuntimeError(f"{row} failed: {row.error}")
        if row.kind.startswith("website.demo"):
            left = Job.objects.filter(kind__startswith="website.demo", state=Job.State.QUEUED).count()
            name = row.kind.rpartition("_")[2]
            out(f"{name} {row.key} ({time.monotonic() - began:.1f} s), {left} to go")
