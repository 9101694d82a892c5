"""Verbs on excuses: say why one does not come, decide, appeal once, take back; none of them makes a minute."""

import io
import uuid
from datetime import datetime, timedelta
from typing import IO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.actions.archiving import lock_open
from courses.actions.case_pictures import anew
from courses.actions.packs import office_of
from courses.actions.progress import refresh
from courses.conf import conf
from courses.discretion import telling
from courses.models import Enrolment, Excuse, ExcuseStep, Session
from lms import clock, media, names
from lms.messages import tell
from lms.models import Person, RoleAssignment
from lms.uploads import UploadRefused, check_size, sniff

State, Act = Excuse.State, ExcuseStep.Act
MOST_BYTES = 10_000_000
DECIDERS = (RoleAssignment.Role.PROGRAMME_MANAGER, RoleAssignment.Role.ORG_ADMIN)
LEAST = 5
"""Letters of a reason."""
FORGOTTEN = "–"
"""What stands for a reason that was forgotten."""
PICTURES = {"image/jpeg", "image/png", "image/webp"}


class ExcuseRefused(Exception):
    """An excuse that cannot be said, decided or appealed like this; the message says why."""


def say_until(session: Session) -> datetime:
    """Until when an absence from *session* can be explained."""
    return session.ends_at + timedelta(days=conf.EXCUSE_DAYS)


def appeal_until(excuse: Excuse) -> datetime | None:
    """Until when a refusal can be appealed; nothing where there is none, or where it was appealed already."""
    steps = list(excuse.steps.all())
    if excuse.state != State.REFUSED or any(step.act == Act.APPEALED for step in steps):
        return None
    refused = next(step for step in steps if step.act == Act.REFUSED)
    return refused.at + timedelta(days=conf.EXCUSE_APPEAL_DAYS)


def say(
    session: Session, *, person: Person, kind: str, text: str = "", file: IO[bytes] | None = None, by
) -> Excuse:
    """Say why *person* does not come, or did not come, to *session*; the hub's office is told. Idempotent while it stands.

    A picture is written anew from its pixels. Text that may tell of a patient is refused.
    """
    if kind not in Excuse.Kind.values:
        raise ExcuseRefused(_("Choose why."))
    text = _told(text, person)
    if kind == Excuse.Kind.OTHER and len(text) < LEAST:
        raise ExcuseRefused(_("Say in a few words why."))
    kept = _paper(file) if file is not None else None
    with transaction.atomic():
        locked = lock_open(session.pk, ExcuseRefused)
        if locked.state == Session.State.CANCELLED:
            raise ExcuseRefused(_("This session was cancelled."))
        now = clock.now()
        if now > say_until(locked):
            raise ExcuseRefused(
                _("An absence can be explained within %(days)s days after the session.")
                % {"days": conf.EXCUSE_DAYS}
            )
        if standing := Excuse.objects.standing().filter(session=locked, person=person).first():
            return standing
        row = Excuse(session=locked, person=person, kind=kind, text=text, said_at=now)
        if kept is not None:
            data, row.file_type, ending = kept
            row.file_name, _size, _digest = media.save(
                f"excuses/{locked.uuid}/{uuid.uuid4().hex}{ending}", data
            )
        row.save()
        ExcuseStep.objects.create(excuse=row, act=Act.SAID, by=by, at=now)
        if person.user_id != by.pk:
            _tell_person(row, "excuse-said", by=by)
        _tell_office(row, by=by)
    return row


def decide(excuse: Excuse, *, accept: bool, reason: str = "", by) -> Excuse:
    """Accept *excuse* or refuse it, the first time or on appeal; never one's own, nor twice. The person is told.

    An accepted one lets the person's classes be weighed anew where the session is settled.
    """
    reason = names.clean(reason)[:300]
    if not accept and len(reason) < LEAST:
        raise ExcuseRefused(_("Give the reason in words; the person reads it."))
    if found := telling(reason, known=[excuse.person.full_name]):
        raise ExcuseRefused(
            _("Leave out what may tell who a patient is: %(found)s") % {"found": "; ".join(found)}
        )
    with transaction.atomic():
        row = _locked(excuse)
        if row.state not in Excuse.OPEN:
            raise ExcuseRefused(_("This excuse is already “%(state)s”.") % {"state": row.get_state_display()})
        if row.person.user_id == by.pk or _acted(row, by):
            raise ExcuseRefused(_("Somebody else must decide: one's own, or twice, nobody decides."))
        is_appeal = row.state == State.APPEALED
        _step(row, Act.ACCEPTED if accept else Act.REFUSED, by=by, reason=reason)
        row.state = State.ACCEPTED if accept else State.REFUSED
        row.save(update_fields=["state"])
        until = appeal_until(row)
        event = "excuse-accepted" if accept else "excuse-refused" if until else "excuse-upheld"
        more = {"reason": reason or "–", **({"until": until} if until else {})}
        _tell_person(row, event, by=by, again=is_appeal, **more)
        if accept:
            weigh_anew(row)
    return row


