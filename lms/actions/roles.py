"""Giving and ending roles, and the groups and collections that follow from them."""

from datetime import date, timedelta

from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction

from lms import clock, scope, signals
from lms.models import Facility, RoleAssignment
from lms.policies import mark_of

Role = RoleAssignment.Role

AUTHORS = {Role.TRAINER, Role.PROGRAMME_MANAGER, Role.ORG_ADMIN}
"""Roles that put documents and images into the collection of their facility."""


@transaction.atomic
def grant_role(
    user,
    *,
    role: str,
    facility: Facility,
    include_children: bool = False,
    by=None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> RoleAssignment:
    """Let *user* act as *role* at *facility* and below it where *include_children*, between the days given.

    Idempotent: an equal assignment is returned; one without an end is widened where it is narrower
    and begins earlier where it begins later. Where the wider one begins later than the narrower, they
    stand one after the other: nobody reaches further before the day that was said. Writes the one
    group of this facility and role and announces ``role_granted``. The caller has checked
    ``permissions.can_grant``.
    """
    role = Role(role).value
    rows = RoleAssignment.objects.select_for_update().filter(user=user, role=role, facility=facility)
    if valid_to is None and (standing := rows.filter(valid_to=None).first()):
        valid_to = _fit_beside(standing, include_children, valid_from)
    same = rows.filter(valid_to=valid_to)
    if valid_to is not None:
        same = same.filter(valid_from=valid_from)
    row, made = same.first(), False
    if row is None:
        try:
            with transaction.atomic():
                row = RoleAssignment.objects.create(
                    user=user,
                    role=role,
                    facility=facility,
                    include_children=include_children,
                    valid_from=valid_from,
                    valid_to=valid_to,
                    granted_by=by,
                )
            made = True
        except IntegrityError:
            row = same.get()
    wide, begins = row.include_children or include_children, _earlier(row.valid_from, valid_from)
    if (wide, begins) != (row.include_children, row.valid_from):
        row.include_children, row.valid_from = wide, begins
        row.save(update_fields=["include_children", "valid_from"])
        made = True
    group = role_group(facility, role)
    if _holds_today(user, role, facility):
        user.groups.add(group)
    if made:
        signals.role_granted.send(RoleAssignment, assignment=row)
    return row


def _fit_beside(standing: RoleAssignment, is_wide: bool, valid_from: date | None) -> date | None:
    """Let a role given without an end and the *standing* one follow each other; return the last day of the new one.

    A narrower one ends the day before the wider one that stands begins; the narrower one that stands
    ends before a wider one that begins later. Of others one is enough.
    """
    today = clock.today()
    old, new = (max(day or today, today) for day in (standing.valid_from, valid_from))
    if new < old and standing.include_children and not is_wide:
        return old - timedelta(days=1)
    if old < new and is_wide and not standing.include_children:
        standing.valid_to = new - timedelta(days=1)
        standing.save(update_fields=["valid_to"])
    return None


def _earlier(one: date | None, other: date | None) -> date | None:
    """Return the earlier of two first days; None is at once."""
    return None if one is None or other is None else min(one, other)


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by=None) -> RoleAssignment:
    """End *assignment* at once: its last day was yesterday, so that the next request already refuses.

    Idempotent. An assignment that has ended keeps its day. Announces ``role_ended``.
    """
    row = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    yesterday = clock.today() - timedelta(days=1)
    if row.valid_to is None or row.valid_to > yesterday:
        row.valid_to, row.ended_by = yesterday, by
        row.save(update_fields=["valid_to", "ended_by"])
        signals.role_ended.send(RoleAssignment, assignment=row)
    if not _holds_today(row.user, row.role, row.facility):
        row.user.groups.remove(role_group(row.facility, row.role))
    return row


def _holds_today(user, role: str, facility: Facility) -> bool:
    rows = RoleAssignment.objects.in_force(clock.today())
    return rows.filter(user=user, role=role, facility=facility).exists()


