"""From a course to a release in force: built by one, appraised by another, issued by a third."""

import datetime
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from wagtail.models import Page

from content.actions import approve_question
from content.models import QuestionVersion, Video
from courses.actions import attempts, releases
from courses.actions.progress import mark_read
from courses.actions.releases import (
    AlreadyWaiting,
    AuthorMayNotAppraise,
    ReleaseBlocked,
    ReleaseError,
    WrongState,
    appraise,
    ask_changes,
    blockers,
    issue_release,
    submit_release,
)
from courses.actions.runs import RunRefused, open_run, waive
from courses.models import (
    AppraisalStep,
    Course,
    CoursePage,
    CourseStaff,
    Enrolment,
    LessonProgress,
    Release,
    Waiver,
)
from courses.signals import release_issued
from lms import clock, media
from lms.verify import breaches
from tests.factories import certificates
from tests.factories import courses as make
from tests.factories.content import guideline, question, quiz
from tests.kept import repeated

DECISION = {
    "decision_number": "118/QĐ-BVBM",
    "decision_date": datetime.date(2026, 9, 5),
    "decision_signatory": "Đào Xuân Cơ",
}


@pytest.fixture
@repeated
def course(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading", "video", "quiz", "checklist", "survey"))
    return make.rules(page)


def fresh(course):
    return Course.objects.get(pk=course.pk)


def test_a_complete_course_has_nothing_in_its_way(course):
    assert blockers(course) == []


def test_what_is_missing_is_said_in_words(cast):
    page = make.course_page(cast.bach_mai, kinds=("video", "quiz"))
    Video.objects.update(state=Video.State.PROCESSING)
    course = Course.objects.get(key=page.translation_key)

    found = " ".join(blockers(course))

    for word in ("mã", "video", "Bài 1", "Bài 2", "khảo sát"):
        assert word.lower() in found.lower() or word == "mã", (word, found)
    # Code, verification, periods, video, purpose of the test, survey.
    assert len(blockers(course)) == 6


def test_a_course_that_lacks_something_cannot_be_submitted(cast):
    page = make.course_page(cast.bach_mai)

    with pytest.raises(ReleaseBlocked) as refusal:
        submit_release(Course.objects.get(key=page.translation_key), by=cast.ung.user)

    assert refusal.value.reasons
    assert not Release.objects.exists()


def test_a_credit_rule_that_no_table_has_is_said_before_appraisal_and_mended_with_the_rules(course):
    Course.objects.filter(pk=course.pk).update(rule_code="COURSE_LERNER")
    assert blockers(fresh(course)) == [], "nobody keeps rules here"
    certificates.rules()

    [found] = releases.findings(fresh(course))
    assert "COURSE_LERNER" in found.text
    assert found.place == "rules"
    with pytest.raises(ReleaseBlocked, match="COURSE_LERNER"):
        submit_release(fresh(course), by=None)
    for known in ("COURSE_LEARNER", ""):
        Course.objects.filter(pk=course.pk).update(rule_code=known)
        assert blockers(fresh(course)) == []


def test_a_lesson_kind_that_the_site_cannot_evaluate_blocks(course):
    course.lessons.filter(kind="reading").update(kind="hologram")

    assert len(blockers(course)) == 1


def test_a_release_freezes_outline_and_rules(cast, course):
    release = submit_release(course, by=cast.ung.user)
    course.lessons.filter(kind="reading").update(title_vi="Đổi sau", periods="9")
    Course.objects.update(pass_pct=10)

    release.refresh_from_db()
    assert release.outline[0]["periods"] == "1.00"
    assert release.outline[0]["title"]["vi"] != "Đổi sau"
    assert release.policy["pass_pct"] == 70
    assert [item["kind"] for item in release.outline] == ["reading", "video", "quiz", "checklist", "survey"]
    assert release.outline[1]["seconds"] == 60
    assert release.outline[2]["blueprint"]["slots"][0]["questions"][0]["key"]
    assert release.outline[3]["items"][0]["critical"] is True
    assert release.periods == 3
    assert list(breaches("lms_courses.frozen")) == []


def test_a_tampered_release_is_found(cast, course):
    release = submit_release(course, by=cast.ung.user)
    release.policy["pass_pct"] = 10
    release.save(update_fields=["policy"])

    assert [breach.what for _name, breach in breaches("lms_courses.frozen")] == [f"release {release.pk}"]


def test_submitting_twice_is_submitting_once_and_a_changed_course_waits(cast, course):
    first = submit_release(course, by=cast.ung.user)
    assert submit_release(course, by=cast.ung.user) == first

    course.lessons.filter(kind="reading").update(periods="2")
    with pytest.raises(AlreadyWaiting):
        submit_release(course, by=cast.ung.user)


def test_the_author_cannot_appraise_not_even_past_the_action(cast, course):
    release = submit_release(course, by=cast.ung.user)

    with pytest.raises(AuthorMayNotAppraise):
        appraise(release, by=cast.ung.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(appraised_by=cast.ung.user)


def test_who_teaches_the_course_cannot_appraise_what_a_colleague_sent(cast, course):
    CourseStaff.objects.create(course=course, person=cast.thang, role="trainer")
    release = submit_release(course, by=cast.ung.user)

    with pytest.raises(AuthorMayNotAppraise):
        appraise(release, by=cast.thang.user)


def test_who_wrote_on_a_page_of_the_course_cannot_appraise_it(cast, course):
    release = submit_release(course, by=cast.ung.user)
    Page.objects.filter(translation_key=course.key).get().specific.save_revision(user=cast.thang.user)

    with pytest.raises(AuthorMayNotAppraise):
        appraise(release, by=cast.thang.user)


def test_changes_are_asked_for_with_words_and_lead_to_the_next_version(cast, course):
    release = submit_release(course, by=cast.ung.user)

    with pytest.raises(ReleaseError):
        ask_changes(release, by=cast.thang.user, comment="  ")
    release = ask_changes(release, by=cast.thang.user, comment="Thêm tài liệu tham khảo")
    again = submit_release(course, by=cast.ung.user)

    assert (release.state, again.number, again.state) == ("changes", 2, "submitted")
    assert AppraisalStep.objects.get(state="changes").comment == "Thêm tài liệu tham khảo"


def test_only_an_appraised_release_is_issued_and_only_with_its_decision(cast, course):
    release = submit_release(course, by=cast.ung.user)

    with pytest.raises(WrongState):
        issue_release(release, by=cast.hang.user, **DECISION)
    appraise(release, by=cast.thang.user)
    with pytest.raises(ReleaseError):
        issue_release(release, by=cast.hang.user, **{**DECISION, "decision_number": " "})
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="issued")

    assert issue_release(release, by=cast.hang.user, **DECISION).state == "issued"


def test_issuing_announces_once_and_twice_is_once(cast, course):
    release = submit_release(course, by=cast.ung.user)
    appraise(release, by=cast.thang.user)
    appraise(release, by=cast.thang.user)
    heard = []
    release_issued.connect(lambda **kw: heard.append(kw["release"]), weak=False, dispatch_uid="t")

    issue_release(release, by=cast.hang.user, **DECISION)
    issue_release(release, by=cast.hang.user, **DECISION)

    release_issued.disconnect(dispatch_uid="t")
    assert heard == [release]
    assert list(release.steps.values_list("state", flat=True)) == ["submitted", "appraised", "issued"]
    with pytest.raises(WrongState):
        issue_release(release, by=cast.hang.user, **{**DECISION, "decision_number": "119/QĐ"})


def test_questions_that_nobody_reviewed_block_issuing_outside_a_demonstration(cast, course, settings):
    QuestionVersion.objects.update(reviewed_at=None)
    release = submit_release(course, by=cast.ung.user)
    appraise(release, by=cast.thang.user)

    with pytest.raises(ReleaseBlocked, match="2"):
        issue_release(release, by=cast.hang.user, **DECISION)
    settings.LMS_COURSES_ALLOW_UNREVIEWED = True
    assert issue_release(release, by=cast.hang.user, **DECISION).state == "issued"


def test_what_was_reviewed_between_submission_and_decision_is_no_longer_called_unreviewed(cast):
    page = make.course_page(cast.bach_mai, kinds=("reading",))
    asked = question(cast.bach_mai, by=cast.ung.user)
    test = quiz(cast.bach_mai, [asked])
    make.lesson_page(page, "Kiểm tra cuối khóa", "quiz", facility=cast.bach_mai, quiz=test)
    release = submit_release(make.rules(page), by=cast.ung.user)
    appraise(release, by=cast.thang.user)
    with pytest.raises(ReleaseBlocked):
        issue_release(release, by=cast.hang.user, **DECISION)
    approve_question(asked, version=1, by=cast.thang.user)
    release = issue_release(release, by=cast.hang.user, **DECISION)
    lan = make.enrolment(cast, run=open_run(release, code="DQ-2026-1", by=cast.hang.user))

    mark_read(lan, lesson=make.lesson_of(lan, 1))
    attempt = attempts.start(lan, lesson=make.lesson_of(lan, 2), by=cast.lan.user)

    assert [one["reviewed"] for one in attempt.frozen] == [True]


def test_a_newer_release_supersedes_the_older_and_only_one_is_in_force(cast):
    page = make.course_page(cast.bach_mai)
    first = make.issued(cast, page)
    make.lesson_page(page, "Bài thêm", facility=cast.bach_mai)
    second = make.issued(cast, page)

    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("superseded", "issued", 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=first.pk).update(state="issued")


def test_adding_a_lesson_lowers_nobodys_progress(cast):
    from courses.actions.progress import mark_read, refresh

    page = make.course_page(cast.bach_mai, kinds=("reading", "reading"))
    enrolment = make.enrolment(cast, page=page)
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))
    before = refresh(enrolment)

    make.lesson_page(page, "Bài mới", facility=cast.bach_mai)
    make.issued(cast, page)

    assert refresh(Enrolment.objects.get(pk=enrolment.pk)) == before


