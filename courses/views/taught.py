"""Lessons that people are learning now: why their pages stay, and the reason with which one may go."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.models import Page

from courses import guard
from courses.actions import runs
from courses.forms import WaiverForm
from courses.links import base_page
from courses.permissions import can
from courses.views.workbench import Screen
from lms.keys import read_keys


class TaughtLessons(Screen):
    """Why a page cannot be taken away yet, and the form by which the training office lets it go."""

    template_name = "lms_courses/workbench/taught.html"
    page_title = gettext_lazy("People are learning this")
    header_icon = "warning"

    def get_context_data(self, **kwargs):
        taught = kwargs["taught"]
        courses = {lesson.course for lesson, _runs in taught}
        context = {
            "may_waive": all(can(self.request.user, "issue", course) for course in courses),
            "form": WaiverForm(),
        }
        return super().get_context_data(**kwargs) | context


def explain(request: HttpRequest, pages: list[Page], **how) -> HttpResponse | None:
    """The explanation when one of *pages* holds lessons that are being learnt; None when it may go.

    *how* is passed on to ``guard.taught_under``.
    """
    taught = [one for page in pages for one in guard.taught_under(page, **how)]
    if not taught:
        return None
    view = TaughtLessons()
    view.setup(request)
    context = view.get_context_data(taught=taught, pages=pages, next=request.get_full_path())
    response = view.render_to_response(context)
    response.status_code = 409
    return response


@require_POST
def waive(request: HttpRequest) -> HttpResponse:
    """Count the lessons below some pages as met in every class that learns them, with the reason."""
    form = WaiverForm(request.POST)
    pages = base_page().objects.filter(pk__in=read_keys(request.POST.getlist("page")))
    lessons = {lesson for page in pages for lesson, _runs in guard.taught_under(page)}
    if not lessons or not all(can(request.user, "issue", lesson.course) for lesson in lessons):
        raise Http404
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("wagtailadmin_home")
    if not form.is_valid():
        messages.error(request, _("Say why the lesson is removed."))
        return redirect(back)
    for lesson in lessons:
        runs.waive(lesson, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("The lesson is no longer counted in the running classes. You can go on now."))
    return redirect(back)
