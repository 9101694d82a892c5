"""Doing a test: one calm page, the server's clock, answers that survive a power cut."""

import json

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from content import grading
from content.models import Quiz
from courses import promised
from courses.actions import attempts
from courses.completion import Result
from courses.facts import result_of
from courses.links import course_url, lesson_url
from courses.models import Attempt, AttemptAnswer, Enrolment, Lesson
from courses.permissions import can_open_lesson, get_attempt_for, get_enrolment_for, item_of
from courses.views.replies import refused, wants_json
from lms import clock
from lms.keys import read_key
from lms.languages import pick

LARGEST = 64 * 1024
"""Bytes of a request that carries answers; a page of ours stays far below."""


@login_required
@require_POST
def start(request: HttpRequest, pk: int, lesson: int) -> HttpResponse:
    """Begin an attempt, or go on with the one that is open."""
    enrolment = get_enrolment_for(request.user, pk)
    row = Lesson.objects.filter(pk=lesson, course=enrolment.run.release.course_id).first()
    if row is None or not can_open_lesson(request.user, enrolment, row):
        raise Http404
    try:
        attempt = attempts.start(enrolment, lesson=row, by=request.user, language=get_language() or "vi")
    except attempts.AttemptRefused as error:
        back = lesson_url(row, request) or ""
        return refused(
            request,
            title=_("The test cannot begin now"),
            text=str(error),
            status=409,
            back=back,
            label=_("Back to the lesson"),
        )
    return redirect("lms_courses:attempt", attempt.pk)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """One question at a time; a POST saves its answer and goes where its button says."""
    row = get_attempt_for(request.user, pk)
    if row.state != Attempt.State.OPEN:
        return redirect("lms_courses:result", row.pk)
    if request.method == "GET":
        return _question_page(request, row, _slot(row, request.GET.get("q", "1")))
    slot = _slot(row, request.POST.get("q", ""))
    go = request.POST.get("go", "next")
    try:
        attempts.save_answer(row, slot=slot, value=request.POST.getlist(f"a{slot}"))
    except grading.AnswerRefused:
        return _foreign(request, row)
    except attempts.AttemptClosed as error:
        return _closed(request, row, error)
    address = reverse("lms_courses:attempt", args=[row.pk])
    if go == "review":
        return redirect("lms_courses:review", row.pk)
    step = {"next": slot + 1, "previous": slot - 1}.get(go, read_key(go) or slot)
    if step > len(row.frozen):
        return redirect("lms_courses:review", row.pk)
    return redirect(f"{address}?q={max(step, 1)}")


def _slot(row: Attempt, text: str) -> int:
    """The question asked for; the first where there is no such one."""
    slot = read_key(text) or 1
    return slot if 1 <= slot <= len(row.frozen) else 1


def _answers(row: Attempt) -> dict[int, AttemptAnswer]:
    return {answer.slot: answer for answer in AttemptAnswer.objects.filter(attempt=row)}


def _question_page(request: HttpRequest, row: Attempt, slot: int) -> HttpResponse:
    answers = _answers(row)
    # Texts, not numbers, go to the template: it would format each number for the language.
    questions = [
        {
            "slot": str(item["slot"]),
            "label": _label(
                item["slot"], is_answered=bool(item["slot"] in answers and answers[item["slot"]].value)
            ),
            "stem": pick(item["stem"].get("vi", ""), item["stem"].get("en", "")),
            "options": [
                {
                    "id": option["id"],
                    "text": pick(option["vi"], option["en"]),
                    "is_chosen": item["slot"] in answers and option["id"] in answers[item["slot"]].value,
                }
                for option in item["options"]
            ],
            "role": "group" if item["kind"] == "multiple" else "radiogroup",
            "type": "checkbox" if item["kind"] == "multiple" else "radio",
            "is_multiple": item["kind"] == "multiple",
            "reviewed": item.get("reviewed", True),
            "is_answered": item["slot"] in answers and bool(answers[item["slot"]].value),
            "is_now": item["slot"] == slot,
        }
        for item in grading.without_keys(row.frozen)
    ]
    saved = max((answer.saved_at for answer in answers.values()), default=None)
    context = {
        "attempt": row,
        "lesson": row.lesson,
        "questions": questions,
        "slot": slot,
        "is_last": slot == len(questions),
        "unanswered": sum(1 for one in questions if not one["is_answered"]),
        "saved": _clock(saved) if saved else "",
        "seq": max((answer.client_seq for answer in answers.values()), default=0),
        "left": _seconds_left(row),
        "back": lesson_url(row.lesson, request),
    }
    return render(request, "lms_courses/quiz.html", context)


