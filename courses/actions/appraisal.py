"""Keep Wagtail's record of the appraisal workflow beside what is done to a release.

Called by ``courses.actions.releases`` inside the transaction of each step. Wagtail's signals, which
send mail, go out after the commit: a mail server that does not answer undoes no appraisal.
"""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import TaskState, Workflow, WorkflowState, WorkflowTask
from wagtail.signals import workflow_approved, workflow_rejected, workflow_submitted

from courses.models import AppraisalTask, Release

Step = AppraisalTask.Step


@transaction.atomic
def release_workflow() -> Workflow:
    """The one workflow of releases, made where it is missing."""
    with override(settings.LANGUAGE_CODE):
        tasks = [
            AppraisalTask.objects.get_or_create(step=step, defaults={"name": str(step.label)})[0]
            for step in Step
        ]
        # Two who come first at once: the second waits here and finds the first one's.
        AppraisalTask.objects.select_for_update().get(pk=tasks[0].pk)
        found = Workflow.objects.filter(workflow_tasks__task=tasks[0].pk).order_by("pk").first()
        if found is None:
            found = Workflow.objects.create(name=_("Appraisal of courses"))
            WorkflowTask.objects.bulk_create(
                [WorkflowTask(workflow=found, task=task, sort_order=at) for at, task in enumerate(tasks)]
            )
    return found


def follow(release: Release, *, by, comment: str = "") -> None:
    """Bring Wagtail's states to where *release* stands now. Repeated, it changes nothing."""
    match release.state:
        case Release.State.SUBMITTED:
            _open(release, by=by)
        case Release.State.CHANGES:
            state = _open(release, by=release.created_by)
            if _end(state, by=by, comment=comment, is_good=False):
                _leave(state, WorkflowState.STATUS_NEEDS_CHANGES, workflow_rejected, by=by)
        case Release.State.APPRAISED:
            state = _open(release, by=release.created_by)
            if _end(state, Step.APPRAISE, by=by, comment=comment):
                state.update(user=by)
        case Release.State.ISSUED:
            state = _open(release, by=release.created_by)
            _end(state, Step.APPRAISE, by=release.appraised_by)
            state.update(user=by)
            _end(state, Step.ISSUE, by=by, comment=comment)
            _leave(state, WorkflowState.STATUS_APPROVED, workflow_approved, by=by)


def _open(release: Release, *, by) -> WorkflowState:
    """The workflow of *release* that is under way, begun where there is none."""
    found = WorkflowState.objects.for_instance(release).active().first()
    if found:
        return found
    earlier = Release.objects.filter(course=release.course_id, number__lt=release.number)
    for old in WorkflowState.objects.filter(
        base_content_type=release.get_base_content_type(),
        object_id__in=[str(pk) for pk in earlier.values_list("pk", flat=True)],
        status=WorkflowState.STATUS_NEEDS_CHANGES,
    ):
        # The changes that were asked for came as this version.
        old.status = WorkflowState.STATUS_CANCELLED
        old.save()
    if release.latest_revision_id is None:
        release.save_revision(user=by, clean=False)
    state = WorkflowState(
        content_type=release.get_content_type(),
        base_content_type=release.get_base_content_type(),
        object_id=str(release.pk),
        workflow=release_workflow(),
        requested_by=by,
    )
    state.save()
    state.update(user=by)
    _announce(workflow_submitted, state, by=by)
    return state


def _end(state: WorkflowState, step: str = "", *, by, comment: str = "", is_good: bool = True) -> bool:
    """Close the step at which *state* stands, if it is *step* (or any); whether there was one."""
    current = state.current_task_state
    if current is None or current.status != TaskState.STATUS_IN_PROGRESS:
        return not is_good
    if step and current.task.specific.step != step:
        return False
    (current.approve if is_good else current.reject)(user=by, update=False, comment=comment)
    return True


def _leave(state: WorkflowState, status: str, signal, *, by) -> None:
    state.status = status
    state.save()
    _announce(signal, state, by=by)


def _announce(signal, state: WorkflowState, *, by) -> None:
    send = partial(signal.send, sender=WorkflowState, instance=state, user=by)
    transaction.on_commit(send, robust=True)
