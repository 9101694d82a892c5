"""What this app adds to the Wagtail admin."""

from django.urls import reverse
from django.utils.translation import ngettext
from wagtail import hooks

from lms import scope, side_doors
from lms.jobs_admin import JobViewSet
from lms.models import DataRequest, Job
from lms.people_admin import PeopleGroup, person_chooser
from lms.places_admin import facility_chooser
from lms.privacy_admin import PrivacyGroup
from lms.waiting import Waiting, WaitingPanel
from lms.words_admin import WordsViewSet


@hooks.register("register_admin_viewset")
def register_viewsets():
    """The people's register, its choosers, what people ask about their data, and the status page of jobs."""
    return [
        PeopleGroup(),
        PrivacyGroup(),
        person_chooser,
        facility_chooser,
        JobViewSet(add_to_admin_menu=True),
        WordsViewSet(add_to_admin_menu=True),
    ]


side_doors.close()


@hooks.register("construct_page_chooser_queryset")
def offer_pages(pages, request):
    """Published pages and the drafts of one's own house."""
    return side_doors.choosable(pages, request.user)


@hooks.register("construct_reports_menu")
def hide_page_types(request, menu_items):
    """The report that is for superusers stands in their menu only."""
    if not request.user.is_superuser:
        menu_items[:] = [item for item in menu_items if item.name != "page-types-usage"]


# --- the front page --------------------------------------------------------------------------------


@hooks.register("construct_homepage_panels")
def say_what_waits(request, panels):
    """What waits for the one who is signed in, before Wagtail's own panels."""
    panels.insert(0, WaitingPanel())


@hooks.register("construct_homepage_summary_items", order=100)
def count_nothing(request, items):
    """How many pages and pictures there are is nobody's task."""
    items.clear()


@hooks.register("lms_waiting")
def requests_and_jobs(user):
    """Requests about personal data, and jobs that failed for good."""
    if asked := scope.limit(DataRequest.objects.open(), user, "view").count():
        words = ngettext(
            "%(count)d request about personal data to answer",
            "%(count)d requests about personal data to answer",
            asked,
        )
        yield Waiting(words % {"count": asked}, reverse("lms-data-requests:index"))
    dead = scope.limit(Job.objects.filter(state=Job.State.DEAD), user, "view").count()
    if dead:
        words = ngettext(
            "%(count)d background job that failed for good",
            "%(count)d background jobs that failed for good",
            dead,
        )
        yield Waiting(words % {"count": dead}, reverse("lms-jobs:index") + "?state=dead")
