"""Cases of sites: without patients' names, answered by the hub, seen by who takes part, followed for a month."""

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from courses.actions import case_pictures, cases, session_roles, settling
from courses.actions.cases import CaseRefused
from courses.models import Case, CaseLook, CasePicture, SessionRole
from lms import clock, media, queue, retention
from lms.models import Message
from lms.uploads import UploadRefused
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

VALUES = {
    "age_band": "old",
    "sex": "female",
    "complaint": "Yếu nửa người phải 3 giờ",
    "history": "Người bệnh nữ, tăng huyết áp 10 năm, đang ăn cơm thì yếu tay phải, nói khó.",
    "vitals": "HA 180/100, mạch 88",
    "question": "Có chỉ định tiêu sợi huyết trước khi chuyển không?",
}
SAID = {
    "conclusion": "Nhồi máu não cấp trong cửa sổ điều trị.",
    "recommendation": "Tiêu sợi huyết rồi chuyển tuyến.",
    "referral": "refer",
}


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("09:00")):
        return live.Class(cast, kinds=("session",))


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour) if isinstance(hour, str) else hour):
        return call(*args, **values)


@pytest.fixture
def case(class_, cast):
    return at("10:00", cases.submit, class_.room, presenter=cast.xuan, values=VALUES, by=cast.ha.user)


@pytest.fixture
def accepted(case, cast):
    return at("11:00", cases.accept, case, rank=1, by=cast.ung.user)


def photo(size=(400, 300), *, exif=True) -> ContentFile:
    picture, out = Image.new("RGB", size, (120, 130, 140)), io.BytesIO()
    known = Image.Exif()
    known[0x010E] = "NGUYEN VAN CA"
    picture.save(out, "JPEG", **({"exif": known, "comment": b"NGUYEN VAN CA"} if exif else {}))
    return ContentFile(out.getvalue(), name="ct.jpg")


@pytest.mark.parametrize(
    ("words", "confirmed", "is_taken"),
    [
        ("Gọi 0912 345 678 để hỏi thêm.", True, False),
        ("CCCD 001090012345.", True, False),
        ("Mã bệnh án: 24/1189.", True, False),
        ("Bà Lành nhập viện trong tình trạng lơ mơ.", False, False),
        ("Bà Lành nhập viện trong tình trạng lơ mơ.", True, True),
        ("Sinh năm 1950, đau đầu.", False, False),
        ("Đau đầu dữ dội 2 ngày, nôn 3 lần.", False, True),
    ],
)
def test_what_tells_the_patient_is_refused_and_a_doubtful_name_may_be_confirmed(
    class_, cast, words, confirmed, is_taken
):
    send = {"presenter": cast.xuan, "values": {**VALUES, "history": words}, "by": cast.ha.user}

    if is_taken:
        taken = at("10:00", cases.submit, class_.room, **send, confirmed=confirmed)
        assert bool(taken.confirmed) == confirmed
        return
    with pytest.raises(CaseRefused) as refused:
        at("10:00", cases.submit, class_.room, **send, confirmed=confirmed)
    assert refused.value.found[0][2] in str(refused.value)
    assert not Case.objects.exists()


