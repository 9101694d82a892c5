"""Who may do what with sessions, the rooms of their sites and the cases brought there."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404

from courses.models import (
    Case,
    Course,
    CourseStaff,
    Enrolment,
    Excuse,
    MeetingReport,
    Presence,
    Session,
    SessionRole,
    SessionSite,
    SheetScan,
)
from courses.permissions import BUILDERS, Role, on_staff
from lms import clock, scope
from lms.models import Person
from lms.permissions import person_of

SESSION_ACTS = {
    "host": {*BUILDERS, Role.ORG_ADMIN},
    "settle": {Role.PROGRAMME_MANAGER, Role.ORG_ADMIN},
}
"""Acts on a session and the roles that hold them at the hub."""
ROOM_ACTS = {"change": {Role.SITE_COORDINATOR}}
"""Acts on the list of a room and the roles that hold them at the site's facility."""


def register() -> None:
    """Tell ``lms.scope`` about our rows; called once when the app is ready."""
    scope.register(Session, path="hub", acts=SESSION_ACTS, extra={"host": _teaches_by})
    scope.register(MeetingReport, path="session__hub", acts={"settle": SESSION_ACTS["settle"]})
    scope.register(SessionSite, path="site__facility", acts=ROOM_ACTS)


def _teaches_by(user) -> Q:
    """Sessions that serve as a lesson of a course in which *user* is a named trainer."""
    taught = Course.objects.filter(on_staff(user, CourseStaff.Role.TRAINER)).values("pk")
    return Q(uses__run__release__course__in=taught)


def get_session_for(user, uuid, act: str = "host") -> Session:
    """A session on which *user* may do *act* (host, settle), or 404."""
    rows = scope.limit(Session.objects.filter(uuid=uuid), user, act)
    session = rows.select_related("hub").first()
    if session is None:
        raise Http404
    return session


def get_report_for(user, pk) -> MeetingReport:
    """A meeting report of a session that *user* settles, or 404."""
    rows = scope.limit(MeetingReport.objects.filter(pk=pk), user, "settle")
    report = rows.select_related("session__hub", "applied_by__person").first()
    if report is None:
        raise Http404
    return report


def get_meeting_for(user, uuid) -> Session:
    """A session with a meeting that *user* may join: as a learner, at a site that takes part, as host; or 404."""
    session, _hosts = get_programme_for(user, uuid)
    if session.state == Session.State.CANCELLED or not session.has_way_in:
        raise Http404
    return session


def get_programme_for(user, uuid) -> tuple[Session, bool]:
    """A session to which *user* is invited, takes part in, or acts for as the hub (then true); or 404."""
    session = Session.objects.filter(uuid=uuid).select_related("hub").first()
    if session is None or not user.is_authenticated:
        raise Http404
    hosts = scope.limit(Session.objects.filter(pk=session.pk), user, "host").exists()
    person = person_of(user)
    comes = session.state != Session.State.DRAFT and (
        (person and session.invites(person)) or takes_part(session, user)
    )
    if not (hosts or comes):
        raise Http404
    return session, hosts


def rooms_of(user):
    """The rooms whose list *user* keeps, with session and site."""
    rows = scope.limit(SessionSite.objects.all(), user, "change")
    return rows.select_related("session__hub", "site__facility")


def get_room_for(user, pk) -> SessionSite:
    """A room whose list *user* keeps, or 404."""
    room = rooms_of(user).filter(pk=pk).first()
    if room is None:
        raise Http404
    return room


def keeps(user, room: SessionSite) -> bool:
    """Whether *user* keeps the list of *room*."""
    return scope.can(user, "change", room)


def settles(user, session: Session) -> bool:
    """Whether *user* settles *session*."""
    return scope.can(user, "settle", session)


def may_file(user, room: SessionSite) -> bool:
    """Whether *user* files and reads the paper list of *room*: its coordinator, the hub's training office."""
    return keeps(user, room) or settles(user, room.session)


def get_scan_for(user, uuid) -> SheetScan:
    """A photograph of a list that *user* files and reads, not yet removed, or 404."""
    rows = SheetScan.objects.select_related("room__session__hub", "room__site__facility", "sheet__room")
    scan = rows.filter(uuid=uuid, removed_at=None).first()
    # What has expired is not shown, even where the job that removes it is late.
    if scan is None or clock.now() >= scan.kept_until or not may_file(user, scan.room):
        raise Http404
    return scan


