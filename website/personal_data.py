"""What signing in holds about people: e-mail addresses, second steps, devices."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext_lazy as _

from lms import logs, retention
from lms.holdings import register, skip
from website.accounts.devices import device

SAFETY = _("to keep logins safe")
YOU = _("you")
UNTIL_ERASURE = _("until you ask for erasure")


def sessions_ended(subject, rows) -> int:
    """Deleted, and every device signed out."""
    for row in rows:
        row.end()
    return len(rows)


def device_of(row: UserSession) -> str:
    """The browser and its system in words."""
    return device(row.user_agent)


register(
    EmailAddress,
    "user",
    title=_("E-mail addresses for signing in"),
    columns=[(_("E-mail"), "email"), (_("Confirmed"), "verified")],
    ground=_("to train you, as you asked"),
    period=UNTIL_ERASURE,
    seen_by=YOU,
)
register(
    EmailConfirmation,
    "email_address__user",
    title=_("E-mails to confirm an address"),
    columns=[(_("At"), "created")],
    ground=SAFETY,
    period=UNTIL_ERASURE,
    seen_by=YOU,
    secret=["key"],
    shown=False,
)
register(
    Authenticator,
    "user",
    title=_("Second steps"),
    columns=[
        (_("Kind"), "get_type_display"),
        (_("Since"), "created_at"),
        (_("Last used"), "last_used_at"),
    ],
    ground=SAFETY,
    period=UNTIL_ERASURE,
    seen_by=YOU,
    secret=["data"],
)
register(
    UserSession,
    "user",
    title=_("Where you are signed in"),
    columns=[
        (_("Address"), "ip"),
        (_("Device"), device_of),
        (_("Since"), "created_at"),
        (_("Last seen"), "last_seen_at"),
    ],
    ground=SAFETY,
    period=_("until you sign out; of the address only the network after 30 days"),
    seen_by=YOU,
    erase=sessions_ended,
    secret=["session_key", "data"],
)
register(
    SocialAccount,
    "user",
    title=_("Accounts of institutions that open yours"),
    columns=[
        (_("Institution"), "provider"),
        (_("Since"), "date_joined"),
        (_("Last used"), "last_login"),
    ],
    ground=_("to train you, as you asked"),
    period=_("until you disconnect it or ask for erasure"),
    seen_by=YOU,
)
skip(SocialToken, why="Stays empty: the tokens of providers are forgotten as soon as they arrive.")


@retention.rule(
    "website.session_addresses",
    "addresses from which somebody signed in (the network stays)",
    setting="LMS_KEEP_SESSION_ADDRESS_DAYS",
    days=30,
    at="created_at",
    # A network ends so in its address; one that happens to is none the less a network's.
    due=lambda: UserSession.objects.exclude(ip__endswith=".0").exclude(ip__endswith="::"),
)
def cut_addresses(rows) -> int:
    """The network is enough to know one's own sign-ins by; the address would say where somebody lives."""
    for row in rows:
        UserSession.objects.filter(pk=row.pk).update(ip=logs.near(row.ip))
    return len(rows)
