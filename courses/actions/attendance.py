"""Verbs on evidence of presence: check in, tick, attest, correct.

Evidence is only ever added; taking it back is a row of its own. Minutes become facts when the hub
settles a session, or by a job ``LMS_COURSES_SETTLE_AFTER_HOURS`` after its end; until then they are
provisional. Evidence that arrives after that is weighed at once.
"""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from courses import codes
from courses.actions.archiving import lock_open
from courses.actions.proof import CodeWrong, Proof, SessionClosed, early, late
from courses.actions.requests import once, recorded
from courses.actions.settling import ListRefused, weigh_if_settled
from courses.conf import conf
from courses.models import Presence, Session, SessionSite
from lms import clock, names, sql
from lms.actions import LicenceTaken, add_person
from lms.crashpoints import crashpoint
from lms.messages import tell
from lms.models import Licence, Person

LONGEST_NAME = 120
"""Characters of a person's name."""


class ListLocked(ListRefused):
    """The coordinator has confirmed the list; only the hub may correct it."""


class LicenceOfAnother(ListRefused):
    """The licence number belongs to somebody with another name."""


# --- by one's own phone


def check_in(
    person: Person,
    *,
    code: str | None = None,
    token: str | None = None,
    session: Session | None = None,
    site: SessionSite | None = None,
    by,
    client_id: uuid.UUID | None = None,
    client_at: datetime | None = None,
    shown_at: datetime | None = None,
    device: str = "",
) -> Presence:
    """Record that *person* proved to be in a session by its *code* or by a site's *token*.

    ``shown_at`` is when this server saw the code before its owner had signed in. ``client_at`` is
    when a phone without network says it was typed; the code must have stood on the screen about
    then, and the moment recorded is the code's, never the phone's. A repetition within some
    minutes, or of a ``client_id``, returns the first row. The row's ``is_new`` says which. *device*
    tells phones apart: one that checks in a whole room is shown to the hub, never refused.
    """
    with once(client_id, refused=CodeWrong):
        now = _one_request_at_a_time(person)
        same = {"person": person, "source__in": Presence.OWN, **({"session": session} if session else {})}
        if earlier := recorded(client_id, refused=CodeWrong, **same):
            return _told(earlier, is_new=False)
        proof = Proof(now, shown_at=shown_at, client_at=client_at)
        if token:
            site = proof.read_token(token)
            session = site.session
        else:
            session = proof.read_code(code or "", session)
            if site and site.session_id != session.pk:
                site = None
        _require_open(session, proof.moment)
        source = proof.source if token else Presence.Source.SELF_CODE
        repeated, state = _repeated(session, person, proof.moment, source)
        if repeated and not _left_since(repeated, person):
            return _told(repeated, is_new=False)
        crashpoint("check_in.before_record")
        row = sql.add(
            Presence(
                session=session,
                site=site,
                person=person,
                source=source,
                since=proof.moment,
                recorded_by=by,
                recorded_at=now,
                client_id=client_id,
                client_at=client_at,
                is_late=proof.is_late,
                device=codes.device_tag(session.secret, device),
            )
        )
        crashpoint("check_in.recorded")
        weigh_if_settled(session, person, state=state)
    crashpoint("check_in.committed")
    return _told(row, is_new=True)


# The clock is read once the row is held, however long that took.
_ALONE = """
WITH held AS MATERIALIZED (SELECT id FROM lms_person WHERE id = %s FOR NO KEY UPDATE)
SELECT clock_timestamp() FROM held"""


def _one_request_at_a_time(person: Person) -> datetime:
    """Let a double tap find the row of the first, and return the moment it is then.

    On SQLite the transaction itself does that.
    """
    if not connection.features.has_select_for_update:
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [person.pk])
        return clock.frozen() or cursor.fetchone()[0].astimezone(UTC)


_REPEATED = """
SELECT p.id, p.session_id, p.since, p.is_late, s.state AS session_state FROM lms_courses_session s
LEFT JOIN lms_courses_presence p ON p.session_id = s.id AND p.person_id = %s AND p.source IN (%s, %s, %s)
AND p.retracts_id IS NULL AND p.since > %s AND p.since < %s
AND NOT EXISTS (SELECT 1 FROM lms_courses_presence taken WHERE taken.retracts_id = p.id)
WHERE s.id = %s ORDER BY p.since, p.id LIMIT 1"""


