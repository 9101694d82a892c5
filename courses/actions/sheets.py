"""Verbs on sign-in sheets of paper: print one, file its photographs where their QR code says, read off who signed."""

import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from PIL import Image

from courses import codes, paper_list, scanned
from courses import session_permissions as permissions
from courses.actions import attendance
from courses.actions.archiving import lock_open, refuse_archived
from courses.actions.settling import ListRefused, pulse, weigh_if_settled
from courses.models import Presence, Session, SessionSite, SheetScan, SignInSheet
from lms import clock, media, names, pictures
from lms.models import Person
from lms.uploads import UploadRefused, check_size, sniff

MOST_BYTES = 15_000_000
MOST_FILES = 8
"""Files sent at once; a scanned PDF counts as one."""
LONGEST_SIDE = 2200
MOST_PEOPLE = 300
"""Names printed on one sheet."""

_ADDRESS = re.compile(r"/([0-9]+\.[0-9]+\.[0-9]+\.[A-Za-z0-9_-]{22})/?$")


# --- printing


def print_sheet(room: SessionSite, *, by) -> SignInSheet:
    """The list of *room* as it is to be printed now; the last one again where nobody came or went since."""
    with transaction.atomic():
        locked = SessionSite.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.pk)
        lines = paper_list.pages_of(list(room.roster().values_list("pk", flat=True)[:MOST_PEOPLE]))
        last = locked.sheets.order_by("-number").first()
        if last is not None and last.lines == lines:
            return last
        number = (locked.sheets.aggregate(last=Max("number"))["last"] or 0) + 1
        return SignInSheet.objects.create(
            room=locked, number=number, lines=lines, printed_by=by, printed_at=clock.now()
        )


def token_of(sheet: SignInSheet, page: int) -> str:
    """What the QR code on *page* says; signed with the room's own secret, so no change of keys spoils paper."""
    room = sheet.room
    named = codes.SheetPage(room.pk, sheet.number, page)
    return codes.sheet_token(room.secret, str(room.session.uuid), named)


def sheet_of(token: str) -> tuple[SignInSheet, int] | None:
    """The sheet and page that a genuine token names, or None."""
    named = codes.read_sheet_token(token)
    if named is None:
        return None
    rows = SignInSheet.objects.select_related("room__session__hub", "room__site__facility")
    sheet = rows.filter(room=named.room, number=named.number).first()
    if sheet is None or not 1 <= named.page <= len(sheet.lines):
        return None
    if not codes.is_genuine_sheet(sheet.room.secret, str(sheet.room.session.uuid), token):
        return None
    return sheet, named.page


# --- filing


@dataclass(frozen=True)
class Filed:
    """A photograph that was filed: where, and whether its QR code said so."""

    scan: SheetScan
    is_new: bool


def file_scans(file: IO[bytes], *, room: SessionSite | None, by) -> list[Filed]:
    """File each page in *file* (a picture, or a scanned PDF) where its QR code says, else with *room*.

    A page of a list that *by* has no say in is refused, and with it the whole file; the message says
    where it belongs. The same picture again is the same row. Raises UploadRefused.
    """
    found = [(picture, *_named(picture)) for picture in _pictures(file)]
    targets = []
    for picture, sheet, page in found:
        target = sheet.room if sheet else room
        if target is None:
            raise UploadRefused(
                _(
                    "The QR code of the sheet cannot be read in this picture. Photograph the whole page "
                    "again in good light, or send it from the page of its room."
                )
            )
        if not permissions.may_file(by, target):
            raise UploadRefused(
                _("This sheet belongs to %(where)s. Its coordinator files it; nothing was kept here.")
                % {"where": where(target)}
            )
        refuse_archived(target.session, UploadRefused)
        targets.append((picture, target, sheet, page))
    return [_keep(picture, target, sheet=sheet, page=page, by=by) for picture, target, sheet, page in targets]


def where(room: SessionSite) -> str:
    """Which session of which site, in words."""
    return _("“%(session)s” of %(when)s, %(site)s") % {
        "session": room.session.title,
        "when": date_format(localtime(room.session.starts_at), "SHORT_DATETIME_FORMAT"),
        "site": room.site.name,
    }


