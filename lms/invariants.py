"""What must always hold in the tables of the ground app."""

from datetime import timedelta

from django.contrib.auth.models import Group

from lms import clock, names, scope
from lms.models import Facility, Job, Licence, Person, RoleAssignment
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
