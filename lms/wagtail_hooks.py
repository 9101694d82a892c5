"""What this app adds to the Wagtail admin."""

from wagtail import hooks

from lms.jobs_admin import JobViewSet
from lms.people_admin import PeopleGroup, facility_chooser, person_chooser


@hooks.register("register_admin_viewset")
def register_viewsets():
    """The people's register, its choosers and the status page of jobs."""
    return [PeopleGroup(), person_chooser, facility_chooser, JobViewSet(add_to_admin_menu=True)]
