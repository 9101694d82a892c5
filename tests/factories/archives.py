"""A course with one of everything that travels, and what its archive says."""

import io
import shutil
import struct
import zlib
from pathlib import Path

from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Locale

from content.actions import set_captions
from content.actions.packing import Pack
from content.archive import DOCUMENTS, Archive, Writer, open_archive
from content.models import Chapter, QuestionVersion
from courses.actions.archives import CHECK, EXPORT, ask_export, hand_in_archive
from courses.actions.packing import contents_of, pack_course
from courses.models import Course, CoursePage, LessonPage, ProviderPage
from lms import media, queue
from lms.actions import provider_collection
from lms.models import Job, Specialty
from tests.factories import cast as people
from tests.factories import content as stuff
from tests.factories import courses as make

MOST = 4_000_000_000


def png(colour: int = 200) -> bytes:
    """A real picture of 8 × 8 dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([colour, 40, 40]) * 8 for _line in range(8))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def library_file(model, facility, title: str, data: bytes, name: str):
    """A picture or document in the private collection of *facility*."""
    return model.objects.create(
        title=title, file=ContentFile(data, name), collection=provider_collection(facility)
    )


def english_home(facility) -> ProviderPage:
    """The English page of a providing hospital, made below an English catalogue."""
    page, locale = make.provider(facility), make.english()
    found = page.get_translation_or_none(locale)
    if found is None:
        found = make.publish(page.copy_for_translation(locale, copy_parents=True))
    return found


def rich_course(cast, facility=None, *, by=None, title="Xử trí ban đầu đột quỵ não") -> Course:
    """A published course of *facility* in both languages with every activity and medium, and its rules."""
    facility = facility or cast.bach_mai
    by = by or cast.ung.user
    english_home(facility)
    picture = library_file(get_image_model(), facility, "Ảnh cắt lớp", png(), "cat-lop.png")
    paper = library_file(get_document_model(), facility, "Phác đồ", b"%PDF-1.4\n%%EOF\n", "phac-do.pdf")
    guideline = stuff.guideline()
    questions = [
        stuff.question(
            facility, f"DQ-{number}", by=by, tags=("đột quỵ", f"phần {number}"), stem=f"Câu {number}?"
        )
        for number in range(4)
    ]
    stuff.approve_question(questions[0], version=1, by=cast.thang.user)
    QuestionVersion.objects.get(question=questions[0]).citations.set([guideline])
    stuff_revise(questions[1], by=by)
    quiz = stuff.quiz(facility, questions[:2], tag="phần 3", time_limit_s=900)
    video = stuff.video(facility, by=by, ready=False)
    set_captions(video, language="vi", vtt=b"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nXin ch\xc3\xa0o\n")
    for second, name in [(0, "Mở đầu"), (2, "Xử trí")]:
        Chapter.objects.create(video=video, version=1, at_ms=second * 1000, title_vi=name)
    page = make.publish(
        CoursePage(
            title=title,
            slug="dot-quy",
            summary="Nhận biết <FAST> & xử trí.",
            objectives="<ul><li>Nhận biết</li><li>Xử trí &lt; 60 phút</li></ul>",
            needs="Tuyến dưới còn thiếu.",
        ),
        under=make.provider(facility),
    )
    module = make.module_page(page, "Phần 1: Nhận biết")
    first = make.lesson_page(module, "Đọc trước")
    last = make.lesson_page(page, "Kiểm tra", "quiz", quiz=quiz)
    make.lesson_page(page, "Bài giảng", "video", video=video)
    make.lesson_page(page, "Kỹ năng", "checklist", checklist=stuff.checklist(facility))
    make.lesson_page(page, "Ý kiến", "survey", survey=stuff.survey(facility))
    make.lesson_page(page, "Hội chẩn", "session")
    first.body = [
        {"type": "heading", "value": "Mở đầu"},
        {
            "type": "text",
            "value": f'<p>Xem <a linktype="page" id="{last.pk}">bài kiểm tra</a>, '
            f'<a linktype="document" id="{paper.pk}">phác đồ</a> và <a href="https://moh.example.vn/">trang</a>.</p>',
        },
        {"type": "figure", "value": {"image": picture.pk, "alt": "Ổ nhồi máu", "caption": "Sau 6 giờ"}},
        {"type": "document", "value": {"document": paper.pk, "title": "Phác đồ"}},
        {"type": "callout", "value": {"kind": "warn", "title": "Chú ý", "text": "<p>Không <b>chờ</b>.</p>"}},
        {
            "type": "case",
            "value": {
                "title": "Ca 1",
                "story": "<p>Nam, 60 tuổi</p>",
                "question": "?",
                "is_deidentified": True,
            },
        },
    ]
    make.publish(first)
    locale = Locale.objects.get(language_code="en")
    for one, name in [(page, "First hours of stroke"), (module, "Part 1"), (first, "Read first")]:
        other = one.specific.copy_for_translation(locale)
        other.title = name
        make.publish(other)
    course = make.rules(
        CoursePage.objects.get(pk=page.pk),
        periods="1.5",
        code="DQ-24",
        specialty=Specialty.objects.get_or_create(code="than-kinh", defaults={"name_vi": "Thần kinh"})[0],
        audience=[people.profession("bac_sy")],
    )
    assert LessonPage.objects.descendant_of(page).count() == 6
    return course


def stuff_revise(question, *, by) -> None:
    """A second version of *question*."""
    from content.actions import revise_question

    revise_question(question, body=stuff.body("Câu 1, viết lại?"), key=["b"], by=by)


def packed(course: Course) -> bytes:
    """The archive of *course*."""
    pack, handle = Pack(), io.BytesIO()
    document = pack_course(course, contents_of(course), pack)
    pack.write(document, handle, progress=lambda pct: None)
    return handle.getvalue()


def opened(data: bytes) -> Archive:
    """The archive in *data*, verified."""
    return open_archive(io.BytesIO(data), most_bytes=MOST)


def written(title: str, **documents) -> bytes:
    """An archive written by hand: a course of one page, and whatever *documents* say else."""
    page = {"key": "page-1", "kind": "course", "above": None, "rules": None}
    page["words"] = {"vi": {"title": title, "slug": "gui-den"}}
    course = {
        "source": "vi",
        "rules": {},
        "specialty": None,
        "audience": [],
        "guidelines": [],
        "pages": [page],
    }
    handle = io.BytesIO()
    writer = Writer(handle)
    for kind in DOCUMENTS:
        writer.document(kind, documents.get(kind, course if kind == "course" else []))
    writer.close()
    return handle.getvalue()


def sent_in(facility, data: bytes, *, by) -> str:
    """The token of an archive that *by* has sent in and that was checked."""
    token = hand_in_archive(facility, file=ContentFile(data, "khoa-hoc.zip"), by=by)
    run_job(CHECK, token)
    return token


def run_job(kind: str, key: str) -> Job:
    """Run the job that waits for *key*; the row as it ended."""
    job = Job.objects.get(kind=kind, key=key, state="queued")
    queue.run(job.pk)
    job.refresh_from_db()
    return job


def exported(course: Course, *, by) -> Job:
    """The job by which *by* has exported *course*."""
    return run_job(EXPORT, ask_export(course, by=by).key)


def forget_files() -> None:
    """No archive of another test: numbers of rows begin anew in each, names of files do not."""
    shutil.rmtree(Path(media.storage().location) / "course-archives", ignore_errors=True)
