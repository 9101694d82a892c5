"""What courses do when a page or a fact changes: records are recomputed, people are told; repetition is harmless."""

from django.db.models.signals import post_delete
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext_lazy as _
from wagtail.signals import page_published, page_unpublished, post_page_move

from courses.models.pages import CoursePageMixin, LessonPageMixin, ModulePageMixin, ProviderPageMixin
from courses.signals import (
    completion_reviewed,
    enrolled,
    enrolment_completed,
    enrolment_moved,
    evidence_withdrawn,
    pathway_completed,
    withdrawn,
)
from courses.sync import keys_near, sync_course
from lms.messages import tell
from lms.queue import enqueue
from lms.signals import merge_undone, person_merged, role_group_made

OURS = (CoursePageMixin, LessonPageMixin, ModulePageMixin, ProviderPageMixin)
OFFICE = _("the training office")
"""Whom to ask where a class names nobody."""


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
        enqueue("lms_courses.pathways", person.pk)


def on_completed(sender, enrolment, **kwargs):
    """A completed course may be the last one of a pathway."""
    enqueue("lms_courses.pathways", enrolment.person_id)


# --- telling people --------------------------------------------------------------------------------


def _is_own(enrolment, user) -> bool:
    """Whether the learner did it: who pressed the button need not be told."""
    return user is not None and enrolment.person.user_id == user.pk


def tell_enrolled(sender, enrolment, **kwargs):
    """Whom somebody else enrolled."""
    if not _is_own(enrolment, enrolment.enrolled_by):
        run = enrolment.run
        about = {"course": run.release.course, "class": run.code}
        tell(
            enrolment.person,
            "enrolled",
            key=f"enrolled:{enrolment.pk}",
            about=about,
            url=("lms_courses:go", enrolment.pk),
        )


def tell_withdrawn(sender, enrolment, by, **kwargs):
    """Whom somebody else took out."""
    if not _is_own(enrolment, by):
        run = enrolment.run
        about = {"course": run.release.course, "class": run.code, "contact": run.contact or OFFICE}
        tell(enrolment.person, "withdrawn", key=f"withdrawn:{enrolment.pk}", about=about)


def tell_completed(sender, enrolment, **kwargs):
    """Whoever has completed a course."""
    about = {
        "course": enrolment.run.release.course,
        "day": localdate(enrolment.completed_at, get_default_timezone()),
    }
    tell(
        enrolment.person,
        "completed",
        key=f"completed:{enrolment.pk}",
        about=about,
        url=("lms_courses:go", enrolment.pk),
    )


def tell_pathway(sender, completion, **kwargs):
    """Whoever has completed a pathway."""
    tell(
        completion.person,
        "pathway-completed",
        key=f"pathway-completed:{completion.pk}",
        about={
            "pathway": completion.pathway,
            "day": localdate(completion.completed_at, get_default_timezone()),
        },
        url=("lms_courses:pathway", completion.pathway_id),
    )


def tell_moved(sender, move, **kwargs):
    """Whoever goes on in a newer version, with the reason."""
    release = move.to_run.release
    about = {
        "course": release.course,
        "version": release.number,
        "class": move.to_run.code,
        "reason": move.reason.rstrip("."),
    }
    tell(
        move.enrolment.person,
        "moved",
        key=f"moved:{move.pk}",
        about=about,
        url=("lms_courses:go", move.enrolment_id),
    )


def tell_reviewed(sender, review, **kwargs):
    """Whose completion was not upheld, with the reason."""
    if review.state == review.State.REVOKED:
        run = review.enrolment.run
        about = {
            "course": run.release.course,
            "reason": review.reason.rstrip("."),
            "contact": run.contact or OFFICE,
        }
        tell(
            review.enrolment.person,
            "completion-revoked",
            key=f"completion-revoked:{review.pk}",
            about=about,
            url=("lms_courses:go", review.enrolment_id),
        )


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
    enrolled.connect(tell_enrolled, dispatch_uid="lms_courses.tell_enrolled")
    withdrawn.connect(tell_withdrawn, dispatch_uid="lms_courses.tell_withdrawn")
    enrolment_completed.connect(tell_completed, dispatch_uid="lms_courses.tell_completed")
    enrolment_completed.connect(on_completed, dispatch_uid="lms_courses.pathways")
    pathway_completed.connect(tell_pathway, dispatch_uid="lms_courses.tell_pathway")
    enrolment_moved.connect(tell_moved, dispatch_uid="lms_courses.tell_moved")
    completion_reviewed.connect(tell_reviewed, dispatch_uid="lms_courses.tell_reviewed")
