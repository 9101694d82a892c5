"""Verbs on cases: send, return, accept, rank, conclude, withdraw, follow up; what tells who it is stays out."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from content.blocks import WHAT_TELLS
from content.deidentify import found_in
from courses.actions.archiving import lock_open, refuse_archived
from courses.actions.case_pictures import remove
from courses.actions.session_roles import end_session_role, name_role
from courses.models import (
    Attendance,
    Case,
    CaseFollowUp,
    CaseLook,
    CasePicture,
    Session,
    SessionRole,
    SessionSite,
)
from courses.signals import attendance_settled, session_role_changed
from lms import clock, names, scope
from lms.actions import log_access
from lms.messages import tell
from lms.models import Person, RoleAssignment

TEXTS = ("complaint", "history", "vitals", "results", "done", "question")
FOLLOW_UP_DAYS = (7, 30)
DOUBTFUL = frozenset({"name", "date"})
"""Kinds that the scanner may mistake; the site may confirm that they tell nobody. Numbers it may not."""
State = Case.State


class CaseRefused(Exception):
    """A case cannot be taken or moved on like this; the message says why, ``found`` what tells who it is."""

    def __init__(self, message: str, found: tuple[tuple[str, str, str], ...] = ()):
        super().__init__(message)
        self.found = found


def telling(values: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Field, kind and words of each passage that may tell who the patient is."""
    return [
        (field, kind, words) for field, text in values.items() for kind, words in found_in(str(text or ""))
    ]


def in_plain(found: list[tuple[str, str, str]]) -> str:
    """What was found, where, and how to mend it."""
    labels = {field.name: field.verbose_name for field in Case._meta.fields}
    note = _("note")
    told = "; ".join(
        f"{labels.get(field, note)}: {WHAT_TELLS[kind]} “{words}”" for field, kind, words in found
    )
    return _(
        "This may tell who the patient is: %(found)s. Leave numbers out, write “the patient” for a name "
        "and “day 3 of illness” for a date."
    ) % {"found": told}


def _refuse_telling(values: Mapping[str, object], *, confirmed: bool = False) -> list[list[str]]:
    """Refuse what tells who it is; return the doubtful passages that the site stood by."""
    found = telling(values)
    stands = [row for row in found if confirmed and row[1] in DOUBTFUL]
    if left := [row for row in found if row not in stands]:
        raise CaseRefused(in_plain(left), tuple(left))
    return [list(row) for row in stands]


def _locked(case: Case) -> Case:
    return (
        Case.objects.select_for_update(no_key=True, of=("self",))
        .select_related("room__session__hub", "room__site__facility")
        .get(pk=case.pk)
    )


def _takes_cases(session: Session) -> None:
    if session.state in {Session.State.ENDED, Session.State.SETTLED, Session.State.CANCELLED}:
        raise CaseRefused(_("This session takes no more cases. Choose one that is still to come."))


def submit(
    room: SessionSite, *, presenter: Person, values: Mapping[str, object], confirmed: bool = False, by
) -> Case:
    """Send a case of the site *room* to the hub. The same complaint and question again is the same case.

    ``confirmed`` says that doubtful words (a name, a date) tell nobody; numbers are refused regardless.
    """
    stands = _refuse_telling({name: values.get(name) for name in TEXTS}, confirmed=confirmed)
    with transaction.atomic():
        locked = (
            SessionSite.objects.select_for_update(no_key=True, of=("self",))
            .select_related("session")
            .get(pk=room.pk)
        )
        _takes_cases(locked.session)
        same = Case.objects.exclude(state=State.WITHDRAWN).filter(
            room=locked, complaint=values["complaint"], question=values["question"]
        )
        if known := same.first():
            return known
        return Case.objects.create(
            room=locked,
            presenter=presenter,
            confirmed=stands,
            submitted_by=by,
            submitted_at=clock.now(),
            **values,
        )


def revise(
    case: Case, *, presenter: Person, values: Mapping[str, object], confirmed: bool = False, by
) -> Case:
    """Send other words for *case*, before the hub has accepted it; a returned one goes to the hub again."""
    stands = _refuse_telling({name: values.get(name) for name in TEXTS}, confirmed=confirmed)
    with transaction.atomic():
        locked = _locked(case)
        _takes_cases(locked.session)
        if locked.state not in {State.SUBMITTED, State.RETURNED}:
            raise CaseRefused(_("The hub has accepted this case; ask it to return the case for changes."))
        for name, value in values.items():
            setattr(locked, name, value)
        locked.presenter, locked.confirmed, locked.state = presenter, stands, State.SUBMITTED
        locked.submitted_by, locked.submitted_at = by, clock.now()
        locked.save()
    return locked


