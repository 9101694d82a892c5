"""The status page of background jobs in the Wagtail admin."""

from datetime import datetime

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet

from lms import permissions, queue
from lms.models import Job


class JobFilterSet(WagtailFilterSet):
    """By state, kind and queue."""

    kind = django_filters.CharFilter(lookup_expr="icontains", label=_("Kind"))

    class Meta:
        model = Job
        fields = ["state", "kind", "queue"]


def first_line(row: Job) -> str:
    """Return the first line of the last error, or what the job is doing."""
    return (row.error.splitlines() or [row.note])[0][:160]


class ForSite:
    """Refuses everybody who administers less than a whole tree of facilities."""

    def dispatch(self, request, *args, **kwargs):
        if not permissions.can_see_jobs(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class JobIndex(ForSite, generic.IndexView):
    """All jobs, the newest first, above them how the queue does."""

    template_name = "lms/admin/jobs.html"
    filterset_class = JobFilterSet
    default_ordering = "-pk"
    any_permission_required = ["view"]
    page_title = _("Background jobs")

    def get_context_data(self, **kwargs):
        return super().get_context_data(health=queue.health(), **kwargs)


class JobInspect(ForSite, generic.InspectView):
    """One job with its error; one that failed for good can be run again."""

    template_name = "lms/admin/job.html"
    any_permission_required = ["view"]
    page_title = _("Background job")
    fields = [
        "kind",
        "key",
        "queue",
        "state",
        "progress",
        "note",
        "attempts",
        "run_at",
        "lease_until",
        "created_at",
        "finished_at",
    ]

    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, datetime):
            return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        return "–" if value in (None, "") else value

    def post(self, request, *args, **kwargs):
        if self.object.state != Job.State.DEAD:
            messages.warning(request, gettext("Only a job that has failed for good can be run again."))
            return redirect(request.path)
        if self.object.kind not in queue.kinds():
            messages.warning(
                request, gettext("This version of the software no longer does work of this kind.")
            )
            return redirect(request.path)
        again = queue.run_again(self.object)
        messages.success(request, gettext("The job waits to be run again."))
        return redirect("lms-jobs:inspect", again.pk)


class JobViewSet(ViewSet):
    """What runs in the background."""

    name = "lms-jobs"
    icon = "cogs"
    menu_label = _("Background jobs")
    menu_order = 9000
    menu_name = "lms-jobs"

    def get_common_view_kwargs(self, **kwargs):
        return {
            **super().get_common_view_kwargs(**kwargs),
            "model": Job,
            "header_icon": self.icon,
            "index_url_name": self.get_url_name("index"),
            "index_results_url_name": self.get_url_name("index_results"),
        }

    @property
    def columns(self):
        return [
            TitleColumn(
                "kind",
                label=_("Kind"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("key", label=_("Of what")),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda row: row.state == Job.State.DEAD,
            ),
            Column("progress", label=_("Progress"), accessor=lambda row: f"{row.progress} %"),
            Column("attempts", label=_("Tries")),
            DateColumn("run_at", label=_("Not before"), sort_key="run_at"),
            DateColumn("finished_at", label=_("Finished"), sort_key="finished_at"),
            Column("error", label=_("Last error or note"), accessor=first_line),
        ]

    def get_urlpatterns(self):
        index = {"columns": self.columns, "list_display": []}
        return [
            path("", self.construct_view(JobIndex, **index), name="index"),
            path("results/", self.construct_view(JobIndex, results_only=True, **index), name="index_results"),
            path("<int:pk>/", self.construct_view(JobInspect), name="inspect"),
        ]

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: permissions.can_see_jobs(request.user)
        return item
