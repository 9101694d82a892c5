"""The ways around the site, by who is looking."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses import links
from lms.memory import remembered
from lms.models import RoleAssignment
from website.accounts.roles import roles_of

Role = RoleAssignment.Role


@dataclass(frozen=True)
class Way:
    """One link: ``long`` is what a screen reader says where the label is short for the thumb bar."""

    key: str
    label: str
    url: str
    long: str = ""


def named(name: str, *args) -> str:
    """The address of a URL name, or nothing where the site does not mount it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def catalogue_url(request: HttpRequest) -> str:
    """The address of the course catalogue in the active language, else in another, else nothing."""
    key = ("catalogue", request.get_host(), get_language())
    return remembered(key, lambda: links.catalogue_url(request) or "")


def main_ways(request: HttpRequest) -> list[Way]:
    """What stands in the bar (at the thumb on a phone): four at most."""
    courses = Way("catalog", _("Courses"), catalogue_url(request))
    calendar = Way("calendar", _("Calendar"), named("lms_courses:calendar"))
    verify = Way(
        "verify", _("Verify"), named("lms_certificates_public:verify_form"), _("Verify a certificate")
    )
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        ways = [courses, calendar, verify, Way("login", _("Sign in"), reverse("account_login"))]
    else:
        room = Way("room", _("Room desk"), named("lms_courses:rooms"))
        second = room if Role.SITE_COORDINATOR in roles_of(user) and room.url else calendar
        mine = Way(
            "certificates", _("Cert."), named("lms_certificates:mine"), _("My certificates and credit hours")
        )
        ways = [Way("me", _("Mine"), reverse("me"), _("My page")), courses, second, mine]
    return [way for way in ways if way.url]


def corner_ways(request: HttpRequest) -> list[Way]:
    """What stands in the upper corner: the workbench of those who hold a role (the Wagtail admin), and the account."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    ways = []
    if user.is_superuser or roles_of(user):
        ways.append(Way("manage", _("Manage"), reverse("wagtailadmin_home")))
    return [*ways, Way("account", _("Account"), reverse("account"))]
