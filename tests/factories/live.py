"""Classes whose lessons are tests, sessions, checklists and surveys; people in rooms."""

import datetime
import uuid
from decimal import Decimal

from content.models import (
    Checklist,
    ChecklistItem,
    Question,
    QuestionVersion,
    Quiz,
    QuizSlot,
    Survey,
    SurveyQuestion,
)
from courses.actions.releases import digest, outline_of, policy_of
from courses.actions.sessions import join_site, open_session, schedule, use
from courses.models import Course, CourseStaff, Enrolment, Lesson, Release, Run, Session
from lms import clock
from tests.kept import repeated

HANOI = datetime.timezone(datetime.timedelta(hours=7))


def moment(text: str) -> datetime.datetime:
    """A moment of Tuesday 24 November 2026 in Hà Nội ("14:03" or "14:03:21"), or of "2026-11-27 09:00"."""
    day, _, hour = text.rpartition(" ")
    return datetime.datetime.fromisoformat(f"{day or '2026-11-24'} {hour}").replace(tzinfo=HANOI)


def question(at, number: int, *, right: int = 0, kind="single", options: int = 4) -> Question:
    """A question of a hospital's bank whose option number *right* is the key."""
    made = Question.objects.create(facility=at, code=f"DQ-{number:02}", state="approved")
    version = QuestionVersion.objects.create(
        question=made,
        number=1,
        body={
            "kind": kind,
            "stem": {"vi": f"Câu hỏi đột quỵ {number}?", "en": f"Stroke question {number}?"},
            "options": [
                {"id": f"o{i}", "vi": f"Lựa chọn {number}.{i}", "en": f"Option {number}.{i}"}
                for i in range(options)
            ],
            "why": {"vi": f"Giải thích bí mật {number}.", "en": f"Secret reason {number}."},
        },
        key=[f"o{right}"],
    )
    made.latest = version
    made.save(update_fields=["latest"])
    return made


def quiz(at, *, questions: int = 4, minutes: int | None = 25, review=Quiz.Review.PASSED) -> Quiz:
    """A test of fixed questions."""
    made = Quiz.objects.create(
        facility=at,
        title_vi="Kiểm tra cuối khóa",
        title_en="Final test",
        time_limit_s=minutes * 60 if minutes else None,
        review=review,
    )
    first = Question.objects.filter(facility=at).count() + 1
    for position in range(questions):
        QuizSlot.objects.create(
            quiz=made, position=position, question=question(at, first + position, right=position % 4)
        )
    return made


def checklist(at, *, steps: int = 4, critical: int = 1) -> Checklist:
    """A skill in steps; the first *critical* ones are critical."""
    made = Checklist.objects.create(
        facility=at, title_vi="Rửa tay thường quy", title_en="Hand hygiene", pass_pct=70
    )
    for position in range(steps):
        ChecklistItem.objects.create(
            checklist=made,
            position=position,
            text_vi=f"Bước {position + 1}: chà lòng bàn tay",
            text_en=f"Step {position + 1}: rub the palms",
            is_critical=position < critical,
        )
    return made


def survey(at, *, anonymous=True) -> Survey:
    """A scale and a question in one's own words."""
    made = Survey.objects.create(
        facility=at, title_vi="Khảo sát sau khóa học", title_en="Course survey", is_anonymous=anonymous
    )
    SurveyQuestion.objects.create(
        survey=made, position=0, text_vi="Mức hài lòng chung", text_en="Satisfaction"
    )
    SurveyQuestion.objects.create(
        survey=made, position=1, kind="text", text_vi="Góp ý", text_en="Comments", is_required=False
    )
    return made


def course(at, **rules) -> Course:
    """A course record of a provider, without pages."""
    values = {"code": "DQ-01", "title_vi": "Cấp cứu đột quỵ", "title_en": "Stroke emergency", **rules}
    return Course.objects.create(key=uuid.uuid4(), facility=at, is_open=True, **values)


def lesson(of: Course, kind: str, *, periods="0", **values) -> Lesson:
    """The next lesson of a course."""
    position = of.lessons.count()
    titles = {"title_vi": f"Bài {position + 1}", "title_en": f"Lesson {position + 1}"}
    return Lesson.objects.create(
        course=of,
        key=uuid.uuid4(),
        kind=kind,
        position=position,
        periods=Decimal(periods),
        **{**titles, **values},
    )


def release(of: Course, by=None) -> Release:
    """The course as it stands, issued."""
    outline, policy = outline_of(of), policy_of(of)
    return Release.objects.create(
        course=of,
        number=of.releases.count() + 1,
        state=Release.State.ISSUED,
        outline=outline,
        policy=policy,
        title_vi=of.title_vi,
        title_en=of.title_en,
        form=of.form,
        rule_code=of.rule_code,
        periods=sum(Decimal(item["periods"]) for item in outline),
        sha256=digest(outline, policy),
        decision_number="1234/QĐ-BM",
        decision_date=datetime.date(2026, 11, 2),
        issued_at=clock.now(),
        created_by=by,
    )


def run(of: Course, code="DQ-01-K1") -> Run:
    """A class of the course as it stands."""
    return run_of(release(of), code)


def run_of(frozen: Release, code: str) -> Run:
    """A further class of a release."""
    return Run.objects.create(release=frozen, code=code)


def enrolment(in_run: Run, person) -> Enrolment:
    """*person* learns in the class."""
    return Enrolment.objects.create(
        run=in_run, person=person, facility=person.workplace(), enrolled_at=clock.now()
    )


def staff(of: Course, person, role="observer") -> CourseStaff:
    """*person* observes (or teaches) in the course."""
    return CourseStaff.objects.create(course=of, person=person, role=role)


def session(hub, by, *, begins="14:00", ends="15:40", **values) -> Session:
    """A live session of the hub on 24 November 2026."""
    values = {
        "title_vi": "Báo động đột quỵ, hội chẩn từ xa và chuyển viện",
        "title_en": "Stroke alert",
        **values,
    }
    made = schedule(hub, starts_at=moment(begins), ends_at=moment(ends), by=by, **values)
    return open_session(made, by=by)


class Class:
    """One class of Bạch Mai with a session, a post-test, a checklist and a survey; Lan and Minh learn in it."""

    @repeated
    def __init__(
        self,
        cast,
        *,
        kinds=("session", "quiz", "checklist", "survey"),
        review=Quiz.Review.PASSED,
        anonymous=True,
        **rules,
    ):
        at, by = cast.bach_mai, cast.ung.user
        self.cast = cast
        self.course = course(at, **rules)
        make = {
            "session": lambda: lesson(self.course, "session", periods="2"),
            "quiz": lambda: lesson(self.course, "quiz", purpose="posttest", quiz=quiz(at, review=review)),
            "practice": lambda: lesson(self.course, "quiz", purpose="practice", quiz=quiz(at)),
            "checklist": lambda: lesson(self.course, "checklist", periods="1", checklist=checklist(at)),
            "survey": lambda: lesson(self.course, "survey", survey=survey(at, anonymous=anonymous)),
        }
        self.lessons = {kind: make[kind]() for kind in kinds}
        self.run = run(self.course)
        self.lan = enrolment(self.run, cast.lan)
        self.minh = enrolment(self.run, cast.minh)
        if "session" in kinds:
            self.session = session(at, by)
            use(self.session, run=self.run, lesson=self.lessons["session"])
            self.room = join_site(self.session, site=cast.site_bac_ha, expected=4)
            self.other_room = join_site(self.session, site=cast.site_luc_yen)
