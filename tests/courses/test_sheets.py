"""The list on paper: printed with a code on every page, photographed, filed by itself, read off line by line."""

import io
import random
import shutil
import subprocess
from datetime import timedelta

import pikepdf
import pypdf
import pytest
import segno
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image, ImageFilter

from courses import codes, paper_list, presence
from courses.actions import attendance, sheets
from courses.actions.settling import ListRefused, evidence_of, settle
from courses.models import Attendance, Presence, SheetScan, SignInSheet
from lms import clock, media, retention
from lms.models import AccessLog, Person
from lms.uploads import UploadRefused
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

ADDRESS = "https://daotao.benhvien.example.vn/vi/learn/paper/%s/"


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


@pytest.fixture
def printed(class_, cast):
    assert cast.my
    assert cast.xuan
    return at("13:50", sheets.print_sheet, class_.room, by=cast.ha.user)


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def at(hour, call, *args, **values):
    with clock.at(moment(hour) if isinstance(hour, str) else hour):
        return call(*args, **values)


def photo(text: str = "", *, kind="JPEG", name="to-ky.jpg", turned=0, shade=235) -> ContentFile:
    """A photograph of a sheet with a QR code that says *text*, as a phone would make it."""
    whole = Image.new("RGB", (1200, 850), (shade, shade, shade))
    if text:
        out = io.BytesIO()
        segno.make(text, error="m", micro=False).save(out, kind="png", scale=5, border=4)
        whole.paste(Image.open(out).convert("RGB"), (880, 20))
    whole = whole.rotate(turned, expand=True, fillcolor="grey")
    exif = Image.Exif()
    exif[0x0110] = "Điện thoại của Hà"
    out = io.BytesIO()
    whole.save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return ContentFile(out.getvalue(), name=name)


def coded(sheet: SignInSheet, page: int = 1, **values) -> ContentFile:
    return photo(ADDRESS % sheets.token_of(sheet, page), **values)


def file(picture, class_, cast, *, room="own", by=None, hour="16:00") -> SheetScan:
    room = class_.room if room == "own" else room
    [filed] = at(hour, sheets.file_scans, picture, room=room, by=by or cast.ha.user)
    return filed.scan


@pytest.fixture
def scan(printed, class_, cast):
    return file(coded(printed), class_, cast)


# --- printing


def test_the_sheet_names_the_people_of_the_room_and_leaves_lines_for_others(cast, class_):
    client = cast.client(cast.ha)
    assert cast.my.full_name == "Giàng Thị Mỷ"

    answer = at("13:50", client.post, url("print_sheet", class_.room.pk), follow=True)

    assert answer["Content-Type"] == "application/pdf"
    [page] = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(page.extract_text().split())
    for words in (
        "BẢNG ĐIỂM DANH",
        "Giàng Thị Mỷ",
        "Nguyễn Thị Lan",
        "Bệnh viện Bạch Mai",
        "Ký vào",
        "Ký ra",
    ):
        assert words in text, words
    assert f"{paper_list.LINES}" in text
    assert AccessLog.objects.filter(user=cast.ha.user, person=cast.lan).exists()


def test_a_sheet_printed_again_is_the_same_until_somebody_comes_or_goes(printed, class_, cast):
    again = at("13:55", sheets.print_sheet, class_.room, by=cast.ha.user)
    attendance_of = {"full_name": "Sùng A Páo", "birth_year": 1994, "phone_or_licence": "0987 654 321"}
    at("14:05", attendance.add_stranger, class_.room, **attendance_of, by=cast.ha.user)
    later = at("14:06", sheets.print_sheet, class_.room, by=cast.ha.user)

    assert (printed.number, again.number, later.number) == (1, 1, 2)


