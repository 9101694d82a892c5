"""What people are told about a live session that is planned, moved, called off or near."""

from django.utils.translation import gettext_lazy as _

from courses.models import Presence, Session
from lms import clock
from lms.events import Event, Kind, declare

CLASS = "DQ-01.K2"
SESSION = _("Case conference: stroke within the first hours")


def number_of(key: str) -> int:
    """The number that stands second in the key of a message: ``due:17:…`` is about 17."""
    return int(key.split(":")[1])


def still_to_come(key: str) -> bool:
    """Whether the session of a message is still going to take place."""
    return Session.objects.planned().filter(pk=number_of(key), starts_at__gt=clock.now()).exists()


declare(
    Event(
        key="session-planned",
        kind=Kind.SESSION,
        title=_("A live session of a class was planned"),
        subject=_("Live session at {at}"),
        text=_("Your class {class} meets on line: “{session}”, {at}, {hub}."),
        short=_("Class {class}, live session {at}: {session}"),
        example={"session": SESSION, "at": "14:00 15/03/2026", "hub": "Bệnh viện Bạch Mai", "class": CLASS},
        still=still_to_come,
    )
)
declare(
    Event(
        key="session-postponed",
        kind=Kind.SESSION,
        title=_("A live session was given other hours"),
        subject=_("New hours: live session now at {at}"),
        text=_("“{session}” of class {class} now begins at {at}, {hub}."),
        short=_("Class {class}: live session now {at}."),
        example={"session": SESSION, "at": "14:00 15/03/2026", "hub": "Bệnh viện Bạch Mai", "class": CLASS},
        still=still_to_come,
    )
)
declare(
    Event(
        key="session-cancelled",
        kind=Kind.SESSION,
        title=_("A live session was cancelled"),
        subject=_("Cancelled: live session of {at}"),
        text=_("“{session}” of class {class}, {at}, does not take place. You will be told of the new day."),
        short=_("Cancelled: live session of class {class}, {at}."),
        example={"session": SESSION, "at": "14:00 15/03/2026", "class": CLASS},
    )
)
declare(
    Event(
        key="session-tomorrow",
        kind=Kind.REMINDER,
        title=_("A live session is tomorrow"),
        subject=_("Tomorrow: live session at {at}"),
        text=_(
            "Tomorrow your class {class} meets on line: “{session}”, {at}, {hub}. Check in when it begins."
        ),
        short=_("Tomorrow {at}: live session of class {class}."),
        example={"session": SESSION, "at": "14:00 15/03/2026", "hub": "Bệnh viện Bạch Mai", "class": CLASS},
        still=still_to_come,
    )
)


def still_on_the_list(key: str) -> bool:
    """Whether a tick or a line on paper at the room still says that the person was there."""
    room, person = key.split(":")[1:]
    return Presence.objects.in_force().filter(site=room, person=person).exists()


declare(
    Event(
        key="added-at-site",
        kind=Kind.SESSION,
        title=_("Somebody put me on the list of a live session elsewhere"),
        subject=_("Recorded as present at {site}"),
        text=_(
            "At {site} you were put on the list of “{session}”, {at}. If you are there, check in with your phone as "
            "well. If you are not, tell the training office of {hub}."
        ),
        short=_("{site} recorded you as present, {at}. Not there? Tell {hub}."),
        example={
            "session": SESSION,
            "at": "14:00 15/03/2026",
            "site": "Bệnh viện đa khoa Bắc Hà",
            "hub": "Bệnh viện Bạch Mai",
        },
        still=still_on_the_list,
    )
)


# --- those who keep a room or hold a role, whether or not a class learns with the session

AT_WORK = {"session": SESSION, "at": "14:00 15/03/2026", "hub": "Bệnh viện Bạch Mai"}

declare(
    Event(
        key="site-session-postponed",
        kind=Kind.SESSION,
        title=_("A live session of your site, or in which you have a role, was given other hours"),
        subject=_("New hours: live session now at {at}"),
        text=_("“{session}” now begins at {at}, {hub}. Please tell those who were going to come."),
        short=_("Live session “{session}” now {at}. Please tell your site."),
        example=AT_WORK,
        still=still_to_come,
    )
)
declare(
    Event(
        key="site-session-cancelled",
        kind=Kind.SESSION,
        title=_("A live session of your site, or in which you have a role, was cancelled"),
        subject=_("Cancelled: live session of {at}"),
        text=_("“{session}”, {at}, {hub}, does not take place. Please tell those who were going to come."),
        short=_("Cancelled: live session “{session}”, {at}. Please tell your site."),
        example=AT_WORK,
    )
)
declare(
    Event(
        key="site-session-tomorrow",
        kind=Kind.REMINDER,
        title=_("A live session of your site, or in which you have a role, is tomorrow"),
        subject=_("Tomorrow: live session at {at}"),
        text=_(
            "Tomorrow “{session}” takes place, {at}, {hub}. Sites test picture and sound twenty minutes before."
        ),
        short=_("Tomorrow {at}: live session “{session}”."),
        example=AT_WORK,
        still=still_to_come,
    )
)
