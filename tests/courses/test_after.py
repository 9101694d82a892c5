"""After a session: key points go out once, the report says the same everywhere, sleeping sites are seen."""

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from courses import session_report
from courses.actions import attendance, cases, packs, sessions
from courses.models import SessionPack, SurveyResponse
from lms import clock, queue
from lms.actions import rename_facility
from lms.models import Message, TeleSite
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

SAID = {
    "conclusion": "Nhồi máu não cấp.",
    "recommendation": "Tiêu sợi huyết rồi chuyển tuyến.",
    "referral": "refer",
}
CASE = {
    "age_band": "old",
    "sex": "female",
    "complaint": "Yếu nửa người phải",
    "history": "Đang ăn cơm thì yếu tay.",
    "question": "Có tiêu sợi huyết không?",
}


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour) if isinstance(hour, str) else hour):
        return call(*args, **values)


@pytest.fixture
@repeated
def over(cast):
    """A session with one full room, one concluded case and a survey, ended."""
    with clock.at(moment("13:00")):
        class_ = live.Class(cast, kinds=("session", "survey"))
        case = cases.submit(class_.room, presenter=cast.xuan, values=CASE, by=cast.ha.user)
        cases.accept(case, rank=1, by=cast.ung.user)
    at(
        "13:50",
        sessions.report_connection,
        class_.room,
        is_in=True,
        picture=True,
        sound=True,
        by=cast.ha.user,
    )
    at("14:05", attendance.tick, class_.room, person=cast.lan, by=cast.ha.user)
    at("14:06", attendance.tick, class_.room, person=cast.my, by=cast.ha.user)
    at("15:00", cases.conclude, case, **SAID, by=cast.ung.user)
    at("15:35", attendance.attest, class_.room, head_count=6, by=cast.ha.user)
    at("15:40", sessions.end_session, class_.session, by=cast.ung.user)
    return class_


def answers(class_, marks):
    survey = class_.lessons["survey"].survey
    question = survey.questions.filter(kind="scale").first()
    for mark in marks:
        SurveyResponse.objects.create(
            survey=survey, run=class_.run, lesson=class_.lessons["survey"], answers={str(question.pk): mark}
        )


def test_key_points_reach_everybody_who_took_part_once(over, cast):
    ung, po, khanh = (cast.client(who) for who in (cast.ung, cast.po, cast.khanh))
    page = url("after", over.session.uuid)
    words = {"key_points": "Gọi ngay khi nghi đột quỵ. Đo đường máu."}
    said = {**words, "slides": ContentFile(b"%PDF-1.4 slides", name="a.pdf")}

    assert at("16:00", po.post, page, words).status_code == 404, "the hub writes"
    bad = at("16:00", ung.post, page, {"key_points": "Gọi bà Lành, 0912345678"})
    assert (bad.status_code, "0912345678" in bad.content.decode()) == (400, True)
    assert at("16:05", ung.post, page, said).status_code == 302
    for _twice in range(2):
        at("16:10", queue.run_due)
        at("16:10", packs.send_pack, over.session)

    told = Message.objects.filter(event="session-after").values_list("person__full_name", flat=True)
    # Learners, whoever was ticked, the presenter, both coordinators.
    names = [cast.lan, cast.minh, cast.my, cast.xuan, cast.ha, cast.po]
    assert sorted(told) == sorted(person.full_name for person in names)
    pack = SessionPack.objects.get()
    assert (pack.reached, pack.sent_at is not None) == (6, True)
    lan = cast.client(cast.lan)
    shown = at("17:00", lan.get, page).content.decode()
    assert "Gọi ngay khi nghi đột quỵ" in shown
    assert url("survey", over.lan.pk, over.lessons["survey"].pk) in shown
    slides = at("17:00", lan.get, url("slides", over.session.uuid))
    assert b"".join(slides.streaming_content) == b"%PDF-1.4 slides"
    for name in ("after", "slides"):
        assert at("17:00", khanh.get, url(name, over.session.uuid)).status_code == 404


def test_a_hub_without_key_points_is_reminded_once_and_not_before_half_a_day(over, cast):
    assert cast.hang
    assert at("20:00", packs.remind_hubs) == 0
    late = moment("15:40") + timedelta(hours=13)
    assert at(late, packs.remind_hubs) == 1
    assert at(late + timedelta(hours=1), packs.remind_hubs) == 0

    assert Message.objects.get(event="session-after-missing").person == cast.hang