def role_group(facility: Facility, role: str) -> Group:
    """Return the group of *role* at *facility*, made and furnished where it is missing."""
    group, made = Group.objects.get_or_create(name=scope.group_name(facility, role))
    if made:
        access = Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin")
        group.permissions.add(*access)
        if facility.is_provider and role in AUTHORS:
            _open_collection(group, provider_collection(facility))
        signals.role_group_made.send(Group, group=group, facility=facility, role=role)
    return group


def role_groups(facility: Facility) -> dict[str, Group]:
    """Return the groups that exist at *facility*, by role."""
    prefix = f"{scope.GROUP_PREFIX}{facility.pk}:"
    return {group.name.removeprefix(prefix): group for group in Group.objects.filter(name__startswith=prefix)}


def closed_collections(facility: Facility | None = None) -> list[tuple[Facility, Group]]:
    """Return the groups of authors that hold nothing in the collection of their hospital, with it.

    Of *facility* alone where it is given. A hospital may begin to give courses long after its groups
    were made.
    """
    from wagtail.models import GroupCollectionPermission

    providers = Facility.objects.providers()
    if facility is not None:
        providers = providers.filter(pk=facility.pk)
    places = {scope.group_name(place, role): place for place in providers for role in AUTHORS}
    groups = Group.objects.filter(name__startswith=scope.GROUP_PREFIX)
    held = GroupCollectionPermission.objects.filter(group__in=groups).values_list(
        "group__name", "collection__name"
    )
    is_open = {name for name, at in held if name in places and at.endswith(mark_of(places[name]))}
    return [
        (places[group.name], group)
        for group in groups.order_by("pk")
        if group.name in places and group.name not in is_open
    ]


@transaction.atomic
def open_collections(facility: Facility | None = None) -> int:
    """Let the authors of each hospital that gives courses into its collection; return how many groups were let in.

    Of *facility* alone where it is given. Idempotent: what was taken from a group by hand is not given
    back while anything is left to it.
    """
    closed = closed_collections(facility)
    for place, group in closed:
        _open_collection(group, provider_collection(place))
    return len(closed)


def sync_role_groups() -> int:
    """Make group membership follow the dates of the assignments; return how many memberships changed.

    The groups of a hospital that has begun to give courses are let into its collection.
    """
    open_collections()
    wanted: dict[str, set[int]] = {}
    for row in RoleAssignment.objects.in_force(clock.today()).select_related("facility"):
        wanted.setdefault(scope.group_name(row.facility, row.role), set()).add(row.user_id)
    changed = 0
    groups = Group.objects.filter(name__startswith=scope.GROUP_PREFIX)
    for group in groups.prefetch_related("user_set"):
        should = wanted.get(group.name, set())
        are = {user.pk for user in group.user_set.all()}
        with transaction.atomic():
            group.user_set.remove(*(are - should))
            group.user_set.add(*(should - are))
        changed += len(are ^ should)
    return changed


@transaction.atomic
def provider_collection(facility: Facility):
    """Return the private collection of a hospital's documents and images, made where it is missing.

    Only members of the hospital's role groups see it; lessons hand its documents out through
    their own views, after checking the reader.
    """
    from wagtail.models import Collection, CollectionViewRestriction

    mark = mark_of(facility)
    name = f"{facility.abbreviation or facility.name} {mark}"[:255]
    root = Collection.get_first_root_node()
    found = next((row for row in root.get_children() if row.name.endswith(mark)), None)
    if found is None:
        found = root.add_child(instance=Collection(name=name))
        CollectionViewRestriction.objects.create(
            collection=found, restriction_type=CollectionViewRestriction.GROUPS
        )
    return found


def _open_collection(group: Group, collection) -> None:
    """Let *group* read, choose, add and change what lies in *collection*."""
    from wagtail.models import CollectionViewRestriction, GroupCollectionPermission

    wanted = Permission.objects.filter(
        content_type__app_label__in=["wagtailimages", "wagtaildocs"],
        codename__in=[
            f"{act}_{kind}" for act in ("add", "change", "choose") for kind in ("image", "document")
        ],
    )
    GroupCollectionPermission.objects.bulk_create(
        (GroupCollectionPermission(group=group, collection=collection, permission=one) for one in wanted),
        ignore_conflicts=True,
    )
    for restriction in CollectionViewRestriction.objects.filter(collection=collection):
        restriction.groups.add(group)
