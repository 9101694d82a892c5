"""The page trees of the demonstration, Vietnamese with English beside it."""

import uuid

from django.db import transaction
from django.utils.html import escape, format_html, format_html_join
from django.utils.text import slugify
from wagtail.models import Locale, Page, Site

from content.models import Guideline
from courses.models import Course, Lesson
from courses.models.outline import LessonKind
from courses.models.pages import CatalogPage, CoursePage, LessonPage, ProviderPage
from courses.sync import sync_course
from lms import names
from lms.models import Facility, Profession, Specialty
from website.models import HomePage

from . import data
from .accounts import BACH_MAI, COLLEGE
from .places import HMU, PROVIDERS

PROVIDER_OF = {
    "DQ-01": BACH_MAI,
    "BM-01": COLLEGE,
    "TELE-01": HMU,
    "KSNK-01": BACH_MAI,
    "CC-01": BACH_MAI,
    "SS-01": BACH_MAI,
}
SPECIALTY_OF = {
    "DQ-01": "Đột quỵ - Thần kinh",
    "BM-01": "Quản lý chất lượng",
    "TELE-01": "Y học từ xa - Chuyển đổi số",
    "KSNK-01": "Kiểm soát nhiễm khuẩn",
    "CC-01": "Hồi sức cấp cứu",
    "SS-01": "Sơ sinh",
}
KIND_OF = {
    "video": LessonKind.VIDEO,
    "reading": LessonKind.READING,
    "live_session": LessonKind.SESSION,
    "case_conference": LessonKind.SESSION,
    # On-site coaching is a skill seen by an observer.
    "onsite_skill": LessonKind.CHECKLIST,
    "checklist": LessonKind.CHECKLIST,
}
ATTENDANCE_CHECK = (
    "Bài giảng: hệ thống ghi phần đã xem. Buổi trực tuyến: mã điểm danh trên điện thoại hoặc điều phối viên"
    " điểm cầu xác nhận danh sách. Kỹ năng: người quan sát chấm bảng kiểm."
)


def key_of(*parts: object) -> uuid.UUID:
    """The translation key of a demonstration page: the same in every installation."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "urn:vuonxa:demo:" + ":".join(map(str, parts)))


@transaction.atomic
def load_site() -> None:
    """Home, catalogue and the providing hospitals, and the site that shows them."""
    vi, en = _locales()
    root = Page.objects.get(depth=1)
    home = _page(
        root,
        HomePage,
        vi,
        "home",
        title="Vươn Xa",
        slug="vuon-xa",
        lead="Học cùng bệnh viện trung ương, ngay tại trạm y tế",
        intro="Xem được trên điện thoại cũ, mạng yếu. Giấy chứng nhận được mọi cơ quan tra cứu.",
    )
    _page(
        root,
        HomePage,
        en,
        "home",
        title="Vươn Xa",
        slug="vuon-xa-en",
        lead="Learn with the central hospitals, right at the health station",
        intro="Works on an old phone and a weak network. Certificates that any authority can check.",
    )
    site = Site.objects.get(is_default_site=True)
    if site.root_page_id != home.pk:
        welcome = site.root_page
        site.root_page, site.site_name = home, "Vươn Xa"
        site.save()
        if welcome.depth == 2:
            welcome.delete()
    both = {"vi": ("Khóa học", "khoa-hoc"), "en": ("Courses", "courses")}
    for locale in (vi, en):
        title, slug = both[locale.language_code]
        _page(_at("home", locale), CatalogPage, locale, "catalog", title=title, slug=slug)
        for name in PROVIDERS:
            facility = Facility.objects.get(name=name)
            intro = {
                "vi": "Các khóa cập nhật kiến thức y khoa liên tục của bệnh viện (dữ liệu minh họa).",
                "en": "Continuing medical education of the hospital (demonstration data).",
            }[locale.language_code]
            _page(
                _at("catalog", locale),
                ProviderPage,
                locale,
                f"provider:{name}",
                title=name,
                slug=slugify(names.fold(name)),
                facility=facility,
                intro=format_html("<p>{}</p>", intro),
            )


@transaction.atomic
def load_course(code: str, made: dict, videos: dict) -> Course:
    """The pages of a programme in both languages, then its records and their rules.

    *made* is what ``bank.load`` returned, *videos* maps module number to video.
    """
    vi, en = _locales()
    programme = data.programme(code)
    provider = PROVIDER_OF[code]
    rows = list(_lessons(programme, made, videos))
    for locale, lang in ((vi, "vi"), (en, "en")):
        course_page = _page(
            _at(f"provider:{provider}", locale),
            CoursePage,
            locale,
            f"course:{code}",
            title=programme[lang],
            slug=code.lower(),
            summary=_summary(programme, lang),
            objectives=_objectives(programme, lang),
        )
        for number, row in enumerate(rows):
            _page(
                course_page,
                LessonPage,
                locale,
                f"lesson:{code}:{row['key']}",
                title=row[lang],
                slug=f"{number + 1:02d}-{slugify(names.fold(row[lang]))[:60].strip('-')}",
                body=_body(row, programme, lang),
                activity=row["kind"],
                **row["activity"],
            )
    sync_course(key_of(f"course:{code}"))
    return _rules(code, programme, rows)


def _rules(code: str, programme: dict, rows: list[dict]) -> Course:
    """What an editor sets in the course's form: code, audience, policy, periods and purposes."""
    policy = programme["policy"]
    course = Course.objects.get(key=key_of(f"course:{code}"))
    if course.code == code:
        return course
    course.code = code
    course.specialty = Specialty.objects.get(name_vi=SPECIALTY_OF[code])
    course.form = programme["form"]
    course.attendance_check = ATTENDANCE_CHECK
    course.min_attendance_pct = policy["min_attendance_pct"]
    course.pass_pct = policy["min_post_test_pct"]
    course.max_attempts = policy["max_attempts"]
    course.require_survey = policy["require_survey"]
    course.require_checklist = policy.get("checklist_required", False)
    course.save()
    course.audience.set(Profession.objects.filter(code__in=programme["audience"]))
    cited = {key for question in programme["questions"] for key in question["cite"]}
    course.guidelines.set(Guideline.objects.filter(key__in=cited))
    for row in rows:
        Lesson.objects.filter(course=course, key=key_of(f"lesson:{code}:{row['key']}")).update(
            periods=row["periods"], purpose=row["purpose"]
        )
    return course


