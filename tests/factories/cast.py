"""Logins, people and places; the least that every other factory needs."""

import datetime

from django.contrib.auth import get_user_model

from lms.actions import grant_role
from lms.models import Affiliation, Facility, Licence, Person, Profession, Province, RoleAssignment, TeleSite
from tests.kept import repeated

PASSWORD = "Muoi-hai-con-giap-2026"

PROFESSIONS = {
    "bac_sy": ("Bác sỹ", "Physician"),
    "y_sy": ("Y sỹ", "Assistant physician"),
    "dieu_duong": ("Điều dưỡng", "Nurse"),
    "ho_sinh": ("Hộ sinh", "Midwife"),
}


def province(code="10", name="Lào Cai", aliases=("Yên Bái",)) -> Province:
    """A province; the same one when asked again."""
    return Province.objects.get_or_create(code=code, defaults={"name": name, "aliases": list(aliases)})[0]


def facility(name: str, *, kind=Facility.Kind.OTHER, parent=None, **values) -> Facility:
    """A facility; the same one when asked again by name."""
    found = Facility.objects.filter(name=name).first()
    return found or Facility.objects.create(name=name, kind=kind, parent=parent, **values)


def site(at: Facility, code: str, **values) -> TeleSite:
    """The tele-site *code* of a facility."""
    values = {"facility": at, "name": f"Điểm cầu {at.name}", **values}
    return TeleSite.objects.get_or_create(code=code, defaults=values)[0]


def profession(code="dieu_duong") -> Profession:
    """A professional title by its code."""
    vi, en = PROFESSIONS[code]
    return Profession.objects.get_or_create(code=code, defaults={"name_vi": vi, "name_en": en})[0]


def user(name: str, **values):
    """A login; its e-mail is made from the name, its password is ``PASSWORD``."""
    values = {"username": name, "email": f"{name}@example.vn", **values}
    return get_user_model().objects.create_user(password=PASSWORD, **values)


def person(
    full_name: str,
    *,
    login: str = "",
    works_at: Facility | None = None,
    profession_code="dieu_duong",
    licence="",
    birth_date=datetime.date(1987, 6, 21),
    **values,
) -> Person:
    """A person with a workplace, and with a login where *login* names one."""
    made = Person.objects.create(
        full_name=full_name,
        user=user(login) if login else None,
        profession=profession(profession_code),
        birth_date=birth_date,
        **values,
    )
    if works_at:
        Affiliation.objects.create(person=made, facility=works_at)
    if licence:
        Licence.objects.create(person=made, raw=licence)
    return made


@repeated
def role(who: Person, name: str, at: Facility, *, include_children=False) -> RoleAssignment:
    """Let *who* act in a role at a facility, through the action that administrators use."""
    return grant_role(who.user, role=name, facility=at, include_children=include_children, by=None)