def accept(case: Case, *, rank: int | None = None, by) -> Case:
    """Take *case* into its session, at the place *rank*; who presents it gets the role and its credit rule."""
    with transaction.atomic():
        locked = _locked(case)
        if locked.state not in {State.SUBMITTED, State.ACCEPTED}:
            raise CaseRefused(_("This case is already “%(state)s”.") % {"state": locked.get_state_display()})
        if locked.session.state in {Session.State.SETTLED, Session.State.CANCELLED}:
            raise CaseRefused(_("This session takes no more cases. Choose one that is still to come."))
        is_new = locked.state == State.SUBMITTED
        locked.state, locked.rank = State.ACCEPTED, rank
        if is_new:
            locked.decided_by, locked.decided_at, locked.answer = by, clock.now(), ""
        locked.save()
        name_role(locked.session, person=locked.presenter, role=SessionRole.Role.PRESENTER, by=by)
        if is_new:
            _tell_site(locked, "case-accepted", key=f"case-accepted:{locked.pk}", by=by)
    return locked


def send_back(case: Case, *, reason: str, by) -> Case:
    """Return *case* to its site with what to change; the presenter's role ends where no other case carries it."""
    reason = names.clean(reason)[:500]
    if not reason:
        raise CaseRefused(_("Say what the site should change."))
    _refuse_telling({"answer": reason})
    with transaction.atomic():
        locked = _locked(case)
        refuse_archived(locked.session, CaseRefused)
        if locked.state not in {State.SUBMITTED, State.ACCEPTED, State.RETURNED}:
            raise CaseRefused(_("This case is already “%(state)s”.") % {"state": locked.get_state_display()})
        if locked.state != State.RETURNED:
            _leave(locked, State.RETURNED, by=by, reason=reason)
            key = f"case-returned:{locked.pk}:{locked.decided_at:%Y%m%d%H%M%S}"
            _tell_site(locked, "case-returned", key=key, by=by, reason=reason)
    return locked


def withdraw(case: Case, *, by) -> Case:
    """Take *case* back, by its site, before it is concluded; its pictures go at once."""
    with transaction.atomic():
        locked = _locked(case)
        refuse_archived(locked.session, CaseRefused)
        if locked.state == State.CONCLUDED:
            raise CaseRefused(_("This case is concluded; it stays on record."))
        if locked.state != State.WITHDRAWN:
            _leave(locked, State.WITHDRAWN, by=by, reason=_("The site took the case back."))
            for picture in locked.pictures.filter(removed_at=None):
                remove(picture)
    return locked


def _leave(case: Case, state: str, *, by, reason: str) -> None:
    was_accepted = case.state == State.ACCEPTED
    case.state, case.rank, case.answer = state, None, reason
    case.decided_by, case.decided_at = by, clock.now()
    case.save()
    others = Case.objects.shown().filter(room__session=case.session, presenter=case.presenter_id)
    if was_accepted and not others.exists():
        role = SessionRole.objects.filter(
            session=case.session, person=case.presenter_id, role=SessionRole.Role.PRESENTER, ended_at=None
        ).first()
        if role:
            end_session_role(role, reason=reason[:200], by=by)


def put_in_order(session: Session, *, ranks: Mapping[int, int], by) -> None:
    """Give the accepted cases of *session* their places, by case; cases of others are left alone."""
    with transaction.atomic():
        lock_open(session.pk, CaseRefused)
        for case in Case.objects.select_for_update(no_key=True, of=("self",)).filter(
            room__session=session, state__in=[State.ACCEPTED, State.CONCLUDED], pk__in=list(ranks)
        ):
            case.rank = ranks[case.pk]
            case.save(update_fields=["rank"])


