"""Who may do what to which rows: the only row filter, checked against dates on every request."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Model, Q, QuerySet
from django.db.models.signals import post_delete, post_save

from lms import clock, sql
from lms.models import Facility, RoleAssignment

Role = RoleAssignment.Role
ALL_ROLES = frozenset(Role.values)
UNDELEGATED = frozenset({Role.CERTIFICATE_SIGNER.value})
"""Roles that a superuser does not hold by being one: nobody signs certificates by virtue of running servers."""
GROUP_PREFIX = "lms:"

Extra = Callable[[object], Q | None]


@dataclass(frozen=True)
class Policy:
    """How rows of one model hang on facilities and which roles may do what to them.

    ``path`` is the lookup from the model to its facility ("" where the model is Facility), or a
    function from a queryset of facilities to a Q. ``extra`` gives further rows to a user whatever
    their roles: one function for every act, or one per act.
    """

    model: type[Model]
    path: str | Callable[[QuerySet], Q]
    acts: Mapping[str, frozenset[str]]
    extra: Extra | Mapping[str, Extra] | None = field(default=None)

    def extra_q(self, user, act: str) -> Q | None:
        found = self.extra.get(act) if isinstance(self.extra, Mapping) else self.extra
        return found(user) if found else None


_POLICIES: dict[type[Model], Policy] = {}


def register(
    model: type[Model],
    path: str | Callable[[QuerySet], Q] = "facility",
    acts: Mapping[str, Iterable[str]] | None = None,
    extra: Extra | Mapping[str, Extra] | None = None,
) -> None:
    """Declare the policy of *model*; each app does so for its models when it is ready.

    An act that is not named is open to superusers alone. An act whose only role is the
    certificate signer is closed to superusers too.
    """
    frozen = {act: frozenset(str(role) for role in roles) for act, roles in (acts or {}).items()}
    unknown = set().union(*frozen.values()) - ALL_ROLES if frozen else set()
    if unknown:
        raise ValueError(f"Unknown roles for {model.__name__}: {', '.join(sorted(unknown))}")
    _POLICIES[model] = Policy(model, path, frozen, extra)


def policy_of(model: type[Model]) -> Policy:
    """Return the policy of *model* or of its nearest base; raise LookupError where none was declared."""
    for base in model.__mro__:
        if base in _POLICIES:
            return _POLICIES[base]
    raise LookupError(f"{model.__name__} has no policy: register one with lms.scope.register().")


def is_registered(model: type[Model]) -> bool:
    """Return whether rows of *model* are scoped."""
    return any(base in _POLICIES for base in model.__mro__)


def choosing_act(model: type[Model]) -> str:
    """Return the act that choosers of *model* ask for: "choose" where its policy has that, else "view"."""
    return "choose" if "choose" in policy_of(model).acts else "view"


# --- roles -----------------------------------------------------------------------------------------

_generation = 0


def forget(**kwargs) -> None:
    """Let roles be read anew, for one was changed; a save says so itself, whoever writes past the model calls this."""
    global _generation
    _generation += 1


post_save.connect(forget, sender=RoleAssignment, dispatch_uid="lms.scope.saved")
post_delete.connect(forget, sender=RoleAssignment, dispatch_uid="lms.scope.deleted")


def assignments(user) -> list[RoleAssignment]:
    """Return the role assignments of *user* in force today, with their facilities.

    Read once per user object and day, that is once per request; a change made in this process is
    seen at once.
    """
    if not _is_live(user):
        return []
    stamp = (_generation, clock.today())
    if getattr(user, "_lms_assignments", (None,))[0] != stamp:
        user._lms_assignments = (stamp, _read_assignments(user, stamp[1]))
    return user._lms_assignments[1]


def note_none(user) -> None:
    """Save ``assignments`` its question where whoever has just read *user* saw that nobody ever gave it a role."""
    user._lms_assignments = ((_generation, clock.today()), [])


# ``RoleAssignment.objects.in_force()`` by hand: every request of everybody asks, and most hold no role.
_HELD = """
SELECT a.*, f.path AS facility_path, f.name AS facility_name FROM lms_roleassignment a
JOIN lms_facility f ON f.id = a.facility_id
WHERE a.user_id = %s AND (a.valid_from IS NULL OR a.valid_from <= %s) AND (a.valid_to IS NULL OR a.valid_to >= %s)"""


def _read_assignments(user, day) -> list[RoleAssignment]:
    rows = sql.many(RoleAssignment, _HELD, [user.pk, *[sql.stored(RoleAssignment, "valid_from", day)] * 2])
    for row in rows:
        known = [row.facility_id, row.facility_path, row.facility_name]
        row.facility = Facility.from_db(row._state.db, ["id", "path", "name"], known)
    return rows


def _is_live(user) -> bool:
    return bool(user is not None and user.is_authenticated and user.is_active)


def _is_master(user, roles: Iterable[str]) -> bool:
    return _is_live(user) and user.is_superuser and bool(set(map(str, roles)) - UNDELEGATED)


def has_role(user, *roles: str, facility: Facility | None = None) -> bool:
    """Return whether *user* holds one of *roles* today, at *facility* if given; any role where none is named.

    A superuser counts as holding every role but the certificate signer's.
    """
    wanted = frozenset(map(str, roles)) or ALL_ROLES
    if _is_master(user, wanted):
        return True
    return any(
        row.role in wanted and (facility is None or covers(row, facility)) for row in assignments(user)
    )


def covers(assignment: RoleAssignment, facility: Facility) -> bool:
    """Return whether *assignment* reaches *facility*: the node itself, or one below it if it says so."""
    if assignment.facility_id == facility.pk:
        return True
    return assignment.include_children and facility.path.startswith(assignment.facility.path)


def facilities(user, roles: Iterable[str]) -> QuerySet[Facility]:
    """Return the facilities at which *user* holds one of *roles* today."""
    wanted = frozenset(map(str, roles))
    if _is_master(user, wanted):
        return Facility.objects.all()
    reach = Q(pk__in=[])
    for row in assignments(user):
        if row.role in wanted:
            reach |= Q(path__startswith=row.facility.path) if row.include_children else Q(pk=row.facility_id)
    return Facility.objects.filter(reach)


def heads_a_tree(user, roles: Iterable[str]) -> bool:
    """Return whether *user* holds one of *roles* today at the head of a tree of facilities: for what is of all hospitals.

    A superuser who holds none does not. The path of a head is its own key alone, so nothing is asked beside the assignments.
    """
    wanted = frozenset(map(str, roles))
    return any(
        row.role in wanted and row.facility.path == f"/{row.facility_id}/" for row in assignments(user)
    )


def group_name(facility: Facility, role: str) -> str:
    """Return the name of the Django group of *role* at *facility*."""
    return f"{GROUP_PREFIX}{facility.pk}:{role}"


def groups_in_force(user, prefix: str = "group__") -> Q:
    """Return a condition on groups: the host's own, and those of role assignments in force today."""
    names = [group_name(row.facility, row.role) for row in assignments(user)]
    return ~Q(**{f"{prefix}name__startswith": GROUP_PREFIX}) | Q(**{f"{prefix}name__in": names})


