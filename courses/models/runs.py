"""The classes in which a release is taught."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .releases import Release


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
