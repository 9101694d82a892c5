"""What teaching content tells people about, and the words it begins with."""

from django.utils.translation import gettext_lazy as _

from content.models import Video
from lms import clock
from lms.events import Event, Kind, declare

EXAMPLE = {"recording": _("Examining a patient with a stroke"), "day": "31/03/2027"}


def still_ends(key: str) -> bool:
    """Whether the consent of a reminder still ends on that day: it may have been renewed since."""
    _name, pk, day, *_rest = key.split(":")
    video = Video.objects.filter(pk=pk, shows_patient=True).first()
    return video is not None and f"{video.shown_until:%Y%m%d}" == day and video.shown_until >= clock.today()


def is_still_over(key: str) -> bool:
    """Whether the recording of a message is still shown no more."""
    video = Video.objects.filter(pk=key.split(":")[1]).first()
    return video is not None and video.is_expired


declare(
    Event(
        key="patient-consent-ends",
        kind=Kind.WORK,
        title=_("A patient's consent to a recording ends (to its author and the office)"),
        subject=_("A patient's consent ends: {recording}"),
        text=_(
            "The recording “{recording}” shows a patient who agreed to it until {day}. After that day learners see "
            "it no more. Ask the patient again and note the new form, or replace the recording."
        ),
        short=_("“{recording}”: the patient's consent ends on {day}."),
        example=EXAMPLE,
        still=still_ends,
    )
)
declare(
    Event(
        key="patient-consent-ended",
        kind=Kind.WORK,
        title=_("A recording is shown no more, because a patient's consent has ended"),
        subject=_("Shown no more: {recording}"),
        text=_(
            "The patient in the recording “{recording}” agreed to it until {day}. Learners see it no more; what they "
            "watched counts. Note a new consent, or replace the recording."
        ),
        short=_("“{recording}” is shown no more: the consent ended on {day}."),
        example=EXAMPLE,
        still=is_still_over,
    )
)