def test_a_case_from_the_form_to_the_follow_up(class_, cast, settings):
    """The whole way, by the pages that a phone shows."""
    ha, ung, xuan = (cast.client(who) for who in (cast.ha, cast.ung, cast.xuan))
    send = {**VALUES, "urgency": "soon", "presenter_name": "ly thi xuan"}

    bad = at("10:00", ha.post, url("room_cases", class_.room.pk), {**send, "history": "Ông Páo 67 tuổi"})
    assert bad.status_code == 400
    assert "Ông Páo" in bad.content.decode()
    assert "Có chỉ định tiêu sợi huyết" in bad.content.decode(), "what was typed is kept"

    at("10:05", ha.post, url("room_cases", class_.room.pk), send)
    case = Case.objects.get()
    assert case.presenter == cast.xuan
    page = url("case", case.uuid)

    files = {"picture": photo(), "looked": "1", "cover_top": "10", "caption": "CT sọ não"}
    assert at("10:10", ha.post, url("add_case_picture", case.uuid), files).status_code == 302
    at("11:00", ung.post, url("move_case", case.uuid), {"to": "return", "reason": "Thêm đường máu mao mạch."})
    assert "Thêm đường máu mao mạch." in at("11:05", ha.get, page).content.decode()
    at("11:10", ha.post, url("edit_case", case.uuid), {**send, "results": "Đường máu 7,1"})
    at("11:20", ung.post, url("move_case", case.uuid), {"to": "accept", "rank": "2"})
    role = SessionRole.objects.get(person=cast.xuan, role="presenter", ended_at=None)
    assert role.rule_code == "CASE_MEETING"

    assert at("15:00", ung.post, url("conclude_case", case.uuid), SAID).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.rank) == ("concluded", 2)
    assert "Tiêu sợi huyết rồi chuyển tuyến." in at("15:05", xuan.get, page).content.decode()

    for days, outcome in ((7, "better"), (30, "cured")):
        day = moment("08:00") + timedelta(days=days)
        assert at(day, cases.ask_due) == 1
        assert at(day, cases.ask_due) == 0, "asked once"
        at(
            day,
            xuan.post,
            url("follow_up_case", case.uuid, days),
            {"outcome": outcome, "note": "Đi lại được"},
        )
    assert [row.outcome for row in case.follow_ups.all()] == ["better", "cured"]
    told = Message.objects.filter(event="case-follow-up").values_list("person__full_name", flat=True)
    assert set(told) == {"Lý Thị Xuân", "Nguyễn Thị Thu Hà"}
    assert not Message.objects.filter(body__contains="Yếu nửa người").exists(), (
        "no message tells of the patient"
    )


def test_the_same_case_sent_twice_is_one(case, class_, cast):
    again = at("10:01", cases.submit, class_.room, presenter=cast.xuan, values=VALUES, by=cast.ha.user)

    assert again == case


def test_a_returned_case_ends_the_presenters_role_unless_another_case_carries_it(accepted, class_, cast):
    other = {**VALUES, "complaint": "Sốt cao 3 ngày"}
    second = at("10:30", cases.submit, class_.room, presenter=cast.xuan, values=other, by=cast.ha.user)
    at("11:10", cases.accept, second, by=cast.ung.user)

    at("11:20", cases.send_back, accepted, reason="Thiếu điện tim", by=cast.ung.user)
    assert SessionRole.objects.filter(person=cast.xuan, ended_at=None).exists()
    at("11:30", cases.withdraw, second, by=cast.ha.user)
    assert not SessionRole.objects.filter(person=cast.xuan, ended_at=None).exists()


def test_only_an_accepted_case_is_concluded_and_a_session_that_is_over_takes_none(case, class_, cast):
    with pytest.raises(CaseRefused):
        at("15:00", cases.conclude, case, **SAID, by=cast.ung.user)
    class_.session.state = "ended"
    class_.session.save()
    other = {**VALUES, "complaint": "Ho ra máu"}
    with pytest.raises(CaseRefused):
        at("16:00", cases.submit, class_.room, presenter=cast.xuan, values=other, by=cast.ha.user)


def test_who_takes_part_reads_an_accepted_case_and_nobody_else(case, class_, cast):
    page = url("case", case.uuid)
    learner, stranger, other_hub, colleague = (
        cast.client(who) for who in (cast.lan, cast.khanh, cast.hoa, cast.sau)
    )
    assert at("10:30", learner.get, page).status_code == 404, "not before the hub has accepted it"
    at("11:00", cases.accept, case, by=cast.ung.user)

    assert at("11:30", learner.get, page).status_code == 200
    assert at("11:30", cast.client(cast.po).get, page).status_code == 200, "a coordinator of another room"
    for client in (stranger, other_hub, colleague):
        assert at("11:30", client.get, page).status_code == 404
        assert at("11:30", client.get, url("session_cases", class_.session.uuid)).status_code == 404
    for name, data in (
        ("move_case", {"to": "accept"}),
        ("conclude_case", SAID),
        ("add_case_picture", {"picture": photo(), "looked": "1"}),
    ):
        assert at("11:30", learner.post, url(name, case.uuid), data).status_code == 404
    # The chair is no staff of the hub, and concludes.
    at("11:40", session_roles.name_role, class_.session, person=cast.hoa, role="chair", by=cast.hang.user)
    assert at("15:00", other_hub.post, url("conclude_case", case.uuid), SAID).status_code == 302


