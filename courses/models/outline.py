"""What is taught: courses, their lessons, their clinical reviews and the people who teach."""

import datetime
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models import Checklist, Guideline, Quiz, Survey, Video
from lms import clock
from lms.languages import pick
from lms.models import Facility, Person, Profession, Specialty

NEAR_DAYS = 60
"""How long before its clinical review a course is marked in lists."""


class LessonKind(models.TextChoices):
    """The one activity a lesson may have beside its body; also what a release may require."""

    READING = "reading", _("reading")
    VIDEO = "video", _("video lecture")
    QUIZ = "quiz", _("test")
    SESSION = "session", _("live session")
    CHECKLIST = "checklist", _("skills checklist")
    SURVEY = "survey", _("survey")


class Course(models.Model):
    """The identity of a course in all its languages, with the rules its next release will freeze.

    Keyed by the page's ``translation_key``; never deleted. Titles are copies for lists, written
    by ``sync_course``; rules are edited here and nowhere else. No personal data.
    """

    class Form(models.TextChoices):
        """How it is taught (``domain`` 2.6)."""

        SELF_PACED = "self_paced", _("self-paced")
        BLENDED = "blended", _("blended")
        LIVE = "live_session", _("live session")
        ONSITE = "onsite_skill", _("on-site coaching")

    key = models.UUIDField(unique=True, editable=False)
    code = models.CharField(_("code"), max_length=20, blank=True)
    facility = models.ForeignKey(
        Facility,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("provider"),
    )
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=255, blank=True)
    title_en = models.CharField(_("title (English)"), max_length=255, blank=True)
    is_open = models.BooleanField(_("has a live page"), default=False, editable=False)
    specialty = models.ForeignKey(
        Specialty, models.PROTECT, null=True, blank=True, related_name="courses", verbose_name=_("specialty")
    )
    audience = models.ManyToManyField(
        Profession, blank=True, related_name="courses", verbose_name=_("meant for")
    )
    scope = models.CharField(
        _("scope of practice"),
        max_length=300,
        blank=True,
        help_text=_("Whom among them, by what they do; for example: emergency care, family medicine."),
    )
    guidelines = models.ManyToManyField(
        Guideline,
        blank=True,
        related_name="courses",
        verbose_name=_("guidelines it follows"),
        help_text=_("Cited on the course page, with a mark where one no longer holds."),
    )
    form = models.CharField(_("form"), max_length=12, choices=Form.choices, default=Form.SELF_PACED)
    needs_on = models.DateField(
        _("needs assessed on"),
        null=True,
        blank=True,
        help_text=_("The day of the needs assessment that the course page describes."),
    )
    review_due = models.DateField(
        _("clinical review due on"),
        null=True,
        blank=True,
        help_text=_("Trainers and the training office are reminded of it before and on the day."),
    )
    reviewed_on = models.DateField(_("last clinical review"), null=True, blank=True, editable=False)
    attendance_check = models.CharField(
        _("how attendance is verified"),
        max_length=300,
        blank=True,
        help_text=_("Shown on the course page and to the appraiser."),
    )
    rule_code = models.CharField(_("credit rule"), max_length=30, default="COURSE_LEARNER")
    min_attendance_pct = models.PositiveSmallIntegerField(_("attendance, per cent"), default=80)
    pass_pct = models.PositiveSmallIntegerField(_("pass mark of the post-test, per cent"), default=70)
    max_attempts = models.PositiveSmallIntegerField(_("attempts at the post-test"), default=3)
    cooldown_minutes = models.PositiveIntegerField(_("minutes between attempts"), default=0)
    require_survey = models.BooleanField(_("survey required"), default=True)
    require_checklist = models.BooleanField(_("every checklist required"), default=False)
    require_signoff = models.BooleanField(
        _("sign-off by a trainer required"),
        default=False,
        help_text=_(
            "A trainer confirms each learner by hand, with a reason, before the course is completed."
        ),
    )
    watch_pct = models.PositiveSmallIntegerField(_("share of a video to watch, per cent"), default=90)
    max_excused = models.PositiveSmallIntegerField(
        _("sessions left out with an excuse, at most"),
        default=0,
        validators=[MaxValueValidator(20)],
        help_text=_(
            "Live sessions missed with an accepted excuse that the attendance is not measured against."
        ),
    )

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["title_vi", "pk"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_course_percentages",
                condition=Q(min_attendance_pct__lte=100, pass_pct__lte=100, watch_pct__lte=100)
                & Q(max_attempts__gte=1),
            )
        ]

    def __str__(self):
        return pick(self.title_vi, self.title_en) or self.code

    @property
    def title(self) -> str:
        """The title in the active language."""
        return str(self)

    @property
    def next_review(self) -> datetime.date | None:
        """The day of the next clinical review; None where none is planned, or it was done since."""
        is_done = self.review_due and self.reviewed_on and self.reviewed_on >= self.review_due
        return None if is_done else self.review_due

    @property
    def review_standing(self) -> str:
        """How near the next clinical review is: ``overdue``, ``near`` (within 60 days), or empty."""
        if self.next_review is None:
            return ""
        days = (self.next_review - timezone.localdate(clock.nearly())).days
        return "overdue" if days < 0 else "near" if days <= NEAR_DAYS else ""