def appeal(excuse: Excuse, *, reason: str, by) -> Excuse:
    """Ask for a second decision by somebody else, once and in time. Idempotent."""
    reason = _told(reason, excuse.person)[:300]
    if len(reason) < LEAST:
        raise ExcuseRefused(_("Say why the decision should be another."))
    with transaction.atomic():
        row = _locked(excuse)
        if row.state == State.APPEALED:
            return row
        until = appeal_until(row)
        if until is None:
            raise ExcuseRefused(_("There is nothing to appeal, or it was appealed already."))
        if clock.now() > until:
            raise ExcuseRefused(_("The time to appeal is over."))
        _step(row, Act.APPEALED, by=by, reason=reason)
        row.state = State.APPEALED
        row.save(update_fields=["state"])
        _tell_office(row, by=by, again=True)
    return row


def take_back(excuse: Excuse, *, by) -> Excuse:
    """Take an excuse back that nobody has decided yet; another can be said. Idempotent."""
    with transaction.atomic():
        row = _locked(excuse)
        if row.state == State.WITHDRAWN:
            return row
        if row.state != State.SAID:
            raise ExcuseRefused(_("This excuse is already “%(state)s”.") % {"state": row.get_state_display()})
        _step(row, Act.WITHDRAWN, by=by)
        row.state = State.WITHDRAWN
        row.save(update_fields=["state"])
    return row


def weigh_anew(excuse: Excuse) -> None:
    """Look again at the classes of whoever is excused; nothing changes before the session is settled."""
    rows = Enrolment.objects.open().of(excuse.person).filter(run__session_uses__session=excuse.session)
    for enrolment in rows.distinct().order_by("pk"):
        refresh(enrolment)


def forget(rows) -> int:
    """Delete words and papers; that somebody was excused stays."""
    for name in rows.exclude(file_name="").values_list("file_name", flat=True):
        media.storage().delete(name)
    ExcuseStep.objects.filter(excuse__in=rows).exclude(reason="").update(reason=FORGOTTEN)
    return rows.update(text="", file_name="", file_type="")


def _told(text: str, person: Person) -> str:
    text = names.clean(text)[:500]
    if found := telling(text, known=[person.full_name]):
        raise ExcuseRefused(
            _("Leave out what may tell who a patient is: %(found)s") % {"found": "; ".join(found)}
        )
    return text


def _paper(file: IO[bytes]) -> tuple[bytes, str, str]:
    """What is kept of a paper that was handed in: bytes, type and ending."""
    check_size(file, MOST_BYTES)
    kind = sniff(file)
    if kind == "application/pdf":
        file.seek(0)
        return file.read(), kind, ".pdf"
    if kind in PICTURES:
        data, _size = anew(io.BytesIO(file.read()))
        return data, "image/jpeg", ".jpg"
    raise UploadRefused(_("A paper is taken as PDF or as a picture (JPEG, PNG, WebP)."))


def _locked(excuse: Excuse) -> Excuse:
    # The session first, as everybody does who may weigh.
    lock_open(excuse.session_id, ExcuseRefused)
    rows = Excuse.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("session__hub", "person").get(pk=excuse.pk)


def _acted(row: Excuse, by) -> bool:
    return row.steps.filter(by=by).exclude(act=Act.WITHDRAWN).exists()


def _step(row: Excuse, act: str, *, by, reason: str = "") -> ExcuseStep:
    try:
        with transaction.atomic():
            return ExcuseStep.objects.create(excuse=row, act=act, by=by, at=clock.now(), reason=reason)
    except IntegrityError as error:
        raise ExcuseRefused(_("Somebody else must decide: one's own, or twice, nobody decides.")) from error


def _about(row: Excuse) -> dict:
    return {"session": row.session, "at": row.session.starts_at}


def _tell_person(row: Excuse, event: str, *, by, again: bool = False, **more) -> None:
    key = f"{event}:{row.pk}:{'appeal' if again else 'first'}"
    url = ("lms_courses:excuse", row.session.uuid)
    tell(row.person, event, key=key, about={**_about(row), **more}, url=url, by=by)


def _tell_office(row: Excuse, *, by, again: bool = False) -> None:
    """The office learns that one waits, not whose: the name stands behind the link, where the look is noted."""
    acted = {by.pk, *row.steps.values_list("by", flat=True)}
    for person in office_of(row.session, *DECIDERS):
        if person.user_id in acted or person.pk == row.person_id:
            continue
        key = f"excuse-waits:{row.pk}:{'appeal' if again else 'first'}:{person.pk}"
        tell(
            person,
            "excuse-waits",
            key=key,
            about=_about(row),
            url=("lms_courses:excuses", row.session.uuid),
            by=by,
        )
