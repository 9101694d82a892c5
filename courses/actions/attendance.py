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
from courses.actions.settling import ListRefused, weigh_if_settled
from courses.conf import conf
from courses.models import Presence, Session, SessionSite
from lms import clock, names, sql
from lms.actions import LicenceTaken, add_person
from lms.crashpoints import crashpoint
from lms.models import Licence, Person

SKEW_STEPS = 10
"""How far the clock of a phone without network may be wrong, in code steps: five minutes."""
STALE_STEPS = 240
"""For how long an old code is called old rather than wrong: two hours."""
KEPT = timedelta(minutes=5)
"""For how long a code that was scanned may wait for its owner to sign in."""


LONGEST_NAME = 120
"""Characters of a person's name."""


class CheckInRefused(Exception):
    """A check-in that does not count; the message says why and what to do."""


class CodeWrong(CheckInRefused):
    """Nobody showed this code for this session."""


class CodeStale(CheckInRefused):
    """The code was right some time ago."""


class ClockOff(CodeWrong):
    """A code that a phone kept cannot be dated, because the phone says an hour that cannot be."""


class SessionClosed(CheckInRefused):
    """The session takes no evidence at that moment."""


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
    with transaction.atomic():
        _one_request_at_a_time(person)
        now = clock.now()
        if client_id and (earlier := Presence.objects.filter(client_id=client_id).first()):
            if earlier.person_id != person.pk:
                raise CodeWrong(_("This check-in could not be read. Type the code again."))
            return _told(earlier, is_new=False)
        proof = _Proof(now, shown_at=shown_at, client_at=client_at)
        if token:
            site = proof.read_token(token)
            session = site.session
        else:
            session = proof.read_code(code or "", session)
            if site and site.session_id != session.pk:
                site = None
        _require_open(session, proof.moment)
        source = proof.source if token else Presence.Source.SELF_CODE
        repeated = _repeated(session, person, proof.moment, source)
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
        weigh_if_settled(session, person)
    crashpoint("check_in.committed")
    return _told(row, is_new=True)


def _one_request_at_a_time(person: Person) -> None:
    """Let a double tap find the row of the first; on SQLite the transaction itself does that."""
    if connection.features.has_select_for_update:
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).order_by().values_list("pk"))


_REPEATED = """
SELECT p.id, p.session_id, p.since, p.is_late FROM lms_courses_presence p
LEFT JOIN lms_courses_presence taken ON taken.retracts_id = p.id
WHERE p.session_id = %s AND p.person_id = %s AND p.source IN (%s, %s, %s) AND p.retracts_id IS NULL
AND taken.id IS NULL AND p.since > %s AND p.since < %s
ORDER BY p.since, p.id LIMIT 1"""


def _repeated(session: Session, person: Person, moment: datetime, source: str) -> Presence | None:
    """The check-in of the same minutes that stands already: ``Presence.objects.own().in_force()``, by hand.

    A printed code says less than one from a screen, so it repeats one, but not the other way round.
    """
    near = timedelta(minutes=conf.CHECK_IN_REPEAT_MINUTES)
    own = [Presence.Source.SELF_CODE.value, Presence.Source.SELF_QR.value]
    own.append(Presence.Source.POSTER.value if source == Presence.Source.POSTER else own[0])
    span = [sql.stored(Presence, "since", at) for at in (moment - near, moment + near)]
    return sql.one(Presence, _REPEATED, [session.pk, person.pk, *own, *span])


def _left_since(row: Presence, person: Person) -> bool:
    """Whether *person* has checked out after *row*: then coming back is a check-in of its own."""
    left = Presence.objects.in_force().filter(session=row.session_id, person=person)
    return left.filter(source=Presence.Source.OUT, since__gte=row.since).exists()


def _told(row: Presence, *, is_new: bool) -> Presence:
    row.is_new = is_new  # type: ignore[attr-defined]
    return row


