"""What the site told people, and whether it arrived."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.models.persons import Person


class Message(models.Model):
    """One message to one person over one channel, written with the fact that caused it, sent by a job.

    ``key`` makes it unique per event and receiver. A worker killed between handing over and
    noting it leaves ``unknown``: never sent again by itself. One-time codes are not messages and
    are not stored. Personal data: address and text; ``body`` is emptied by the retention job.
    """

    class Channel(models.TextChoices):
        """How it travels."""

        INBOX = "inbox", _("on the site")
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("text message")

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("being handed over")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")
        UNKNOWN = "unknown", _("not known whether it was sent")

    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="messages", verbose_name=_("to")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    address = models.CharField(_("address"), max_length=254, blank=True)
    event = models.SlugField(_("about"), max_length=60)
    key = models.CharField(max_length=150, unique=True, editable=False)
    language = models.CharField(_("language"), max_length=5, default="vi")
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    url = models.CharField(max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["person", "channel", "-created_at"], name="lms_message_inbox")]

    def __str__(self):
        return f"{self.event} → {self.person or self.address}"
