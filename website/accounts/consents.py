"""What a new learner is asked about their data; each answer is kept with the version of the text."""

from django.utils.translation import gettext_lazy as _

PRIVACY_VERSION = "2026-11-29"
"""Version of the privacy notice (``website/privacy.html``); raise it with every change of its meaning."""

PURPOSES = {
    "account": _(
        "I have read how my data are used and agree that my name, birth year, workplace and learning "
        "record are processed to train me and to certify it."
    ),
    "reminders": _("Remind me by e-mail or text message of sessions and deadlines (optional)."),
    "improvement": _(
        "My viewing and answers may be used, without my name, to improve the lectures (optional)."
    ),
}
"""Purpose to question. Only ``account`` is needed to sign up; no box is ticked beforehand (Law 91/2025/QH15)."""