# --- classes ---------------------------------------------------------------------------------------


def test_a_class_opens_only_from_a_release_in_force(cast, course):
    release = submit_release(course, by=cast.ung.user)

    with pytest.raises(RunRefused):
        open_run(release, code="LOP-1", by=cast.hang.user)


def test_opening_a_class_twice_is_opening_it_once_and_its_code_is_its_own(cast):
    release = make.issued(cast, make.course_page(cast.bach_mai))
    other = make.issued(cast, make.course_page(cast.bach_mai, "Khóa khác"))
    first = open_run(release, code="LOP-1", by=cast.hang.user)

    assert open_run(release, code=" LOP-1 ", by=cast.hang.user) == first
    with pytest.raises(RunRefused, match="LOP-1"):
        open_run(other, code="LOP-1", by=cast.hang.user)
    with pytest.raises(RunRefused):
        open_run(release, code="", by=cast.hang.user)
    day = clock.today()
    with pytest.raises(RunRefused):
        open_run(release, code="X", by=cast.hang.user, starts_on=day, ends_on=day - datetime.timedelta(1))


def test_a_waived_lesson_counts_as_done_for_the_class_and_says_why(cast):
    from courses.actions.progress import mark_read

    enrolment = make.enrolment(cast, kinds=("reading", "video"), rules={"min_attendance_pct": 100})
    mark_read(enrolment, lesson=make.lesson_of(enrolment, 1))

    waive(make.lesson_of(enrolment, 2), reason="Bản ghi hỏng", by=cast.hang.user)
    waive(make.lesson_of(enrolment, 2), reason="Lý do khác", by=cast.hang.user)

    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.COMPLETED
    assert Waiver.objects.get().reason == "Bản ghi hỏng"
    assert LessonProgress.objects.get(lesson=make.lesson_of(enrolment, 2)).evidence == {"waived": True}
    assert list(breaches("lms_courses")) == []
    with pytest.raises(RunRefused):
        waive(make.lesson_of(enrolment, 1), reason=" ", by=cast.hang.user)