def _pictures(file: IO[bytes]) -> list[Image.Image]:
    check_size(file, MOST_BYTES)
    taken = _("A photograph (JPEG, PNG, WebP, HEIC) or a scan as PDF is taken.")
    if sniff(file) != "application/pdf":
        return [pictures.read(file, kinds=pictures.FORMATS, most_bytes=MOST_BYTES, refusal=taken)]
    try:
        pages = scanned.pages(file.read())
    except scanned.NotScanned:
        raise UploadRefused(
            _("This PDF does not hold one photograph a page. Send the pages as JPEG pictures.")
        ) from None
    kinds = {"image/jpeg": "JPEG"}
    return [
        pictures.read(ContentFile(page), kinds=kinds, most_bytes=MOST_BYTES, refusal=taken) for page in pages
    ]


def _named(picture: Image.Image) -> tuple[SignInSheet | None, int | None]:
    """The sheet and page that the QR code in *picture* names; none where there is no such code."""
    for text in pictures.symbols(picture):
        match = _ADDRESS.search(text)
        if match and codes.read_sheet_token(match[1]):
            found = sheet_of(match[1])
            if found is None:
                raise UploadRefused(
                    _("The QR code in this picture is not of a sign-in sheet printed here. Nothing was kept.")
                )
            return found
    return None, None


def _keep(
    picture: Image.Image, room: SessionSite, *, sheet: SignInSheet | None, page: int | None, by
) -> Filed:
    data, size = pictures.write(picture, longest=LONGEST_SIDE, quality=80)
    digest = hashlib.sha256(data).hexdigest()
    if known := room.scans.filter(sha256=digest, removed_at=None).first():
        return Filed(known, is_new=False)
    name, stored, _sha = media.save(f"sheets/{room.session.uuid}/{uuid.uuid4().hex}.jpg", data)
    try:
        with transaction.atomic():
            scan = SheetScan.objects.create(
                room=room,
                sheet=sheet,
                page=page,
                name=name,
                width=size[0],
                height=size[1],
                size=stored,
                sha256=digest,
                added_by=by,
                added_at=clock.now(),
            )
    except IntegrityError:
        media.storage().delete(name)
        return Filed(room.scans.get(sha256=digest, removed_at=None), is_new=False)
    return Filed(scan, is_new=True)


def remove(scan: SheetScan) -> SheetScan:
    """Delete the file of *scan*, for good; refused while somebody's presence rests on it. Idempotent."""
    with transaction.atomic():
        lock_open(scan.room.session_id, ListRefused)
        locked = SheetScan.objects.select_for_update(no_key=True).get(pk=scan.pk)
        if locked.removed_at is None:
            if Presence.objects.in_force().filter(scan=locked).exists():
                raise ListRefused(_("People are recorded from this picture. Take their ticks back first."))
            _drop(locked)
    return locked


def _drop(scan: SheetScan) -> None:
    scan.removed_at = clock.now()
    scan.save(update_fields=["removed_at"])
    transaction.on_commit(lambda: media.storage().delete(scan.name))


def drop(rows: Iterable[SheetScan]) -> int:
    """Remove the files of *rows*, whose time is over; the evidence stays. Returns how many.

    A file that a crash left behind a removed row goes too: rows of the last days are looked at again.
    """
    done = 0
    for row in rows:
        _drop(row)
        done += 1
    lately = SheetScan.objects.filter(removed_at__gte=clock.now() - timedelta(days=3))
    for name in lately.exclude(pk__in=[row.pk for row in rows]).values_list("name", flat=True):
        media.storage().delete(name)
    return done


# --- reading off who signed


@dataclass(frozen=True)
class Line:
    """One printed line and what was read off it: signed in, signed out."""

    number: int
    person: Person
    came: bool
    left: bool


def lines_of(scan: SheetScan) -> list[Line]:
    """The people printed on the page of *scan* in their order, then whoever was read off it besides.

    Without a QR code it is everybody of the room. People found to be one since are one line.
    """
    sheet, room = scan.sheet, scan.room
    first = 1
    if sheet is not None and scan.page:
        printed = sheet.lines[scan.page - 1]
        first += sum(len(page) for page in sheet.lines[: scan.page - 1])
    else:
        printed = list(room.roster().values_list("pk", flat=True)[:MOST_PEOPLE])
    signed = _signed(room)
    added = [row.person_id for row in signed.values() if row.scan_id == scan.pk]
    people = Person.objects.in_bulk([*printed, *added])
    while merged := {pk: row.merged_into_id for pk, row in people.items() if row.merged_into_id}:
        heirs = Person.objects.in_bulk(merged.values())
        people.update({pk: heirs[heir] for pk, heir in merged.items()})
    numbered = [(first + place, people[pk]) for place, pk in enumerate(printed) if pk in people]
    numbered += [(0, people[pk]) for pk in sorted(added) if pk in people]
    seen: set[int] = set()
    lines = []
    for number, person in numbered:
        if person.pk not in seen:
            seen.add(person.pk)
            came, left = _marks(room.session, signed.get(person.pk))
            lines.append(Line(number, person, came, left))
    return lines