class _Proof:
    """At which moment a code or token was on a screen, by the server's clock and the code itself."""

    def __init__(self, now: datetime, *, shown_at: datetime | None, client_at: datetime | None):
        self.now = now
        self.moment = now
        self.is_late = False
        self.source = Presence.Source.SELF_QR
        self.shown_at = shown_at if shown_at and now - KEPT <= shown_at <= now else None
        oldest = now - timedelta(hours=conf.CHECK_IN_OFFLINE_HOURS)
        # A phone whose clock runs ahead says nothing; one that says "just now" is not offline.
        waited = client_at is not None and oldest <= client_at < now - timedelta(seconds=codes.STEP)
        self.client_at = client_at if waited else None
        self.said = client_at

    def read_code(self, text: str, session: Session | None) -> Session:
        code = codes.clean(text)
        if code is None:
            raise CodeWrong(_("The code is six digits. Type the code that is on the screen now."))
        candidates = [session] if session else self._candidates()
        for candidate in candidates:
            for shown in filter(None, (self.now, self.shown_at)):
                if codes.find_step(candidate.secret, code, shown.timestamp()) is not None:
                    self.moment = shown
                    return candidate
            if self.client_at and self._read_late(candidate, code):
                return candidate
        for candidate in candidates:
            if codes.find_step(candidate.secret, code, self.now.timestamp(), back=STALE_STEPS) is not None:
                raise CodeStale(_("Type the new code that is on the screen now."))
        self._refuse_a_wrong_clock(session)
        raise CodeWrong(_("This is not the code of this session. Type the code that is on the screen now."))

    def _refuse_a_wrong_clock(self, session: Session | None) -> None:
        """Say so where the phone's hour lies ahead, too far back, or where *session* was not on."""
        if self.said is None:
            return
        is_off = self.said > self.now + KEPT or (
            self.said < self.now - KEPT
            and (
                self.client_at is None
                or (
                    session is not None
                    and not session.starts_at - early() <= self.said <= session.ends_at + late()
                )
            )
        )
        if is_off:
            raise ClockOff(
                _(
                    "This phone says it is %(when)s, so a code that it kept cannot be dated. Set its clock "
                    "right, or ask the coordinator of your site to tick your name."
                )
                % {"when": date_format(localtime(self.said), "SHORT_DATETIME_FORMAT")}
            )

    def _candidates(self) -> list[Session]:
        moment = self.client_at or self.now
        return list(Session.objects.going_on(moment, early=early(), late=late()).order_by("starts_at")[:50])

    def _read_late(self, session: Session, code: str) -> bool:
        typed = self.client_at.timestamp()
        ahead = min(SKEW_STEPS, codes.step_at(self.now.timestamp()) - codes.step_at(typed))
        step = codes.find_step(session.secret, code, typed, back=codes.BACK + SKEW_STEPS, ahead=ahead)
        if step is None:
            return False
        self.moment = datetime.fromtimestamp(codes.moment_of(step), UTC)
        self.is_late = True
        return True

    def read_token(self, text: str) -> SessionSite:
        token = codes.read_site_token(text)
        site = token and SessionSite.objects.filter(pk=token.site).select_related("session").first()
        if not site or not codes.is_genuine(token, site.secret, str(site.session.uuid)):
            raise CodeWrong(_("This QR code is not of this session. Scan the one in your room."))
        if token.step is None:
            self.moment, self.source = self.shown_at or self.now, Presence.Source.POSTER
            return site
        for shown in filter(None, (self.now, self.shown_at)):
            if codes.is_timely(token.step, shown.timestamp()):
                self.moment = shown
                return site
        minted = datetime.fromtimestamp(codes.moment_of(token.step), UTC)
        if self.client_at and minted <= self.now and abs(self.client_at - minted) < KEPT:
            self.moment, self.is_late = minted, True
            return site
        raise CodeStale(_("Scan the QR code that is on the screen now."))


def early() -> timedelta:
    """How long before its hour a session takes evidence."""
    return timedelta(minutes=conf.CHECK_IN_EARLY_MINUTES)


