"""What the site told people, and whether it arrived."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.models.persons import Person


class MessageQuerySet(models.QuerySet):
    """Reads on messages."""

    def inbox(self, person):
        """What *person* reads on the site, however else it travelled, the youngest first."""
        shown = self.filter(person=person).exclude(state=Message.State.DROPPED)
        # Old ones are emptied by the retention job.
        return shown.exclude(subject="", body="").order_by("-created_at", "-pk")

    def unread(self):
        """Those not opened yet."""
        return self.filter(read_at=None)

    def waiting_with(self, message):
        """What waits for the same person by the same channel and address as *message*, itself included."""
        same = {"person": message.person_id, "channel": message.channel, "address": message.address}
        return self.filter(state=Message.State.QUEUED, **same)


class Message(models.Model):
    """One message to one person over one channel, written with the fact that caused it, sent by a job.

    Whoever has a login reads it on the site at once; ``channel`` is how it leaves the site besides.
    ``not_before`` is when its person wants it, ``handed_at`` when it was claimed for a hand-over;
    several of one person leave in one hand-over, ``handed_with`` the first. ``key`` makes it unique per event and receiver. A worker killed between handing over and
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
        DROPPED = "dropped", _("no longer needed")

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
    short = models.CharField(_("text for a telephone"), max_length=500, blank=True)
    url = models.CharField(max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("written at"))
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    handed_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    handed_with = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["person", "-created_at"], name="lms_message_mine"),
            models.Index(fields=["person", "handed_at"], name="lms_message_gone"),
        ]

    def __str__(self):
        return f"{self.event} → {self.person or self.address}"


class MessageWish(models.Model):
    """How one person wants to be told: which kinds not at all, by what, at once or once a day.

    Without a row: everything, at once, by e-mail, else by text message. What the law asks for is told
    whatever stands here. On the site everything can be read. Personal data: these wishes.
    """

    class Via(models.TextChoices):
        """What leaves the site."""

        ANY = "", _("by e-mail, else by text message")
        EMAIL = "email", _("by e-mail only")
        SMS = "sms", _("by text message only")
        SITE = "inbox", _("not at all: I read them here")

    person = models.OneToOneField(Person, models.CASCADE, related_name="message_wish")
    muted = models.JSONField(default=list, help_text="kinds of ``lms.events.Kind``")
    via = models.CharField(_("how"), max_length=6, choices=Via.choices, blank=True, default=Via.ANY)
    daily = models.BooleanField(_("once a day, together"), default=False)
    changed_at = models.DateTimeField(_("changed at"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("wishes about messages")
        verbose_name_plural = _("wishes about messages")

    def __str__(self):
        return str(self.person)


class MessageTemplate(models.Model):
    """The words of one event in one language, where an office wrote others than the site came with.

    Values stand in braces, as ``lms.events`` names them. Personal data: who wrote it.
    """

    event = models.SlugField(_("about"), max_length=60)
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"), max_length=3000)
    short = models.CharField(_("text for a telephone"), max_length=320, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(_("changed at"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("words of a message")
        verbose_name_plural = _("words of messages")
        constraints = [
            models.UniqueConstraint(fields=["event", "language"], name="lms_template_once"),
            models.CheckConstraint(
                name="lms_template_says_something", condition=~Q(subject="") & ~Q(text="")
            ),
        ]

    def __str__(self):
        return f"{self.event} ({self.language})"