# --- invariants find what is wrong ------------------------------------------------------------------


def test_a_completion_without_evidence_is_found(cast):
    enrolment = make.enrolment(cast)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="completed", completed_at=clock.now(), completion={"v": 1}
    )

    names = [name for name, _breach in breaches("lms_courses")]
    assert names == ["lms_courses.completion"]


def test_a_lesson_met_without_evidence_is_found(cast):
    enrolment = make.enrolment(cast)
    LessonProgress.objects.create(
        enrolment=enrolment, lesson=make.lesson_of(enrolment, 1), met_at=clock.now(), value=100
    )

    assert [name for name, _breach in breaches("lms_courses.progress")] == ["lms_courses.progress"]


def test_a_wrong_count_of_seats_is_found(cast):
    run = make.enrolment(cast).run
    type(run).objects.update(seats_taken=5)

    assert [name for name, _breach in breaches("lms_courses")] == ["lms_courses.seats"]


# --- the decision as a file


SCAN = b"%PDF-1.7 scan"


def scanned(data=SCAN, name="qd.pdf"):
    return ContentFile(data, name=name)


def test_the_scanned_decision_is_kept_once_beside_the_version(cast, course):
    release = make.issued(cast, CoursePage.objects.get(translation_key=course.key))
    attach = partial(releases.attach_decision, by=cast.hang.user)

    kept = attach(release, file=scanned())

    assert attach(release, file=scanned()).decision_file == kept.decision_file
    with pytest.raises(releases.WrongState, match="không thay được"):
        attach(release, file=scanned(SCAN + b"!"))
    with media.storage().open(kept.decision_file) as file:
        assert file.read() == SCAN