def late() -> timedelta:
    """How long after its hour codes of a session still count."""
    return timedelta(minutes=conf.CHECK_IN_LATE_MINUTES)


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
) -> Presence:
    """Record that the coordinator sees *person* in the room, until the session's end. Idempotent.

    A tick within the first minutes counts from the start, because people are there before the
    list is. One made after the end comes from a paper list: it counts whole and is marked late.
    """
    with transaction.atomic():
        room, now = open_list(session_site), clock.now()
        if client_id and (earlier := Presence.objects.filter(client_id=client_id, site=room).first()):
            return _told(earlier, is_new=False)
        if ticked := _ticks(room, person).first():
            return _told(ticked, is_new=False)
        session = room.session
        is_late = now > session.ends_at
        grace = session.starts_at + timedelta(minutes=conf.ROSTER_GRACE_MINUTES)
        row = Presence.objects.create(
            session=session,
            site=room,
            person=person,
            source=Presence.Source.ROSTER,
            since=session.starts_at if is_late or now <= grace else now,
            recorded_by=by,
            recorded_at=now,
            client_id=client_id,
            client_at=client_at,
            is_late=is_late,
        )
        return _told(row, is_new=True)


def untick(session_site: SessionSite, *, person: Person, by, client_id: uuid.UUID | None = None) -> None:
    """Take the coordinator's tick of *person* back; what their own phone says stays. Idempotent."""
    with transaction.atomic():
        room = open_list(session_site)
        if client_id and Presence.objects.filter(client_id=client_id, site=room).exists():
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
) -> Presence:
    """Tick somebody who is not on the roster, as a provisional person where nobody fits exactly.

    The same licence number, or the same phone with the same name, is the same person; a name
    alone never is (``domain`` 2.5, rule 4).
    """
    with transaction.atomic():
        room = open_list(session_site)
        if client_id and (earlier := Presence.objects.filter(client_id=client_id, site=room).first()):
            return _told(earlier, is_new=False)
        person = find_or_add(
            room, full_name=full_name, birth_year=birth_year, phone_or_licence=phone_or_licence, by=by
        )
        return tick(room, person=person, by=by, client_id=client_id)


def find_or_add(
    room: SessionSite, *, full_name: str, birth_year: int | None, phone_or_licence: str, by
) -> Person:
    """Whoever fits exactly, or a new provisional person who works at *room*; inside the caller's transaction."""
    full_name, contact = names.clean(full_name), names.clean(phone_or_licence)
    if not full_name or not contact:
        raise ListRefused(_("Give the full name and a phone or licence number."))
    if len(full_name) > LONGEST_NAME or not names.is_of_letters(full_name):
        raise ListRefused(_("A name has letters only, and not too many."))
    year = clock.now().year
    if birth_year is not None and not year - 100 <= birth_year <= year - 15:
        raise ListRefused(_("Check the birth year: %(year)s.") % {"year": birth_year})
    phone = names.normal_phone(contact)
    person = _by_phone(phone, full_name) if phone else _by_licence(contact, full_name)
    if person is not None:
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


def _by_phone(phone: str, full_name: str) -> Person | None:
    same = Person.objects.exclude(state=Person.State.MERGED).filter(
        phone=phone, name_folded=names.fold(full_name)
    )
    return same.order_by("pk").first()


def _by_licence(number: str, full_name: str) -> Person | None:
    licence = Licence.objects.numbered(number).select_related("person").first()
    if licence is None:
        return None
    if licence.person.name_folded != names.fold(full_name):
        raise LicenceOfAnother(
            _("This licence number is registered under another name. Check the number and the name.")
        )
    return licence.person


def count_heads(session_site: SessionSite, *, head_count: int, by) -> SessionSite:
    """Note how many people sit in the room."""
    with transaction.atomic():
        room = open_list(session_site)
        room.head_count = head_count
        room.save(update_fields=["head_count"])
        return room


def attest(session_site: SessionSite, *, head_count: int | None = None, by) -> SessionSite:
    """Confirm that the list is that of the people in the room, and lock it. Idempotent."""
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
    with transaction.atomic():
        lock_open(session.pk, ListRefused)
        if client_id and (earlier := Presence.objects.filter(client_id=client_id, session=session).first()):
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
