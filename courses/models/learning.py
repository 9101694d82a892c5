"""What people did with lectures and where they stand: enrolments, progress, watch records."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from content.models import Video
from courses import watching
from lms.models import Facility, Person

from .outline import Lesson
from .runs import Run


class EnrolmentQuerySet(models.QuerySet):
    """Reads on enrolments."""

    def of(self, person):
        """Those of one person."""
        return self.filter(person=person)

    def open(self):
        """Those still being learnt."""
        return self.filter(state=Enrolment.State.ACTIVE)

    def learnt_in(self, runs):
        """Those whose class is, or was before a move, one of *runs*."""
        moved = EnrolmentMove.objects.filter(from_run__in=runs).values("enrolment")
        return self.filter(Q(run__in=runs) | Q(pk__in=moved))

    def locked(self, pk, *, no_key: bool = False):
        """The enrolment *pk* with class, version and person, under a lock until the transaction ends."""
        rows = self.select_for_update(of=("self",), no_key=no_key).select_related("run__release", "person")
        try:
            return rows.get(pk=pk)
        except self.model.DoesNotExist:
            # PostgreSQL joins with the class as it was before it waited for the lock; a learner who
            # was moved meanwhile falls out of that join. Locked alone, the row cannot move again.
            self.select_for_update(no_key=no_key).only("pk").get(pk=pk)
            return rows.get(pk=pk)

    def with_last_move(self):
        """Each with ``last_move``: when something last changed for it, the enrolment itself at first."""
        return self.annotate(
            last_move=Greatest(
                "enrolled_at",
                Coalesce(Subquery(_newest(LessonProgress)), "enrolled_at"),
                Coalesce(Subquery(_newest(WatchRecord)), "enrolled_at"),
            )
        )


def _newest(model):
    """The moment of the newest row of *model* of the outer enrolment."""
    rows = model.objects.filter(enrolment=OuterRef("pk")).order_by("-updated_at")
    return rows.values("updated_at")[:1]


class Enrolment(models.Model):
    """That a person learns in a run. Learning again is a new episode; history stays.

    Completion is an event: ``completed_at`` and ``completion`` (the explained result at that
    moment) are written once and never re-dated. Survives the login. Personal data: who learns what.
    """

    class State(models.TextChoices):
        """Where the learner stands."""

        ACTIVE = "active", _("learning")
        COMPLETED = "completed", _("completed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    run = models.ForeignKey(Run, models.PROTECT, related_name="enrolments", verbose_name=_("class"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments", verbose_name=_("person"))
    episode = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    facility = models.ForeignKey(
        Facility,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enrolments",
        verbose_name=_("workplace at enrolment"),
    )
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    enrolled_at = models.DateTimeField(_("enrolled at"))
    quota = models.ForeignKey(
        "RunQuota", models.PROTECT, null=True, blank=True, related_name="enrolments", editable=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    completion = models.JSONField(null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-enrolled_at", "-pk"]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["run", "person", "episode"], name="lms_courses_enrolment_once"),
            models.UniqueConstraint(
                fields=["run", "person"], condition=Q(state="active"), name="lms_courses_one_open_enrolment"
            ),
            models.CheckConstraint(
                name="lms_courses_completed_has_date",
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at__isnull=True)),
            ),
        ]

    def __str__(self):
        return f"{self.person} – {self.run}"

    @cached_property
    def review(self):
        """The latest review of this completion, or None; nothing is reviewed before."""
        return self.reviews.first() if self.state == self.State.COMPLETED else None


class EnrolmentMove(models.Model):
    """That a learner went on in a class of a newer version: when, from where, by whom and why. Append-only.

    ``before`` is the explained result (``completion.Result.as_json``) by the version that was left;
    what was met there stays met as long as its evidence stands. Survives the login. Personal data:
    a person's learning, who decided.
    """

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="moves", verbose_name=_("enrolment")
    )
    from_run = models.ForeignKey(Run, models.PROTECT, related_name="+", verbose_name=_("class before"))
    to_run = models.ForeignKey(Run, models.PROTECT, related_name="+", verbose_name=_("class after"))
    before = models.JSONField()
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("move to a newer version")
        verbose_name_plural = _("moves to newer versions")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "from_run"], name="lms_courses_move_once"),
            models.CheckConstraint(
                name="lms_courses_move_elsewhere", condition=~Q(from_run=models.F("to_run")) & ~Q(reason="")
            ),
        ]

    def __str__(self):
        return f"{self.enrolment.person}: {self.from_run} → {self.to_run}"

    @property
    def kept(self) -> set[int]:
        """Ids of the lessons that were met when the learner moved."""
        return {one["lesson"] for one in self.before["lessons"] if one["met"]}


class LessonProgress(models.Model):
    """Where an enrolment stands on one lesson; ``met_at`` is written once.

    ``evidence`` says from what it was concluded. Personal data: learning.
    """

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="progress")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="progress")
    value = models.DecimalField(max_digits=6, decimal_places=2, default=0, help_text="per cent")
    met_at = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="lms_courses_progress_once")
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.lesson}"


class Waiver(models.Model):
    """That a lesson of a release counts as met for a whole run, with the reason.

    Written when a lesson had to be removed by force. Personal data: who decided.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="waivers")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="waivers")
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [models.UniqueConstraint(fields=["run", "lesson"], name="lms_courses_waiver_once")]

    def __str__(self):
        return f"{self.run}: {self.lesson}"