def conclude(
    case: Case, *, conclusion: str, recommendation: str, referral: str, minutes_number: str = "", by
) -> Case:
    """Record what the experts said, and ask the site to follow the patient for a month. Once written it can be mended.

    The site and the presenter are told; follow-ups fall due 7 and 30 days after the first conclusion. Where the session is
    settled already, the case counts from now on.
    """
    values = {
        "conclusion": conclusion.strip(),
        "recommendation": recommendation.strip(),
        "minutes_number": names.clean(minutes_number)[:40],
    }
    if not values["conclusion"] or not values["recommendation"]:
        raise CaseRefused(_("Write both the conclusion and the recommendation."))
    if referral not in Case.Referral.values:
        raise CaseRefused(_("Choose what becomes of the patient."))
    # The number of minutes is a number of a paper of the hospital, and meant.
    _refuse_telling({name: values[name] for name in ("conclusion", "recommendation")})
    with transaction.atomic():
        session = lock_open(case.room.session_id, CaseRefused)
        locked = _locked(case)
        if locked.state not in {State.ACCEPTED, State.CONCLUDED}:
            raise CaseRefused(_("Only a case that the hub has accepted can be concluded."))
        is_new = locked.state == State.ACCEPTED
        for name, value in values.items():
            setattr(locked, name, value)
        locked.referral = referral
        if is_new:
            locked.state, locked.concluded_at = State.CONCLUDED, clock.now()
        locked.concluded_by = by
        locked.save()
        for day in FOLLOW_UP_DAYS:
            due = clock.today() + timedelta(days=day)
            CaseFollowUp.objects.get_or_create(case=locked, day=day, defaults={"due_on": due})
        if is_new:
            _tell_site(locked, "case-concluded", key=f"case-concluded:{locked.pk}", by=by)
            _count_anew(session)
    return locked


def _count_anew(session: Session) -> None:
    """Tell again what everybody brought home from *session*, where it is settled; its row is locked."""
    if session.state == Session.State.SETTLED:
        for row in Attendance.objects.filter(session=session).select_related("person"):
            attendance_settled.send(Attendance, session=session, person=row.person, attendance=row)
        for role in SessionRole.objects.filter(session=session, ended_at=None):
            session_role_changed.send(SessionRole, role=role)


def follow_up(row: CaseFollowUp, *, outcome: str, note: str = "", by) -> CaseFollowUp:
    """Record how the patient is; again replaces what was said before."""
    if outcome not in CaseFollowUp.Outcome.values:
        raise CaseRefused(_("Choose how the patient is."))
    _refuse_telling({"note": note})
    with transaction.atomic():
        locked = CaseFollowUp.objects.select_for_update(no_key=True).get(pk=row.pk)
        locked.outcome, locked.note = outcome, note.strip()[:1000]
        locked.recorded_by, locked.recorded_at = by, clock.now()
        locked.save()
    return locked


def ask_due() -> int:
    """Ask sites for the follow-ups that are due, once each; returns how many."""
    asked = 0
    due = CaseFollowUp.objects.filter(
        due_on__lte=clock.today(), asked_at=None, recorded_at=None, case__state=State.CONCLUDED
    )
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            row = CaseFollowUp.objects.select_for_update(no_key=True).get(pk=pk)
            if row.asked_at is None:
                case = _locked(row.case)
                _tell_site(case, "case-follow-up", key=f"case-follow-up:{row.pk}", days=row.day)
                row.asked_at = clock.now()
                row.save(update_fields=["asked_at"])
                asked += 1
    return asked


def note_look(case: Case, *, user, picture: CasePicture | None = None) -> CaseLook:
    """Record that *user* opened *case* or *picture*: each time, whoever it is; who presents it sees that in the own log."""
    if picture is None:
        log_access(user, case.presenter, what=gettext_noop("a case they present"))
    return CaseLook.objects.create(case=case, picture=picture, user=user, at=clock.now())


def coordinators_of(room: SessionSite) -> list[Person]:
    """Who keeps the list of *room* today."""
    place = room.site.facility
    above = [int(pk) for pk in place.path.strip("/").split("/")]
    held = RoleAssignment.objects.in_force().filter(
        role=RoleAssignment.Role.SITE_COORDINATOR, facility__in=above, user__person__isnull=False
    )
    rows = held.select_related("user__person", "facility").order_by("pk")
    return list(dict.fromkeys(row.user.person for row in rows if scope.covers(row, place)))


def _tell_site(case: Case, event: str, *, key: str, by=None, **more) -> None:
    """Tell presenter and coordinators; the message names session and hour, never the case."""
    about = {"session": case.session, "at": case.session.starts_at, **more}
    for person in dict.fromkeys([case.presenter, *coordinators_of(case.room)]):
        url = ("lms_courses:case", case.uuid)
        tell(person, event, key=f"{key}:{person.pk}", about=about, url=url, by=by)
