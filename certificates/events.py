"""What the register tells people about, and the words it begins with."""

from django.utils.translation import gettext_lazy as _

from lms.events import Event, Kind, declare

NUMBER = "21/BVBM-2026"

declare(
    Event(
        key="certificate-issued",
        kind=Kind.LEARNING,
        title=_("A certificate was issued"),
        subject=_("Your certificate: {number}"),
        text=_("Certificate {number} for “{course}” is issued, {hours} credit hours. Anybody can verify it."),
        short=_("Certificate {number} is issued."),
        example={"number": NUMBER, "course": _("Stroke: recognition and emergency care"), "hours": "4"},
    )
)
declare(
    Event(
        key="certificate-ended",
        kind=Kind.RIGHTS,
        title=_("A certificate was revoked or replaced"),
        subject=_("Certificate {number}: {state}"),
        text=_(
            "Your certificate {number} is {state}. Reason: {reason}. The register shows it under the same address."
        ),
        short=_("Your certificate {number} is {state}."),
        example={"number": NUMBER, "state": _("revoked"), "reason": _("the name was misspelt")},
    )
)
