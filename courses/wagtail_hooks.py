"""How courses hang into Wagtail: the gate before every page, the workbench, the guard of taught lessons."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button

from courses.actions import drafts
from courses.actions.archiving import ARCHIVED, TAKEN_BACK
from courses.actions.scheduled import FAILED, HELD
from courses.links import base_page
from courses.models import Course
from courses.models.pages import CoursePageMixin
from courses.permissions import can, evaluates, has_workbench
from courses.views import pages, previews, taught
from courses.viewsets import page_viewsets
from courses.waiting import at_desk
from lms import scope


@hooks.register("before_serve_page")
def gate(page, request, serve_args, serve_kwargs):
    """Serve our pages by our views; editors' previews come through the next one."""
    return pages.serve(page, request)


@hooks.register("lms_courses_preview_page")
def preview(page, request, mode_name):
    """Show our pages as learners and visitors will see them."""
    return previews.show(page, request, mode_name)


@hooks.register("register_admin_viewset")
def register_viewsets():
    """Editor and preview of courses and lessons."""
    return page_viewsets()


# --- the workbench ---------------------------------------------------------------------------------


@hooks.register("register_admin_urls")
def admin_urls():
    """Below ``/admin/courses/``."""
    return [path("courses/", include("courses.admin_urls"))]


class CoursesItem(MenuItem):
    """Shown to whoever has a course."""

    def is_shown(self, request):
        return has_workbench(request.user)


@hooks.register("register_admin_menu_item")
def menu_item():
    """Near the top: the trainers' daily work."""
    return CoursesItem(_("Courses"), reverse("lms_courses_admin:index"), icon_name="list-ul", order=150)


class FiguresItem(MenuItem):
    """Shown to evaluators."""

    def is_shown(self, request):
        return evaluates(request.user)


@hooks.register("register_admin_menu_item")
def figures_item():
    """What an evaluator is here for."""
    return FiguresItem(_("Figures"), reverse("lms_courses_admin:figures"), icon_name="table", order=155)


def _record(page) -> Course | None:
    """The course of *page*, which remembers it where it is the whole page."""
    if isinstance(page, CoursePageMixin):
        return page.record
    return Course.objects.filter(key=page.translation_key).select_related("facility").first()


def _button(page, user, **values):
    if isinstance(page.specific_deferred, CoursePageMixin):
        course = _record(page)
        # By role without a query; a trainer named from elsewhere costs one.
        if course and (scope.covers_row(user, "view", course) or can(user, "view", course)):
            url = reverse("lms_courses_admin:course", args=[course.pk])
            yield Button(_("Workbench"), url, icon_name="list-ul", **values)


@hooks.register("register_page_listing_more_buttons")
def listing_button(page, user, next_url=None):
    """From the page explorer to the workbench."""
    yield from _button(page, user, priority=5)


@hooks.register("register_page_header_buttons")
def header_button(page, user, view_name, next_url=None):
    """From the editor to the workbench."""
    yield from _button(page, user, priority=5)


hooks.register("lms_waiting", at_desk)


# --- lessons that are being learnt -----------------------------------------------------------------


@hooks.register("before_delete_page")
def keep_from_deletion(request, page):
    """Explain why a lesson that is being learnt stays."""
    return taught.explain(request, [page])


@hooks.register("before_unpublish_page")
def keep_from_unpublishing(request, page):
    """The same before it is unpublished; pages below stay as they are unless the editor says otherwise."""
    return taught.explain(request, [page], is_alone=not request.POST.get("include_descendants"))


@hooks.register("before_move_page")
def keep_from_moving(request, page, destination):
    """The same before it leaves its course; within the course it may move."""
    return taught.explain(request, [page], destination=destination)


@hooks.register("before_bulk_action")
def keep_from_publishing_the_unfinished(request, action_type, objects, action_class_instance):
    """Say which of the chosen drafts lack something for their readers, and publish none."""
    if action_class_instance.models != [base_page()] or action_type != "publish":
        return None
    below = action_class_instance.cleaned_form.cleaned_data.get("include_descendants", False)
    wrong = drafts.unfinished(objects, with_those_below=below)
    for text in wrong:
        messages.error(request, text)
    return redirect(action_class_instance.next_url) if wrong else None


@hooks.register("before_bulk_action")
def keep_from_bulk_actions(request, action_type, objects, action_class_instance):
    """The same for several pages at once."""
    if action_class_instance.models != [base_page()] or action_type not in {"delete", "unpublish", "move"}:
        return None
    chosen = action_class_instance.cleaned_form.cleaned_data
    is_alone = action_type == "unpublish" and not chosen.get("include_descendants")
    destination = chosen.get("chooser") if action_type == "move" else None
    return taught.explain(request, list(objects), destination=destination, is_alone=is_alone)


# --- what is noted ---------------------------------------------------------------------------------


@hooks.register("register_log_actions")
def register_log_actions(actions):
    """Courses that left or came as an archive, pages that did not go or come at their hour, sessions put away."""
    actions.register_action("lms_courses.export", _("Export the course"), _("Course exported as an archive"))
    actions.register_action("lms_courses.import", _("Import a course"), _("Course imported from an archive"))
    actions.register_action(
        HELD, _("Keep on the site"), _("Stayed beyond its day: an open class is learning it")
    )
    actions.register_action(FAILED, _("Not published"), _("Could not be published at its hour"))
    actions.register_action(ARCHIVED, _("Archive the session"), _("Session archived"))
    actions.register_action(
        TAKEN_BACK, _("Take back from the archive"), _("Session taken back from the archive")
    )
