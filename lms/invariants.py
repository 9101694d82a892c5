"""What must always hold in the tables of the ground app."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import connection

from lms import actions, clock, guards, names, scope
from lms.models import (
    Affiliation,
    Facility,
    Invitation,
    Job,
    Licence,
    Person,
    PersonMerge,
    RoleAssignment,
)
from lms.verify import Breach, invariant

STALE_AFTER = timedelta(minutes=10)


@invariant("lms.no_stale_leases")
def no_stale_leases():
    """A job whose lease ran out long ago was picked up again by somebody."""
    for row in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=clock.now() - STALE_AFTER):
        yield Breach(
            f"job {row.pk} {row}", f"its lease ended at {row.lease_until:%Y-%m-%d %H:%M}; no worker runs"
        )


@invariant("lms.leases_match_states")
def leases_match_states():
    """Running jobs hold a lease, all others hold none, finished ones say when."""
    for row in Job.objects.filter(state=Job.State.RUNNING, lease_token=""):
        yield Breach(f"job {row.pk} {row}", "runs without a lease token")
    for row in Job.objects.exclude(state=Job.State.RUNNING).exclude(lease_token=""):
        yield Breach(f"job {row.pk} {row}", f"is {row.state} but holds a lease")
    for row in Job.objects.filter(state__in=[Job.State.DONE, Job.State.DEAD], finished_at__isnull=True):
        yield Breach(f"job {row.pk} {row}", f"is {row.state} without a time")


@invariant("lms.facility_paths")
def facility_paths():
    """A facility's path is its parent's path and its own id."""
    paths = dict(Facility.objects.values_list("pk", "path"))
    for pk, parent, path in Facility.objects.values_list("pk", "parent_id", "path"):
        expected = f"{paths.get(parent, '/')}{pk}/"
        if path != expected:
            yield Breach(f"facility {pk}", f"path {path}, expected {expected}")


@invariant("lms.role_groups")
def role_groups():
    """Every role in force has its group with its holder in it, and nobody else sits in such a group for long."""
    wanted: dict[str, set[int]] = {}
    for row in RoleAssignment.objects.in_force(clock.today()).select_related("facility"):
        wanted.setdefault(scope.group_name(row.facility, row.role), set()).add(row.user_id)
    are: dict[str, set[int]] = {
        group.name: {user.pk for user in group.user_set.all()}
        for group in Group.objects.filter(name__startswith=scope.GROUP_PREFIX).prefetch_related("user_set")
    }
    # A role that began or ended today is put right by the periodic job within minutes.
    edge = {clock.today(), clock.today() - timedelta(days=1)}
    moving = {
        (scope.group_name(row.facility, row.role), row.user_id)
        for row in RoleAssignment.objects.select_related("facility")
        if row.valid_from in edge or row.valid_to in edge
    }
    for name in wanted.keys() | are.keys():
        for user in wanted.get(name, set()) ^ are.get(name, set()):
            if (name, user) not in moving:
                side = "is missing from" if user in wanted.get(name, set()) else "still sits in"
                yield Breach(f"user {user}", f"{side} the group {name}")


@invariant("lms.collections")
def collections_are_open():
    """Whoever writes the courses of a hospital is let into its collection of pictures and documents."""
    for place, group in actions.closed_collections():
        yield Breach(f"group {group.name}", f"is not let into the collection of {place}")


@invariant("lms.names_folded")
def names_folded():
    """Stored search and sort forms of names equal what the names give today."""
    for row in Person.objects.only("full_name", "name_folded", "sort_key").iterator():
        if (row.name_folded, row.sort_key) != (
            names.fold(row.full_name)[:120],
            names.sort_key(row.full_name)[:400],
        ):
            yield Breach(f"person {row.pk}", "the folded name or the sort key is out of date")


@invariant("lms.licences_normal")
def licences_normal():
    """A licence's normal form is that of what was written."""
    for row in Licence.objects.only("raw", "number").iterator():
        parsed = names.parse_licence(row.raw)
        if row.number != (parsed.number if parsed else names.normal_licence(row.raw)):
            yield Breach(f"licence {row.pk}", f"{row.raw} is stored as {row.number}")


@invariant("lms.merged_hold_nothing")
def merged_hold_nothing():
    """A merged record names a living one, signs nobody in and holds no workplace, licence or open slip."""
    for row in Person.objects.filter(state=Person.State.MERGED).select_related("merged_into"):
        if row.merged_into.state == Person.State.MERGED:
            yield Breach(f"person {row.pk}", f"is merged into {row.merged_into_id}, which is merged itself")
        if row.user_id:
            yield Breach(f"person {row.pk}", "is merged and still has a login")
    gone = Person.objects.filter(state=Person.State.MERGED).values("pk")
    for model in (Affiliation, Licence):
        for row in model.objects.filter(person__in=gone):
            yield Breach(
                f"{model._meta.verbose_name} {row.pk}", f"belongs to the merged person {row.person_id}"
            )
    for row in Invitation.objects.filter(person__in=gone, accepted_at__isnull=True, revoked_at__isnull=True):
        yield Breach(f"invitation {row.pk}", f"is open for the merged person {row.person_id}")


@invariant("lms.merges_recorded")
def merges_recorded():
    """Every merged record has its one standing merge, and every standing merge its merged record."""
    standing = dict(PersonMerge.objects.filter(undone_at__isnull=True).values_list("gone_id", "kept_id"))
    merged = set(Person.objects.filter(state=Person.State.MERGED).values_list("pk", flat=True))
    for pk in merged ^ standing.keys():
        yield Breach(f"person {pk}", "is merged without a record of it, or recorded as merged and is not")


@invariant("lms.facilities_replaced")
def facilities_replaced():
    """A facility that was merged has ended, and its successor was not merged itself."""
    for row in Facility.objects.filter(replaced_by__isnull=False).select_related("replaced_by"):
        if row.valid_to is None:
            yield Breach(f"facility {row.pk}", "is replaced and has no last day")
        if row.replaced_by.replaced_by_id:
            yield Breach(
                f"facility {row.pk}", f"is replaced by {row.replaced_by_id}, which is replaced itself"
            )


@invariant("lms.guards")
def guards_stand():
    """The triggers that keep the log of who looked append-only are in the database."""
    for name in sorted(guards.missing(connection)):
        yield Breach(name, "the trigger is missing: manage.py migrate puts it back")
