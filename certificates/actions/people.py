"""A verifier asks for one person's whole record: by licence, or by name and birth date, with a purpose."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates import permissions
from certificates.facts import same_name
from certificates.models import PersonCheck
from lms import clock, names
from lms.actions import log_accesses
from lms.models import Licence, Person

from .desk import ListRefused, stated

MOST_FOUND = 5
FOUND = gettext_noop("a look-up by licence or birth date")
RECORD = gettext_noop("the whole record of certificates and credit hours")


def find_people(
    *, by, purpose: str, licence: str = "", name: str = "", born: date | None = None
) -> list[PersonCheck]:
    """Find whom a verifier means and open their records for a day; each one found is told of it.

    Raises ``ListRefused`` where the question names nobody closely enough, and ``NotAllowed``.
    """
    if not permissions.is_verifier(by):
        raise permissions.NotAllowed(_("Only a verifier may look up people."))
    purpose = stated(purpose)
    if not names.normal_licence(licence) and not (names.clean(name) and born):
        raise ListRefused(_("Give a licence number, or the full name with the birth date."))
    people = people_meant(licence=licence, name=name, born=born)
    with transaction.atomic():
        now = clock.now()
        checks = [PersonCheck(by=by, person=person, at=now, purpose=purpose) for person in people]
        PersonCheck.objects.bulk_create(checks)
        log_accesses(by, people, what=FOUND, purpose=purpose)
    return checks


def people_meant(*, licence: str = "", name: str = "", born: date | None = None) -> list[Person]:
    """Return whom a licence, or a name with a birth date, means; nothing is recorded here.

    By licence there is one or nobody. By name the birth date must agree to the day, and diacritics
    decide where several would do. Raises ``ListRefused`` where more fit than can be told apart.
    """
    if names.normal_licence(licence):
        found = Licence.objects.numbered(licence).select_related("person").first()
        return [found.person] if found else []
    folded = names.fold(names.clean(name))[:120]
    if not folded or born is None:
        return []
    fitting = Person.objects.living().filter(name_folded=folded, birth_date=born)
    people = list(fitting.order_by("pk")[: MOST_FOUND + 1])
    people = [person for person in people if same_name(name, person.full_name)] or people
    if len(people) > MOST_FOUND:
        raise ListRefused(_("More people than can be told apart have this name. Give the licence number."))
    return people