def _repeated(session: Session, person: Person, moment: datetime, source: str) -> tuple[Presence | None, str]:
    """The check-in of the same minutes that stands already, and the state of *session*, kept as it is from now on.

    Its row is shared: a settlement and this check-in wait for each other, two people's check-ins do not.
    ``Presence.objects.own().in_force()`` by hand; nobody adds to it while *person* is held. A printed
    code says less than one from a screen, so it repeats one, but not the other way round.
    """
    near = timedelta(minutes=conf.CHECK_IN_REPEAT_MINUTES)
    own = [Presence.Source.SELF_CODE.value, Presence.Source.SELF_QR.value]
    own.append(Presence.Source.POSTER.value if source == Presence.Source.POSTER else own[0])
    span = [sql.stored(Presence, "since", at) for at in (moment - near, moment + near)]
    row = sql.one(Presence, _REPEATED, [person.pk, *own, *span, session.pk], share="s")
    return (row if row.pk else None), vars(row)["session_state"]


def _left_since(row: Presence, person: Person) -> bool:
    """Whether *person* has checked out after *row*: then coming back is a check-in of its own."""
    left = Presence.objects.in_force().filter(session=row.session_id, person=person)
    return left.filter(source=Presence.Source.OUT, since__gte=row.since).exists()


def _told(row: Presence, *, is_new: bool) -> Presence:
    row.is_new = is_new  # type: ignore[attr-defined]
    return row


def _require_open(session: Session, moment: datetime) -> None:
    if session.state in Session.HIDDEN:
        raise SessionClosed(_("This session was cancelled. Nothing was recorded."))
    begins, ends = session.starts_at - early(), session.ends_at + late()
    if not begins <= moment <= ends:
        raise SessionClosed(
            _("This session takes check-ins from %(begins)s to %(ends)s. Nothing was recorded.")
            % {
                "begins": date_format(localtime(begins), "SHORT_DATETIME_FORMAT"),
                "ends": date_format(localtime(ends), "SHORT_DATETIME_FORMAT"),
            }
        )


# --- in the room


def tick(
    session_site: SessionSite,
    *,
    person: Person,
    by,
    client_id: uuid.UUID | None = None,
    client_at: datetime | None = None,
    waited: timedelta = timedelta(0),
) -> Presence:
    """Record that the coordinator sees *person* in the room, until the session's end. Idempotent.

    A tick within the first minutes counts from the start, because people are there before the
    list is. One made after the end comes from a paper list: it counts whole and is marked late.
    One that *waited* on a device for a network counts from when it was made and is marked late
    where that says more than its arrival (``docs/decisions`` 30); of two the one made first counts.
    ``client_at`` is only kept.
    """
    with once(client_id, refused=ListRefused):
        room, now = open_list(session_site), clock.now()
        if earlier := recorded(client_id, refused=ListRefused, person=person, **_tick_in(room)):
            return _told(earlier, is_new=False)
        session = room.session
        made_at = _made_at(session, now, waited)
        since = _counts_from(session, made_at)
        for ticked in _ticks(room, person):
            if ticked.recorded_at <= made_at or ticked.since <= since:
                return _told(ticked, is_new=False)
        is_late = now > session.ends_at or since < _counts_from(session, now)
        row = Presence.objects.create(
            session=session,
            site=room,
            person=person,
            source=Presence.Source.ROSTER,
            since=since,
            recorded_by=by,
            recorded_at=now,
            client_id=client_id,
            client_at=client_at,
            is_late=is_late,
        )
        return _told(row, is_new=True)


def _made_at(session: Session, now: datetime, waited: timedelta) -> datetime:
    """When a tick that *waited* was made; its arrival where it did not wait, or cannot have waited so long."""
    longest = min(now - (session.starts_at - early()), timedelta(hours=conf.CHECK_IN_OFFLINE_HOURS))
    return now - waited if timedelta(seconds=codes.STEP) < waited <= longest else now


def _counts_from(session: Session, made_at: datetime) -> datetime:
    grace = session.starts_at + timedelta(minutes=conf.ROSTER_GRACE_MINUTES)
    return session.starts_at if made_at <= grace or made_at > session.ends_at else made_at


