"""Releases in Wagtail's own lists of workflows: their address, and whose they are.

Wagtail lists pages and snippets. A release is neither – Wagtail must not edit it – so its two reports
are told of the releases, each person of those whose courses they may open; and the filter
"requested by", which names everybody who ever asked for a review, names whom the lists show.
"""

from functools import wraps

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404
from django.urls import reverse
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.views.generic.workflow import BaseWorkflowFormView
from wagtail.admin.views.reports.workflows import (
    WorkflowReportFilterSet,
    WorkflowTasksView,
    WorkflowView,
)
from wagtail.models import TaskState, WorkflowState

from courses.models import Release
from courses.permissions import can, courses_for
from lms import scope


class ReleaseFinder:
    """Where a link to a release leads: the workbench of its course, for whoever may open it."""

    def __init__(self, user):
        self.user = user

    def get_edit_url(self, release: Release) -> str | None:
        course, user = release.course, self.user
        if user and not (scope.covers_row(user, "view", course) or can(user, "view", course)):
            return None
        return reverse("lms_courses_admin:course", args=[course.pk]) + "#releases"


class Addresses:
    """What Wagtail's templates ask of a snippet: the name of an address."""

    @staticmethod
    def get_url_name(action: str) -> str:
        return f"lms_courses_admin:{action}"


def _releases_of(user, prefix: str) -> dict:
    rows = Release.objects.filter(course__in=courses_for(user))
    keys = rows.annotate(key=Cast("pk", CharField())).order_by().values("key")
    kind = ContentType.objects.get_for_model(Release)
    return {f"{prefix}base_content_type": kind, f"{prefix}object_id__in": keys}


def _with_releases(inner, model, prefix=""):
    @wraps(inner)
    def get_queryset(self):
        return inner(self) | model.objects.filter(**_releases_of(self.request.user, prefix))

    return get_queryset


def asked_by(request):
    """Whom the filter names: those who asked for what *request*'s user sees."""
    view = WorkflowView()
    view.request = request
    shown = view.get_queryset().order_by().values("requested_by")
    users = get_user_model().objects
    return users.filter(pk__in=shown).order_by(get_user_model().USERNAME_FIELD)


def _own_task_state(self):
    """The state of a task of the very page that was asked for: any other one would tell the page's title."""
    return get_object_or_404(TaskState.objects.for_instance(self.object), pk=self.task_state_id).specific


def register() -> None:
    """Called once when the app is ready."""
    register_admin_url_finder(Release, ReleaseFinder)
    Release.snippet_viewset = Addresses
    WorkflowView.get_queryset = _with_releases(WorkflowView.get_queryset, WorkflowState)
    WorkflowTasksView.get_queryset = _with_releases(
        WorkflowTasksView.get_queryset, TaskState, "workflow_state__"
    )
    BaseWorkflowFormView.get_task_state = _own_task_state
    WorkflowReportFilterSet.base_filters["requested_by"].queryset = asked_by