def test_the_report_says_the_same_on_screen_in_xlsx_and_on_paper(over, cast):
    answers(over, [5, 5, 4, 3, 2])
    ung = cast.client(cast.ung)

    screen = at("17:00", ung.get, url("session_report", over.session.uuid)).content.decode()
    sheet = at("17:00", ung.get, url("session_report_xlsx", over.session.uuid)).content
    paper = at("17:00", ung.get, url("session_report_pdf", over.session.uuid)).content

    cells = [str(cell) for row in load_workbook(io.BytesIO(sheet)).active.values for cell in row if cell]
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).split())
    for text in ("Nhồi máu não cấp.", "3,8", "60 %", over.room.site.name):
        assert text in screen
        assert text in cells
        assert text.split()[0] in words
    assert paper == at("17:00", ung.get, url("session_report_pdf", over.session.uuid)).content
    found = at("17:00", session_report.report_of, over.session)
    assert (found.heads, found.people, len(found.sites)) == (6, 2, 2)
    for person in (cast.lan, cast.my, cast.xuan):
        assert person.full_name not in screen + words + " ".join(cells), "a report names nobody"
    assert at("17:00", cast.client(cast.hoa).get, url("session_report", over.session.uuid)).status_code == 404


def test_the_report_says_what_there_is_to_read_and_watch_afterwards(over, cast):
    found = at("17:00", session_report.report_of, over.session)
    assert session_report.totals(found)[-1] == "Để đọc và xem lại: –"

    said = {"key_points": "Gọi hội chẩn trong 10 phút.", "recording_url": "https://ghi.example/1"}
    at("17:00", packs.write_pack, over.session, by=cast.ung.user, **said)

    found = at("17:05", session_report.report_of, over.session)
    assert session_report.totals(found)[-1] == "Để đọc và xem lại: điểm chính, 1 bản ghi"


def test_few_answers_to_a_survey_are_not_told(over):
    answers(over, [1, 2, 1, 5])

    [line, *_more] = session_report.report_of(over.session).survey

    assert (line["count"], line["mean"], line["good"]) == (None, None, None)


def test_answers_are_told_in_the_words_that_were_answered(over):
    question = over.lessons["survey"].survey.questions.get(kind="scale")
    answers(over, [5, 5, 4, 4, 5])
    asked = session_report.report_of(over.session).survey
    question.text_vi = "Giảng viên có đúng giờ không?"
    question.save()

    assert session_report.report_of(over.session).survey == asked
    question.delete()
    assert session_report.report_of(over.session).survey == asked
    assert [(line["question"], line["count"], line["mean"]) for line in asked] == [
        ("Mức hài lòng chung", 5, 4.6)
    ]


def test_what_two_versions_asked_in_other_words_is_not_added_up(over, cast):
    survey = over.lessons["survey"].survey
    question = survey.questions.get(kind="scale")
    answers(over, [5, 5, 5, 5, 5])
    question.text_vi = "Giảng viên có đúng giờ không?"
    question.save()
    over.course.releases.filter(state="issued").update(state="superseded")
    newer = live.run_of(live.release(over.course), "DQ-01-K2")
    sessions.use(over.session, run=newer, lesson=over.lessons["session"])
    for mark in [1, 1, 1, 1, 1, 1]:
        SurveyResponse.objects.create(
            survey=survey, run=newer, lesson=over.lessons["survey"], answers={str(question.pk): mark}
        )

    told = session_report.report_of(over.session).survey

    assert [(line["question"], line["count"], line["mean"]) for line in told] == [
        ("Mức hài lòng chung", 5, 5.0),
        ("Giảng viên có đúng giờ không?", 6, 1.0),
    ]


def test_a_site_that_joins_nothing_sleeps_and_the_province_sees_it(over, cast):
    sites = TeleSite.objects.all()
    soon, later = moment("17:00"), moment("17:00") + timedelta(days=91)

    awake = {line.site: line for line in session_report.activity(sites, now=soon, months=3)}
    assert (awake[cast.site_bac_ha].sleeps, awake[cast.site_bac_ha].cases) == (False, 1)
    assert all(line.sleeps for line in session_report.activity(sites, now=later, months=3))
    assert (
        cast.site_bac_ha.name in at(later, cast.client(cast.ung).get, url("site_activity")).content.decode()
    )
    officer, hub, learner = (cast.client(who) for who in (cast.sen, cast.ha, cast.lan))
    assert cast.site_bac_ha.name in at(later, officer.get, url("site_activity")).content.decode()
    assert cast.site_luc_yen.name not in at(later, hub.get, url("site_activity")).content.decode()
    assert at(later, learner.get, url("site_activity")).status_code == 404
    rows = list(
        load_workbook(io.BytesIO(at(later, officer.get, url("site_activity_xlsx")).content)).active.values
    )
    assert len(rows) == 3


def test_rule_12_a_report_says_the_name_of_its_day_and_the_table_of_sites_joins_both(over, cast):
    starts = over.session.starts_at
    sites = TeleSite.objects.filter(pk=over.room.site_id)
    with clock.at(starts + timedelta(days=9)):
        rename_facility(cast.bac_ha, name="Bệnh viện Khu vực Bắc Hà", since=starts.date() + timedelta(days=1))

        [site] = [line for line in session_report.report_of(over.session).sites if line["room"] == over.room]
        [row] = session_report.activity(sites, now=clock.now(), months=3)

    assert session_report.site_cells(site)[0] == f"{over.room.site.name} (Bệnh viện Đa khoa khu vực Bắc Hà)"
    assert row.cells()[1] == "Bệnh viện Khu vực Bắc Hà"
    assert row.sessions == 1
