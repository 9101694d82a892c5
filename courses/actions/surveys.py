"""Verbs on surveys: respond."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses import promised
from courses.actions import progress
from courses.facts import result_of
from courses.gate import why_locked
from courses.models import Enrolment, Lesson, SurveyReceipt, SurveyResponse
from lms import clock

LONGEST = 2000
"""Characters kept of an answer in one's own words."""


class SurveyRefused(Exception):
    """Answers that cannot be taken; the message says why and ``question`` which one, if any."""

    def __init__(self, message: str, question: str = ""):
        super().__init__(message)
        self.question = question


class SurveyChanged(SurveyRefused):
    """The learner was shown another form than ``form``, which is asked now; another promise perhaps."""

    def __init__(self, form: dict):
        super().__init__(
            _(
                "The survey has changed since you opened this page; your answers were not sent. "
                "Please read it again, then send."
            )
        )
        self.form = form


def asked(enrolment: Enrolment, lesson: Lesson) -> dict:
    """The form that the version of the class promised, in the shape of ``Survey.freeze``."""
    return promised.questionnaire(_item(enrolment, lesson))


def respond(enrolment: Enrolment, *, lesson: Lesson, answers: dict[str, object], shown: str) -> SurveyReceipt:
    """Keep the answers and, apart from them, the fact of answering. A second time changes nothing.

    *shown* is the ``promised.mark`` of the form that was answered: where another is asked by now, nothing is
    kept. Answers of an anonymous survey hold neither person nor time, under a random key.
    """
    with transaction.atomic():
        locked = Enrolment.objects.locked(enrolment.pk, no_key=True)
        if receipt := SurveyReceipt.objects.filter(enrolment=locked, lesson=lesson).first():
            return receipt
        item = _item(locked, lesson)
        if locked.state == Enrolment.State.WITHDRAWN:
            raise SurveyRefused(_("You have left this class."))
        if reason := why_locked(locked, item, result_of(locked)):
            raise SurveyRefused(reason)
        form = promised.questionnaire(item)
        if shown != promised.mark(form):
            raise SurveyChanged(form)
        kept = checked(form, answers)
        try:
            with transaction.atomic():
                receipt = SurveyReceipt.objects.create(
                    enrolment=locked, lesson=lesson, answered_on=clock.today()
                )
        except IntegrityError:
            return SurveyReceipt.objects.get(enrolment=locked, lesson=lesson)
        SurveyResponse.objects.create(
            survey_id=item["survey"],
            run_id=locked.run_id,
            lesson=lesson,
            enrolment=None if form["anonymous"] else locked,
            answers=kept,
        )
        progress.refresh(locked)
        return receipt


def checked(form: dict, answers: dict[str, object]) -> dict[str, int | str]:
    """*answers* by question id, as the frozen *form* allows them."""
    kept: dict[str, int | str] = {}
    for question in form["questions"]:
        given = answers.get(question["id"])
        text = str(given).strip() if given is not None else ""
        if not text:
            if question["required"]:
                raise SurveyRefused(_("Answer every question marked as required."), question["id"])
            continue
        if question["kind"] == "scale":
            if text not in {"1", "2", "3", "4", "5"}:
                raise SurveyRefused(_("Choose a number from 1 to 5."), question["id"])
            kept[question["id"]] = int(text)
        else:
            kept[question["id"]] = text[:LONGEST]
    return kept


def _item(enrolment: Enrolment, lesson: Lesson) -> dict:
    for item in enrolment.run.release.outline:
        if item["lesson"] == lesson.pk and item["kind"] == "survey":
            return item
    raise SurveyRefused(_("This survey is not part of your class."))
