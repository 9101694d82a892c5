"""Wagtail's screens of our pages, with what authors of courses need beside them."""

from django.utils.decorators import method_decorator
from wagtail.admin.views.pages.preview import ViewDraftView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.utils.decorators import xframe_options_sameorigin_override

from courses.models.pages import CoursePageMixin, LessonPageMixin
from courses.sync import page_models


@method_decorator(xframe_options_sameorigin_override, name="dispatch")
class Draft(ViewDraftView):
    """A draft that may stand in the editor's preview, whose links lead from lesson to lesson."""


def page_viewsets() -> list[PageViewSet]:
    """One for each page of a course or a lesson, ours or a host's."""
    return [_viewset(model) for mixin in (CoursePageMixin, LessonPageMixin) for model in page_models(mixin)]


def _viewset(model) -> PageViewSet:
    values = {
        "model": model,
        # The explorer's lists stay Wagtail's own.
        "parent_models": [],
        "view_draft_view_class": Draft,
    }
    return type(f"{model.__name__}ViewSet", (PageViewSet,), values)()
