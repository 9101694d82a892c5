"""The two vocabularies of the field: professional titles and specialties."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.languages import pick


class Term(models.Model):
    """A word of a controlled vocabulary, in both languages."""

    code = models.SlugField(_("code"), unique=True)
    name_vi = models.CharField(_("name (Vietnamese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True
        ordering = ["position", "name_vi"]

    def __str__(self):
        return pick(self.name_vi, self.name_en)


class Profession(Term):
    """A professional title (chức danh) of article 26 of Law 15/2023/QH15, or one beside it.

    Survives every person who holds it. No personal data.
    """

    cme_required = models.BooleanField(_("must collect credit hours"), default=False)

    class Meta(Term.Meta):
        verbose_name = _("professional title")
        verbose_name_plural = _("professional titles")


class Specialty(Term):
    """A medical specialty by which courses are found. No personal data."""

    class Meta(Term.Meta):
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
