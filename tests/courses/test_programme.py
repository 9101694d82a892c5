"""The programme of a session: agenda, materials, way in and blocks of time, written by the hub without JSON."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from courses.actions import programme, series, session_roles, sessions
from courses.actions.programme import Item
from courses.actions.sessions import SessionRefused
from courses.models import Session
from lms import clock, media
from lms.models import Job
from lms.uploads import UploadRefused
from tests.factories import live
from tests.factories.live import moment

PDF = b"%PDF-1.4 bai doc truoc"


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


@pytest.fixture
def class_(cast):
    """A session from 14:00 to 15:40 that is still to come; Mr Ưng speaks in it."""
    with clock.at(moment("2026-11-20 09:00")):
        one = live.Class(cast, kinds=("session",))
        one.session = sessions.schedule(
            cast.bach_mai,
            title_vi="Hội chẩn từ xa",
            starts_at=moment("14:00"),
            ends_at=moment("15:40"),
            join_url="https://zoom.us/j/123",
            by=cast.hang.user,
        )
        sessions.use(one.session, run=one.run, lesson=one.lessons["session"])
        session_roles.name_role(one.session, person=cast.ung, role="speaker", by=cast.hang.user)
        yield one


def agenda(class_, cast):
    items = [
        Item(moment("14:30"), "Trình bệnh số 1"),
        Item(moment("14:00"), "Xử trí đột quỵ trong giờ đầu", cast.ung),
        Item(moment("15:20"), "Kết luận"),
    ]
    return programme.set_agenda(class_.session, items=items, by=cast.hang.user)


def test_an_agenda_stands_in_its_order_and_the_same_again_changes_nothing(class_, cast):
    first = [row.pk for row in agenda(class_, cast)]

    assert [row.pk for row in agenda(class_, cast)] == first
    assert [row.title for row in class_.session.agenda.all()][0] == "Xử trí đột quỵ trong giờ đầu"


@pytest.mark.parametrize(
    ("at", "title", "who"),
    [
        ("13:59", "Trước giờ", None),
        ("15:40", "Sau giờ", None),
        ("14:10", "Bệnh nhân Nguyễn Văn Tám, 0912 345 678", None),
        ("14:10", "Người không có vai trò", "khanh"),
    ],
)
def test_what_an_agenda_cannot_say_is_refused(class_, cast, at, title, who):
    item = Item(moment(at), title, getattr(cast, who) if who else None)
    with pytest.raises(SessionRefused):
        programme.set_agenda(class_.session, items=[item], by=cast.hang.user)

    assert not class_.session.agenda.exists()


def test_the_agenda_moves_with_a_session_that_is_postponed(class_, cast):
    agenda(class_, cast)
    hours = {"starts_at": moment("2026-11-25 08:00"), "ends_at": moment("2026-11-25 09:00")}
    sessions.postpone(class_.session, **hours, reason="Bão", by=cast.hang.user)

    assert [row.starts_at for row in class_.session.agenda.all()] == [
        moment("2026-11-25 08:00"),
        moment("2026-11-25 08:30"),
    ]


def test_the_hub_writes_the_agenda_in_lines_and_the_learner_sees_which_item_runs(class_, cast):
    hub, lan, page = cast.client(cast.hang), cast.client(cast.lan), url("programme", class_.session.uuid)
    edit = url("edit_programme", class_.session.uuid)
    sent = {
        "act": "agenda",
        "at": ["14:00", "14:30", ""],
        "title": ["Xử trí đột quỵ", "Trình bệnh số 1", ""],
        "speaker": [cast.ung.pk, "", ""],
    }
    assert hub.post(edit, {**sent, "title": ["Xử trí đột quỵ", "", ""]}).status_code == 400
    assert hub.post(edit, sent).status_code == 302
    assert lan.get(edit).status_code == 404
    with clock.at(moment("14:40")):
        sessions.open_session(class_.session, by=cast.hang.user)
        seen = lan.get(page).content.decode()
        desk = hub.get(url("hub_desk_now", class_.session.uuid)).content.decode()

    for shown in (seen, desk):
        running = shown.partition('aria-current="true"')[2].partition("</li>")[0]
        assert "Trình bệnh số 1" in running
    assert cast.ung.full_name in seen


def test_materials_open_to_those_who_take_part_and_some_only_afterwards(class_, cast):
    add = {"file": ContentFile(PDF, name="a.pdf"), "by": cast.hang.user}
    before = programme.add_material(class_.session, title="Bài đọc trước", shown="always", **add)
    slides = programme.add_material(class_.session, title="Bài trình chiếu", shown="after", **add)
    addresses = [url("material", class_.session.uuid, row.pk) for row in (before, slides)]
    lan, khanh = cast.client(cast.lan), cast.client(cast.khanh)

    assert [lan.get(address).status_code for address in addresses] == [200, 404]
    assert [khanh.get(address).status_code for address in addresses] == [404, 404]
    with clock.at(moment("16:00")):
        assert [lan.get(address).status_code for address in addresses] == [200, 200]


def test_a_material_is_a_pdf_somebody_has_looked_at_and_goes_when_removed(
    class_, cast, django_capture_on_commit_callbacks
):
    hub, edit = cast.client(cast.hang), url("edit_programme", class_.session.uuid)
    sent = {"act": "material", "title": "Bài đọc", "shown": "always"}
    assert hub.post(edit, {**sent, "file": ContentFile(PDF, name="a.pdf")}).status_code == 400
    file = ContentFile(b"MZ\x90", name="a.pdf")
    with pytest.raises(UploadRefused):
        programme.add_material(class_.session, title="Bài đọc", shown="always", file=file, by=cast.hang.user)
    assert hub.post(edit, {**sent, "looked": "1", "file": ContentFile(PDF, name="a.pdf")}).status_code == 302
    row = class_.session.materials.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert hub.post(edit, {"act": "remove", "material": row.pk}).status_code == 302

    assert not media.storage().exists(row.name)


def test_dial_in_and_passcode_are_for_those_who_take_part_only(class_, cast):
    hub, edit = cast.client(cast.hang), url("edit_programme", class_.session.uuid)
    sent = {"act": "way-in", "join_url": "", "dial_in": "024 7300 0000", "passcode": "24 11 26"}
    assert hub.post(edit, sent).status_code == 302
    meeting = url("meeting", class_.session.uuid)
    seen = {who: cast.client(getattr(cast, who)).get(meeting) for who in ("lan", "ung", "khanh", "trong")}

    assert {who: answer.status_code for who, answer in seen.items()} == {
        "lan": 200,
        "ung": 200,
        "khanh": 404,
        "trong": 404,
    }
    for who in ("lan", "ung"):
        assert "024 7300 0000" in seen[who].content.decode()
        assert "24 11 26" in seen[who].content.decode()
    public = cast.client().get(url("calendar")).content.decode()
    assert "7300" not in public


def test_the_calendar_of_ones_own_leads_to_programme_and_meeting(class_, cast):
    feed = series.renew_feed(cast.lan)
    text = cast.client().get(url("feed", feed.token)).content.decode().replace("\r\n ", "")

    assert url("meeting", class_.session.uuid) in text
    assert url("programme", class_.session.uuid) in text
    assert "zoom.us" not in text  # whoever finds the address of a calendar finds no way in


def test_blocks_of_time_are_set_on_the_screen_or_refused_with_what_was_typed_kept(class_, cast):
    hub, edit = cast.client(cast.hang), url("edit_programme", class_.session.uuid)
    since = ["2026-11-24T14:00", "2026-11-24T14:50", ""]
    bad = {"act": "blocks", "since": since, "until": ["2026-11-24T15:00", "2026-11-24T15:40", ""]}
    refused = hub.post(edit, bad)
    assert refused.status_code == 400
    assert "2026-11-24T15:00" in refused.content.decode()

    assert hub.post(edit, {**bad, "until": ["2026-11-24T14:40", "2026-11-24T15:40", ""]}).status_code == 302

    kept = Session.objects.get(pk=class_.session.pk)
    assert kept.parts == (
        (moment("14:00"), moment("14:40")),
        (moment("14:50"), moment("15:40")),
    )
    assert kept.length == timedelta(minutes=90)


# --- drafts


def draft(class_, cast):
    made = sessions.schedule(
        cast.bach_mai,
        title_vi="Buổi còn soạn",
        starts_at=moment("2026-11-26 14:00"),
        ends_at=moment("2026-11-26 15:40"),
        is_draft=True,
        by=cast.hang.user,
    )
    sessions.use(made, run=class_.run, lesson=class_.lessons["session"])
    return made


def test_a_draft_is_seen_by_its_hub_alone_and_takes_nobody_in(class_, cast):
    made = draft(class_, cast)
    lan, hang = cast.client(cast.lan), cast.client(cast.hang)
    names = ("programme", "check_in", "excuse")
    feed = series.renew_feed(cast.lan)

    assert [lan.get(url(name, made.uuid)).status_code for name in names] == [404, 404, 404]
    assert made.title not in lan.get(url("calendar")).content.decode()
    assert made.title not in lan.get(url("feed", feed.token)).content.decode()
    assert made.title in hang.get(url("calendar")).content.decode()
    assert hang.get(url("programme", made.uuid)).status_code == 200
    with pytest.raises(SessionRefused):
        sessions.join_site(made, site=cast.site_bac_ha)
    with pytest.raises(SessionRefused):
        sessions.open_session(made, by=cast.hang.user)


def test_a_published_draft_stands_in_the_calendar_and_learners_are_told_once(class_, cast):
    made = draft(class_, cast)
    key = f"{made.pk}:planned"
    assert not Job.objects.filter(kind="lms_courses.tell_session", key=key).exists()

    hang = cast.client(cast.hang)
    for _again in range(2):
        hang.post(url("move_session", made.uuid), {"to": "publish"})

    made.refresh_from_db()
    assert made.state == "scheduled"
    assert Job.objects.filter(kind="lms_courses.tell_session", key=key).count() == 1
    assert made.title in cast.client(cast.lan).get(url("calendar")).content.decode()
