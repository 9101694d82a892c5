"""Skills checklists: what an observer ticks at the bedside."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.languages import pick
from lms.models import Facility


class Checklist(models.Model):
    """A skill in steps. What was observed freezes the steps, so a later edit changes no result.

    No personal data.
    """

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="checklists", verbose_name=_("facility")
    )
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    pass_pct = models.PositiveSmallIntegerField(_("share of points to pass, in per cent"), default=70)

    class Meta:
        ordering = ["title_vi"]
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        constraints = [
            models.CheckConstraint(name="lms_content_checklist_pct", condition=Q(pass_pct__lte=100))
        ]

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    def freeze(self) -> dict:
        """The checklist as an observation keeps it, both languages; ``content.checking`` scores it."""
        return {
            "title": {"vi": self.title_vi, "en": self.title_en},
            "pass_pct": self.pass_pct,
            "items": [
                {
                    "id": str(item.pk),
                    "vi": item.text_vi,
                    "en": item.text_en,
                    "weight": item.weight,
                    "critical": item.is_critical,
                }
                for item in self.items.all()
            ],
        }


class ChecklistItem(models.Model):
    """One step; failing a critical one fails the skill (bước bắt buộc). No personal data."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    text_vi = models.CharField(_("step (Vietnamese)"), max_length=300)
    text_en = models.CharField(_("step (English)"), max_length=300, blank=True)
    weight = models.PositiveSmallIntegerField(_("points"), default=1)
    is_critical = models.BooleanField(_("critical step"), default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [models.CheckConstraint(name="lms_content_item_weight", condition=Q(weight__gte=1))]

    def __str__(self):
        return pick(self.text_vi, self.text_en)
