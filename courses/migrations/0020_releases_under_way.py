"""Give releases that are being appraised their place in Wagtail's workflow."""

from django.conf import settings
from django.db import migrations
from django.utils.translation import gettext as _
from django.utils.translation import override

UNDER_WAY = ("submitted", "changes", "appraised")


def enter(apps, schema_editor):
    Release = apps.get_model("lms_courses", "Release")
    rows = Release.objects.filter(state__in=UNDER_WAY, latest_revision=None).defer("outline", "policy")
    if not rows.exists():
        return
    ContentType = apps.get_model("contenttypes", "ContentType")
    AppraisalTask = apps.get_model("lms_courses", "AppraisalTask")
    Revision, Workflow, WorkflowTask, WorkflowState, TaskState = (
        apps.get_model("wagtailcore", name)
        for name in ("Revision", "Workflow", "WorkflowTask", "WorkflowState", "TaskState")
    )

    def kind(app, model):
        return ContentType.objects.get_or_create(app_label=app, model=model)[0]

    subject, state_kind = kind("lms_courses", "release"), kind("wagtailcore", "taskstate")
    with override(settings.LANGUAGE_CODE):
        names = {"appraise": _("appraisal by the council"), "issue": _("issuing by the training office")}
        workflow = Workflow.objects.create(name=_("Appraisal of courses"))
    tasks = {}
    for at, (step, name) in enumerate(names.items()):
        tasks[step] = AppraisalTask.objects.create(
            step=step, name=name, content_type=kind("lms_courses", "appraisaltask")
        )
        WorkflowTask.objects.create(workflow=workflow, task_id=tasks[step].pk, sort_order=at)

    def stand(state, step, status, revision, at, by=None, ended=None, comment=""):
        row = TaskState.objects.create(
            workflow_state=state,
            revision=revision,
            task_id=tasks[step].pk,
            status=status,
            content_type=state_kind,
            finished_by=by,
            finished_at=ended,
            comment=comment,
        )
        TaskState.objects.filter(pk=row.pk).update(started_at=at)
        return row

    for release in rows.order_by("pk"):
        steps = list(release.steps.order_by("at", "pk"))
        sent = steps[0].at if steps else release.created_at
        last = steps[-1] if steps else None
        revision = Revision.objects.create(
            content_type=subject,
            base_content_type=subject,
            object_id=str(release.pk),
            created_at=sent,
            user_id=release.created_by_id,
            object_str=f"{release.title_vi} v{release.number}",
            content={"pk": release.pk, "number": release.number, "sha256": release.sha256},
        )
        Release.objects.filter(pk=release.pk).update(latest_revision=revision)
        later = Release.objects.filter(course=release.course_id, number__gt=release.number).exists()
        status = "in_progress"
        if release.state == "changes":
            status = "cancelled" if later else "needs_changes"
        state = WorkflowState.objects.create(
            content_type=subject,
            base_content_type=subject,
            object_id=str(release.pk),
            workflow=workflow,
            status=status,
            requested_by_id=release.created_by_id,
        )
        WorkflowState.objects.filter(pk=state.pk).update(created_at=sent)
        if release.state == "submitted":
            current = stand(state, "appraise", "in_progress", revision, sent)
        elif release.state == "changes":
            ended = {"by": last.by, "ended": last.at, "comment": last.comment} if last else {}
            current = stand(state, "appraise", "rejected", revision, sent, **ended)
        else:
            done = next((one for one in steps if one.state == "appraised"), None)
            comment = done.comment if done else ""
            stand(
                state, "appraise", "approved", revision, sent,
                release.appraised_by, release.appraised_at, comment,
            )  # fmt: skip
            current = stand(state, "issue", "in_progress", revision, release.appraised_at or sent)
        WorkflowState.objects.filter(pk=state.pk).update(current_task_state=current)


class Migration(migrations.Migration):
    dependencies = [
        ("lms_courses", "0019_appraisal_on_workflows"),
        ("wagtailcore", "0098_apitoken"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop, elidable=True)]