class ClinicalReview(models.Model):
    """That somebody found the content of a course still in line with what is known and ruled. Append-only.

    Also every appraisal is such a review; ``Course.reviewed_on`` is the later of both. Personal data:
    who reviewed.
    """

    course = models.ForeignKey(
        Course, models.PROTECT, related_name="clinical_reviews", verbose_name=_("course")
    )
    on = models.DateField(_("reviewed on"))
    note = models.CharField(_("what was checked"), max_length=500)
    next_due = models.DateField(_("next review due on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("clinical review")
        verbose_name_plural = _("clinical reviews")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_next_review_later", condition=Q(next_due__gt=models.F("on"))
            )
        ]

    def __str__(self):
        return f"{self.course}: {self.on}"


class Lesson(models.Model):
    """The identity of a lesson within one course, with its activity and its rules.

    Unique on (course, translation_key): a page moved to another course opens a new row there
    and closes this one. Pre-test, post-test and survey have 0 periods. No personal data.
    """

    class Purpose(models.TextChoices):
        """What a quiz decides."""

        NONE = "", "–"
        PRETEST = "pretest", _("pre-test")
        PRACTICE = "practice", _("practice")
        POSTTEST = "posttest", _("post-test")

    course = models.ForeignKey(Course, models.PROTECT, related_name="lessons", verbose_name=_("course"))
    key = models.UUIDField(editable=False)
    kind = models.CharField(
        _("activity"), max_length=10, choices=LessonKind.choices, default=LessonKind.READING
    )
    purpose = models.CharField(_("decides"), max_length=8, choices=Purpose.choices, blank=True)
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=255, blank=True)
    title_en = models.CharField(_("title (English)"), max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_open = models.BooleanField(_("has a live page"), default=True, editable=False)
    periods = models.DecimalField(_("periods"), max_digits=5, decimal_places=2, default=Decimal(0))
    no_skipping = models.BooleanField(
        _("no skipping ahead"),
        default=False,
        help_text=_(
            "The player holds learners back from what they have not reached; going back is always free."
        ),
    )
    video = models.ForeignKey(Video, models.PROTECT, null=True, blank=True, related_name="lessons")
    quiz = models.ForeignKey(Quiz, models.PROTECT, null=True, blank=True, related_name="lessons")
    checklist = models.ForeignKey(Checklist, models.PROTECT, null=True, blank=True, related_name="lessons")
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, blank=True, related_name="lessons")
    content_hash = models.CharField(max_length=64, blank=True, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["course", "position", "pk"]
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        constraints = [
            models.UniqueConstraint(fields=["course", "key"], name="lms_courses_lesson_once"),
            models.CheckConstraint(name="lms_courses_lesson_periods", condition=Q(periods__gte=0)),
        ]

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    @property
    def title(self) -> str:
        """The title in the active language."""
        return str(self)


class CourseStaff(models.Model):
    """That a person teaches, observes or assists in one course. Ends, is not deleted.

    Personal data: the office held.
    """

    class Role(models.TextChoices):
        """What they do there."""

        TRAINER = "trainer", _("trainer")
        OBSERVER = "observer", _("observer of skills")
        ASSISTANT = "assistant", _("assistant")

    course = models.ForeignKey(Course, models.PROTECT, related_name="staff")
    person = models.ForeignKey(Person, models.PROTECT, related_name="course_roles", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.TRAINER)
    disclosure = models.TextField(_("conflict of interest"), blank=True)
    disclosed_on = models.DateField(_("declared on"), null=True, blank=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("course staff")
        verbose_name_plural = _("course staff")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "person", "role"],
                condition=Q(valid_to__isnull=True),
                name="lms_courses_staff_once",
            )
        ]

    def __str__(self):
        return f"{self.person}, {self.get_role_display()}"
