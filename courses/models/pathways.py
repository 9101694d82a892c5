"""Programmes of several courses: what a hospital asks for, and who has completed it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.languages import pick
from lms.models import Facility, Person

from .outline import Course


class PathwayQuerySet(models.QuerySet):
    """Reads on pathways."""

    def shown(self):
        """Those that everybody may take up."""
        return self.filter(published_at__isnull=False, closed_at__isnull=True)

    def published(self):
        """Those that count for whoever completes them, closed ones included."""
        return self.filter(published_at__isnull=False)


class Pathway(models.Model):
    """A programme of a hospital: every required course, and so many of the elective ones.

    Its courses and its need are frozen once it is published: what was promised stays. A closed one is
    offered to nobody new and still counts for those on their way. Never deleted once published.
    Personal data: who made it.
    """

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="pathways", verbose_name=_("provider")
    )
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=255)
    title_en = models.CharField(_("title (English)"), max_length=255, blank=True)
    about_vi = models.TextField(_("for whom and what for (Vietnamese)"), max_length=2000, blank=True)
    about_en = models.TextField(_("for whom and what for (English)"), max_length=2000, blank=True)
    electives_needed = models.PositiveSmallIntegerField(_("elective courses needed"), default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    objects = PathwayQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["title_vi", "pk"]
        verbose_name = _("pathway")
        verbose_name_plural = _("pathways")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_pathway_closed_after",
                condition=Q(closed_at__isnull=True) | Q(published_at__isnull=False),
            )
        ]

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    @property
    def title(self) -> str:
        """The title in the active language."""
        return str(self)

    @property
    def about(self) -> str:
        """The description in the active language."""
        return pick(self.about_vi, self.about_en)

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class PathwayCourse(models.Model):
    """That a course belongs to a pathway, as required or as elective. No personal data."""

    pathway = models.ForeignKey(Pathway, models.CASCADE, related_name="courses")
    course = models.ForeignKey(Course, models.PROTECT, related_name="in_pathways", verbose_name=_("course"))
    is_required = models.BooleanField(_("required"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pathway", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["pathway", "course"], name="lms_courses_pathway_course_once")
        ]

    def __str__(self):
        return f"{self.pathway}: {self.course}"


class PathwayCompletion(models.Model):
    """That a person completed a pathway: an event, written once and never re-dated.

    ``result`` is the explained result at that moment (``pathing.Way.as_json``). Survives the login.
    Personal data: a person's learning.
    """

    pathway = models.ForeignKey(
        Pathway, models.PROTECT, related_name="completions", verbose_name=_("pathway")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="pathway_completions", verbose_name=_("person")
    )
    completed_at = models.DateTimeField(_("completed at"))
    result = models.JSONField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-completed_at", "-pk"]
        verbose_name = _("completed pathway")
        verbose_name_plural = _("completed pathways")
        constraints = [
            models.UniqueConstraint(fields=["pathway", "person"], name="lms_courses_pathway_completed_once")
        ]

    def __str__(self):
        return f"{self.person}: {self.pathway}"