@dataclass(frozen=True)
class CaseRights:
    """What somebody may do with a case: as its site, as the hub, as an expert of the session."""

    case: Case
    writes: bool
    hosts: bool
    concludes: bool


def takes_part(session: Session, user) -> bool:
    """Whether *user* learns with *session*, has a role in it, is known to have been there or keeps a room's list.

    Working at a site that takes part is not enough: cases are for those in the room.
    """
    if scope.limit(SessionSite.objects.filter(session=session), user, "change").exists():
        return True
    person = person_of(user)
    if person is None:
        return False
    learning = Enrolment.objects.open().of(person).filter(run__session_uses__session=session)
    there = Presence.objects.in_force().filter(session=session, person=person)
    return session.roles.filter(person=person, ended_at=None).exists() or learning.exists() or there.exists()


def get_case_for(user, uuid) -> CaseRights:
    """A case that *user* may read, and what else, or 404: its site, the hub, once accepted whoever takes part."""
    case = (
        Case.objects.filter(uuid=uuid)
        .select_related("room__session__hub", "room__site__facility", "presenter", "specialty")
        .first()
    )
    if case is None or not user.is_authenticated:
        raise Http404
    person, session = person_of(user), case.room.session
    hosts = scope.limit(Session.objects.filter(pk=session.pk), user, "host").exists()
    keeps = scope.limit(SessionSite.objects.filter(pk=case.room_id), user, "change").exists()
    writes = keeps or (person is not None and person.pk == case.presenter_id)
    leads = {SessionRole.Role.CHAIR, SessionRole.Role.SPEAKER, SessionRole.Role.SECRETARY}
    concludes = hosts or (
        person is not None and session.roles.filter(person=person, ended_at=None, role__in=leads).exists()
    )
    is_shown = case.state in {Case.State.ACCEPTED, Case.State.CONCLUDED}
    if not (hosts or writes or (is_shown and (concludes or takes_part(session, user)))):
        raise Http404
    return CaseRights(case, writes=writes, hosts=hosts, concludes=concludes and is_shown)


def get_session_with_cases(user, uuid) -> tuple[Session, bool]:
    """A session whose accepted cases *user* may read, and whether *user* acts for the hub; or 404."""
    session = Session.objects.filter(uuid=uuid).select_related("hub").first()
    if session is None or not user.is_authenticated:
        raise Http404
    hosts = scope.limit(Session.objects.filter(pk=session.pk), user, "host").exists()
    if not hosts and not takes_part(session, user):
        raise Http404
    return session, hosts


@dataclass(frozen=True)
class ExcuseRights:
    """What somebody may do with an excuse: as the person, as the coordinator who said it, as the hub's office."""

    excuse: Excuse
    owns: bool
    keeps: bool
    decides: bool


def get_absence_for(user, uuid) -> tuple[Session, Person]:
    """A session that expects *user*'s own person, or that they excused themselves from, and the person; or 404."""
    session = Session.objects.planned().filter(uuid=uuid).select_related("hub").first()
    person = person_of(user)
    if session is None or person is None:
        raise Http404
    if not (session.invites(person) or session.excuses.filter(person=person).exists()):
        raise Http404
    return session, person


def get_excuse_for(user, pk) -> ExcuseRights:
    """An excuse that *user* may read: one's own, one said for a person of one's room, one to decide; or 404."""
    excuse = Excuse.objects.filter(pk=pk).select_related("session__hub", "person").first()
    if excuse is None or not user.is_authenticated:
        raise Http404
    rooms = SessionSite.objects.filter(session=excuse.session_id)
    keeps = excuse.steps.filter(by=user).exists() and scope.limit(rooms, user, "change").exists()
    hub = Session.objects.filter(pk=excuse.session_id)
    rights = ExcuseRights(
        excuse,
        owns=excuse.person.user_id == user.pk,
        keeps=keeps,
        decides=scope.limit(hub, user, "settle").exists(),
    )
    if not (rights.owns or rights.keeps or rights.decides):
        raise Http404
    return rights
