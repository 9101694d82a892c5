"""What is taught: courses, lessons, frozen releases, runs and the people who teach."""

import datetime
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import RevisionMixin

from content.models import Checklist, Guideline, Quiz, Survey, Video
from courses import completion
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


class Release(RevisionMixin, models.Model):
    """What the appraisal council approved, frozen; learners enrol in a run of it and stay on it.

    ``outline`` is a list of ``{"lesson", "key", "kind", "purpose", "title": {"vi", "en"},
    "periods", "content_hash", "video", "version", "seconds", "quiz", "blueprint", "checklist",
    "items", "survey"}`` in order; ``policy`` is ``{"min_attendance_pct", "pass_pct",
    "max_attempts", "cooldown_minutes", "require_survey", "require_checklist",
    "require_signoff", "watch_pct", "max_excused"}``; ``require_signoff`` and ``max_excused`` stand there
    only where they ask or allow something.
    Neither changes once submitted. Subject of Wagtail's workflow states, which hang on a revision; a
    release is frozen, so it has one, and that says no more than which it is. Personal data: who
    built, appraised and issued it.
    """

    class State(models.TextChoices):
        """The appraisal workflow (PRG-2)."""

        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for appraisal")
        CHANGES = "changes", _("changes asked for")
        APPRAISED = "appraised", _("appraised")
        ISSUED = "issued", _("issued")
        SUPERSEDED = "superseded", _("replaced by a newer one")

    course = models.ForeignKey(Course, models.PROTECT, related_name="releases", verbose_name=_("course"))
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    outline = models.JSONField(default=list, editable=False)
    policy = models.JSONField(default=dict, editable=False)
    title_vi = models.CharField(max_length=255, editable=False)
    title_en = models.CharField(max_length=255, blank=True, editable=False)
    form = models.CharField(_("form"), max_length=12, editable=False)
    role = models.CharField(_("role"), max_length=10, default="learner", editable=False)
    rule_code = models.CharField(_("credit rule"), max_length=30, editable=False)
    periods = models.DecimalField(_("periods"), max_digits=5, decimal_places=2, editable=False)
    sha256 = models.CharField(max_length=64, editable=False, help_text="of outline and policy, canonical")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    appraised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    appraised_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    decision_number = models.CharField(_("decision number"), max_length=60, blank=True)
    decision_date = models.DateField(_("decision date"), null=True, blank=True)
    decision_signatory = models.CharField(_("signed by"), max_length=120, blank=True)
    decision_file = models.CharField(
        max_length=200, blank=True, editable=False, help_text="name in private storage"
    )

    wagtail_reference_index_ignore = True
    live_revision_id = None
    """Asked by Wagtail's front page, which would offer to compare."""

    class Meta:
        ordering = ["course", "-number"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="lms_courses_release_number_once"),
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="issued"), name="lms_courses_one_issued_release"
            ),
            models.CheckConstraint(
                name="lms_courses_appraiser_is_not_author",
                condition=Q(appraised_by__isnull=True)
                | Q(created_by__isnull=True)
                | ~Q(appraised_by=models.F("created_by")),
            ),
            models.CheckConstraint(
                name="lms_courses_issued_has_decision",
                condition=~Q(state="issued")
                | (~Q(decision_number="") & Q(decision_date__isnull=False, issued_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{pick(self.title_vi, self.title_en)} v{self.number}"

    @property
    def title(self) -> str:
        """The frozen title in the active language."""
        return pick(self.title_vi, self.title_en)

    @property
    def rule(self) -> str:
        """What completes the course, in one line; the same rules as ``completion.weigh``."""
        policy, items = self.policy, self.outline
        parts = []
        if any(completion.periods(item) for item in items):
            parts.append(gettext("attend ≥ %(pct)s %%") % {"pct": policy["min_attendance_pct"]})
        if policy.get("max_excused"):
            parts.append(
                gettext("up to %(count)s excused sessions left out") % {"count": policy["max_excused"]}
            )
        if any(item["kind"] == "quiz" and item["purpose"] == "posttest" for item in items):
            parts.append(gettext("test ≥ %(pct)s %%") % {"pct": policy["pass_pct"]})
        lists = [item for item in items if item["kind"] == "checklist"]
        if any(policy.get("require_checklist") or completion.is_critical(item) for item in lists):
            parts.append(gettext("skills checklist"))
        if policy.get("require_survey") and any(item["kind"] == "survey" for item in items):
            parts.append(gettext("survey"))
        if policy.get("require_signoff"):
            parts.append(gettext("sign-off by a trainer"))
        return ", ".join(parts)

    def serializable_data(self) -> dict:
        """What the revision keeps: which release it is. All else stands in the row, once."""
        return {"pk": self.pk, "number": self.number, "sha256": self.sha256}

    def with_content_json(self, content) -> "Release":
        """The release itself: it is as it was."""
        return self

    def publish(self, revision, **how) -> None:
        """Wagtail's wish when its workflow ends. A release is put in force by its decision, never by this."""

    def predecessor(self) -> "Release | None":
        """The version in force before this one, or that this one would replace; None for the first."""
        in_force = Release.State.ISSUED, Release.State.SUPERSEDED
        earlier = Release.objects.filter(course=self.course_id, number__lt=self.number, state__in=in_force)
        return earlier.order_by("-number").first()


class AppraisalStep(models.Model):
    """One decision in the life of a release: who, when, what, with which words. Append-only.

    Personal data: author.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="steps")
    state = models.CharField(_("new state"), max_length=10, choices=Release.State.choices)
    comment = models.TextField(_("comment"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("appraisal step")
        verbose_name_plural = _("appraisal steps")

    def __str__(self):
        return f"{self.release}: {self.get_state_display()}"


class RunQuerySet(models.QuerySet):
    """Reads on runs."""

    def open_for_enrolment(self, now=None):
        """Runs that take people at *now* (without looking at seats)."""
        now = now or timezone.now()
        return self.filter(is_closed=False).filter(
            Q(enrol_from__isnull=True) | Q(enrol_from__lte=now),
            Q(enrol_until__isnull=True) | Q(enrol_until__gte=now),
        )

    def not_over(self, now):
        """Runs that take people at *now* or will."""
        return self.filter(is_closed=False).filter(Q(enrol_until__isnull=True) | Q(enrol_until__gte=now))

    def in_plan(self, today):
        """Runs that a public plan names: not closed, not over, of a course with a live page."""
        not_over = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
        return self.filter(not_over, is_closed=False, release__course__is_open=True)


class Run(models.Model):
    """A class (lớp) of one release: dates, seats, how one gets in.

    ``seats_taken`` counts learners and offered seats; it is written by a conditional UPDATE in the
    transaction that enrols or offers. Kept for ever. No personal data.
    """

    class Mode(models.TextChoices):
        """Who may enrol people."""

        SELF = "self", _("anybody in the audience enrols")
        APPROVAL = "approval", _("anybody in the audience asks, others approve")
        COORDINATOR = "coordinator", _("the site coordinator enrols")
        INVITATION = "invitation", _("by invitation")

    class Chain(models.TextChoices):
        """Whose approval an application needs, in this order."""

        MANAGER_OFFICE = "manager_office", _("line manager, then training office")
        MANAGER = "manager", _("line manager")
        OFFICE = "office", _("training office")

    release = models.ForeignKey(Release, models.PROTECT, related_name="runs", verbose_name=_("release"))
    code = models.CharField(_("code"), max_length=30, unique=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    enrol_from = models.DateTimeField(_("enrolment opens"), null=True, blank=True)
    enrol_until = models.DateTimeField(_("enrolment closes"), null=True, blank=True)
    mode = models.CharField(_("enrolment"), max_length=12, choices=Mode.choices, default=Mode.SELF)
    chain = models.CharField(
        _("approved by"), max_length=14, choices=Chain.choices, default=Chain.MANAGER_OFFICE
    )
    approval_days = models.PositiveSmallIntegerField(
        _("working days for an approval"),
        default=3,
        help_text=_("After that the line manager is passed over and the training office reminded."),
    )
    offer_hours = models.PositiveSmallIntegerField(
        _("hours to accept an offered seat"),
        default=48,
        help_text=_("After that the seat goes to the next on the waiting list."),
    )
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    is_closed = models.BooleanField(_("closed"), default=False)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RunQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_run_seats",
                condition=Q(seats__isnull=True) | Q(seats_taken__lte=models.F("seats")),
            ),
            models.CheckConstraint(
                name="lms_courses_run_clocks",
                condition=Q(offer_hours__gte=1, approval_days__gte=1),
            ),
            models.CheckConstraint(
                name="lms_courses_run_dates",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=models.F("starts_on")),
            ),
        ]

    def __str__(self):
        return self.code

    @property
    def seats_left(self) -> int | None:
        """Free seats, or None where there is no limit."""
        return None if self.seats is None else self.seats - self.seats_taken

    def newer_release(self) -> Release | None:
        """The version in force, where it is newer than the one this class learns."""
        in_force = Release.objects.filter(course=self.release.course_id, state=Release.State.ISSUED)
        return in_force.filter(number__gt=self.release.number).first()


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
