"""What the content app adds to Wagtail's admin."""

from wagtail import hooks

from content.viewsets import TeachingContent
from content.viewsets.choosers import CHOOSERS


@hooks.register("register_admin_viewset")
def register_teaching_content():
    """The menu group of teaching content, and the choosers that lesson pages use."""
    return [TeachingContent(), *CHOOSERS]