def untick(session_site: SessionSite, *, person: Person, by, client_id: uuid.UUID | None = None) -> None:
    """Take the coordinator's tick of *person* back; what their own phone says stays. Idempotent."""
    with once(client_id, refused=ListRefused):
        room = open_list(session_site)
        taken = {"retracts__person": person, **_tick_in(room, is_taken_back=True)}
        if recorded(client_id, refused=ListRefused, **taken):
            return
        for row in _ticks(room, person):
            retract(row, by=by, client_id=client_id)
            client_id = None


def add_stranger(
    session_site: SessionSite,
    *,
    full_name: str,
    birth_year: int | None,
    phone_or_licence: str,
    by,
    client_id: uuid.UUID | None = None,
    client_at: datetime | None = None,
    waited: timedelta = timedelta(0),
) -> Presence:
    """Tick somebody who is not on the roster, as a provisional person where nobody fits exactly.

    The same licence number, or the same phone with the same name and no other birth year, is the
    same person; a name alone never is (``domain`` 2.5, rule 4). Records that may be one wait in the
    queue of duplicates.
    """
    with once(client_id, refused=ListRefused):
        room = open_list(session_site)
        same = {"person__name_folded": names.fold(names.clean(full_name)), **_tick_in(room)}
        if earlier := recorded(client_id, refused=ListRefused, **same):
            return _told(earlier, is_new=False)
        person = find_or_add(
            room, full_name=full_name, birth_year=birth_year, phone_or_licence=phone_or_licence, by=by
        )
        return tick(room, person=person, by=by, client_id=client_id, client_at=client_at, waited=waited)


def find_or_add(
    room: SessionSite, *, full_name: str, birth_year: int | None, phone_or_licence: str, by
) -> Person:
    """Whoever fits exactly, or a new provisional person who works at *room*; inside the caller's transaction.

    Who is known and does not belong to the room is told: somebody else says that they were there.
    """
    full_name, contact = names.clean(full_name), names.clean(phone_or_licence)
    if not full_name or not contact:
        raise ListRefused(_("Give the full name and a phone or licence number."))
    if len(full_name) > LONGEST_NAME or not names.is_of_letters(full_name):
        raise ListRefused(_("A name has letters only, and not too many."))
    year = clock.now().year
    if birth_year is not None and not year - 100 <= birth_year <= year - 15:
        raise ListRefused(_("Check the birth year: %(year)s.") % {"year": birth_year})
    phone = names.normal_phone(contact)
    person = _by_phone(phone, full_name, birth_year) if phone else _by_licence(contact, full_name)
    if person is not None:
        if not room.roster().filter(pk=person.pk).exists():
            _tell_added(room, person, by=by)
        return person
    try:
        return add_person(
            full_name,
            birth_year=birth_year,
            phone=phone,
            licence="" if phone else contact,
            facility=room.site.facility,
            state=Person.State.PROVISIONAL,
            by=by,
        )
    except LicenceTaken as error:
        raise LicenceOfAnother(str(error)) from error


def _tell_added(room: SessionSite, person: Person, *, by) -> None:
    session = room.session
    about = {"session": session, "at": session.starts_at, "site": room.site, "hub": session.hub.name}
    url = ("lms_courses:check_in", session.uuid)
    tell(person, "added-at-site", key=f"added-at-site:{room.pk}:{person.pk}", about=about, url=url, by=by)


def _by_phone(phone: str, full_name: str, birth_year: int | None) -> Person | None:
    """Whoever has the phone and every letter of the name, and no other birth year: a ward shares its phone."""
    rows = Person.objects.exclude(state=Person.State.MERGED).filter(
        phone=phone, name_folded=names.fold(full_name)
    )
    same = [row for row in rows.order_by("pk") if names.spelled(row.full_name) == names.spelled(full_name)]
    fits = [row for row in same if not birth_year or row.birth_year in (None, birth_year)]
    exact = [row for row in fits if row.birth_year == birth_year]
    return exact[0] if exact else fits[0] if len(fits) == 1 else None


def _by_licence(number: str, full_name: str) -> Person | None:
    licence = Licence.objects.numbered(number).select_related("person").first()
    if licence is None:
        return None
    if licence.person.name_folded != names.fold(full_name):
        raise LicenceOfAnother(
            _("This licence number is registered under another name. Check the number and the name.")
        )
    return licence.person


