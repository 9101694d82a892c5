"""Questions, tests, checklists and surveys of the programmes, in both languages."""

from django.db import transaction

from content.actions import add_question, approve_question
from content.models import (
    Checklist,
    ChecklistItem,
    Guideline,
    Question,
    Quiz,
    QuizSlot,
    Survey,
    SurveyQuestion,
)
from lms.models import Facility

from . import data, people

PRETEST_DRAWS, POSTTEST_DRAWS = 4, 6
POSTTEST_SECONDS = 20 * 60
OPTION_IDS = "abcdef"
NOT_CLINICAL = {"BM-01", "TELE-01"}
"""Programmes whose questions a colleague may approve; the clinical ones wait for a clinician."""

_SURVEY = [
    ("scale", "Nội dung phù hợp với công việc hằng ngày của anh/chị.", "The content fits my daily work."),
    ("scale", "Giảng viên trình bày rõ ràng, dễ hiểu.", "The trainer was clear and easy to follow."),
    ("scale", "Anh/chị tự tin áp dụng những điều đã học.", "I am confident to apply what I learnt."),
    ("text", "Điều gì nên được cải thiện?", "What should be improved?"),
]


@transaction.atomic
def load(code: str, facility: Facility) -> dict:
    """Add the programme's questions and what is made of them; return them by purpose."""
    programme = data.programme(code)
    _questions(code, programme, facility)
    return {
        "pretest": _quiz(
            facility, code, "Kiểm tra trước học", "Pre-test", count=PRETEST_DRAWS, review=Quiz.Review.NEVER
        ),
        "posttest": _quiz(
            facility,
            code,
            "Kiểm tra cuối khóa",
            "Post-test",
            count=POSTTEST_DRAWS,
            review=Quiz.Review.PASSED,
            time_limit_s=POSTTEST_SECONDS,
        ),
        "checklist": _checklist(facility, programme),
        "survey": _survey(facility),
    }


def _questions(code: str, programme: dict, facility: Facility) -> None:
    author, reviewer = people.user("giangvien.bachmai"), people.user("thamdinh.bachmai")
    guidelines = {row.key: row for row in Guideline.objects.all()}
    known = set(Question.objects.filter(facility=facility).values_list("code", flat=True))
    for row in programme["questions"]:
        if row["id"] in known:
            continue
        options = [
            {"id": OPTION_IDS[place], "vi": vi, "en": en} for place, (vi, en) in enumerate(row["options"])
        ]
        question = add_question(
            facility,
            code=row["id"],
            body={
                "kind": "single",
                "stem": {"vi": row["vi"], "en": row["en"]},
                "options": options,
                "why": {"vi": row["why"][0], "en": row["why"][1]},
            },
            key=[OPTION_IDS[row["answer"]]],
            tags=[code.lower()],
            citations=[guidelines[key] for key in row["cite"]],
            from_memory=row.get("verify", False),
            by=author,
        )
        if code in NOT_CLINICAL and not row.get("verify"):
            approve_question(question, version=question.latest.number, by=reviewer)


def _quiz(facility: Facility, code: str, title_vi: str, title_en: str, *, count: int, **rules) -> Quiz:
    quiz, is_new = Quiz.objects.get_or_create(
        facility=facility, title_vi=f"{title_vi} {code}", defaults={"title_en": f"{title_en} {code}", **rules}
    )
    if is_new:
        QuizSlot.objects.create(quiz=quiz, tag=code.lower(), count=count)
    return quiz


def _checklist(facility: Facility, programme: dict) -> Checklist | None:
    if not (rows := programme.get("checklist")):
        return None
    title_en = f"Checklist {programme['code']}"
    checklist, is_new = Checklist.objects.get_or_create(
        facility=facility, title_vi=f"Bảng kiểm {programme['code']}", defaults={"title_en": title_en}
    )
    if is_new:
        ChecklistItem.objects.bulk_create(
            ChecklistItem(
                checklist=checklist,
                position=place,
                text_vi=row["vi"],
                text_en=row["en"],
                weight=2 if row["critical"] else 1,
                is_critical=row["critical"],
            )
            for place, row in enumerate(rows)
        )
    return checklist


def _survey(facility: Facility) -> Survey:
    survey, is_new = Survey.objects.get_or_create(
        facility=facility,
        title_vi="Phiếu khảo sát sau khóa học",
        defaults={"title_en": "Survey after the course", "is_anonymous": True},
    )
    if is_new:
        SurveyQuestion.objects.bulk_create(
            SurveyQuestion(
                survey=survey, position=place, kind=kind, text_vi=vi, text_en=en, is_required=kind == "scale"
            )
            for place, (kind, vi, en) in enumerate(_SURVEY)
        )
    return survey