def _label(slot: int, *, is_answered: bool) -> str:
    """What a screen reader says of the button that leads to a question."""
    text = _("Question %(number)s, answered") if is_answered else _("Question %(number)s")
    return text % {"number": slot}


def _seconds_left(row: Attempt) -> int | None:
    if row.deadline is None:
        return None
    return max(0, int((row.deadline - clock.now()).total_seconds()))


def _clock(moment) -> str:
    return date_format(timezone.localtime(moment), "H:i:s")


def _foreign(request: HttpRequest, row: Attempt) -> HttpResponse:
    return refused(
        request,
        title=_("This answer was not saved"),
        text=_("It does not belong to this test. Your other answers are kept. Open the test again."),
        status=400,
        back=reverse("lms_courses:attempt", args=[row.pk]),
        label=_("Back to the test"),
    )


def _closed(request: HttpRequest, row: Attempt, error: Exception) -> HttpResponse:
    return refused(
        request,
        title=_("This answer came too late"),
        text=str(error),
        status=409,
        back=reverse("lms_courses:review", args=[row.pk]),
        label=_("Go on"),
    )


@login_required
@require_POST
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Save one answer sent by the page's script: ``{"slot", "value", "seq"}``; told is the answer that stands."""
    row = get_attempt_for(request.user, pk, light=True)
    sent = _read_json(request)
    try:
        slot, value, seq = sent["slot"], sent["value"], sent["seq"]
        if not (type(slot) is int and isinstance(value, list) and type(seq) is int):
            raise grading.AnswerRefused("not an answer")
        kept = attempts.save_answer(row, slot=slot, value=value, client_seq=seq)
    except (grading.AnswerRefused, KeyError, TypeError):
        return JsonResponse({"text": _("This answer does not belong to this test.")}, status=400)
    except attempts.AttemptClosed as error:
        review = reverse("lms_courses:review", args=[row.pk])
        return JsonResponse({"text": str(error), "closed": True, "url": review}, status=409)
    stands = {"saved": _clock(kept.saved_at), "value": kept.value, "seq": kept.client_seq}
    return JsonResponse({**stands, "left": _seconds_left(row)})


def _read_json(request: HttpRequest) -> dict:
    try:
        if len(request.body) > LARGEST:
            return {}
        sent = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):
        # RawPostDataException: a form was sent, which the protection against forged requests has read as such.
        return {}
    return sent if isinstance(sent, dict) else {}


