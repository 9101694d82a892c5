"""Verbs on the programme of a session: its way in, its agenda, its materials."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from courses.actions.archiving import lock_open
from courses.actions.sessions import SessionRefused
from courses.discretion import telling
from courses.models import AgendaItem, Session, SessionMaterial
from lms import clock, media, names
from lms.models import Person
from lms.uploads import UploadRefused, check_size, sniff

MOST_ITEMS = 40
MOST_MATERIALS = 20
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Item:
    """An item as it is handed in."""

    starts_at: datetime
    title: str
    speaker: Person | None = None


def set_way_in(session: Session, *, join_url: str, dial_in: str, passcode: str, by) -> Session:
    """Say how one gets into the meeting: link, telephone numbers, passcode. Idempotent."""
    with transaction.atomic():
        locked = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        if locked.is_over:
            raise SessionRefused(_("This session is over."))
        locked.join_url, locked.dial_in, locked.passcode = join_url, dial_in.strip(), names.clean(passcode)
        locked.save(update_fields=["join_url", "dial_in", "passcode"])
    return locked


def set_agenda(session: Session, *, items: Sequence[Item], by) -> list[AgendaItem]:
    """Give *session* this agenda in place of the one it had. Speakers hold a role in the session. Idempotent."""
    rows = sorted(items, key=lambda item: item.starts_at)
    if len(rows) > MOST_ITEMS:
        raise SessionRefused(_("An agenda has at most %(most)s items.") % {"most": MOST_ITEMS})
    if len({row.starts_at for row in rows}) < len(rows):
        raise SessionRefused(_("Two items begin at the same time."))
    if found := telling(" ".join(row.title for row in rows)):
        raise SessionRefused(
            _("Leave out what may tell who a patient is: %(found)s") % {"found": "; ".join(found)}
        )
    with transaction.atomic():
        locked = lock_open(session.pk, SessionRefused)
        if any(not locked.starts_at <= row.starts_at < locked.ends_at for row in rows):
            raise SessionRefused(_("Every item begins within the hours of the session."))
        holders = set(locked.roles.filter(ended_at=None).values_list("person", flat=True))
        if any(row.speaker and row.speaker.pk not in holders for row in rows):
            raise SessionRefused(_("Name the person chair, speaker, secretary or presenter first."))
        wanted = [(row.starts_at, names.clean(row.title)[:200], row.speaker) for row in rows]
        known = list(locked.agenda.select_related("speaker"))
        if [(row.starts_at, row.title, row.speaker) for row in known] != wanted:
            locked.agenda.all().delete()
            known = AgendaItem.objects.bulk_create(
                AgendaItem(session=locked, starts_at=starts_at, title=title, speaker=speaker)
                for starts_at, title, speaker in wanted
            )
    return known


def add_material(session: Session, *, title: str, file: IO[bytes], shown: str, by) -> SessionMaterial:
    """Keep *file*, a PDF, as a material of *session*. Whoever adds it has looked that no patient is in it."""
    title = names.clean(title)[:200]
    if not title:
        raise SessionRefused(_("Say what it is."))
    if found := telling(title):
        raise SessionRefused(
            _("Leave out what may tell who a patient is: %(found)s") % {"found": "; ".join(found)}
        )
    check_size(file, MOST_BYTES)
    if sniff(file) != "application/pdf":
        raise UploadRefused(_("Materials are taken as PDF only."))
    file.seek(0)
    with transaction.atomic():
        locked = lock_open(session.pk, SessionRefused)
        if locked.state == Session.State.CANCELLED:
            raise SessionRefused(_("This session was cancelled."))
        if locked.materials.filter(removed_at=None).count() >= MOST_MATERIALS:
            raise SessionRefused(_("A session has at most %(most)s materials.") % {"most": MOST_MATERIALS})
        place = f"sessions/{locked.uuid}/{uuid.uuid4().hex}.pdf"
        name, size, _digest = media.save(place, file.read())
        return SessionMaterial.objects.create(
            session=locked,
            title=title,
            shown=shown if shown in SessionMaterial.Shown.values else SessionMaterial.Shown.ALWAYS,
            name=name,
            size=size,
            added_by=by,
            added_at=clock.now(),
        )


def remove_material(material: SessionMaterial, *, by) -> SessionMaterial:
    """Delete the file of *material*; that there was one stays. Idempotent."""
    with transaction.atomic():
        lock_open(material.session_id, SessionRefused)
        locked = SessionMaterial.objects.select_for_update(no_key=True).get(pk=material.pk)
        if locked.removed_at is None:
            locked.removed_at = clock.now()
            locked.save(update_fields=["removed_at"])
            transaction.on_commit(lambda: media.storage().delete(locked.name))
    return locked
