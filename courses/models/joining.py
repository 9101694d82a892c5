"""Ways into a class: quotas of provinces, applications with their decisions, deputies, codes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.models import Facility, Person, Province

from .learning import Enrolment
from .runs import Run


class ApplicationQuerySet(models.QuerySet):
    """Reads on applications."""

    def open(self):
        """Those that may still lead to a seat."""
        return self.filter(state__in=Application.OPEN)

    def in_line(self):
        """Those that wait for a seat, the first in line first."""
        return self.filter(state=Application.State.WAITING).order_by("queued_at", "pk")


class Application(models.Model):
    """That a person asks for a seat in a class: waits for approval, then in line, then is offered one.

    An offer holds a seat (``Run.seats_taken``, and one of ``quota``) until ``due_at``. One of a person
    and a class is open at a time; closed ones stay as history. Survives the login. Personal data: who
    wants to learn what, and why it was refused.
    """

    class State(models.TextChoices):
        """How far it is."""

        PENDING = "pending", _("waits for approval")
        WAITING = "waiting", _("on the waiting list")
        OFFERED = "offered", _("a seat is offered")
        ENROLLED = "enrolled", _("enrolled")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("taken back")
        EXPIRED = "expired", _("expired")

    class Step(models.TextChoices):
        """Whose approval it waits for."""

        NONE = "", "–"
        MANAGER = "manager", _("line manager")
        OFFICE = "office", _("training office")

    OPEN = (State.PENDING, State.WAITING, State.OFFERED)

    run = models.ForeignKey(Run, models.PROTECT, related_name="applications", verbose_name=_("class"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="applications", verbose_name=_("person"))
    facility = models.ForeignKey(
        Facility,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("workplace"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    step = models.CharField(_("waits for"), max_length=8, choices=Step.choices, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked at"))
    queued_at = models.DateTimeField(_("in line since"), null=True, blank=True)
    due_at = models.DateTimeField(_("to be answered by"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    quota = models.ForeignKey("RunQuota", models.PROTECT, null=True, blank=True, related_name="offers")
    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, null=True, blank=True, related_name="application"
    )

    objects = ApplicationQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person"],
                condition=Q(state__in=["pending", "waiting", "offered"]),
                name="lms_courses_one_open_application",
            ),
            models.CheckConstraint(
                name="lms_courses_application_step",
                condition=Q(state="pending", queued_at__isnull=True) & ~Q(step="")
                | ~Q(state="pending") & Q(step=""),
            ),
            models.CheckConstraint(
                name="lms_courses_application_in_line",
                condition=~Q(state__in=["waiting", "offered"]) | Q(queued_at__isnull=False),
            ),
            models.CheckConstraint(
                name="lms_courses_offer_ends", condition=~Q(state="offered") | Q(due_at__isnull=False)
            ),
            models.CheckConstraint(
                name="lms_courses_quota_only_offered", condition=Q(quota__isnull=True) | Q(state="offered")
            ),
            models.CheckConstraint(
                name="lms_courses_application_enrolled",
                condition=Q(state="enrolled", enrolment__isnull=False)
                | ~Q(state="enrolled") & Q(enrolment__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["run", "state", "queued_at"], name="lms_courses_line")]

    def __str__(self):
        return f"{self.person} – {self.run}"

    @property
    def is_open(self) -> bool:
        """Whether it may still lead to a seat."""
        return self.state in self.OPEN

    @property
    def place(self) -> int | None:
        """Which one in line this is, the first being 1; None for who does not wait in line."""
        if self.state != self.State.WAITING:
            return None
        before = Q(queued_at__lt=self.queued_at) | Q(queued_at=self.queued_at, pk__lt=self.pk)
        return Application.objects.in_line().filter(before, run=self.run_id).count() + 1


class ApplicationDecision(models.Model):
    """What was decided at one step of an application, by whom, in whose stead. Append-only.

    Nobody decides about an application of their own. A step that nobody decided in time is passed on:
    then ``by`` is empty. Personal data: who decided, and the reason.
    """

    class Outcome(models.TextChoices):
        """What became of the step."""

        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        PASSED_ON = "passed_on", _("passed on: nobody answered in time")

    application = models.ForeignKey(Application, models.CASCADE, related_name="decisions")
    step = models.CharField(_("step"), max_length=8, choices=Application.Step.choices)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("decision on an application")
        verbose_name_plural = _("decisions on applications")
        constraints = [
            models.UniqueConstraint(fields=["application", "step"], name="lms_courses_decided_once"),
            models.CheckConstraint(
                name="lms_courses_decision_has_author",
                condition=Q(outcome="passed_on", by__isnull=True)
                | ~Q(outcome="passed_on") & Q(by__isnull=False),
            ),
            models.CheckConstraint(
                name="lms_courses_refusal_says_why", condition=~Q(outcome="refused") | ~Q(reason="")
            ),
        ]

    def __str__(self):
        return f"{self.application}: {self.get_outcome_display()}"


class DeputyQuerySet(models.QuerySet):
    """Reads on deputies."""

    def in_force(self, day):
        """Those that hold on *day*."""
        return self.filter(valid_from__lte=day, valid_to__gte=day)


class Deputy(models.Model):
    """That somebody approves applications in the stead of another on some days. Ends by its date.

    What the deputy may decide is what the giver may on that day. Personal data: both persons.
    """

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lms_deputies")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lms_deputy_of")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"))
    made_at = models.DateTimeField(_("named at"))

    objects = DeputyQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-valid_from", "-pk"]
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_deputy_is_another", condition=~Q(giver=models.F("deputy"))
            ),
            models.CheckConstraint(
                name="lms_courses_deputy_dates", condition=Q(valid_to__gte=models.F("valid_from"))
            ),
        ]

    def __str__(self):
        return f"{self.giver} → {self.deputy}"


class RunQuota(models.Model):
    """How many people of one province a class takes at most. No personal data.

    ``seats_taken`` is written with ``Run.seats_taken``, by the same actions. Whoever works in a province
    without a quota only needs a seat of the class.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="quotas", verbose_name=_("class"))
    province = models.ForeignKey(Province, models.PROTECT, related_name="+", verbose_name=_("province"))
    seats = models.PositiveIntegerField(_("seats"))
    seats_taken = models.PositiveIntegerField(default=0, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["province__name", "pk"]
        verbose_name = _("quota of a province")
        verbose_name_plural = _("quotas of provinces")
        constraints = [
            models.UniqueConstraint(fields=["run", "province"], name="lms_courses_quota_once"),
            models.CheckConstraint(
                name="lms_courses_quota_seats", condition=Q(seats_taken__lte=models.F("seats"))
            ),
        ]

    def __str__(self):
        return f"{self.run}: {self.province}"

    @property
    def seats_left(self) -> int:
        """Seats this province may still take."""
        return self.seats - self.seats_taken


class ClassCode(models.Model):
    """A code by which its holders enrol in a class that is by invitation. Withdrawn, not deleted.

    Anybody who has it may use it as long as it is in force, each for themselves; it opens no record.
    Personal data: who made it.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="codes", verbose_name=_("class"))
    code = models.CharField(_("code"), max_length=8, unique=True, editable=False)
    note = models.CharField(_("for whom"), max_length=120, blank=True)
    most = models.PositiveIntegerField(_("people at most"), null=True, blank=True)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("code of a class")
        verbose_name_plural = _("codes of classes")
        constraints = [
            models.CheckConstraint(
                name="lms_courses_code_used",
                condition=Q(most__isnull=True) | Q(used__lte=models.F("most")),
            )
        ]

    def __str__(self):
        return f"{self.run}: {self.note or self.pk}"

    def is_in_force(self, now) -> bool:
        """Whether somebody may still enrol by it at *now*."""
        is_left = self.most is None or self.used < self.most
        return self.withdrawn_at is None and self.expires_at > now and is_left