def _lessons(programme: dict, made: dict, videos: dict):
    """Pre-test, the modules, post-test and survey, as rows of one shape."""
    base = {"periods": 0, "purpose": "", "activity": {}, "module": None}
    yield base | {
        "key": "pretest", "vi": "Kiểm tra trước khi học", "en": "Before you start: a short test",
        "kind": LessonKind.QUIZ, "purpose": "pretest", "activity": {"quiz": made["pretest"]},
    }  # fmt: skip
    for number, module in enumerate(programme["modules"]):
        kind = KIND_OF[module["kind"]]
        activity = {}
        if kind == LessonKind.VIDEO:
            activity = {"video": videos[number]}
        if kind == LessonKind.CHECKLIST:
            activity = {"checklist": made["checklist"]}
        yield base | {
            "key": number, "vi": module["vi"], "en": module["en"], "kind": kind,
            "periods": module["periods"], "activity": activity, "module": number,
        }  # fmt: skip
    yield base | {
        "key": "posttest", "vi": "Kiểm tra cuối khóa", "en": "Post-test",
        "kind": LessonKind.QUIZ, "purpose": "posttest", "activity": {"quiz": made["posttest"]},
    }  # fmt: skip
    yield base | {
        "key": "survey", "vi": "Khảo sát sau khóa học", "en": "Survey",
        "kind": LessonKind.SURVEY, "activity": {"survey": made["survey"]},
    }  # fmt: skip


def _summary(programme: dict, lang: str) -> str:
    lectures = sum(module["kind"] == "video" for module in programme["modules"])
    text = {
        "vi": "{periods} tiết, {lectures} bài giảng video ngắn. Dữ liệu minh họa, cần chuyên gia duyệt trước khi dùng thật.",
        "en": "{periods} periods, {lectures} short lectures. Demonstration content: a clinician must sign it off before real use.",
    }[lang]
    return text.format(periods=programme["periods"], lectures=lectures)


def _objectives(programme: dict, lang: str) -> str:
    return format_html(
        "<ul>{}</ul>",
        format_html_join("", "<li>{}</li>", [(module[lang],) for module in programme["modules"]]),
    )


def _body(row: dict, programme: dict, lang: str) -> list[tuple]:
    """Passive blocks: what to look for; for a reading, the text itself from the questions' reasons."""
    said = 0 if lang == "vi" else 1
    questions = programme["questions"]
    if row["kind"] == LessonKind.READING:
        blocks = []
        for question in questions:
            blocks.append(("heading", question[lang][:120]))
            right = question["options"][question["answer"]][said]
            blocks.append(("text", f"<p><b>{escape(right)}</b></p><p>{escape(question['why'][said])}</p>"))
        return blocks
    if row["module"] is None:
        return []
    question = questions[(row["module"] * 3) % len(questions)]
    text = f"<p>{escape(question['why'][said])}</p>"
    title = {"vi": "Điều cần nhớ", "en": "Remember"}[lang]
    return [("callout", {"kind": "note", "title": title, "text": text})]


def _locales() -> tuple[Locale, Locale]:
    return tuple(Locale.objects.get_or_create(language_code=code)[0] for code in ("vi", "en"))


def _at(name: str, locale: Locale) -> Page:
    return Page.objects.get(translation_key=key_of(name), locale=locale)


def _page(parent, model, locale, name: str, **fields):
    """The live page of that key in that language, made and published where it is missing."""
    key = key_of(name)
    if known := model.objects.filter(translation_key=key, locale=locale).first():
        return known
    page = model(translation_key=key, locale=locale, **fields)
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page
