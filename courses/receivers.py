"""Page signals that make the records be recomputed; a recomputation, so repetition is harmless."""

from django.db.models.signals import post_delete
from wagtail.signals import page_published, page_unpublished, post_page_move

from courses.models.pages import CoursePageMixin, LessonPageMixin, ModulePageMixin, ProviderPageMixin
from courses.signals import evidence_withdrawn
from courses.sync import keys_near, sync_course
from lms.queue import enqueue
from lms.signals import merge_undone, person_merged, role_group_made

OURS = (CoursePageMixin, LessonPageMixin, ModulePageMixin, ProviderPageMixin)


def on_page_change(sender, instance, **kwargs):
    """Recompute every course that the page belongs to."""
    page = instance
    if kwargs.get("signal") is post_page_move:
        # Anything may have moved with courses below it.
        page = instance.specific
    elif not isinstance(page, OURS):
        return
    if isinstance(page, ProviderPageMixin):
        enqueue("lms_courses.pages", page.facility_id)
    for key in keys_near(page):
        sync_course(key)


def on_delete(sender, instance, **kwargs):
    """The same for a deleted page; Django announces it once for the base class and once for ours."""
    if isinstance(instance, OURS):
        for key in keys_near(instance):
            sync_course(key)


def on_role_group(sender, facility, **kwargs):
    """A new group of a hospital gets its rights on the hospital's pages."""
    enqueue("lms_courses.pages", facility.pk)


def on_evidence_withdrawn(sender, enrolment, **kwargs):
    """Promise a second look at the completion."""
    enqueue("lms_courses.reconsider", enrolment.pk)


def on_person_changed(sender, gone, kept, **kwargs):
    """Two records became one, or two again: what was concluded from their evidence is concluded anew."""
    for person in (kept, gone):
        enqueue("lms_courses.recount", person.pk)


def connect() -> None:
    """Called once when the app is ready."""
    page_published.connect(on_page_change, dispatch_uid="lms_courses.sync.published")
    page_unpublished.connect(on_page_change, dispatch_uid="lms_courses.sync.unpublished")
    post_page_move.connect(on_page_change, dispatch_uid="lms_courses.sync.moved")
    post_delete.connect(on_delete, dispatch_uid="lms_courses.sync.deleted")
    role_group_made.connect(on_role_group, dispatch_uid="lms_courses.pages.group")
    evidence_withdrawn.connect(on_evidence_withdrawn, dispatch_uid="lms_courses.reconsider")
    person_merged.connect(on_person_changed, dispatch_uid="lms_courses.merged")
    merge_undone.connect(on_person_changed, dispatch_uid="lms_courses.merge_undone")
