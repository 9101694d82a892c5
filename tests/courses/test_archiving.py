"""Archived sessions: out of the hub's lists, readable, not corrected; by the office, by the site after its days."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import ModelLogEntry

from courses.actions import (
    archiving,
    attendance,
    cases,
    excuses,
    making_up,
    packs,
    programme,
    reports,
    session_roles,
    settling,
    sheets,
    staying,
)
from courses.models import Attendance, Excuse, SessionMaterial, SessionPack, SessionSite, SheetScan
from lms import clock
from tests.factories import courses as make
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

PDF = b"%PDF-1.4\n%%EOF\n"
LATER = "2026-12-09 09:00"
"""After the days in which anybody may explain, appeal or send late."""


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


@pytest.fixture
@repeated
def session(cast):
    """A session of Bạch Mai in which Lan was entered as present; settled on its day."""
    with clock.at(moment("13:50")):
        made = live.session(cast.bach_mai, cast.ung.user)
    with clock.at(moment("16:00")):
        enter(made, cast, "14:00")
        settling.settle(made, by=cast.hang.user)
    return made


def enter(session, cast, since):
    hours = {"since": moment(since), "until": moment("15:40")}
    return attendance.override(session, person=cast.lan, reason="Sổ điểm danh", by=cast.hang.user, **hours)


def archived(session, cast):
    with clock.at(moment(LATER)):
        return archiving.archive(session, by=cast.hang.user)


def test_the_office_archives_a_session_and_finds_it_under_the_filter_only(session, cast):
    desk = url("attendance", session.uuid)
    with clock.at(moment(LATER)):
        hang, trong = cast.client(cast.hang), cast.client(cast.trong)
        assert desk in hang.get(url("calendar")).text

        assert hang.post(url("archive_session", session.uuid)).status_code == 302

        assert desk not in hang.get(url("calendar")).text
        assert desk in hang.get(url("calendar"), {"archived": "1"}).text
        assert desk not in trong.get(url("calendar"), {"archived": "1"}).text
        page = hang.get(desk)
        assert cast.lan.full_name in page.text
        assert url("override", session.uuid) not in page.text


def test_an_archived_session_takes_no_correction_of_any_kind(session, cast):
    archived(session, cast)
    evidence = session.presences.get()
    by = cast.hang.user
    hours = {"since": moment("14:10"), "until": moment("14:20")}
    room = SessionSite.objects.create(session=session, site=cast.site_bac_ha)
    picture = {"name": "sheets/1.jpg", "width": 1, "height": 1, "size": 1, "added_by": by}
    scan = SheetScan.objects.create(room=room, added_at=moment("16:00"), **picture)
    material = SessionMaterial.objects.create(
        session=session, title="Bài trình bày", name="sessions/1.pdf", size=1, added_at=moment("16:00")
    )
    refused = [
        (
            attendance.ListRefused,
            lambda: sheets.record(scan, came=[cast.lan.pk], left=[], by=by, reason="Ký sót"),
        ),
        (attendance.ListRefused, lambda: enter(session, cast, "14:30")),
        (attendance.ListRefused, lambda: attendance.take_back(evidence, reason="Nhầm người", by=by)),
        (attendance.ListRefused, lambda: staying.declare_outage(session, reason="Mất điện", by=by, **hours)),
        (
            session_roles.SessionRefused,
            lambda: session_roles.name_role(session, person=cast.lan, role="speaker", by=by),
        ),
        (excuses.ExcuseRefused, lambda: excuses.say(session, person=cast.lan, kind="duty", by=cast.lan.user)),
        (programme.SessionRefused, lambda: programme.set_agenda(session, items=[], by=by)),
        (programme.SessionRefused, lambda: programme.remove_material(material, by=by)),
        (
            programme.SessionRefused,
            lambda: programme.add_material(
                session, title="Bài trình bày", file=ContentFile(PDF), shown="always", by=by
            ),
        ),
        (packs.PackRefused, lambda: packs.write_pack(session, key_points="Gọi 115 trong 3 phút.", by=by)),
        (cases.CaseRefused, lambda: cases.put_in_order(session, ranks={}, by=by)),
        (
            reports.ReportRefused,
            lambda: reports.hand_in(
                session,
                file=ContentFile("Name,Join time,Leave time\nNguyễn Thị Lan,14:00,15:00\n".encode()),
                name="bao-cao.csv",
                source="plain",
                by=by,
            ),
        ),
    ]
    for kind, call in refused:
        with clock.at(moment(LATER)), pytest.raises(kind, match="lưu trữ"):
            call()
    assert session.presences.get() == evidence
    material.refresh_from_db()
    assert (material.removed_at, SessionPack.objects.count()) == (None, 0)
    assert Attendance.objects.get(session=session).state == Attendance.State.PRESENT


def test_the_programme_and_key_points_of_an_archived_session_are_read_and_not_written(session, cast):
    session = archived(session, cast)
    with clock.at(moment(LATER)):
        client = cast.client(cast.hang)
        pages = [
            client.get(url(name, session.uuid))
            for name in ("edit_programme", "after", "programme", "session_cases")
        ]
        sent = client.post(url("edit_programme", session.uuid), {"act": "agenda"})
        ranked = client.post(url("rank_cases", session.uuid), {"r1": "1"}, follow=True)

    assert [page.status_code for page in pages] == [200, 200, 200, 200]
    assert all('name="act"' not in page.text and "key_points" not in page.text for page in pages)
    assert "lưu trữ" in pages[0].text
    assert (sent.status_code, "lưu trữ" in sent.text) == (400, True)
    assert (ranked.status_code, "lưu trữ" in ranked.text) == (200, True)


@pytest.mark.parametrize("why", ["not settled", "too early", "excuse waits", "appeal runs"])
def test_what_still_runs_keeps_a_session_from_the_archive(session, cast, why):
    when = "2026-11-30 09:00" if why == "too early" else LATER
    if why == "not settled":
        type(session).objects.filter(pk=session.pk).update(state="ended")
    if why in {"excuse waits", "appeal runs"}:
        with clock.at(moment("2026-11-30 09:00")):
            excuse = excuses.say(session, person=cast.lan, kind="duty", by=cast.lan.user)
    if why == "appeal runs":
        with clock.at(moment("2026-12-08 09:00")):
            excuses.decide(excuse, accept=False, reason="Không có lịch trực", by=cast.hang.user)
        assert Excuse.objects.get().state == Excuse.State.REFUSED

    with clock.at(moment(when)):
        answer = cast.client(cast.hang).post(url("archive_session", session.uuid))

    assert answer.status_code == 409
    session.refresh_from_db()
    assert session.archived_at is None


def test_the_office_takes_a_session_back_with_a_reason_and_may_correct_it_again(session, cast):
    archived(session, cast)
    with clock.at(moment(LATER)):
        client, address = cast.client(cast.hang), url("unarchive_session", session.uuid)
        assert client.post(address, {"reason": " "}).status_code == 400
        assert cast.client(cast.trong).post(address, {"reason": "Xem lại"}).status_code == 404

        client.post(address, {"reason": "Thanh tra yêu cầu"})

        enter(session, cast, "14:30")
    kept = ModelLogEntry.objects.get(action=archiving.TAKEN_BACK)
    assert (kept.user, kept.data["reason"]) == (cast.hang.user, "Thanh tra yêu cầu")


def test_the_site_archives_by_itself_after_its_days_and_anew_after_a_session_was_taken_back(
    session, cast, settings
):
    settings.LMS_COURSES_SESSION_ARCHIVE_DAYS = 30
    settled = moment("16:00")

    def left(days):
        with clock.at(settled + timedelta(days=days)):
            return archiving.archive_due()

    assert [left(29), left(31), left(32)] == [0, 1, 0]
    with clock.at(settled + timedelta(days=40)):
        archiving.unarchive(session, reason="Thanh tra yêu cầu", by=cast.hang.user)
    assert [left(41), left(71)] == [0, 1]
    settings.LMS_COURSES_SESSION_ARCHIVE_DAYS = 0
    assert left(999) == 0


def test_a_recording_that_can_still_be_watched_keeps_a_session_from_the_archive(session, cast):
    type(session).objects.filter(pk=session.pk).update(makeup_days=60)
    session.refresh_from_db()
    video = make.video(cast.bach_mai, seconds=3600, title="Bản ghi buổi 24/11")
    with clock.at(moment("2026-11-25 09:00")):
        making_up.add_recording(session, video=video, begins_at=moment("14:00"), by=cast.hang.user)

    with pytest.raises(archiving.ArchivingRefused, match="học bù"):
        archived(session, cast)
