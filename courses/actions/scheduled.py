"""What editors have put off to an hour: pages that come and pages that go, by themselves."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from courses.actions.clinical_reviews import responsible
from courses.guard import taught_under
from courses.links import base_page
from courses.models import Course
from courses.models.pages import LessonPageMixin
from courses.sync import page_models
from lms import clock, messages

HELD = "lms_courses.expiry_held"
FAILED = "lms_courses.publishing_failed"


def publish_due() -> None:
    """Publish what is due and take down what has expired, of the whole site; safe to repeat.

    A lesson that an open class is learning stays, as it does under an editor's hand, and its office is
    told; what cannot be published any more does not hold up the rest.
    """
    _hold_what_is_taught()
    _set_aside_what_cannot_be_published()
    call_command("publish_scheduled")


def _hold_what_is_taught() -> None:
    now = clock.now()
    kinds: list[Any] = page_models(LessonPageMixin)
    for model in kinds:
        for page in model.objects.filter(live=True, expire_at__lt=now):
            if not (taught := taught_under(page, is_alone=True)):
                continue
            with transaction.atomic():
                base_page().objects.filter(pk=page.pk).update(expire_at=None)
                log(
                    instance=page,
                    action=HELD,
                    data={"classes": [run.code for _l, runs in taught for run in runs]},
                )
                for course in {lesson.course for lesson, _runs in taught}:
                    _tell(course, page)


def _tell(course: Course, page: Page) -> None:
    for person in responsible(course):
        with override(person.language or "vi"):
            text = _(
                "“%(page)s” of “%(course)s” was to be taken off the site by itself. An open class is learning it, "
                "so it stays. Take it down by hand and give the reason, or leave it."
            )
            messages.queue_message(
                person,
                event="expiry-held",
                key=f"expiry-held:{page.pk}:{page.expire_at:%Y%m%d%H%M}:{person.pk}",
                subject=_("A lesson stays on the site"),
                text=text % {"page": page.title, "course": course.title},
            )


def _set_aside_what_cannot_be_published() -> None:
    """Wagtail publishes one after the other and stops at the first that fails, again and again."""
    for revision in Revision.objects.filter(approved_go_live_at__lt=clock.now()).order_by(
        "approved_go_live_at"
    ):
        model = revision.content_type.model_class()
        if model is None or not issubclass(model, base_page()):
            continue
        page = revision.as_object()
        try:
            page.full_clean()
        except ValidationError as error:
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
            log(instance=page, action=FAILED, revision=revision, data={"reason": " ".join(error.messages)})
