"""What waits at the desk of teaching content: questions that nobody has reviewed, lectures that failed."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import ngettext

from content.models import Question, Video
from lms import scope
from lms.waiting import Waiting


def at_desk(user) -> Iterator[Waiting]:
    """The lines of *user*; nobody is asked to review a question of their own."""
    unreviewed = Question.objects.filter(state=Question.State.REVIEW).exclude(versions__author=user)
    if found := scope.limit(unreviewed, user, "review").count():
        words = ngettext("%(count)d question to review", "%(count)d questions to review", found)
        yield Waiting(words % {"count": found}, reverse("lms_content_questions:index") + "?state=review")
    failed = scope.limit(Video.objects.filter(state=Video.State.FAILED), user, "change").count()
    if failed:
        words = ngettext(
            "%(count)d lecture that could not be made ready",
            "%(count)d lectures that could not be made ready",
            failed,
        )
        yield Waiting(words % {"count": failed}, reverse("lms_content_videos:index") + "?state=failed")
