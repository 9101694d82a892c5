"""Who may do what with people, places and roles."""

from django.db.models import Exists, Q

from lms import scope, sql
from lms.models import (
    AccessLog,
    Affiliation,
    DataRequest,
    Facility,
    Job,
    PeopleImport,
    Person,
    RoleAssignment,
    TeleSite,
)

Role = RoleAssignment.Role

PEOPLE_DESK = {Role.ORG_ADMIN, Role.PROGRAMME_MANAGER, Role.SYS_ADMIN}
"""Roles that keep the register of persons of their facility."""

GRANTABLE = {
    Role.SYS_ADMIN: set(Role) - {Role.SYS_ADMIN, Role.CERTIFICATE_SIGNER},
    Role.ORG_ADMIN: {
        Role.SITE_COORDINATOR,
        Role.UNIT_MANAGER,
        Role.TRAINER,
        Role.PROGRAMME_MANAGER,
        Role.APPRAISER,
        Role.EVALUATOR,
    },
}
"""Which roles the holder of a role may give to others, within his own scope; the rest only a superuser gives."""


# ``Person.objects.get(user=user)`` by hand: every page of a learner asks.
_BEHIND = "SELECT * FROM lms_person WHERE user_id = %s"


def person_of(user) -> Person | None:
    """Return the person behind a login, or None for a visitor or a login without one."""
    if user is None or not user.is_authenticated:
        return None
    return sql.one(Person, _BEHIND, [user.pk])


def is_staff_role(user) -> bool:
    """Return whether *user* holds any role today or is a superuser."""
    return scope.has_role(user)


def can_see_jobs(user) -> bool:
    """Return whether *user* may see and restart background jobs.

    Jobs are of all hospitals: only who administers a whole tree of them, not one of its hospitals.
    """
    if not user.is_authenticated:
        return False
    return user.is_superuser or scope.heads_a_tree(user, scope.policy_of(Job).acts["view"])


def can_write_messages(user) -> bool:
    """Return whether *user* may change the words in which every hospital's people are told something."""
    return can_see_jobs(user)


def grantable_roles(user, facility: Facility) -> set[str]:
    """Return the roles that *user* may give at *facility*."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return set(Role.values)
    found: set[str] = set()
    for own, others in GRANTABLE.items():
        if scope.has_role(user, own, facility=facility):
            found |= {str(role) for role in others}
    return found


def can_grant(user, role: str, facility: Facility, *, include_children: bool = False) -> bool:
    """Return whether *user* may give *role* at *facility*; nobody gives a wider reach than his own."""
    if str(role) not in grantable_roles(user, facility):
        return False
    if not include_children or user.is_superuser:
        return True
    return any(
        row.include_children and scope.covers(row, facility)
        for row in scope.assignments(user)
        if row.role in GRANTABLE
    )


def _works_at(nodes) -> Q:
    """Persons affiliated today with one of *nodes*; a former employer sees them no more."""
    return Q(pk__in=Affiliation.objects.in_force().filter(facility__in=nodes.values("pk")).values("person"))


def _above_all(nodes) -> Q:
    """Rows that belong to no facility: open to whoever holds the role at a place that has none above it."""
    return Q(Exists(nodes.filter(parent=None)))


def _asked_by(nodes) -> Q:
    """Requests of persons at *nodes*; those of nobody's staff are answered by every officer there is.

    Else a request of somebody without a workplace would wait for ever.
    """
    works = Affiliation.objects.in_force()
    here = works.filter(facility__in=nodes.values("pk")).values("person")
    homeless = ~Q(person__in=works.values("person")) & Q(Exists(nodes))
    return Q(person__in=here) | homeless


def officers_of(person: Person) -> list[Person]:
    """The data protection officers who answer *person* today, by the rule of the requests above."""
    places = [row.facility for row in person.affiliations.in_force().select_related("facility")]
    held = RoleAssignment.objects.in_force().filter(role=Role.DPO, user__is_active=True)
    held = held.exclude(user__person=None).select_related("facility", "user__person").order_by("pk")
    found = [row for row in held if not places or any(scope.covers(row, one) for one in places)]
    return list(dict.fromkeys(row.user.person for row in found))


def _looked_at(nodes) -> Q:
    works = Affiliation.objects.in_force().filter(facility__in=nodes.values("pk"))
    return Q(person__in=works.values("person"))


def _own_record(user) -> Q:
    return Q(user_id=user.pk)


def register() -> None:
    """Declare the policies of this app's models."""
    scope.register(
        Facility,
        path="",
        acts={
            "view": PEOPLE_DESK | {Role.PROVINCE_OFFICER},
            "choose": PEOPLE_DESK | {Role.SITE_COORDINATOR},
            "change": {Role.ORG_ADMIN, Role.SYS_ADMIN},
            "add": {Role.SYS_ADMIN},
            "merge": {Role.SYS_ADMIN},
        },
    )
    scope.register(
        TeleSite,
        acts={
            "view": PEOPLE_DESK | {Role.SITE_COORDINATOR, Role.PROVINCE_OFFICER},
            "add": PEOPLE_DESK,
            "change": PEOPLE_DESK | {Role.SITE_COORDINATOR},
            "delete": {Role.SYS_ADMIN},
        },
    )
    scope.register(
        Person,
        path=_works_at,
        acts={
            "view": PEOPLE_DESK | {Role.SITE_COORDINATOR, Role.UNIT_MANAGER, Role.PROVINCE_OFFICER, Role.DPO},
            "choose": PEOPLE_DESK | {Role.SITE_COORDINATOR},
            "add": PEOPLE_DESK,
            "change": PEOPLE_DESK,
            "merge": PEOPLE_DESK,
            "invite": PEOPLE_DESK | {Role.SITE_COORDINATOR},
        },
        extra={"view": _own_record},
    )
    scope.register(PeopleImport, acts={"view": PEOPLE_DESK, "add": PEOPLE_DESK, "change": PEOPLE_DESK})
    scope.register(Job, path=_above_all, acts={"view": {Role.SYS_ADMIN}})
    # Nobody adds, changes or deletes what a person asked or who looked, not even a superuser: there are
    # actions for the first, and the second is a record.
    closed = {"add": (), "delete": ()}
    scope.register(DataRequest, path=_asked_by, acts={"view": {Role.DPO}, "change": {Role.DPO}, **closed})
    scope.register(AccessLog, path=_looked_at, acts={"view": {Role.DPO}, "change": (), **closed})
    scope.register(
        RoleAssignment,
        acts={
            "view": {Role.ORG_ADMIN, Role.SYS_ADMIN, Role.DPO},
            "add": {Role.ORG_ADMIN, Role.SYS_ADMIN},
            "change": {Role.ORG_ADMIN, Role.SYS_ADMIN},
        },
    )
