"""Who may do what with people, places and roles."""

from django.db.models import Q

from lms import scope
from lms.models import Affiliation, Facility, Job, Person, RoleAssignment, TeleSite

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


def person_of(user) -> Person | None:
    """Return the person behind a login, or None for a visitor or a login without one."""
    if user is None or not user.is_authenticated:
        return None
    return Person.objects.filter(user_id=user.pk).select_related("profession").first()


def is_staff_role(user) -> bool:
    """Return whether *user* holds any role today or is a superuser."""
    return scope.has_role(user)


def can_see_jobs(user) -> bool:
    """Return whether *user* may see and restart background jobs."""
    return scope.can(user, "view", Job)


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


def _own_record(user) -> Q:
    return Q(user_id=user.pk)


def register() -> None:
    """Declare the policies of this app's models."""
    everybody = set(Role)
    scope.register(
        Facility,
        path="",
        acts={
            "view": everybody,
            "choose": everybody,
            "change": {Role.ORG_ADMIN, Role.SYS_ADMIN},
            "add": {Role.SYS_ADMIN},
        },
    )
    scope.register(
        TeleSite,
        acts={
            "view": everybody,
            "choose": everybody,
            "add": {Role.ORG_ADMIN, Role.PROGRAMME_MANAGER, Role.SYS_ADMIN},
            "change": {Role.SITE_COORDINATOR, Role.ORG_ADMIN, Role.PROGRAMME_MANAGER, Role.SYS_ADMIN},
            "delete": {Role.SYS_ADMIN},
        },
    )
    scope.register(
        Person,
        path=_works_at,
        acts={
            "view": PEOPLE_DESK
            | {Role.SITE_COORDINATOR, Role.UNIT_MANAGER, Role.PROVINCE_OFFICER, Role.EVALUATOR, Role.DPO},
            "choose": PEOPLE_DESK | {Role.SITE_COORDINATOR},
            "add": PEOPLE_DESK,
            "change": PEOPLE_DESK,
        },
        extra={"view": _own_record},
    )
    # Jobs belong to no facility: whoever administers the system somewhere sees all of them.
    scope.register(Job, path=lambda nodes: Q(), acts={"view": {Role.SYS_ADMIN}, "change": {Role.SYS_ADMIN}})
    scope.register(
        RoleAssignment,
        acts={
            "view": {Role.ORG_ADMIN, Role.SYS_ADMIN, Role.DPO},
            "add": {Role.ORG_ADMIN, Role.SYS_ADMIN},
            "change": {Role.ORG_ADMIN, Role.SYS_ADMIN},
        },
    )