class WatchRecord(models.Model):
    """Which five-second buckets of one version of a video an enrolment has watched.

    ``bits`` is a bitmap, bucket 0 at bit 0 of byte 0; a set bit is never cleared. ``rev`` guards
    the conditional UPDATE. Sensitive personal data (behaviour online): no raw beats are kept.
    """

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="watched")
    video = models.ForeignKey(Video, models.PROTECT, related_name="watched")
    version = models.PositiveSmallIntegerField()
    buckets = models.PositiveIntegerField(help_text="buckets in the whole video")
    bits = models.BinaryField(default=bytes)
    credited = models.PositiveIntegerField(default=0, help_text="set bits")
    position = models.PositiveIntegerField(default=0, help_text="where to go on, in seconds")
    offline_buckets = models.PositiveIntegerField(default=0)
    rev = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "video", "version"], name="lms_courses_watch_once"),
            models.CheckConstraint(
                name="lms_courses_watch_bounded", condition=Q(credited__lte=models.F("buckets"))
            ),
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.video} {self.credited}/{self.buckets}"


class OfflineReport(models.Model):
    """What one device told of a lecture that was watched without a network. Append-only but for its counts.

    Its own clock stands beside the server's, which alone decides. Sent again it is the same row, so
    that nothing is paid twice. Which parts were watched is in ``WatchRecord``. Personal data: when
    somebody watched.
    """

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="offline_reports")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    client_id = models.UUIDField(help_text="made by the device")
    begun_at = models.DateTimeField(_("begun, by the device's clock"), null=True)
    ended_at = models.DateTimeField(_("ended, by the device's clock"), null=True)
    sent_at = models.DateTimeField(_("sent, by the device's clock"), null=True)
    received_at = models.DateTimeField(_("received"))
    played_seconds = models.PositiveIntegerField(_("seconds played"))
    buckets = models.PositiveIntegerField(_("parts credited"), default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("report of learning without a network")
        verbose_name_plural = _("reports of learning without a network")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "client_id"], name="lms_courses_offline_report_once")
        ]

    def __str__(self):
        return f"{self.enrolment}: {self.lesson} {self.received_at:%d/%m/%Y}"


class WatchClock(models.Model):
    """The one budget of watched seconds, and of reports, of a person over all videos and devices.

    Personal data: when the person last watched.
    """

    person = models.OneToOneField(Person, models.CASCADE, related_name="watch_clock")
    at = models.DateTimeField()
    budget = models.FloatField(default=0, help_text="seconds of media that may be credited now")
    savings = models.FloatField(
        default=0, help_text="seconds that only a report from without a network may use"
    )
    reports = models.FloatField(default=watching.BURST, help_text="reports that may be sent now")
    rev = models.PositiveIntegerField(default=0)

    wagtail_reference_index_ignore = True

    def __str__(self):
        return f"{self.person}: {self.budget:.0f} s"