def _signed(room: SessionSite) -> dict[int, Presence]:
    rows = Presence.objects.in_force().filter(site=room, source=Presence.Source.SHEET).order_by("pk")
    return {row.person_id: row for row in rows}


def _span(session: Session, *, came: bool, left: bool) -> tuple[datetime, datetime]:
    """What signatures prove: both the whole session, one alone no more than a pulse at its end of it."""
    short = min(pulse(), (session.ends_at - session.starts_at) / 2)
    since = session.starts_at if came else session.ends_at - short
    return since, session.ends_at if left else session.starts_at + short


def _marks(session: Session, row: Presence | None) -> tuple[bool, bool]:
    if row is None:
        return False, False
    return row.since <= session.starts_at, row.until is None or row.until >= session.ends_at


def record(scan: SheetScan, *, came: Iterable[int], left: Iterable[int], by, reason: str = "") -> int:
    """Record who signed in and out on the page of *scan*, as seen by *by*; returns how many lines changed.

    The coordinator does so until the list is confirmed; the training office at any time, with its
    *reason*. A signature taken back is a row of its own. Idempotent.
    """
    came, left, changed = set(came), set(left), 0
    with transaction.atomic():
        room, reason = _writable(scan, by=by, reason=reason)
        for line in lines_of(scan):
            person = line.person
            changed += _set(
                scan, room, person, came=person.pk in came, left=person.pk in left, by=by, reason=reason
            )
    return changed


def add_signature(
    scan: SheetScan,
    *,
    full_name: str,
    birth_year: int | None,
    phone_or_licence: str,
    left: bool,
    by,
    reason: str = "",
) -> Person:
    """Record somebody who wrote their name on an empty line; a name alone finds nobody (``domain`` 2.5, rule 4)."""
    with transaction.atomic():
        room, reason = _writable(scan, by=by, reason=reason)
        person = attendance.find_or_add(
            room, full_name=full_name, birth_year=birth_year, phone_or_licence=phone_or_licence, by=by
        )
        _set(scan, room, person, came=True, left=left, by=by, reason=reason)
    return person


def _writable(scan: SheetScan, *, by, reason: str) -> tuple[SessionSite, str]:
    """The locked room and the reason to note, or a refusal."""
    if SheetScan.objects.filter(pk=scan.pk, removed_at__isnull=False).exists():
        raise ListRefused(_("This picture is gone; nothing can be read off it."))
    lock_open(scan.room.session_id, ListRefused)
    reason = names.clean(reason)[:200]
    if permissions.keeps(by, scan.room):
        try:
            return attendance.open_list(scan.room), ""
        except attendance.ListLocked:
            if not permissions.settles(by, scan.room.session):
                raise
    if not permissions.settles(by, scan.room.session):
        raise ListRefused(
            _("Only the coordinator of the site and the training office of the hub record this.")
        )
    if not reason:
        raise ListRefused(_("Give the reason for this correction."))
    room = SessionSite.objects.select_for_update(of=("self",), no_key=True)
    return room.select_related("session", "site__facility").get(pk=scan.room_id), reason


def _set(
    scan: SheetScan, room: SessionSite, person: Person, *, came: bool, left: bool, by, reason: str
) -> bool:
    session = room.session
    kept = _signed(room).get(person.pk)
    if _marks(session, kept) == (came, left):
        return False
    if kept is not None:
        attendance.retract(kept, by=by, reason=reason)
    if came or left:
        since, until = _span(session, came=came, left=left)
        Presence.objects.create(
            session=session,
            site=room,
            person=person,
            source=Presence.Source.SHEET,
            since=since,
            until=until,
            reason=reason,
            scan=scan,
            recorded_by=by,
            recorded_at=clock.now(),
        )
    weigh_if_settled(session, person)
    return True
