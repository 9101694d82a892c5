"""The first steps of an author: a new course, and publishing what was drafted."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.models import Page

from courses.actions import drafts
from courses.links import base_page
from courses.models.pages import CoursePageMixin, LessonPageMixin, ModulePageMixin, ProviderPageMixin
from courses.permissions import BUILDERS
from courses.sync import page_models
from lms import scope
from lms.keys import read_key

OURS = (CoursePageMixin, ModulePageMixin, LessonPageMixin)


@dataclass(frozen=True, slots=True)
class Draft:
    """A course of which some pages wait to be published."""

    page: Page
    waiting: list[Page]
    may_publish: bool


def providers_of(user):
    """The hospitals for which *user* writes courses."""
    return scope.facilities(user, BUILDERS).filter(is_provider=True).order_by("name")


def drafts_of(user) -> list[Draft]:
    """The courses of the user's hospitals with pages that wait, by title."""
    nodes = providers_of(user).values("pk")
    roots = [
        page for model in page_models(ProviderPageMixin) for page in model.objects.filter(facility__in=nodes)
    ]
    found: dict[str, list[Page]] = {}
    for root in roots:
        below = root.get_descendants().order_by("path")
        depth = (root.depth + 1) * root.steplen
        for page in below.filter(live=False) | below.filter(has_unpublished_changes=True):
            if page.specific_class and issubclass(page.specific_class, OURS):
                found.setdefault(page.path[:depth], []).append(page)
    courses = base_page().objects.filter(path__in=found).order_by("path")
    return [
        Draft(one, found[one.path], one.permissions_for_user(user).can_publish())
        for one in courses
        if one.specific_class and issubclass(one.specific_class, CoursePageMixin)
    ]


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """To the form of a new course, below the page of the hospital."""
    at = request.POST.get("at", "")
    facility = providers_of(request.user).filter(pk=read_key(at)).first()
    if facility is None:
        raise Http404
    try:
        under = drafts.provider_page(facility, by=request.user)
    except drafts.DraftRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("lms_courses_admin:index")
    model = page_models(CoursePageMixin)[0]._meta
    return redirect(reverse("wagtailadmin_pages:add", args=[model.app_label, model.model_name, under.pk]))


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a course page with all that waits below it."""
    page = base_page().objects.filter(pk=pk).first()
    is_ours = page is not None and page.specific_class and issubclass(page.specific_class, CoursePageMixin)
    if not is_ours or not page.permissions_for_user(request.user).can_publish():
        raise Http404
    try:
        done = drafts.publish_all(page, by=request.user)
    except drafts.DraftRefused as refusal:
        messages.error(request, str(refusal))
    else:
        text = ngettext("%(count)d page is published.", "%(count)d pages are published.", len(done))
        messages.success(request, text % {"count": len(done)})
    return redirect("lms_courses_admin:index")
