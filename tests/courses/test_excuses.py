"""Excuses: said by the person or the coordinator, decided by the hub, appealed once; they never make a minute."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from courses import session_report
from courses.actions import attendance, excuses, progress, sessions, settling, telling
from courses.actions.excuses import ExcuseRefused
from courses.facts import proved, recorded, result_of
from courses.models import Attendance, Enrolment, Excuse, ExcuseStep, Session
from lms import clock, media, retention
from lms.models import AccessLog, Message, RoleAssignment
from lms.uploads import UploadRefused
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

WHY = "Trực cấp cứu thay đồng nghiệp"


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour)):
        return call(*args, **values)


@pytest.fixture
@repeated
def class_(cast):
    """Four periods to read and a session of one, of which one may be missed with an excuse; Lan has read."""
    with clock.at(moment("2026-11-20 09:00")):
        course = live.course(
            cast.bach_mai,
            require_survey=False,
            max_excused=1,
            min_attendance_pct=90,
            title_vi="Cấp cứu ban đầu",
        )
        reading, lesson = (
            live.lesson(course, "reading", periods="4"),
            live.lesson(course, "session", periods="1"),
        )
        run = live.run(course)
        lan = live.enrolment(run, cast.lan)
        progress.mark_read(lan, lesson=reading)
        session = sessions.schedule(
            cast.bach_mai,
            title_vi="Hội chẩn từ xa",
            starts_at=moment("14:00"),
            ends_at=moment("15:40"),
            excuse_effect=Session.ExcuseEffect.LEFT_OUT,
            by=cast.hang.user,
        )
        sessions.use(session, run=run, lesson=lesson)
        room = sessions.join_site(session, site=cast.site_bac_ha)
        assert cast.phuc  # the second of the office, there before anybody is told
    return SimpleNamespace(session=session, run=run, lan=lan, room=room, lesson=lesson)


def say(class_, cast, hour="09:00", **values):
    values = {"person": cast.lan, "kind": "duty", "text": WHY, "by": cast.lan.user, **values}
    return at(hour, excuses.say, class_.session, **values)


def refused(class_, cast):
    return at(
        "10:00",
        excuses.decide,
        say(class_, cast),
        accept=False,
        reason="Lịch trực đổi được",
        by=cast.hang.user,
    )


def settle(class_, cast):
    at("15:40", sessions.end_session, class_.session, by=cast.hang.user)
    at("16:00", settling.settle, class_.session, by=cast.hang.user)
    class_.lan.refresh_from_db()


# --- said, decided, appealed


def test_an_excuse_is_said_once_and_the_office_is_told_without_a_name(class_, cast):
    one, again = say(class_, cast), say(class_, cast, text="Lần nữa")

    assert one == again
    told = Message.objects.filter(event="excuse-waits")
    assert {row.person for row in told} == {cast.hang, cast.phuc}
    assert not any("Lan" in row.subject + row.body for row in told)


@pytest.mark.parametrize("text", ["Đưa bệnh nhân Giàng A Páo đi cấp cứu", "Gọi 0912 345 678 giúp tôi"])
def test_words_that_may_tell_of_a_patient_are_refused(class_, cast, text):
    with pytest.raises(ExcuseRefused):
        say(class_, cast, text=text)
    with pytest.raises(ExcuseRefused):
        say(class_, cast, kind="other", text="")

    assert not Excuse.objects.exists()


def test_an_absence_is_explained_within_days_of_the_session_and_not_later(class_, cast):
    with pytest.raises(ExcuseRefused):
        say(class_, cast, hour="2026-12-02 09:00")

    assert say(class_, cast, hour="2026-11-30 09:00").state == "said"


def test_an_accepted_excuse_is_told_and_cannot_be_decided_again(class_, cast):
    one = at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)

    assert one.state == "accepted"
    assert Message.objects.filter(event="excuse-accepted", person=cast.lan).count() == 1
    with pytest.raises(ExcuseRefused):
        excuses.decide(one, accept=False, reason="Nghĩ lại rồi", by=cast.phuc.user)
    with pytest.raises(ExcuseRefused):
        excuses.take_back(one, by=cast.lan.user)


def test_nobody_decides_the_own_excuse_nor_one_said_for_another(class_, cast):
    own = say(class_, cast, person=cast.hang, by=cast.hang.user)
    for_another = say(class_, cast, by=cast.hang.user)

    for one in (own, for_another):
        with pytest.raises(ExcuseRefused):
            excuses.decide(one, accept=True, by=cast.hang.user)
    # The database says so too.
    with pytest.raises(IntegrityError), transaction.atomic():
        ExcuseStep.objects.create(excuse=own, act="accepted", by=cast.hang.user, at=clock.now())


def test_a_refusal_needs_a_reason_and_is_appealed_once_to_somebody_else(class_, cast):
    with pytest.raises(ExcuseRefused):
        at("10:00", excuses.decide, say(class_, cast), accept=False, reason="", by=cast.hang.user)
    one = refused(class_, cast)
    at("11:00", excuses.appeal, one, reason="Không ai trực thay được", by=cast.lan.user)

    with pytest.raises(ExcuseRefused):
        at("12:00", excuses.decide, one, accept=True, by=cast.hang.user)
    one = at("12:00", excuses.decide, one, accept=False, reason="Đã xem lại lịch trực", by=cast.phuc.user)

    assert one.state == "refused"
    with pytest.raises(ExcuseRefused):
        at("13:00", excuses.appeal, one, reason="Một lần nữa", by=cast.lan.user)
    assert list(
        Message.objects.filter(person=cast.lan, event__startswith="excuse")
        .values_list("event", flat=True)
        .order_by("pk")
    ) == [
        "excuse-refused",
        "excuse-upheld",
    ]
    assert [step.act for step in one.steps.all()] == ["said", "refused", "appealed", "refused"]


def test_an_appeal_comes_in_time_or_not_at_all(class_, cast):
    one = refused(class_, cast)

    with pytest.raises(ExcuseRefused):
        at("2026-12-02 09:00", excuses.appeal, one, reason="Đi công tác về muộn", by=cast.lan.user)


def test_what_was_taken_back_can_be_said_anew(class_, cast):
    excuses.take_back(say(class_, cast), by=cast.lan.user)

    assert say(class_, cast, kind="illness", text="").state == "said"


# --- what it does


def test_an_accepted_excuse_makes_no_minute_and_leaves_the_session_out_of_the_count(class_, cast):
    at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)
    class_.lan.refresh_from_db()
    assert class_.lan.state == "active"  # he may still come

    settle(class_, cast)

    assert class_.lan.state == "completed"
    assert not Attendance.objects.filter(person=cast.lan).exists()
    result = proved(class_.lan)
    assert result.lesson(class_.lesson.pk).is_excused
    assert not result.lesson(class_.lesson.pk).met
    assert result.rule("attendance").evidence["of"] == "4.00"
    assert recorded([class_.lan])[0][class_.lan.pk].rule("attendance").met


def test_an_excuse_accepted_after_the_settlement_counts_at_once(class_, cast):
    settle(class_, cast)
    assert class_.lan.state == "active"

    at("17:00", excuses.decide, say(class_, cast, hour="16:30"), accept=True, by=cast.hang.user)

    class_.lan.refresh_from_db()
    assert class_.lan.state == "completed"


@pytest.mark.parametrize("effect", ["noted", "make_up"])
def test_a_session_that_leaves_nothing_out_changes_no_count(class_, cast, effect):
    Session.objects.filter(pk=class_.session.pk).update(excuse_effect=effect)
    at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)

    settle(class_, cast)

    assert class_.lan.state == "active"
    assert result_of(class_.lan).attendance_pct == 80


def test_a_course_that_allows_no_excused_session_counts_it_as_before(class_, cast):
    release = class_.run.release
    release.policy.pop("max_excused")
    release.save(update_fields=["policy"])
    at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)

    settle(class_, cast)

    assert class_.lan.state == "active"


def test_who_came_all_the_same_is_present_and_not_absent_with_leave(class_, cast):
    at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)
    at("14:01", attendance.tick, class_.room, person=cast.lan, by=cast.ha.user)
    settle(class_, cast)

    assert Attendance.objects.get(person=cast.lan).state == "present"
    assert result_of(class_.lan).lesson(class_.lesson.pk).met
    assert session_report.report_of(class_.session).excused == 0


def test_the_report_counts_absences_with_leave_apart(class_, cast):
    live.enrolment(class_.run, cast.minh)
    at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)
    class_.session.refresh_from_db()
    settle(class_, cast)

    found = session_report.report_of(class_.session)

    assert (found.excused, found.absent) == (1, 1)


def test_who_explained_the_absence_is_not_reminded_of_the_session(class_, cast):
    live.enrolment(class_.run, cast.minh)
    say(class_, cast, hour="2026-11-23 07:00")

    assert at("2026-11-23 08:00", telling.session, class_.session, what="tomorrow") == 1
    assert not Message.objects.filter(event="session-tomorrow", person=cast.lan).exists()


# --- papers


def test_a_picture_is_written_anew_and_anything_else_than_a_paper_is_refused(class_, cast):
    whole, taken = Image.new("RGB", (40, 30), "white"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Nguyễn Thị Lan, phòng 302"
    whole.save(taken, "JPEG", exif=exif)

    with pytest.raises(UploadRefused):
        say(class_, cast, file=ContentFile(b"MZ\x90", name="a.pdf"))
    one = say(class_, cast, file=ContentFile(taken.getvalue(), name="a.jpg"))

    with media.storage().open(one.file_name) as kept:
        assert b"302" not in kept.read()


def test_words_and_papers_are_forgotten_after_a_year_and_the_decision_stays(class_, cast):
    one = say(class_, cast, file=ContentFile(b"%PDF-1.4 lich truc", name="a.pdf"))
    at("10:00", excuses.decide, one, accept=False, reason="Lịch trực đổi được", by=cast.hang.user)
    name = one.file_name

    with clock.at(moment("2027-12-01 09:00")):
        rule = next(one for one in retention.rules() if one.name == "lms_courses.excuses")
        assert (retention.apply(rule), retention.apply(rule)) == (1, 0)
        one.refresh_from_db()

    assert (one.text, one.file_name, one.state) == ("", "", "refused")
    assert {step.reason for step in one.steps.all()} <= {"", excuses.FORGOTTEN}
    assert not media.storage().exists(name)


# --- screens


def test_a_learner_says_reads_the_refusal_and_appeals_on_one_page(class_, cast):
    lan, hang, page = cast.client(cast.lan), cast.client(cast.hang), url("excuse", class_.session.uuid)
    with clock.at(moment("09:00")):
        assert lan.get(page).status_code == 200
        sent = {"act": "say", "kind": "duty", "text": WHY, "paper": ContentFile(b"%PDF-1.4 x", name="a.pdf")}
        assert lan.post(page, sent).status_code == 302
        one = Excuse.objects.get()
        desk = hang.get(url("excuses", class_.session.uuid))
        assert WHY in desk.content.decode()
        assert AccessLog.objects.filter(user=cast.hang.user, person=cast.lan).exists()
        answer = {"answer": "refuse", "reason": "Lịch trực đổi được"}
        assert hang.post(url("decide_excuse", one.pk), answer).status_code == 302
        assert "Lịch trực đổi được" in lan.get(page).content.decode()
        assert lan.post(page, {"act": "appeal", "reason": "Không ai trực thay"}).status_code == 302
        assert hang.post(url("decide_excuse", one.pk), {"answer": "accept"}).status_code == 400

    one.refresh_from_db()
    assert one.state == "appealed"


def test_a_coordinator_explains_the_absence_of_somebody_of_the_room(class_, cast):
    ha, page = cast.client(cast.ha), url("room_excuses", class_.room.pk)
    with clock.at(moment("09:00")):
        ha.get(page)
        bad = ha.post(page, {"act": "say", "person": cast.minh.pk, "kind": "line"})
        assert bad.status_code == 400
        assert ha.post(page, {"act": "say", "person": cast.lan.pk, "kind": "line"}).status_code == 302

    assert Excuse.objects.get().person == cast.lan
    assert Message.objects.filter(event="excuse-said", person=cast.lan).exists()


def test_excuse_and_paper_are_for_whose_it_is_and_who_decides(class_, cast):
    one = say(class_, cast, file=ContentFile(b"%PDF-1.4 lich truc", name="a.pdf"))
    paper = url("excuse_paper", one.pk)
    with clock.at(moment("09:10")):
        seen = {
            who: cast.client(getattr(cast, who)).get(paper).status_code
            for who in ("lan", "hang", "minh", "trong", "ha", "ung")
        }
        others = cast.client(cast.khanh).get(url("excuse", class_.session.uuid)).status_code

    assert seen == {"lan": 200, "hang": 200, "minh": 404, "trong": 404, "ha": 404, "ung": 404}
    assert others == 404


def test_the_waiting_list_of_the_office_names_the_session_not_the_person(class_, cast):
    say(class_, cast)

    with clock.at(moment("09:30")):
        front = cast.client(cast.hang).get(reverse("wagtailadmin_home")).content.decode()

    assert url("excuses", class_.session.uuid) in front
    assert "Nguyễn Thị Lan" not in front
    with clock.at(moment("09:30")):
        others = cast.client(cast.trong).get(reverse("wagtailadmin_home")).content.decode()
    assert url("excuses", class_.session.uuid) not in others


def test_a_coordinator_who_left_the_office_reads_no_excuse_any_more(class_, cast):
    paper = ContentFile(b"%PDF-1.4 lich truc", name="a.pdf")
    one = say(class_, cast, file=paper, by=cast.ha.user)
    client, address = cast.client(cast.ha), url("excuse_paper", one.pk)
    with clock.at(moment("09:10")):
        assert client.get(address).status_code == 200
        RoleAssignment.objects.filter(user=cast.ha.user).delete()
        assert client.get(address).status_code == 404


def test_enrolments_of_others_stay_untouched(class_, cast):
    minh = live.enrolment(class_.run, cast.minh)
    at("10:00", excuses.decide, say(class_, cast), accept=True, by=cast.hang.user)
    settle(class_, cast)

    assert Enrolment.objects.get(pk=minh.pk).state == "active"
