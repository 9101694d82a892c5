"""What this app adds to the Wagtail admin."""

from wagtail import hooks

from lms import side_doors
from lms.jobs_admin import JobViewSet
from lms.people_admin import PeopleGroup, person_chooser
from lms.places_admin import facility_chooser
from lms.privacy_admin import PrivacyGroup


@hooks.register("register_admin_viewset")
def register_viewsets():
    """The people's register, its choosers, what people ask about their data, and the status page of jobs."""
    return [
        PeopleGroup(),
        PrivacyGroup(),
        person_chooser,
        facility_chooser,
        JobViewSet(add_to_admin_menu=True),
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
