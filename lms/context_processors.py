"""What every template of the plugin set finds in its context."""

from lms.conf import conf


def lms(request):
    """Give ``lms_base_template``, the host's base template."""
    return {"lms_base_template": conf.BASE_TEMPLATE}
