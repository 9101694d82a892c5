"""A catalogue of any size, written in a few statements; none of its courses can be learnt."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Page

from content.models import Checklist, Quiz, Rendition, Survey, Video
from courses.models import Course, CoursePage, Lesson, LessonPage, ProviderPage, Release, Run
from lms import clock
from lms.models import Facility, Profession, Specialty

WORDS = (
    "đột quỵ",
    "tăng huyết áp",
    "đái tháo đường",
    "sản khoa",
    "nhi khoa",
    "kiểm soát nhiễm khuẩn",
    "an thần",
)
POLICY = {"min_attendance_pct": 80, "pass_pct": 70, "require_survey": True, "require_checklist": False}


@transaction.atomic
def add_courses(count: int, *, under: Page) -> None:
    """Issue *count* courses with pages below *under*, newest last, each with a lecture and an open class.

    Hospitals, specialties, titles, forms and hours of what there is take turns.
    """
    hospitals = list(Facility.objects.providers()[:60]) or list(Facility.objects.all()[:60])
    specialties, titles = list(Specialty.objects.all()[:30]), list(Profession.objects.all()[:12])
    forms, now = Course.Form.values, clock.now()
    courses = Course.objects.bulk_create(
        [
            Course(
                key=uuid4(),
                code=f"N-{number:05}",
                facility=hospitals[number % len(hospitals)],
                specialty=specialties[number % len(specialties)] if specialties else None,
                title_vi=f"Khóa số {number} về {WORDS[number % len(WORDS)]}",
                is_open=True,
                form=forms[number % len(forms)],
            )
            for number in range(count)
        ],
        batch_size=500,
    )
    through = Course.audience.through
    through.objects.bulk_create(
        [
            through(course=course, profession=titles[(number + more) % len(titles)])
            for number, course in enumerate(courses)
            for more in range(min(2, len(titles)))
        ],
        batch_size=500,
    )
    releases = Release.objects.bulk_create(
        [
            Release(
                course=course,
                number=1,
                state=Release.State.ISSUED,
                outline=[
                    {"kind": kind, "purpose": "", "periods": periods} for kind, periods in _outline(number)
                ],
                policy=POLICY,
                title_vi=course.title_vi,
                form=course.form,
                rule_code=course.rule_code,
                periods=Decimal(2 + number % 10),
                issued_at=now + timedelta(milliseconds=number),
                decision_number=f"{number}/QĐ",
                decision_date=now.date(),
            )
            for number, course in enumerate(courses)
        ],
        batch_size=500,
    )
    Run.objects.bulk_create(
        [
            Run(release=release, code=f"N-{release.pk}", seats=30, seats_taken=number % 31)
            for number, release in enumerate(releases)
        ],
        batch_size=500,
    )
    video = _lecture(hospitals[0])
    Lesson.objects.bulk_create(
        [Lesson(course=course, key=uuid4(), kind="video", video=video) for course in courses], batch_size=500
    )
    _add_pages(courses, under)


def _outline(number: int) -> list[tuple[str, str]]:
    return [("video", str(2 + number % 10)), ("survey", "0")]


def _lecture(hospital: Facility) -> Video:
    video = Video.objects.create(
        facility=hospital, title="Bài giảng", version=1, state=Video.State.READY, duration_ms=2_700_000
    )
    for kind, size in {"audio": 10_000_000, "240p": 41_000_000, "360p": 76_000_000}.items():
        Rendition.objects.create(
            video=video, version=1, kind=kind, name=f"videos/{video.uuid}/1/{kind}", size=size,
            sha256="0" * 64, content_type="video/mp4",
        )  # fmt: skip
    return video


def _add_pages(courses: list[Course], under: Page) -> None:
    """Pages without revisions: what a list needs of them."""
    parent = Page.objects.get(pk=under.pk)
    kind, first = ContentType.objects.get_for_model(CoursePage), parent.numchild + 1
    last = parent.get_last_child()
    if last is not None:
        first = 1 + Page._str2int(last.path[-Page.steplen :])
    pages = Page.objects.bulk_create(
        [
            Page(
                path=Page._get_path(parent.path, parent.depth + 1, first + number),
                depth=parent.depth + 1,
                title=course.title_vi,
                draft_title=course.title_vi,
                slug=f"{course.code.lower()}-{course.pk}",
                url_path=f"{parent.url_path}{course.code.lower()}-{course.pk}/",
                content_type=kind,
                translation_key=course.key,
                locale_id=parent.locale_id,
                live=True,
            )
            for number, course in enumerate(courses)
        ],
        batch_size=500,
    )
    rows = [CoursePage(page_ptr_id=page.pk, summary=f"Tóm tắt của {page.title}") for page in pages]
    for start in range(0, len(rows), 500):
        # Only the columns of the course page: bulk_create refuses models of several tables.
        CoursePage._base_manager.all()._insert(
            rows[start : start + 500], fields=CoursePage._meta.local_concrete_fields, using=parent._state.db
        )
    Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild + len(pages))


def add_long_course(count: int, *, under: ProviderPage) -> CoursePage:
    """A published course of *count* lessons below *under*: what the hospital has, in turns, or texts."""
    at = under.facility
    choices: list[dict] = [{"activity": "reading"}]
    for name, model in {"video": Video, "quiz": Quiz, "checklist": Checklist, "survey": Survey}.items():
        choices += [{"activity": name, name: one} for one in model.objects.filter(facility=at)[:10]]
    page = CoursePage(title="Khóa sáu mươi bài", slug="khoa-sau-muoi-bai", locale=under.locale)
    Page.objects.get(pk=under.pk).add_child(instance=page)
    page.save_revision().publish()
    for number in range(count):
        lesson = LessonPage(
            title=f"Bài {number + 1}",
            slug=f"bai-{number + 1}",
            locale=under.locale,
            **choices[number % len(choices)],
        )
        Page.objects.get(pk=page.pk).add_child(instance=lesson)
        lesson.save_revision().publish()
    return CoursePage.objects.get(pk=page.pk)