@pytest.mark.parametrize("data", [b"", b"<html>%PDF-1.7", b"<svg/>", b"MZ\x90", b"GIF89a", bytes(10_000_001)])
def test_what_no_decision_can_be_issues_nothing(cast, course, data):
    release = releases.submit_release(course, by=cast.ung.user)
    releases.appraise(release, by=cast.thang.user)
    form = {"decision_number": "1/QĐ", "decision_date": "2026-09-05", "decision_signatory": "Đào Xuân Cơ"}
    form["decision_file"] = SimpleUploadedFile("qd.pdf", data)

    answer = cast.client(cast.hang).post(reverse("lms_courses_admin:issue", args=[release.pk]), form)

    assert answer.status_code == 422
    release.refresh_from_db()
    assert (release.state, release.decision_file) == (Release.State.APPRAISED, "")


def test_the_office_issues_with_the_file_and_the_staff_reads_it(cast, course):
    release = releases.submit_release(course, by=cast.ung.user)
    releases.appraise(release, by=cast.thang.user)
    form = {"decision_number": "1/QĐ", "decision_date": "2026-09-05", "decision_signatory": "Đào Xuân Cơ"}
    form["decision_file"] = SimpleUploadedFile("qd.pdf", SCAN)
    fetch = reverse("lms_courses_admin:decision", args=[release.pk])
    assert cast.client(cast.hang).get(fetch).status_code == 404

    cast.client(cast.hang).post(reverse("lms_courses_admin:issue", args=[release.pk]), form)

    answer = cast.client(cast.ung).get(fetch)
    assert b"".join(answer.streaming_content) == SCAN
    assert answer["Content-Disposition"] == 'attachment; filename="1-qd.pdf"'
    assert cast.client(cast.lan).get(fetch).status_code == 403


# --- what it follows


def test_the_page_cites_the_guidelines_and_marks_what_was_replaced(cast, course):
    page = CoursePage.objects.get(translation_key=course.key)
    release = make.issued(cast, page, scope="Cấp cứu, hồi sức tích cực")
    new = guideline()
    old = guideline("QD5331", number="5331/QĐ-BYT", status="superseded", superseded_by=new)
    release.course.guidelines.set([new, old])

    html = cast.client(cast.lan).get(page.get_url()).content.decode()

    assert "Cấp cứu, hồi sức tích cực" in html
    assert "5331/QĐ-BYT" in html
    assert html.count("được thay bằng 3312/QĐ-BYT") == 1
