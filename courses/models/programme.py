"""What a session consists of and works with: its agenda and its materials."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.models import Person

from .sessions import Session


class AgendaItem(models.Model):
    """One item of the agenda of a session; it lasts until the next one begins, the last until the end.

    Moves with the session when it is postponed. Personal data: who speaks.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="agenda")
    starts_at = models.DateTimeField(_("starts at"))
    title = models.CharField(_("title"), max_length=200)
    speaker = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="agenda_items", verbose_name=_("speaker")
    )

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("item of an agenda")
        verbose_name_plural = _("items of agendas")
        constraints = [
            models.UniqueConstraint(fields=["session", "starts_at"], name="lms_courses_agenda_once")
        ]

    def __str__(self):
        return self.title


class SessionMaterial(models.Model):
    """A PDF for those who take part in a session: slides, something to read before, a form.

    The file lies in private storage and goes when it is removed; that there was one stays.
    Personal data: who added it.
    """

    class Shown(models.TextChoices):
        """When it can be opened."""

        ALWAYS = "always", _("before and after the session")
        AFTER = "after", _("only after the session")

    session = models.ForeignKey(Session, models.PROTECT, related_name="materials")
    title = models.CharField(_("title"), max_length=200)
    shown = models.CharField(_("open"), max_length=6, choices=Shown.choices, default=Shown.ALWAYS)
    name = models.CharField(max_length=120, editable=False)
    size = models.PositiveIntegerField(editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["added_at", "pk"]
        verbose_name = _("material of a session")
        verbose_name_plural = _("materials of sessions")

    def __str__(self):
        return self.title
