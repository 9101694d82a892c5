"""What learners did: every step an action at its moment, so that each fact is one that a person could make.

What began and ended in the past is one transaction: otherwise a periodic job would find an attempt
overdue, or a completion without certificate, and put today's date on it.
"""

import random
import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction

from certificates.actions import issue_for, post_credit
from courses import promised
from courses.actions.applications import apply_for
from courses.actions.attempts import save_answer, start, submit
from courses.actions.enrolments import AlreadyCompleted, EnrolmentRefused, LearningElsewhere, enrol
from courses.actions.progress import mark_read
from courses.actions.skills import frozen_checklist, observe
from courses.actions.surveys import respond
from courses.actions.watching import beat, token_for
from courses.models import Attempt, Enrolment, Lesson, Observation, Run, SurveyReceipt, WatchRecord
from lms import clock
from lms.models import Person

from . import people

BETWEEN = timedelta(minutes=9)
"""From the end of one lesson to the next."""


def join(run: Run, person: Person, moment: datetime) -> Enrolment | None:
    """Enrol *person* at *moment*; the enrolment there is when asked again, None where refused."""
    if known := Enrolment.objects.filter(run=run, person=person).order_by("-episode").first():
        return known
    with clock.at(moment):
        try:
            return enrol(run, person=person, by=_hand(person))
        except (AlreadyCompleted, LearningElsewhere):
            return None


def wait(run: Run, person: Person, moment: datetime) -> None:
    """Let *person* ask for a seat of a full class at *moment*; once."""
    if run.applications.filter(person=person).exists():
        return
    with clock.at(moment), suppress(EnrolmentRefused):
        apply_for(run, person=person, by=_hand(person))


def learn(
    enrolment: Enrolment, moment: datetime, *, lectures: int | None = None, pretest: bool = True
) -> datetime:
    """Take the pre-test, watch the first *lectures* of the lectures (all by default), read what is to be read.

    Return the moment after the last lesson.
    """
    watched = 0
    for item in enrolment.run.release.outline:
        lesson = _lesson(item)
        if item["purpose"] == "pretest" and pretest:
            moment = take(enrolment, lesson, moment, wrong=2)
        elif item["kind"] == "video" and (lectures is None or watched < lectures):
            moment = watch(enrolment, item, moment)
            watched += 1
        elif item["kind"] == "reading" and lectures is None:
            moment += BETWEEN
            with clock.at(moment):
                mark_read(enrolment, lesson=lesson)
    return moment


def watch(enrolment: Enrolment, item: dict, moment: datetime) -> datetime:
    """Watch one lecture to its end at normal speed; return when it was over."""
    seconds = float(item["seconds"])
    end = moment + timedelta(seconds=seconds + 5)
    done = WatchRecord.objects.filter(enrolment=enrolment, video=item["video"], version=item["version"])
    if not done.exists():
        with clock.at(moment):
            token = token_for(enrolment, item)
        with clock.at(end):
            beat(token, ranges=[[0, seconds]], position=seconds)
    return end + BETWEEN


@transaction.atomic
def take(enrolment: Enrolment, lesson: Lesson, moment: datetime, *, wrong: int, number: int = 1) -> datetime:
    """Take attempt *number* of a test with so many *wrong* answers; return when it was handed in."""
    end = moment + timedelta(minutes=8)
    if (
        Attempt.objects.filter(enrolment=enrolment, lesson=lesson, number__gte=number)
        .exclude(state="open")
        .exists()
    ):
        return end + BETWEEN
    with clock.at(moment):
        attempt = start(enrolment, lesson=lesson, by=_hand(enrolment.person), language="vi")
    rng = random.Random(f"{enrolment.run.code}:{enrolment.person.full_name}:{number}")
    missed = set(rng.sample(range(len(attempt.frozen)), min(wrong, len(attempt.frozen))))
    for place, question in enumerate(attempt.frozen):
        value = question["key"]
        if place in missed:
            value = [next(option["id"] for option in question["options"] if option["id"] not in value)]
        with clock.at(moment + timedelta(seconds=40 * (place + 1))):
            save_answer(attempt, slot=question["slot"], value=value)
    with clock.at(end):
        submit(attempt, nonce=attempt.nonce)
    return end + BETWEEN


def show_skills(enrolment: Enrolment, moment: datetime) -> datetime:
    """Be observed at every checklist of the course, with no step missed."""
    for item in enrolment.run.release.outline:
        if item["kind"] != "checklist":
            continue
        lesson = _lesson(item)
        if Observation.objects.filter(enrolment=enrolment, lesson=lesson, passed=True).exists():
            continue
        steps = frozen_checklist(enrolment, lesson)["items"]
        with clock.at(moment):
            observe(
                enrolment,
                lesson=lesson,
                ratings={step["id"]: True for step in steps},
                by=people.user("giamsat.lucyen"),
                client_id=uuid.uuid5(uuid.NAMESPACE_URL, f"urn:vuonxa:demo:{enrolment.pk}:{lesson.pk}"),
                comment="Thao tác đúng trình tự.",
            )
        moment += BETWEEN
    return moment


@transaction.atomic
def conclude(enrolment: Enrolment, moment: datetime, *, wrong: int = 1, tries: int = 1) -> Enrolment:
    """Pass the post-test at the last of *tries*, answer the survey, and be certified and credited."""
    if enrolment.state == Enrolment.State.COMPLETED:
        return enrolment
    for item in enrolment.run.release.outline:
        lesson = _lesson(item)
        if item["purpose"] == "posttest":
            for number in range(1, tries + 1):
                moment = take(enrolment, lesson, moment, wrong=wrong if number == tries else 3, number=number)
        elif item["kind"] == "survey":
            moment = _answer(enrolment, lesson, item, moment)
    enrolment.refresh_from_db()
    if enrolment.state == Enrolment.State.COMPLETED:
        certify(enrolment)
    return enrolment


def certify(enrolment: Enrolment) -> None:
    """Do at its moment what the jobs promised by the completion would do today.

    Where the issuer certifies in batches, the batch comes later.
    """
    with clock.at(enrolment.completed_at + timedelta(minutes=1)):
        post_credit(enrolment)
        if enrolment.run.release.course.facility.issuer.issues_automatically:
            issue_for(enrolment)


def fail(enrolment: Enrolment, moment: datetime, *, times: int) -> None:
    """Fail the post-test so many times."""
    for item in enrolment.run.release.outline:
        if item["purpose"] == "posttest":
            for number in range(1, times + 1):
                moment = take(enrolment, _lesson(item), moment, wrong=4, number=number) + timedelta(hours=20)


def _answer(enrolment: Enrolment, lesson: Lesson, item: dict, moment: datetime) -> datetime:
    if SurveyReceipt.objects.filter(enrolment=enrolment, lesson=lesson).exists():
        return moment
    rng = random.Random(f"survey:{enrolment.run.code}:{enrolment.person.full_name}")
    form = promised.questionnaire(item)
    scales = [one["id"] for one in form["questions"] if one["kind"] == "scale"]
    answers = {question: rng.choice([3, 4, 4, 5, 5]) for question in scales}
    with clock.at(moment):
        respond(enrolment, lesson=lesson, answers=answers, shown=promised.mark(form))
    return moment + BETWEEN


def _lesson(item: dict) -> Lesson:
    return Lesson.objects.get(pk=item["lesson"])


def _hand(person: Person):
    """Who presses the button: the person, or the training office for those without a login."""
    return person.user or people.user("daotao.bachmai")
