"""What pages ask of courses: what their device keeps, what to do about a rule."""

from django import template

from courses import explaining, saving
from courses.middleware import SAVED

register = template.Library()


@register.inclusion_tag("lms_courses/includes/saved_here.html", takes_context=True)
def lms_saved(context, always=False):
    """Script and addresses, on devices that keep something; *always* on pages that may begin to."""
    request = context.get("request")
    wanted = request is not None and (always or SAVED in request.COOKIES)
    if not wanted or getattr(request, "lms_saved_told", False) or not saving.worker_url():
        return {}
    # The frame and the page may both ask.
    request.lms_saved_told = True
    user = getattr(request, "user", None)
    return {"site": saving.addresses(), "owner": saving.owner_of(user) if user else ""}


@register.simple_tag
def todo(rule, rows, release):
    """Sentences that say what meets *rule*; see ``explaining.todo``."""
    return explaining.todo(rule, rows, release) if rows and release else []
