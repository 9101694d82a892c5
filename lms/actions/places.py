"""Facilities that get another name or become part of another: the old name stays known, nothing is deleted."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lms import clock, names, permissions, signals
from lms.actions.roles import end_role, grant_role
from lms.models import Affiliation, Facility, FacilityName, FormerParent, RoleAssignment, TeleSite


class PlaceRefused(Exception):
    """A facility cannot be renamed or merged like this; the message says why and what to do."""


@transaction.atomic
def rename_facility(
    facility: Facility, *, name: str, since: date | None = None, was_misspelt: bool = False
) -> Facility:
    """Give *facility* another name from the day *since*, by default today; the old one stays as a former name.

    Certificates of earlier days keep the name of their day. A name that was only *was_misspelt*
    is corrected without leaving a former name. Idempotent.
    """
    row = Facility.objects.select_for_update().get(pk=facility.pk)
    name, since = names.clean(name), since or clock.today()
    if not name or len(name) > 200:
        raise PlaceRefused(_("A name has between one and 200 letters."))
    if name == row.name:
        return row
    if not was_misspelt:
        if since > clock.today():
            raise PlaceRefused(_("A new name is recorded from the day on which it holds, not before."))
        last = row.names.order_by("-valid_to").first()
        begins = last.valid_to + timedelta(days=1) if last and last.valid_to else row.valid_from
        if begins and since <= begins:
            raise PlaceRefused(
                _("The present name has held since %(day)s; the new one must begin later.")
                % {"day": begins.strftime("%d/%m/%Y")}
            )
        FacilityName.objects.create(
            facility=row, name=row.name, valid_from=begins, valid_to=since - timedelta(days=1)
        )
    row.name = name
    row.save()
    facility.name, facility.name_folded = row.name, row.name_folded
    return row


def move_obstacle(facility: Facility, *, under: Facility) -> str:
    """Return why *facility* cannot come to lie below *under*, or an empty text."""
    if facility.replaced_by_id:
        return _("This facility was already merged into %(name)s.") % {"name": facility.replaced_by}
    if under.replaced_by_id or (under.valid_to and under.valid_to < clock.today()):
        return _("%(name)s exists no more; choose its successor.") % {"name": under}
    if under.path.startswith(facility.path):
        return _("%(name)s lies below this facility; that would make a circle.") % {"name": under}
    return ""


def _put_below(facility: Facility, parent: Facility, *, since: date) -> None:
    """Write where a locked *facility* stands now, and where it stood until the day before *since*."""
    begins = facility.stands_since()
    # What stood somewhere for less than a day stood nowhere.
    if begins is None or begins < since:
        FormerParent.objects.create(
            facility=facility,
            parent=facility.parent,
            valid_from=begins,
            valid_to=since - timedelta(days=1),
        )
    facility.parent = parent
    facility.save()


def move_facility(facility: Facility, *, under: Facility, since: date | None = None) -> Facility:
    """Let *facility*, with all below it, lie below *under* from the day *since*, by default today; idempotent.

    Where it stood until the day before is kept (:class:`FormerParent`). Whoever watches over the old place with what lies below it loses sight of them at the next
    request, whoever watches over the new one gains it; roles at the facility itself stay. Raises
    PlaceRefused.
    """
    with transaction.atomic():
        rows = Facility.objects.select_for_update().filter(pk__in=[facility.pk, under.pk]).order_by("pk")
        found = {row.pk: row for row in rows}
        row, new = found[facility.pk], found[under.pk]
        if row.parent_id == new.pk:
            return row
        if why := move_obstacle(row, under=new):
            raise PlaceRefused(why)
        since, begins = since or clock.today(), row.stands_since()
        if since > clock.today():
            raise PlaceRefused(_("A move is recorded when it has happened, not before."))
        if begins and since < begins:
            raise PlaceRefused(
                _("The facility has stood where it stands since %(day)s; a move must lie later.")
                % {"day": begins.strftime("%d/%m/%Y")}
            )
        _put_below(row, new, since=since)
        return row


def merge_obstacle(gone: Facility, *, into: Facility) -> str:
    """Return why *gone* cannot become part of *into*, or an empty text."""
    if gone.pk == into.pk:
        return _("A facility cannot be merged into itself.")
    if gone.replaced_by_id and gone.replaced_by_id != into.pk:
        return _("This facility was already merged into %(name)s.") % {"name": gone.replaced_by}
    if into.replaced_by_id or (into.valid_to and into.valid_to < clock.today()):
        return _("%(name)s exists no more; choose its successor.") % {"name": into}
    if into.path.startswith(gone.path):
        return _("%(name)s lies below this facility; that would make a circle.") % {"name": into}
    if gone.is_provider:
        return _(
            "This facility gives courses. Hand its courses over and take “gives courses” away from it first."
        )
    return ""


def roles_left_behind(gone: Facility, *, into: Facility, by) -> list[RoleAssignment]:
    """Return the open roles at *gone* that end with it, because *by* could not give them at *into*."""
    grantable = permissions.grantable_roles(by, into)
    return [row for row in _open_roles(gone) if row.role not in grantable]


def _open_roles(facility: Facility):
    return RoleAssignment.objects.in_force().filter(facility=facility).select_related("user", "facility")


def merge_facilities(gone: Facility, *, into: Facility, by, on: date | None = None) -> Facility:
    """Let *gone* end the day before *on* (today by default) and *into* take its place; returns *into*.

    People, rooms, roles and what lies below go over: workplaces and roles by new rows that begin
    that day, the old ones end. A role that *by* could not give at *into* only ends. The old
    facility stays, closed, below its successor, so that old names are found and who watches over
    the successor watches over its past. Idempotent; announces ``facility_merged``; raises
    PlaceRefused.
    """
    with transaction.atomic():
        rows = Facility.objects.select_for_update().filter(pk__in=[gone.pk, into.pk]).order_by("pk")
        found = {row.pk: row for row in rows}
        old, new = found[gone.pk], found[into.pk]
        if old.replaced_by_id == new.pk:
            return new
        if why := merge_obstacle(old, into=new):
            raise PlaceRefused(why)
        today = clock.today()
        on = on or today
        if on > today or (old.valid_from and on <= old.valid_from):
            raise PlaceRefused(
                _("A merge is recorded when it has happened, not before and not before it began.")
            )
        last_day = on - timedelta(days=1)
        _move_people(old, new, on=on, last_day=last_day)
        _move_roles(old, new, by=by)
        TeleSite.objects.filter(facility=old).update(facility=new)
        for child in Facility.objects.filter(parent=old, replaced_by__isnull=True).order_by("pk"):
            _put_below(child, new, since=on)
        # What had been merged into the old one is looked for under whoever took over in the end.
        Facility.objects.filter(replaced_by=old).update(replaced_by=new)
        old.replaced_by, old.valid_to = new, last_day
        if old.parent_id != new.pk:
            _put_below(old, new, since=on)
        old.save()
        signals.facility_merged.send(Facility, gone=old, kept=new)
        return new


def _move_people(old: Facility, new: Facility, *, on: date, last_day: date) -> None:
    open_rows = Affiliation.objects.filter(facility=old).exclude(valid_to__lt=on)
    there = set(Affiliation.objects.in_force(on).filter(facility=new).values_list("person_id", flat=True))
    rows = list(open_rows)
    Affiliation.objects.bulk_create(
        [
            Affiliation(
                person_id=row.person_id,
                facility=new,
                unit=row.unit,
                is_primary=row.is_primary,
                valid_from=max(on, row.valid_from) if row.valid_from else on,
                valid_to=row.valid_to,
            )
            for row in rows
            if row.person_id not in there
        ],
        batch_size=500,
    )
    for row in rows:
        # Somebody who began after the merge never worked at the old place.
        row.valid_to = max(last_day, row.valid_from) if row.valid_from else last_day
    Affiliation.objects.bulk_update(rows, ["valid_to"], batch_size=500)


def _move_roles(old: Facility, new: Facility, *, by) -> None:
    grantable = permissions.grantable_roles(by, new)
    for row in _open_roles(old):
        if row.role in grantable:
            wide = row.include_children
            grant_role(
                row.user,
                role=row.role,
                facility=new,
                include_children=wide and permissions.can_grant(by, row.role, new, include_children=True),
                valid_from=clock.today(),
                valid_to=row.valid_to,
                by=by,
            )
        end_role(row, by=by)
