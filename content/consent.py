"""A patient who can be recognised in a recording: what the consent must say, and who is reminded that it ends."""

from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from content.models import Video
from content.permissions import MAKERS
from lms import clock, messages, scope
from lms.models import Message, Person, RoleAssignment

LONGEST = timedelta(days=5 * 366)
"""How long after it was signed one consent may carry a recording; then the patient is asked again."""
STAGES = (0, 7, 30)
"""Days before the end at which somebody is reminded; 0 says that it is shown no more."""


def lacks(*, form: str, given_on: date | None, until: date | None) -> dict[str, str]:
    """What a consent lacks, each by the name of its column, in words; empty where it stands."""
    today, found = clock.today(), {}
    if len(form.strip()) < 3:
        found["consent_form"] = _("Say where the signed form lies: its number, or the file it is in.")
    if given_on is None or given_on > today:
        found["consent_on"] = _("Give the day on which the form was signed; not a day to come.")
    if until is None or until <= today:
        found["shown_until"] = _("Give the last day on which the recording may be shown; a day to come.")
    elif given_on and given_on <= today and until > given_on + LONGEST:
        found["shown_until"] = _("One consent carries a recording for five years at most; ask again then.")
    return found


def remind() -> int:
    """Tell who keeps a recording that its patient's consent ends in 30 days, in 7, or has ended.

    Its author and the training office of its hospital, once for each day, stage and person; after a
    pause only the present stage. Returns how many messages were written.
    """
    today, sent = clock.today(), 0
    ending = Video.objects.filter(shows_patient=True, shown_until__lte=today + timedelta(days=STAGES[-1]))
    for video in ending.select_related("facility", "created_by__person").order_by("pk"):
        left = (video.shown_until - today).days + 1
        stage = next(days for days in STAGES if left <= days or days == STAGES[-1])
        event = "patient-consent-ends" if stage else "patient-consent-ended"
        for person in keepers(video):
            key = f"patient-consent:{video.pk}:{video.shown_until:%Y%m%d}:{stage}:{person.pk}"
            if Message.objects.filter(key=key).exists():
                continue
            about = {"recording": video.title, "day": video.shown_until}
            messages.tell(person, event, key=key, about=about, url=("lms_content_videos:show", video.pk))
            sent += 1
    return sent


def keepers(video: Video) -> list[Person]:
    """Who sees to *video* today: its author while he makes content there, and the hospital's training office."""
    held = RoleAssignment.objects.in_force().filter(role__in=MAKERS)
    users = get_user_model().objects.filter(pk__in=held.values("user"), is_active=True)
    office = held.filter(role=RoleAssignment.Role.PROGRAMME_MANAGER).values("user")
    found = [
        user.person
        for user in users.filter(pk__in=office).union(users.filter(pk=video.created_by_id)).order_by("pk")
        if hasattr(user, "person") and scope.can(user, "change", video)
    ]
    return [person for person in found if person.state == Person.State.ACTIVE]