def test_forty_people_fill_four_pages_each_with_a_code_of_its_own(class_):
    people = [[f"Nguyễn Văn {chr(65 + n)}", "1990", "Bác sỹ", "Khoa Cấp cứu", ""] for n in range(26)] * 2
    pages = paper_list.pages_of(people[:40])
    data = paper_list.as_pdf(
        paper_list.SignInSheet(
            house="Trung tâm Y tế Bắc Hà",
            title="Bảng điểm danh",
            about=["Giao ban đột quỵ", "24/11/2026", "Điểm cầu Bắc Hà"],
            columns=["STT", "Họ tên", "Ngày sinh", "Chức danh", "Khoa", "Số GPHN", "Ký vào", "Ký ra"],
            people=pages,
            hint="Chụp cả trang.",
            code="Mã QR",
            page=lambda number, count: f"trang {number}/{count}",
            heads="Số người:",
            signature="Đầu mối:",
            address=lambda page: ADDRESS % f"1.1.{page}.{'x' * 22}",
        ),
        made_at=moment("13:50"),
    )

    read = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    assert [len(page) for page in pages] == [13, 13, 13, 1]
    assert ["trang 4/4" in text for text in read] == [False, False, False, True]
    with pikepdf.open(io.BytesIO(data)) as opened:
        assert opened.open_metadata().pdfa_status == "2B"


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils are not installed")
@pytest.mark.parametrize("turn", [3, 94, 183])
def test_a_crooked_noisy_photograph_of_the_printed_page_files_itself(tmp_path, cast, class_, turn):
    client = cast.client(cast.ha)
    answer = at("13:50", client.post, url("print_sheet", class_.room.pk), follow=True)
    (tmp_path / "sheet.pdf").write_bytes(answer.content)
    subprocess.run(["pdftoppm", "-r", "130", "-png", tmp_path / "sheet.pdf", tmp_path / "page"], check=True)
    page = Image.open(next(tmp_path.glob("page*.png"))).convert("RGB")
    table = Image.new("RGB", (page.width + 400, page.height + 400), (96, 72, 51))
    table.paste(page.point(lambda value: 40 + value * 0.7), (200, 200))
    table = table.rotate(turn, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=(96, 72, 51))
    table = table.filter(ImageFilter.GaussianBlur(1.1))
    grain = Image.effect_noise(table.size, 60).convert("RGB")
    out = io.BytesIO()
    Image.blend(table, grain, 0.15).save(out, "JPEG", quality=60)

    scan = file(ContentFile(out.getvalue(), name="IMG_2041.jpg"), class_, cast, room=None)

    assert (scan.room, scan.sheet.number, scan.page) == (class_.room, 1, 1)


# --- filing


def test_nothing_but_the_pixels_of_a_photograph_is_kept(scan):
    with media.storage().open(scan.name, "rb") as kept:
        data = kept.read()
    assert "Điện thoại".encode() not in data
    assert not Image.open(io.BytesIO(data)).getexif()


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("WEBP", "a.webp"), ("HEIF", "a.heic")])
def test_what_phones_make_is_taken(printed, class_, cast, kind, name):
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    assert file(coded(printed, kind=kind, name=name), class_, cast, room=None).sheet == printed


def test_a_scanned_pdf_of_two_pages_is_filed_page_by_page(printed, class_, cast):
    with pikepdf.new() as pdf:
        for shade in (235, 236):
            picture = pikepdf.Stream(pdf, coded(printed, shade=shade).read())
            picture.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=1200,
                Height=850,
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            page = pdf.add_blank_page(page_size=(842, 595))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(picture)))
        out = io.BytesIO()
        pdf.save(out)

    filed = at(
        "16:00",
        sheets.file_scans,
        ContentFile(out.getvalue(), name="scan.pdf"),
        room=None,
        by=cast.ha.user,
    )

    assert [one.scan.sheet for one in filed] == [printed, printed]


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a" + bytes(50), b"%PDF-1.7\nhu hong", b"\xff\xd8\xff" + bytes(80), b"<svg onload=x>"]
)
def test_what_is_no_photograph_is_refused_with_a_reason(class_, cast, data):
    with pytest.raises(UploadRefused) as refused:
        file(ContentFile(data, name="la.jpg"), class_, cast)
    assert str(refused.value)
    assert not SheetScan.objects.exists()


def test_the_same_photograph_twice_is_kept_once(printed, class_, cast):
    first, second = (file(coded(printed), class_, cast) for _ in range(2))

    assert first == second


def test_a_sheet_of_another_of_ones_own_rooms_goes_there(printed, class_, cast):
    """Hà has two sessions on her desk and sends the picture from the wrong one."""
    with clock.at(moment("13:50")):
        other = live.session(cast.bach_mai, cast.ung.user, begins="16:00", ends="17:00")
        from courses.actions.sessions import join_site

        wrong = join_site(other, site=cast.site_bac_ha)
    client = cast.client(cast.ha)

    page = at(
        "17:30",
        client.post,
        url("file_sheets"),
        {"room": wrong.pk, "pictures": coded(printed)},
        follow=True,
    )

    assert SheetScan.objects.get().room == class_.room
    assert class_.session.title in page.content.decode()


def test_a_sheet_of_somebody_elses_room_is_refused_and_named(class_, cast):
    other = at("13:50", sheets.print_sheet, class_.other_room, by=cast.ung.user)

    with pytest.raises(UploadRefused) as refused:
        file(coded(other), class_, cast)

    assert class_.other_room.site.name in str(refused.value)
    assert not SheetScan.objects.exists()


def test_a_code_that_was_altered_names_no_sheet(printed, class_, cast):
    token = sheets.token_of(printed, 1)
    forged = ".".join([str(class_.other_room.pk), *token.split(".")[1:]])
    with pytest.raises(UploadRefused):
        file(photo(ADDRESS % forged), class_, cast)
    for spoilt in (forged, token[:-1] + ("A" if token[-1] != "A" else "B"), token + "1", "x"):
        assert sheets.sheet_of(spoilt) is None
    assert sheets.sheet_of(token) == (printed, 1)