# --- rows ------------------------------------------------------------------------------------------


def limit(queryset: QuerySet, user, act: str, path: str | None = None) -> QuerySet:
    """Return the rows of *queryset* to which *user* may do *act*; no other code decides that.

    *path* overrides the policy's lookup to the facility for a queryset that reaches it otherwise.
    """
    policy = policy_of(queryset.model)
    roles = policy.acts.get(act, frozenset())
    if not _is_live(user):
        return queryset.none()
    if user.is_superuser and (_is_master(user, roles) or act not in policy.acts):
        return queryset
    allowed = None
    if roles and has_role(user, *roles):
        allowed = _by_facility(policy, path, facilities(user, roles))
    if (extra := policy.extra_q(user, act)) is not None:
        allowed = extra if allowed is None else allowed | extra
    if allowed is None:
        return queryset.none()
    # A subquery, so that a path through many rows neither doubles rows nor disturbs the caller's joins.
    return queryset.filter(pk__in=queryset.model._base_manager.filter(allowed).values("pk"))


def _by_facility(policy: Policy, path: str | None, nodes: QuerySet) -> Q:
    path = policy.path if path is None else path
    if callable(path):
        return path(nodes)
    return Q(**{f"{path}__in" if path else "pk__in": nodes.values("pk")})


def can(user, act: str, obj: Model | type[Model]) -> bool:
    """Return whether *user* may do *act* to *obj*: a row, a row not saved yet, or a model (to any row of it)."""
    model = obj if isinstance(obj, type) else type(obj)
    policy = policy_of(model)
    roles = policy.acts.get(act, frozenset())
    if not _is_live(user):
        return False
    if user.is_superuser and (_is_master(user, roles) or act not in policy.acts):
        return True
    if isinstance(obj, type):
        return bool(roles) and has_role(user, *roles)
    if obj.pk is None or obj._state.adding:
        return covers_row(user, act, obj)
    return limit(model._base_manager.filter(pk=obj.pk), user, act).exists()


def covers_row(user, act: str, obj: Model) -> bool:
    """Return whether *user* may do *act* at the facility that *obj*, as it stands in memory, names."""
    policy = policy_of(type(obj))
    roles = policy.acts.get(act, frozenset())
    if _is_master(user, roles) or (_is_live(user) and user.is_superuser and act not in policy.acts):
        return True
    node = _node_of(obj, policy.path)
    return bool(roles) and node is not None and has_role(user, *roles, facility=node)


def _node_of(obj: Model, path) -> Facility | None:
    if callable(path):
        return None
    for name in filter(None, path.split("__")):
        obj = getattr(obj, name, None)
    return obj if isinstance(obj, Facility) else None
