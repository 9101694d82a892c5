"""What certificates add to the Wagtail admin."""

from wagtail import hooks

from certificates.viewsets import RegisterGroup
from certificates.waiting import at_desk

hooks.register("lms_waiting", at_desk)


@hooks.register("register_admin_viewset")
def register_viewsets():
    """The register, what waits, issuers and rule tables."""
    return RegisterGroup()
