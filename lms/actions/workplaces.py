"""Licences and workplaces of a person: recorded with their dates, ended, never deleted."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms import clock
from lms.actions.people import LicenceTaken
from lms.models import Affiliation, Facility, Licence, Person
from lms.names import clean, normal_licence


def record_licence(
    person: Person,
    *,
    raw: str,
    licence: Licence | None = None,
    status: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Licence:
    """Record a licence number of *person*, or correct *licence*; an odd number is kept, never refused.

    Idempotent: the person's own same number is returned. Raises LicenceTaken where it stands in
    another record, without saying in whose.
    """
    with transaction.atomic():
        number = normal_licence(raw)
        held = Licence.objects.numbered(number).exclude(pk=licence.pk if licence else None).first()
        if held is not None and held.person_id != person.pk:
            raise _taken(number)
        row = licence or held or Licence(person=person)
        row.raw, row.status = clean(raw)[:60], status or row.status
        row.valid_from = valid_from or row.valid_from
        row.valid_to = valid_to or row.valid_to
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise _taken(number) from error
        return row


def _taken(number: str) -> LicenceTaken:
    return LicenceTaken(
        _("The licence number %(number)s is already recorded for another person. Please check the number.")
        % {"number": number}
    )


@transaction.atomic
def affiliate(
    person: Person,
    *,
    facility: Facility,
    unit: str = "",
    since: date | None = None,
    until: date | None = None,
    is_primary: bool = True,
) -> Affiliation:
    """Let *person* work at *facility*; a new main workplace makes the others lesser ones.

    Idempotent: a workplace in force there is returned, with the department corrected.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    today = clock.today()
    row = person.affiliations.in_force(today).filter(facility=facility).order_by("-is_primary", "pk").first()
    if row is None:
        row = Affiliation(person=person, facility=facility, valid_from=since, valid_to=until)
    row.unit, row.is_primary = clean(unit)[:120] or row.unit, is_primary
    row.save()
    if is_primary:
        person.affiliations.in_force(today).filter(is_primary=True).exclude(pk=row.pk).update(
            is_primary=False
        )
    return row


@transaction.atomic
def end_affiliation(affiliation: Affiliation, *, last_day: date | None = None) -> Affiliation:
    """End a workplace with *last_day*, by default yesterday, so that the former employer sees nothing from now on.

    Idempotent. Where it was the main one, the youngest that is left becomes it.
    """
    row = Affiliation.objects.select_for_update().get(pk=affiliation.pk)
    today = clock.today()
    last_day = last_day or today - timedelta(days=1)
    if row.valid_from and last_day < row.valid_from:
        last_day = row.valid_from
    if row.valid_to is None or row.valid_to > last_day:
        row.valid_to = last_day
        row.save(update_fields=["valid_to"])
    left = Affiliation.objects.in_force(today).filter(person=row.person_id)
    if (
        row.is_primary
        and not left.filter(is_primary=True).exists()
        and (other := left.order_by("-pk").first())
    ):
        other.is_primary = True
        other.save(update_fields=["is_primary"])
    return row
