"""Protects lessons that people are learning from being taken off the site without a reason."""

from wagtail.models import Page

from courses.actions.runs import runs_with
from courses.models import Lesson, Run, Waiver
from courses.models.pages import CoursePageMixin, LessonPageMixin
from courses.sync import page_models


def taught_under(
    page: Page, *, destination: Page | None = None, is_alone: bool = False
) -> list[tuple[Lesson, list[Run]]]:
    """Lessons at or below *page* (or, if *is_alone*, only the page itself) that an open class is learning and that have not been waived there.

    A lesson that keeps a live page in another language is not lost; nor is one that a move to
    *destination* leaves in its course.
    """
    found = []
    for model in page_models(LessonPageMixin):
        reach = {"path": page.path} if is_alone else {"path__startswith": page.path}
        for lesson_page in model.objects.filter(**reach, live=True):
            others = model.objects.filter(translation_key=lesson_page.translation_key, live=True)
            if others.exclude(path__startswith=page.path).exists():
                continue
            for lesson in Lesson.objects.filter(key=lesson_page.translation_key).select_related("course"):
                if destination is not None and _stays(lesson, page, destination):
                    continue
                waived = set(Waiver.objects.filter(lesson=lesson).values_list("run", flat=True))
                runs = [run for run in runs_with(lesson) if run.pk not in waived]
                if runs:
                    found.append((lesson, runs))
    return found


def _stays(lesson: Lesson, page: Page, destination: Page) -> bool:
    """Whether the lesson is still below its own course page after the move."""
    for model in page_models(CoursePageMixin):
        for course_page in model.objects.filter(translation_key=lesson.course.key):
            is_moved_along = course_page.path.startswith(page.path)
            if is_moved_along or destination.path.startswith(course_page.path):
                return True
    return False