def test_a_picture_keeps_nothing_but_pixels_and_is_covered_where_asked(case, cast):
    row = at("10:10", case_pictures.add, case, file=photo(), cover_top=20, by=cast.ha.user)

    with media.storage().open(row.name, "rb") as file:
        kept = file.read()
    assert b"NGUYEN" not in kept
    picture = Image.open(io.BytesIO(kept))
    assert not picture.getexif()
    assert max(picture.getpixel((200, 20))) < 20
    assert min(picture.getpixel((200, 200))) > 100
    again = at("10:11", case_pictures.add, case, file=photo(exif=False), cover_top=20, by=cast.ha.user)
    assert again == row


@pytest.mark.parametrize(
    "file",
    [
        ContentFile(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.jpg"),
        ContentFile(b"\xff\xd8\xff\xe0 broken", "a.jpg"),
        ContentFile(bytes(128) + b"DICM" + bytes(400), "a.dcm"),
    ],
)
def test_what_is_no_picture_is_refused(case, cast, file):
    with pytest.raises(UploadRefused):
        at("10:10", case_pictures.add, case, file=file, by=cast.ha.user)
    assert not CasePicture.objects.exists()


def test_each_look_is_drawn_with_the_viewers_name_noted_and_kept_nowhere(accepted, cast):
    row = at("11:10", case_pictures.add, accepted, file=photo(), by=cast.ha.user)
    address = url("case_picture", accepted.uuid, row.pk)
    lan = cast.client(cast.lan)

    first = at("14:30", lan.get, address)
    second = at("14:31", lan.get, address)
    others = at("14:31", cast.client(cast.ung).get, address)

    assert "no-store" in first["Cache-Control"]
    assert len({first.content, second.content, others.content}) == 3, "name and minute stand on it"
    with media.storage().open(row.name, "rb") as file:
        assert file.read() not in {first.content, second.content}
    assert CaseLook.objects.filter(picture=row, user=cast.lan.user).count() == 2
    assert at("14:32", cast.client(cast.khanh).get, address).status_code == 404
    assert not CaseLook.objects.filter(user=cast.khanh.user).exists()


def test_pictures_expire_and_a_job_removes_the_file(accepted, cast):
    row = at("11:10", case_pictures.add, accepted, file=photo(), by=cast.ha.user)
    late = moment("15:40") + timedelta(days=45, minutes=1)
    address = url("case_picture", accepted.uuid, row.pk)

    assert at(late, cast.client(cast.ung).get, address).status_code == 404, "even before the job came by"
    assert at(moment("15:00") + timedelta(days=44), case_pictures.drop_expired) == 0
    assert at(late, case_pictures.drop_expired) == 1
    at(late, case_pictures.drop_expired)

    assert not media.storage().exists(row.name)
    row.refresh_from_db()
    assert row.removed_at


def test_the_words_of_a_case_are_forgotten_and_its_figures_stay(accepted, cast):
    at("15:00", cases.conclude, accepted, **SAID, by=cast.ung.user)
    [rule] = [one for one in retention.rules() if one.name == "lms_courses.cases"]

    assert at(moment("10:00") + timedelta(days=1827), retention.apply, rule) == 1

    accepted.refresh_from_db()
    assert (accepted.history, accepted.conclusion, accepted.referral) == ("", "", "refer")


def test_the_presenter_is_credited_when_the_session_is_settled(accepted, class_, cast):
    from certificates.models import CreditEntry
    from tests.factories import certificates as make

    make.rules(values={"CASE_MEETING": ("fixed", "1")})
    with clock.at(moment("15:50")):
        settling.settle(class_.session, by=cast.hang.user)
        queue.run_due()

    assert CreditEntry.objects.filter(person=cast.xuan, rule_code="CASE_MEETING").exists()
