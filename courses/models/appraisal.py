"""The two steps of a release in Wagtail's workflow: the council appraises, the office issues."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState

from courses.models.releases import Release
from lms import scope


class AppraisalTask(Task):
    """A step of the workflow that releases run through. Two rows, made by the site itself.

    Offers no verb of Wagtail's: ``courses.actions.releases`` holds the only ones, with their four
    eyes, and moves Wagtail's states in the same transaction. No personal data.
    """

    class Step(models.TextChoices):
        """The act that ``lms.scope`` asks about, in order."""

        APPRAISE = "appraise", _("appraisal by the council")
        ISSUE = "issue", _("issuing by the training office")

    step = models.CharField(max_length=10, unique=True, choices=Step.choices, editable=False)

    AWAITED = {Step.APPRAISE: Release.State.SUBMITTED, Step.ISSUE: Release.State.APPRAISED}
    """The state in which a release waits for the step."""

    class Meta:
        verbose_name = _("step of a course's appraisal")
        verbose_name_plural = _("steps of a course's appraisal")

    def clean(self):
        """Refuse a third step, which Wagtail's form for tasks would make."""
        super().clean()
        if self.step not in self.Step.values:
            raise ValidationError(_("The steps of a course's appraisal are made by the site itself."))

    def awaiting(self, user) -> models.QuerySet[Release]:
        """Releases at this step that *user* may bring further; nobody appraises what they sent themselves."""
        rows = Release.objects.filter(state=self.AWAITED[self.step])
        if self.step == self.Step.APPRAISE:
            rows = rows.exclude(created_by=user)
        return scope.limit(rows, user, self.step)

    def get_task_states_user_can_moderate(self, user, **kwargs):
        """What Wagtail's front page lists as awaiting my review."""
        if self.step not in self.AWAITED:
            return TaskState.objects.none()
        keys = self.awaiting(user).annotate(key=Cast("pk", CharField())).order_by().values("key")
        return TaskState.objects.filter(
            task_id=self.pk,
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__base_content_type=ContentType.objects.get_for_model(Release),
            workflow_state__object_id__in=keys,
        )

    @classmethod
    def get_description(cls):
        """Shown where Wagtail lists kinds of tasks."""
        return _("Versions of courses run through it; who appraises and who issues follows from the roles.")
