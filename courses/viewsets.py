"""Wagtail's screens of our pages, with what authors of courses need beside them."""

import logging
from functools import cached_property

from django.conf import settings
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.preview import ViewDraftView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.admin.widgets.button import HeaderButton
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import Locale
from wagtail.utils.decorators import xframe_options_sameorigin_override

from courses.links import above
from courses.models import Course
from courses.models.pages import CoursePageMixin, LessonPageMixin, ModulePageMixin
from courses.sync import page_models
from courses.views import readiness

logger = logging.getLogger(__name__)


class ReadinessPanel(BaseSidePanel):
    """What blocks publication of the page, and what blocks appraisal of its course."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        """Its button, with how many things are missing."""

        aria_label = _("Show what is missing")
        icon_name = "clipboard-list"

        def get_context_data(self, parent_context):
            count = len(self.panel.publication) + len(self.panel.appraisal)
            return super().get_context_data(parent_context) | {"count": count}

    name = "readiness"
    title = _("What is missing")
    template_name = "lms_courses/workbench/side_panel.html"
    order = 150

    @cached_property
    def course(self) -> Course:
        """The record of the course, or one that was never saved while its page is a draft."""
        page = self.object
        if isinstance(page, CoursePageMixin):
            return page.record or Course(key=page.translation_key)
        key = (above(page).get(CoursePageMixin) or page).translation_key
        return Course.objects.filter(key=key).first() or Course(key=key)

    @cached_property
    def publication(self) -> list[readiness.Todo]:
        return readiness.before_publication(self.object, self.request.user)

    @cached_property
    def appraisal(self) -> list[readiness.Todo]:
        return readiness.before_appraisal(self.course)

    def get_context_data(self, parent_context):
        course = self.course
        return super().get_context_data(parent_context) | {
            "publication": self.publication,
            "appraisal": self.appraisal,
            "workbench": reverse("lms_courses_admin:course", args=[course.pk]) if course.pk else "",
        }


class SourcePanel(BaseSidePanel):
    """What the page says in the language it is translated from, to be read beside the fields."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        """Its button; marked where the source has changed since."""

        aria_label = _("Show the source beside the translation")
        icon_name = "globe"

        def get_context_data(self, parent_context):
            return super().get_context_data(parent_context) | {"count": int(self.panel.has_changed)}

    name = "source"
    title = _("Translated from")
    template_name = "lms_courses/workbench/source_panel.html"
    order = 160

    def __init__(self, page, request, source):
        super().__init__(page, request)
        self.source = source

    @property
    def has_changed(self) -> bool:
        """Whether the source was published after the translation was last saved."""
        saved, published = self.object.latest_revision_created_at, self.source.last_published_at
        return bool(saved and published and published > saved)

    def get_context_data(self, parent_context):
        return super().get_context_data(parent_context) | {
            "source": self.source,
            "has_changed": self.has_changed,
            "edit_url": reverse("wagtailadmin_pages:edit", args=[self.source.pk]),
        }


def source_of(page):
    """The page in the site's first language that *page* is a translation of; None where it is that page itself."""
    if page.locale.language_code == get_supported_content_language_variant(settings.LANGUAGE_CODE):
        return None
    same = type(page).objects.filter(translation_key=page.translation_key, locale=Locale.get_default())
    return same.select_related("locale").first()


class Editor(EditView):
    """Wagtail's editor with the panel of what is missing, and a way on to the next lesson."""

    def get_object(self):
        """The page with its revision at hand, which templates ask for again."""
        page, latest = super().get_object(), self.latest_revision
        for name in ("latest_revision", "live_revision"):
            if latest is not None and getattr(page, f"{name}_id") == latest.pk:
                setattr(page, name, latest)
        return page

    @property
    def header_buttons(self):
        """A lesson is added from the course or the heading it belongs to."""
        lesson = next(iter(page_models(LessonPageMixin)), None)
        if isinstance(self.page, LessonPageMixin) or lesson not in self.page.creatable_subpage_models():
            return []
        if not self.page.permissions_for_user(self.request.user).can_add_subpage():
            return []
        kind = lesson._meta
        url = reverse("wagtailadmin_pages:add", args=[kind.app_label, kind.model_name, self.page.pk])
        return [HeaderButton(_("Add a lesson"), url, icon_name="plus")]

    def send_commenting_notifications(self, changes):
        """As Wagtail's; a mail server that does not answer costs neither the comment nor the draft."""
        try:
            super().send_commenting_notifications(changes)
        except OSError:
            logger.exception("Nobody was told by mail of the comments on page %s", self.page.pk)

    def get_side_panels(self):
        panels = super().get_side_panels()
        if not self.expects_json_response and not self.hydrate_create_view:
            panels.insert(1, ReadinessPanel(self.page, self.request))
            if source := source_of(self.page):
                panels.insert(2, SourcePanel(self.page, self.request, source))
        return panels


@method_decorator(xframe_options_sameorigin_override, name="dispatch")
class Draft(ViewDraftView):
    """A draft that may stand in the editor's preview, whose links lead from lesson to lesson."""


def page_viewsets() -> list[PageViewSet]:
    """One for each page of a course, a heading or a lesson, ours or a host's."""
    ours = (CoursePageMixin, ModulePageMixin, LessonPageMixin)
    return [_viewset(model) for mixin in ours for model in page_models(mixin)]


def _viewset(model) -> PageViewSet:
    values = {
        "model": model,
        # The explorer's lists stay Wagtail's own.
        "parent_models": [],
        "edit_view_class": Editor,
        "view_draft_view_class": Draft,
    }
    return type(f"{model.__name__}ViewSet", (PageViewSet,), values)()
