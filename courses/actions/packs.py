"""Verbs after a session: write the key points, send them to everybody who took part, remind a hub that has not."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from content.deidentify import found_in
from courses.actions.archiving import lock_open, refuse_archived
from courses.actions.cases import coordinators_of
from courses.models import Enrolment, Presence, Session, SessionPack, SessionRole
from lms import clock, media, queue, scope
from lms.messages import tell
from lms.models import Message, Person, RoleAssignment
from lms.uploads import UploadRefused, check_size, sniff

MOST_BYTES = 20_000_000
LATE_HOURS, FORGET_DAYS = 12, 7
"""When a hub without key points is reminded, and until when."""
NUMBERS = frozenset({"phone", "paper", "record"})
OVER = (Session.State.ENDED, Session.State.SETTLED)


class PackRefused(Exception):
    """What cannot be sent like this; the message says why."""


def write_pack(
    session: Session, *, key_points: str, recording_url: str = "", slides: IO[bytes] | None = None, by
) -> SessionPack:
    """Write what goes out after *session*, or mend it; the first time it is sent to everybody by a job."""
    refuse_archived(session, PackRefused)
    key_points = key_points.strip()
    if not key_points:
        raise PackRefused(_("Write the key points: one page that says what to do tomorrow."))
    if numbers := [words for kind, words in found_in(key_points) if kind in NUMBERS]:
        raise PackRefused(
            _("Leave out what may tell who a patient is: %(found)s") % {"found": "; ".join(numbers)}
        )
    name, size = "", 0
    if slides is not None:
        check_size(slides, MOST_BYTES)
        if sniff(slides) != "application/pdf":
            raise UploadRefused(_("Slides are taken as PDF only."))
        slides.seek(0)
        name, size, _digest = media.save(f"sessions/{session.uuid}/{uuid.uuid4().hex}.pdf", slides.read())
    with transaction.atomic():
        locked = lock_open(session.pk, PackRefused)
        if locked.state not in OVER:
            raise PackRefused(_("Key points are sent after the session. End the session first."))
        known = SessionPack.objects.filter(session=locked).first()
        row = known or SessionPack(session=locked)
        old = row.slides_name
        row.key_points, row.recording_url = key_points[:4000], recording_url
        row.written_by, row.written_at = by, clock.now()
        if name:
            row.slides_name, row.slides_size = name, size
            if old:
                transaction.on_commit(lambda: media.storage().delete(old))
        row.save()
        if row.sent_at is None:
            queue.enqueue("lms_courses.send_pack", str(locked.pk))
    return row


def recipients(session: Session) -> Iterator[Person]:
    """Who learns with *session*, was there, had a role, or keeps the list of a room; each once."""
    learning = Enrolment.objects.exclude(state=Enrolment.State.WITHDRAWN).filter(
        run__session_uses__session=session
    )
    there = Presence.objects.in_force().filter(session=session)
    roles = SessionRole.objects.filter(session=session, ended_at=None)
    found = set(learning.values_list("person", flat=True)) | set(there.values_list("person", flat=True))
    found |= set(roles.values_list("person", flat=True))
    for room in session.sites.select_related("site__facility"):
        found |= {person.pk for person in coordinators_of(room)}
    yield from Person.objects.living().filter(pk__in=found).order_by("pk").iterator(chunk_size=200)


def send_pack(session: Session) -> int:
    """Tell everybody who took part where key points, slides, recording and survey are; each once, however often called."""
    row = SessionPack.objects.filter(session=session).first()
    if row is None:
        return 0
    start = f"session-after:{session.pk}:"
    known = set(Message.objects.filter(key__startswith=start).values_list("key", flat=True))
    about, url = {"session": session, "at": session.starts_at}, ("lms_courses:after", session.uuid)
    for person in recipients(session):
        key = f"{start}{person.pk}"
        if key not in known and tell(person, "session-after", key=key, about=about, url=url):
            known.add(key)
    with transaction.atomic():
        SessionPack.objects.filter(pk=row.pk, sent_at=None).update(sent_at=clock.now())
        SessionPack.objects.filter(pk=row.pk).update(reached=len(known))
    return len(known)


def remind_hubs() -> int:
    """Remind the hub of each session that ended half a day ago and has no key points; once. Returns how many."""
    now, reminded = clock.now(), 0
    missing = Session.objects.filter(
        state__in=OVER,
        pack=None,
        ends_at__lt=now - timedelta(hours=LATE_HOURS),
        ends_at__gt=now - timedelta(days=FORGET_DAYS),
    ).exclude(sites=None, uses=None)
    for session in missing.select_related("hub").order_by("ends_at", "pk"):
        told = [_remind(session, person) for person in office_of(session)]
        reminded += any(told)
    return reminded


def _remind(session: Session, person: Person) -> bool:
    key = f"session-after-missing:{session.pk}:{person.pk}"
    if Message.objects.filter(key=key).exists():
        return False
    about = {"session": session, "at": session.starts_at}
    url = ("lms_courses:after", session.uuid)
    return tell(person, "session-after-missing", key=key, about=about, url=url) is not None


def office_of(session: Session, *roles: str) -> list[Person]:
    """Who holds one of *roles* at the session's hub today; without them, the training office."""
    roles = roles or (RoleAssignment.Role.PROGRAMME_MANAGER,)
    above = [int(pk) for pk in session.hub.path.strip("/").split("/")]
    held = RoleAssignment.objects.in_force().filter(
        role__in=roles, facility__in=above, user__person__isnull=False
    )
    rows = held.select_related("user__person", "facility").order_by("pk")
    return list(dict.fromkeys(row.user.person for row in rows if scope.covers(row, session.hub)))
