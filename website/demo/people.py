"""People and logins of the demonstration: the named ones, the staff, and three hundred invented."""

from datetime import date

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction

from lms import names
from lms.actions import add_person, give_consent, grant_role
from lms.models import Facility, Person, Profession
from website.accounts.consents import PRIVACY_VERSION

from . import cast, data
from .accounts import ACCOUNTS, MORE_LEARNERS, PASSWORD, SO_Y_TE, TOTP_SECRET, Account

User = get_user_model()


@transaction.atomic
def load_named() -> None:
    """Add the people of ``demo_people.yaml`` and those behind the accounts, with login, roles, factor."""
    # One hash for all: hashing is slow on purpose, and the password is printed anyway.
    encoded = make_password(PASSWORD)
    rows = {(row["name"], row["facility"]): row for row in data.rows("demo_people")}
    # Whoever gives roles comes first, so that each row says by whose hand.
    for account in sorted(ACCOUNTS, key=lambda one: not one.superuser):
        row = rows.pop((account.full_name, account.facility), None)
        person = _named(row) if row else _staff(account)
        _login(person, account.username, encoded, account)
    for (name, facility), row in rows.items():
        person = _named(row)
        if username := MORE_LEARNERS.get((name, facility)):
            _login(person, username, encoded)


@transaction.atomic
def load_invented(count: int | None = None) -> None:
    """Add the invented people, the first *count* or all; who is there already stays."""
    known = set(
        Person.objects.filter(is_fictional=True).values_list(
            "full_name", "birth_date", "affiliations__facility__name"
        )
    )
    for someone in invented()[:count]:
        if (someone.full_name, someone.birth, someone.facility) in known:
            continue
        _add(
            someone.full_name,
            facility=someone.facility,
            profession=someone.profession,
            birth_date=someone.birth,
            licence=someone.licence,
            sex=someone.sex,
        )


SEX = {"Thị": "f", "Văn": "m"}
UNSETTLED = (
    ("Tẩn Láo Lở", "Trạm Y tế xã Bản Hồ", {}),
    ("Lùng Seo Chúng", "Trạm Y tế xã Tả Van", {"birth_year": 1990}),
    ("Phàn Thị Ghển", "Trạm Y tế xã Mường Bo", {"birth_year": 1992, "state": Person.State.PROVISIONAL}),
    ("Nguyễn Thị Thu Hà", "Trạm Y tế xã Nghĩa Đô", {"birth_date": date(1996, 5, 20)}),
)
"""Nurses of whom something must be settled before they are certified: no birth date, the year alone,
nobody confirmed who it is, one more of a name. No licence, so nothing else tells them apart."""


def unsettled() -> list[Person]:
    """The people of ``UNSETTLED``, added where they are missing."""
    return [
        find(name, place) or _add(name, facility=place, profession="dieu_duong", **facts)
        for name, place, facts in UNSETTLED
    ]


def invented() -> list[cast.Someone]:
    """The invented people over all places of Lào Cai, in a fixed order."""
    department = Facility.objects.get(name=SO_Y_TE)
    places = Facility.objects.under(department).exclude(pk=department.pk).order_by("pk")
    return cast.people(list(places.values_list("name", flat=True)))


def find(full_name: str, facility: str, birth: date | None = None) -> Person | None:
    """The demonstration's person of that name at that place: names repeat, places tell them apart."""
    found = Person.objects.filter(
        full_name=names.clean(full_name), affiliations__facility__name=facility, is_fictional=True
    )
    return (found.filter(birth_date=birth) if birth else found).first()


def person(username: str) -> Person:
    """The person behind a demonstration login."""
    return Person.objects.get(user__username=username)


def user(username: str):
    """A demonstration login."""
    return User.objects.get(username=username)


def _named(row: dict) -> Person:
    birth = str(row["birth"])
    whole = date.fromisoformat(birth) if len(birth) == 10 else None
    return find(row["name"], row["facility"], whole) or _add(
        row["name"],
        facility=row["facility"],
        profession=row["profession"],
        birth_date=whole,
        birth_year=None if whole else int(birth),
        licence=row["licence"] or "",
    )


def _staff(account: Account) -> Person:
    return find(account.full_name, account.facility) or _add(
        account.full_name,
        facility=account.facility,
        profession=account.profession,
        academic_title=account.title,
        birth_date=date.fromisoformat(account.birth),
    )


def _add(name: str, *, facility: str, profession: str, **facts) -> Person:
    # Told by the middle name where it tells; of others nobody has said it.
    facts.setdefault("sex", next((SEX[word] for word in name.split()[1:-1] if word in SEX), ""))
    return add_person(
        name,
        profession=Profession.objects.get(code=profession),
        facility=Facility.objects.get(name=facility),
        is_fictional=True,
        **facts,
    )


def _login(person: Person, username: str, encoded: str, account: Account | None = None) -> None:
    login, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "email": f"{username}@demo.invalid",
            "password": encoded,
            "is_superuser": bool(account and account.superuser),
            "is_staff": bool(account and account.superuser),
        },
    )
    if person.user_id != login.pk:
        Person.objects.filter(pk=person.pk).update(
            user=login, email=login.email, academic_title=account.title if account else ""
        )
    give_consent(person, purpose="account", given=True, text_version=PRIVACY_VERSION, channel="demo")
    if is_new and account and account.role:
        facility = Facility.objects.get(name=account.facility)
        by = User.objects.filter(is_superuser=True).order_by("pk").first()
        grant_role(login, role=account.role, facility=facility, include_children=account.below, by=by)
    if account and account.needs_code and not Authenticator.objects.filter(user=login).exists():
        TOTP.activate(login, TOTP_SECRET)
