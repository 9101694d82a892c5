"""What the content app adds to Wagtail's admin."""

from wagtail import hooks

from content.viewsets import TeachingContent
from content.viewsets.choosers import CHOOSERS
from content.waiting import at_desk

hooks.register("lms_waiting", at_desk)


@hooks.register("register_admin_viewset")
def register_teaching_content():
    """The menu group of teaching content, and the choosers that lesson pages use."""
    return [TeachingContent(), *CHOOSERS]
