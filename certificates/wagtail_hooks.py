"""What certificates add to the Wagtail admin."""

from wagtail import hooks

from certificates.viewsets import RegisterGroup


@hooks.register("register_admin_viewset")
def register_viewsets():
    """The register, what waits, issuers and rule tables."""
    return RegisterGroup()