def test_changing_the_secret_of_the_site_spoils_no_paper(printed, settings):
    token = sheets.token_of(printed, 1)
    settings.SECRET_KEY = "mot-khoa-khac-sau-khi-khoi-phuc-0123456789"

    assert sheets.sheet_of(token) == (printed, 1)


def test_a_picture_without_a_code_is_filed_by_hand_and_says_so(class_, cast):
    client = cast.client(cast.ha)
    page = at(
        "16:00", client.post, url("file_sheets"), {"room": class_.room.pk, "pictures": photo()}, follow=True
    )

    assert SheetScan.objects.get().sheet is None
    assert "Không đọc được mã QR" in page.content.decode()
    with pytest.raises(UploadRefused):
        file(photo(shade=200), class_, cast, room=None)


def test_the_code_on_paper_leads_its_coordinator_to_the_pictures_and_others_to_the_check_in(
    printed, class_, cast
):
    address = url("paper", sheets.token_of(printed, 1))

    assert cast.client(cast.ha).get(address).url == url("sheet", class_.room.pk)
    assert cast.client(cast.lan).get(address).url.startswith(url("check_in", class_.session.uuid))


# --- reading off


def minutes(class_, person) -> int:
    rows = evidence_of(class_.session, [person.pk])[person.pk]
    return int(presence.minutes(rows, class_.session.hours()))


def test_both_signatures_prove_the_whole_session_and_one_alone_half_an_hour(scan, class_, cast):
    both = [cast.lan.pk, cast.my.pk]

    changed = at("16:00", sheets.record, scan, came=both, left=[cast.lan.pk, cast.xuan.pk], by=cast.ha.user)

    assert changed == 3
    assert [minutes(class_, one) for one in (cast.lan, cast.my, cast.xuan)] == [100, 30, 30]
    row = Presence.objects.get(person=cast.lan)
    assert (row.source, row.scan, row.recorded_by) == ("sheet_scan", scan, cast.ha.user)


def test_recording_again_changes_nothing_and_a_tick_taken_back_is_a_row(scan, class_, cast):
    lan = [cast.lan.pk]
    at("16:00", sheets.record, scan, came=lan, left=lan, by=cast.ha.user)

    assert at("16:01", sheets.record, scan, came=lan, left=lan, by=cast.ha.user) == 0
    assert at("16:02", sheets.record, scan, came=[], left=[], by=cast.ha.user) == 1
    assert minutes(class_, cast.lan) == 0
    assert Presence.objects.count() == 2


def test_nobody_who_is_not_on_the_page_can_be_ticked(scan, class_, cast):
    assert at("16:00", sheets.record, scan, came=[cast.minh.pk], left=[], by=cast.ha.user) == 0
    assert not Presence.objects.exists()


def test_a_second_photograph_of_the_same_page_counts_nobody_twice(scan, printed, class_, cast):
    lan = [cast.lan.pk]
    at("16:00", sheets.record, scan, came=lan, left=lan, by=cast.ha.user)
    again = file(coded(printed, shade=210), class_, cast)

    assert next(line for line in sheets.lines_of(again) if line.person == cast.lan).came
    assert at("16:05", sheets.record, again, came=lan, left=lan, by=cast.ha.user) == 0


def test_whoever_wrote_on_an_empty_line_becomes_a_provisional_person_on_that_page(scan, class_, cast):
    page = at(
        "16:00",
        cast.client(cast.ha).post,
        url("add_signature", scan.uuid),
        {"full_name": "Sùng A Páo", "birth_year": "1994", "contact": "0987654321", "left": "1"},
        follow=True,
    )

    new = Person.objects.get(full_name="Sùng A Páo")
    assert new.state == Person.State.PROVISIONAL
    assert minutes(class_, new) == 100
    assert "Sùng A Páo" in page.content.decode()


def test_after_confirming_only_the_office_of_the_hub_records_and_says_why(scan, class_, cast):
    lan = [cast.lan.pk]
    at("16:00", attendance.attest, class_.room, head_count=4, by=cast.ha.user)

    for by, reason in ((cast.ha.user, "Quên"), (cast.hang.user, "")):
        with pytest.raises(ListRefused):
            at("16:10", sheets.record, scan, came=lan, left=lan, by=by, reason=reason)
    at("16:10", sheets.record, scan, came=lan, left=lan, by=cast.hang.user, reason="Ký ở trang 1")

    assert Presence.objects.get().reason == "Ký ở trang 1"