@login_required
@never_cache
@require_GET
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """What is answered and what is not, and the button that hands in."""
    row = get_attempt_for(request.user, pk)
    if row.state != Attempt.State.OPEN:
        return redirect("lms_courses:result", row.pk)
    kept = _answers(row)
    questions = [
        {
            "slot": item["slot"],
            "stem": pick(item["stem"].get("vi", ""), item["stem"].get("en", "")),
            "is_answered": item["slot"] in kept and bool(kept[item["slot"]].value),
        }
        for item in grading.without_keys(row.frozen)
    ]
    left = _seconds_left(row)
    context = {
        "attempt": row,
        "lesson": row.lesson,
        "questions": questions,
        "unanswered": [one for one in questions if not one["is_answered"]],
        "left": left,
        "is_over": left == 0,
    }
    return render(request, "lms_courses/quiz_review.html", context)


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in; twice is once. ``pending`` may hold answers the page had not sent yet."""
    row = get_attempt_for(request.user, pk)
    try:
        attempts.submit(row, nonce=request.POST.get("nonce", ""), answers=_pending(request))
    except grading.AnswerRefused:
        return _foreign(request, row)
    except attempts.AttemptClosed as error:
        return refused(
            request,
            title=_("Nothing was handed in"),
            text=str(error),
            status=409,
            back=reverse("lms_courses:attempt", args=[row.pk]),
            label=_("Back to the test"),
        )
    address = reverse("lms_courses:result", args=[row.pk])
    return JsonResponse({"url": address}) if wants_json(request) else redirect(address)


def _pending(request: HttpRequest) -> dict[int, tuple[list[str], int]]:
    text = request.POST.get("pending", "")
    if not text:
        return {}
    if len(text) > LARGEST:
        raise grading.AnswerRefused("too large")
    try:
        sent = json.loads(text)
        return {int(one["slot"]): (one["value"], int(one["seq"])) for one in sent}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise grading.AnswerRefused("not answers") from error


# --- afterwards


@login_required
@never_cache
@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """The score, what is left to do, and, as the version of the class allows, why each answer is right."""
    row = get_attempt_for(request.user, pk)
    if row.state == Attempt.State.OPEN:
        return redirect("lms_courses:attempt", row.pk)
    enrolment = row.enrolment
    standing = result_of(enrolment)
    item = item_of(enrolment, row.lesson) or {}
    tries = Attempt.objects.filter(enrolment=enrolment, lesson=row.lesson)
    left = attempts.allowance(enrolment, item) - tries.count() if item else 0
    has_passed = tries.filter(passed=True).exists()
    reveals = _may_review(row, item, left=left, has_passed=has_passed)
    context = {
        "attempt": row,
        "lesson": row.lesson,
        "enrolment": enrolment,
        "is_pretest": item.get("purpose") == "pretest",
        "right": row.result["right"],
        "count": len(row.frozen),
        "questions": _reviewed(row) if reveals else [],
        "reveals": reveals,
        "todo": _todo(request, enrolment, standing),
        "is_complete": enrolment.state == Enrolment.State.COMPLETED,
        "may_try_again": left > 0 and not (item.get("purpose") == "posttest" and has_passed),
        "tries_left": ngettext("%(count)s attempt left", "%(count)s attempts left", left) % {"count": left}
        if 0 < left < attempts.MANY // 2
        else "",
        "opens": attempts.next_at(enrolment, item, row) if item else None,
        "back": lesson_url(row.lesson, request),
        "course": course_url(enrolment.run.release.course, request),
    }
    return render(request, "lms_courses/result.html", context)


def _may_review(row: Attempt, item: dict, *, left: int, has_passed: bool) -> bool:
    """Whether the right answers may be shown. Those of a pre-test wait for the end of the course."""
    if item.get("purpose") == "pretest":
        return row.enrolment.state == Enrolment.State.COMPLETED
    policy = promised.review(item)
    if policy == Quiz.Review.ALWAYS:
        return True
    return policy == Quiz.Review.PASSED and (has_passed or left <= 0)


def _reviewed(row: Attempt) -> list[dict]:
    """Every question with what was chosen, what is right, why, and where it is written."""
    marks = {one["slot"]: one for one in row.result["per_slot"]}
    return [
        {
            "slot": item["slot"],
            "stem": pick(item["stem"].get("vi", ""), item["stem"].get("en", "")),
            "is_right": marks[item["slot"]]["right"],
            "is_answered": marks[item["slot"]]["answered"],
            "chosen": [
                pick(option["vi"], option["en"])
                for option in item["options"]
                if option["id"] in marks[item["slot"]]["chosen"]
            ],
            "right": [
                pick(option["vi"], option["en"]) for option in item["options"] if option["id"] in item["key"]
            ],
            "why": pick(item["why"].get("vi", ""), item["why"].get("en", "")),
            "cite": item["cite"],
            "reviewed": item.get("reviewed", True),
        }
        for item in row.frozen
    ]


def _todo(request: HttpRequest, enrolment: Enrolment, standing: Result) -> list[dict]:
    """What still stands between the learner and the certificate, in the order of the outline."""
    if standing.complete:
        return []
    asked = {pk for rule in standing.rules if not rule.met for pk in rule.evidence.get("lessons", [])}
    attendance = standing.rule("attendance")
    found = []
    lessons = {row.pk: row for row in Lesson.objects.filter(course=enrolment.run.release.course_id)}
    for item in enrolment.run.release.outline:
        one = standing.lesson(item["lesson"])
        counts = item["lesson"] in asked or (
            attendance and not attendance.met and float(item["periods"] or 0) > 0
        )
        if one.met or not counts:
            continue
        row = lessons.get(item["lesson"])
        found.append(
            {
                "title": pick(item["title"]["vi"], item["title"]["en"]),
                "note": _("waits for an observer") if item["kind"] == "checklist" else "",
                "url": lesson_url(row, request) if row and item["kind"] != "checklist" else None,
            }
        )
    return found
