"""Verbs of a phone during a session: answer that one is still there, check out; and of a cut line."""

import uuid
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from courses import codes
from courses.actions import attendance
from courses.actions.archiving import lock_open
from courses.actions.attendance import ListLocked, retract
from courses.actions.proof import CheckInRefused, CodeWrong
from courses.actions.requests import once, recorded
from courses.actions.settling import ListRefused, weigh_all_if_settled, weigh_if_settled
from courses.conf import conf
from courses.models import Presence, Session, SessionOutage, SessionSite
from lms import clock, names
from lms.models import Person


class NothingAsked(CheckInRefused):
    """An answer to a question that does not stand now, or of somebody who has not checked in."""


def asks_now(session: Session, now: datetime) -> tuple[int, int] | None:
    """The question that stands on phones at *now*, as seconds from and until, or None."""
    moment = int(now.timestamp())
    return next((one for one in _questions(session) if one[0] <= moment < one[1]), None)


def _questions(session: Session) -> list[tuple[int, int]]:
    every = conf.PROMPT_MINUTES * 60
    return [
        question
        for since, until in session.parts
        for question in codes.prompts(session.secret, since.timestamp(), until.timestamp(), every=every)
    ]


def own_stay(session: Session, person: Person) -> list[Presence]:
    """What the phone of *person* said and nobody took back, in order."""
    own = [*Presence.OWN, Presence.Source.OUT]
    rows = Presence.objects.in_force().filter(session=session, person=person, source__in=own)
    return list(rows.select_related("site__site").order_by("since", "pk"))


def is_inside(stay: list[Presence]) -> bool:
    """Whether the last word of a phone is that its owner is there."""
    return bool(stay) and stay[-1].source != Presence.Source.OUT


def answer_prompt(session: Session, *, person: Person, by, device: str = "") -> Presence:
    """Record that *person*, who checked in by phone before, answered while the question stood. Idempotent.

    It proves the moment, like a code: the stay reaches to it, and one pulse further.
    """
    with transaction.atomic():
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
        now = clock.now()
        stay = own_stay(session, person)
        if not is_inside(stay):
            raise NothingAsked(
                _("Check in with the code first; then this page asks whether you are still there.")
            )
        asked = asks_now(session, now)
        if asked is None or session.state == Session.State.CANCELLED:
            raise NothingAsked(_("Nothing is asked now. The question comes back during the session."))
        since = datetime.fromtimestamp(asked[0], UTC)
        if known := next((row for row in stay if row.source == "self_prompt" and row.since >= since), None):
            known.is_new = False  # type: ignore[attr-defined]
            return known
        row = Presence.objects.create(
            session=session,
            site=stay[-1].site,
            person=person,
            source=Presence.Source.PROMPT,
            since=now,
            recorded_by=by,
            recorded_at=now,
            device=codes.device_tag(session.secret, device),
        )
        weigh_if_settled(session, person)
    row.is_new = True  # type: ignore[attr-defined]
    return row


def check_out(
    session: Session,
    *,
    person: Person,
    by,
    code: str = "",
    client_id: uuid.UUID | None = None,
    device: str = "",
) -> Presence:
    """End the stay that the phone of *person* began; with the *code* on the screen it reaches to now.

    Without a code it ends at the latest one pulse after the last proof, because anybody can say
    from anywhere that they left. Idempotent.
    """
    with once(client_id, refused=CodeWrong):
        list(Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
        same = {"session": session, "person": person, "source": Presence.Source.OUT, "retracts__isnull": True}
        if earlier := recorded(client_id, refused=CodeWrong, **same):
            return earlier
        if code.strip():
            attendance.check_in(person, code=code, session=session, by=by, device=device)
        stay = own_stay(session, person)
        if not stay:
            raise NothingAsked(_("You have not checked in with this session, so there is nothing to end."))
        if not is_inside(stay):
            return stay[-1]
        now = clock.now()
        row = Presence.objects.create(
            session=session,
            site=stay[-1].site,
            person=person,
            source=Presence.Source.OUT,
            since=max(now, stay[-1].since),
            recorded_by=by,
            recorded_at=now,
            client_id=client_id,
            device=codes.device_tag(session.secret, device),
        )
        weigh_if_settled(session, person)
        return row


def undo_check_out(session: Session, *, person: Person, by) -> None:
    """Take back the last check-out of *person*, pressed by mistake; the proofs before it stand. Idempotent."""
    with transaction.atomic():
        lock_open(session.pk, ListRefused)
        stay = own_stay(session, person)
        if stay and not is_inside(stay):
            retract(stay[-1], by=by, reason="")
            weigh_if_settled(session, person)


# --- cut lines


def declare_outage(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    reason: str,
    by,
    site: SessionSite | None = None,
    at_hub: bool = False,
) -> SessionOutage:
    """Say that the line of *site* (of the hub, without one) was cut; weighs everybody again if settled.

    Whether the minutes count is not decided here: the session declared it beforehand. After a
    list is confirmed only the hub may. Idempotent.
    """
    reason = names.clean(reason)[:200]
    if not reason:
        raise ListRefused(_("Say what happened: power, network, equipment."))
    if until <= since:
        raise ListRefused(_("The interval must end after it begins."))
    with transaction.atomic():
        locked = lock_open(session.pk, ListRefused)
        if since >= locked.ends_at or until <= locked.starts_at:
            raise ListRefused(_("The interval lies outside the hours of the session."))
        if site is not None and not at_hub and SessionSite.objects.get(pk=site.pk).attested_at:
            raise ListLocked(_("This list is confirmed and locked. Ask the hub to declare the cut line."))
        return _declared(locked, site, since, until, reason, by)


def _declared(session, site, since, until, reason, by) -> SessionOutage:
    same = session.outages.filter(site=site, since=since, until=until, ended_at=None).first()
    if same:
        return same
    row = SessionOutage.objects.create(
        session=session,
        site=site,
        since=since,
        until=until,
        reason=reason,
        declared_by=by,
        declared_at=clock.now(),
    )
    weigh_all_if_settled(session, _persons(session))
    return row


def take_outage_back(outage: SessionOutage, *, reason: str, by) -> SessionOutage:
    """Say that the line was not cut after all, with a reason. Idempotent."""
    reason = names.clean(reason)[:200]
    if not reason:
        raise ListRefused(_("Give the reason for this correction."))
    with transaction.atomic():
        session = lock_open(outage.session_id, ListRefused)
        row = SessionOutage.objects.select_for_update(of=("self",)).get(pk=outage.pk)
        if row.ended_at is None:
            row.ended_at, row.ended_by, row.ended_reason = clock.now(), by, reason
            row.save(update_fields=["ended_at", "ended_by", "ended_reason"])
            weigh_all_if_settled(session, _persons(session))
        return row


def _persons(session: Session):
    return session.presences.values_list("person", flat=True).distinct().order_by()