def test_what_the_office_reads_off_after_settling_is_weighed_at_once(scan, class_, cast):
    at("16:00", settle, class_.session, by=cast.hang.user)
    lan = [cast.lan.pk]

    at("16:10", sheets.record, scan, came=lan, left=lan, by=cast.hang.user, reason="Ký ở trang 1")

    assert Attendance.objects.get(person=cast.lan).state == "present"


def test_two_records_found_to_be_one_person_are_one_line(scan, class_, cast):
    Person.objects.filter(pk=cast.my.pk).update(state=Person.State.MERGED, merged_into=cast.lan)

    lines = [line.person.pk for line in sheets.lines_of(scan)]

    assert cast.my.pk not in lines
    assert lines.count(cast.lan.pk) == 1


def test_the_desk_of_the_hub_shows_who_is_known_by_paper_alone(scan, class_, cast):
    at("16:00", sheets.record, scan, came=[cast.lan.pk], left=[cast.lan.pk], by=cast.ha.user)

    page = at("16:10", cast.client(cast.hang).get, url("attendance", class_.session.uuid))

    assert "chỉ có danh sách giấy" in page.content.decode()
    assert url("sheet_scan", scan.uuid) in page.content.decode()


# --- who looks, and for how long


def test_the_picture_is_shown_to_its_site_and_its_hub_only_and_each_look_is_noted(scan, class_, cast):
    address = url("sheet_picture", scan.uuid)

    answers = {name: at("16:30", cast.client(getattr(cast, name)).get, address) for name in ("ha", "hang")}
    for name in ("lan", "ung", "minh"):
        assert at("16:30", cast.client(getattr(cast, name)).get, address).status_code == 404

    assert {one.status_code for one in answers.values()} == {200}
    assert "no-store" in answers["ha"]["Cache-Control"]
    for answer in answers.values():
        assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    assert AccessLog.objects.filter(user=cast.hang.user, person=cast.lan).exists()


def test_a_picture_sent_by_mistake_goes_for_good_unless_somebody_is_recorded_from_it(scan, class_, cast):
    at("16:00", sheets.record, scan, came=[cast.lan.pk], left=[], by=cast.ha.user)
    with pytest.raises(ListRefused):
        sheets.remove(scan)
    at("16:01", sheets.record, scan, came=[], left=[], by=cast.ha.user)

    at("16:02", cast.client(cast.ha).post, url("remove_sheet_scan", scan.uuid))

    assert SheetScan.objects.get().removed_at
    assert at("16:03", cast.client(cast.ha).get, url("sheet_scan", scan.uuid)).status_code == 404


def test_after_five_years_the_picture_goes_and_the_evidence_stays(
    scan, class_, cast, django_capture_on_commit_callbacks
):
    at("16:00", sheets.record, scan, came=[cast.lan.pk], left=[], by=cast.ha.user)
    [rule] = [one for one in retention.rules() if one.name == "lms_courses.sheet_scans"]

    with django_capture_on_commit_callbacks(execute=True):
        assert at(moment("15:40") + timedelta(days=1826), retention.apply, rule) == 0
        assert at(moment("15:41") + timedelta(days=1826), retention.apply, rule) == 1

    assert not media.storage().exists(scan.name)
    assert Presence.objects.in_force().count() == 1


def test_the_token_of_a_page_is_bound_to_session_room_list_and_page():
    page = codes.SheetPage(7, 2, 1)
    token = codes.sheet_token("mat", "phien-1", page)

    assert codes.read_sheet_token(token) == page
    assert codes.is_genuine_sheet("mat", "phien-1", token)
    for secret, session in (("khac", "phien-1"), ("mat", "phien-2")):
        assert not codes.is_genuine_sheet(secret, session, token)
    assert not codes.is_genuine_sheet("mat", "phien-1", token.replace("7.2.1", "7.2.3"))


def test_the_code_of_a_list_in_other_digits_is_none_and_breaks_nothing(printed, client):
    token = sheets.token_of(printed, 1)
    room, rest = token.split(".", 1)
    strange = room.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert client.get(url("paper", token)).status_code == 302
    for forged in (f"{strange}.{rest}", token[:-22] + "đ" * 22, f"².{rest}"):
        assert client.get(url("paper", forged)).status_code == 404


@pytest.mark.parametrize("room", ["²", "đ", "9" * 5000])
def test_a_room_that_is_no_number_takes_no_picture(class_, cast, room):
    assert class_
    stranger = cast.client(cast.lan).post(url("file_sheets"), {"room": room})
    coordinator = cast.client(cast.ha).post(url("file_sheets"), {"room": room})

    assert (stranger.status_code, coordinator.url) == (404, url("rooms"))


def test_noise_is_not_taken_for_a_code():
    from lms import pictures

    noise = Image.frombytes("L", (400, 400), random.Random(7).randbytes(160_000)).convert("RGB")
    assert pictures.symbols(noise) == []
