"""Adding people to the register."""

from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.models import Affiliation, Facility, Licence, Person, Profession
from lms.names import clean, normal_licence


class LicenceTaken(Exception):
    """The licence number stands in another person's record."""


@transaction.atomic
def add_person(
    full_name: str,
    *,
    birth_date: date | None = None,
    birth_year: int | None = None,
    phone: str = "",
    email: str = "",
    profession: Profession | None = None,
    facility: Facility | None = None,
    licence: str = "",
    state: str = Person.State.ACTIVE,
    by=None,
    user=None,
    unit: str = "",
    academic_title: str = "",
    sex: str = "",
    is_fictional: bool = False,
) -> Person:
    """Add a person with the workplace and the licence where given.

    Two persons of one name stay two; but the person of *user*, or the holder of *licence* with
    the same name, is returned instead of a second one. Raises LicenceTaken where the number is
    somebody else's.
    """
    full_name, number = clean(full_name), normal_licence(licence) if licence else ""
    if user is not None and (known := Person.objects.filter(user=user).first()):
        return known
    if number and (held := Licence.objects.numbered(number).select_related("person").first()):
        if held.person.full_name.casefold() != full_name.casefold():
            raise LicenceTaken(
                _(
                    "The licence number %(number)s is already recorded for another person. "
                    "Nothing was added; please check the number."
                )
                % {"number": number}
            )
        return held.person
    person = Person.objects.create(
        user=user,
        full_name=full_name,
        birth_date=birth_date,
        birth_year=birth_year,
        phone=phone.strip(),
        email=email.strip().lower(),
        profession=profession,
        state=state,
        academic_title=academic_title,
        sex=sex,
        is_fictional=is_fictional,
        language=settings.LANGUAGE_CODE[:5],
    )
    if facility is not None:
        Affiliation.objects.create(person=person, facility=facility, unit=unit)
    if number:
        try:
            with transaction.atomic():
                Licence.objects.create(person=person, raw=clean(licence))
        except IntegrityError as error:
            raise LicenceTaken(
                _("The licence number %(number)s has just been recorded for another person.")
                % {"number": number}
            ) from error
    return person