def attest(session_site: SessionSite, *, head_count: int | None = None, by) -> SessionSite:
    """Confirm that the list is that of the people in the room, of whom *head_count* were counted, and lock it. Idempotent."""
    with transaction.atomic():
        try:
            room = open_list(session_site)
        except ListLocked:
            return SessionSite.objects.get(pk=session_site.pk)
        room.head_count = head_count if head_count is not None else room.head_count
        room.attested_by, room.attested_at = by, clock.now()
        room.save(update_fields=["head_count", "attested_by", "attested_at"])
        return room


def open_list(session_site: SessionSite) -> SessionSite:
    """The row of the room, locked for the caller's transaction, or a refusal where its list takes no ticks."""
    room = (
        SessionSite.objects.select_for_update(of=("self",), no_key=True)
        .select_related("session", "site__facility")
        .get(pk=session_site.pk)
    )
    session = room.session
    if room.attested_at:
        raise ListLocked(
            _("This list was confirmed at %(time)s and is locked. Ask the hub for a correction.")
            % {"time": date_format(localtime(room.attested_at), "SHORT_DATETIME_FORMAT")}
        )
    if session.state in {Session.State.SETTLED, *Session.HIDDEN}:
        raise ListLocked(_("This session is closed: “%(state)s”.") % {"state": session.get_state_display()})
    if clock.now() < session.starts_at - early():
        raise ListRefused(
            _("The list opens %(minutes)s minutes before the session.")
            % {"minutes": conf.CHECK_IN_EARLY_MINUTES}
        )
    return room


def _tick_in(room: SessionSite, *, is_taken_back: bool = False) -> dict:
    return {"site": room, "source": Presence.Source.ROSTER, "retracts__isnull": not is_taken_back}


def _ticks(room: SessionSite, person: Person):
    return Presence.objects.in_force().filter(site=room, person=person, source=Presence.Source.ROSTER)


def retract(row: Presence, *, by, reason: str = "", client_id: uuid.UUID | None = None) -> Presence:
    """Add the row that takes *row* back; inside the caller's transaction, which weighs if it must."""
    return Presence.objects.create(
        session_id=row.session_id,
        site_id=row.site_id,
        person_id=row.person_id,
        source=row.source,
        since=row.since,
        until=row.until,
        retracts=row,
        reason=reason,
        recorded_by=by,
        recorded_at=clock.now(),
        client_id=client_id,
    )


# --- at the hub


def override(
    session: Session,
    *,
    person: Person,
    since: datetime,
    until: datetime,
    reason: str,
    by,
    site: SessionSite | None = None,
    client_id: uuid.UUID | None = None,
) -> Presence:
    """Enter an interval for *person*, with its reason; the only way past a confirmed list."""
    if not reason.strip():
        raise ListRefused(_("Give the reason for this correction."))
    if until <= since:
        raise ListRefused(_("The interval must end after it begins."))
    with once(client_id, refused=ListRefused):
        lock_open(session.pk, ListRefused)
        same = {"session": session, "person": person, "since": since, "until": until}
        same |= {"source": Presence.Source.HUB, "retracts__isnull": True}
        if earlier := recorded(client_id, refused=ListRefused, **same):
            return _told(earlier, is_new=False)
        row = Presence.objects.create(
            session=session,
            site=site,
            person=person,
            source=Presence.Source.HUB,
            since=since,
            until=until,
            reason=names.clean(reason)[:200],
            recorded_by=by,
            recorded_at=clock.now(),
            client_id=client_id,
        )
        weigh_if_settled(session, person)
        return _told(row, is_new=True)


def take_back(row: Presence, *, reason: str, by) -> Presence:
    """Take one piece of evidence back, with its reason. Idempotent.

    A lesson that nothing else carries opens again; a completion it led to stays and is reviewed.
    """
    if not reason.strip():
        raise ListRefused(_("Give the reason for this correction."))
    with transaction.atomic():
        lock_open(row.session_id, ListRefused)
        if row.retracts_id is not None:
            raise ListRefused(_("What was taken back cannot be taken back again. Enter an interval instead."))
        if earlier := Presence.objects.filter(retracts=row).first():
            return earlier
        taken = retract(row, by=by, reason=names.clean(reason)[:200])
        weigh_if_settled(row.session, row.person)
        return taken
