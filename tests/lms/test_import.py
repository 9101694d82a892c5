"""Lists of people and facilities: what is read, matched, written, refused — and that a second run changes nothing."""

import csv
import datetime
import io
import random
import time
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lms import actions, clock, media, queue, retention, sheet_reader, spreadsheets
from lms.models import Affiliation, Facility, Licence, PeopleImport, Person
from lms.people_import import FACILITIES, PEOPLE, find_columns, read_day, read_people
from lms.uploads import UploadRefused
from tests.factories import cast as make

HEADER = [column.header for column in PEOPLE]
LAN = {"Họ và tên": "Nguyễn Thị Lan", "Ngày sinh": "08/03/1990", "Số GPHN/CCHN": "001111/LCA-CCHN"}
DO = {"Họ và tên": "Vàng A Dơ", "Ngày sinh": "02/09/1988", "Điện thoại": "0987 654 321"}


@pytest.fixture
def office(cast):
    """The administrator of Bắc Hà."""
    who = make.person("Hoàng Thị Nhung", login="nhung", works_at=cast.bac_ha)
    make.role(who, "org_admin", cast.bac_ha)
    return who


def rows(*people) -> list[list[str]]:
    return [[one.get(title, "") for title in HEADER] for one in people]


def sheet(*people) -> ContentFile:
    return ContentFile(spreadsheets.write_rows(HEADER, rows(*people), title="Danh sách"), name="ds.xlsx")


def as_csv(*people, encoding="utf-8-sig", delimiter=";") -> ContentFile:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *rows(*people)])
    return ContentFile(out.getvalue().encode(encoding), name="ds.csv")


def hand_in(office, facility, file, **values) -> PeopleImport:
    row = actions.hand_in(facility, file=file, by=office.user, **values)
    queue.run_due()
    row.refresh_from_db()
    return row


def bring(office, facility, *people) -> PeopleImport:
    """Hand in, check and apply."""
    row = hand_in(office, facility, sheet(*people))
    actions.start_import(row, by=office.user)
    queue.run_due()
    row.refresh_from_db()
    return row


def counts(row) -> tuple:
    return row.state, row.added, row.changed, row.unchanged, row.refused


def stored(name) -> bytes:
    with media.storage().open(name) as file:
        return file.read()


def reasons(row) -> str:
    book = load_workbook(io.BytesIO(stored(row.errors_file)))
    return "\n".join(str(line[1]) for line in book.active.iter_rows(values_only=True))


# --- what is written


def test_a_check_changes_nothing(cast, office):
    before = Person.objects.count()
    row = hand_in(office, cast.bac_ha, sheet(DO))

    assert counts(row) == ("checked", 1, 0, 0, 0)
    assert Person.objects.count() == before


def test_new_people_get_everything_that_the_list_says(cast, office):
    make.profession("y_sy")
    full = {
        **DO,
        "Giới tính": "Nam",
        "Chức danh chuyên môn": "y sỹ",
        "Học hàm, học vị": "ThS.",
        "Số GPHN/CCHN": "8071 / lca – gphn",
        "Email": "DO@Example.vn",
        "Khoa/phòng": "Khoa Nội",
        "Làm việc từ ngày": "01/09/2020",
    }
    row = bring(office, cast.bac_ha, full)

    do = Person.objects.get(full_name="Vàng A Dơ")
    assert counts(row) == ("applied", 1, 0, 0, 0)
    assert (do.birth_date, do.birth_year, do.sex) == (datetime.date(1988, 9, 2), 1988, "m")
    assert (do.phone, do.email, do.academic_title) == ("0987654321", "do@example.vn", "ThS.")
    assert do.profession.code == "y_sy"
    assert do.licences.get().number == "8071/LCA-GPHN"
    work = do.affiliations.get()
    assert (work.facility, work.unit, work.valid_from) == (cast.bac_ha, "Khoa Nội", datetime.date(2020, 9, 1))
    assert (do.name_folded, do.sort_key) != ("", "")


def test_a_second_run_changes_nothing(cast, office):
    assert cast.lan
    people = [
        LAN | {"Khoa/phòng": "Khoa Nhi"},
        DO,
        {**DO, "Họ và tên": "Vàng A Dơ", "Ngày sinh": "1970", "Điện thoại": "0911222333"},
    ]
    assert counts(bring(office, cast.bac_ha, *people)) == ("applied", 2, 1, 0, 0)
    before = list(Person.objects.order_by("pk").values()), list(Affiliation.objects.order_by("pk").values())

    assert counts(bring(office, cast.bac_ha, *people)) == ("applied", 0, 0, 3, 0)
    assert before == (
        list(Person.objects.order_by("pk").values()),
        list(Affiliation.objects.order_by("pk").values()),
    )


def test_a_run_that_was_killed_is_simply_begun_again(cast, office, monkeypatch):
    monkeypatch.setattr(actions.imports, "CHUNK", 1)
    row = hand_in(
        office, cast.bac_ha, sheet(DO, {**DO, "Họ và tên": "Lò Thị Én", "Điện thoại": "0911222333"})
    )
    actions.start_import(row, by=office.user)

    class Killed:
        def progress(self, pct, note=""):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.apply_import(row, running=Killed())
    assert Person.objects.filter(full_name="Vàng A Dơ").count() == 1
    queue.run_due()
    row.refresh_from_db()
    assert counts(row) == ("applied", 1, 0, 1, 0)


# --- who is meant


@pytest.mark.parametrize(
    "by",
    [
        {"Số GPHN/CCHN": "001111/LCA-CCHN"},
        {"Điện thoại": "+84 912 000 111"},
        {"Ngày sinh": "08/03/1990"},
    ],
)
def test_somebody_known_is_found_by_licence_phone_or_birth_date(cast, office, by):
    assert cast.lan
    row = bring(office, cast.bac_ha, {"Họ và tên": "nguyen thi lan", **by})

    assert counts(row) == ("applied", 0, 0, 1, 0)
    assert Person.objects.get(pk=cast.lan.pk).full_name == "Nguyễn Thị Lan"


def test_a_name_alone_finds_nobody_and_adds_nobody(cast, office):
    row = hand_in(
        office,
        cast.bac_ha,
        sheet({"Họ và tên": "Nguyễn Thị Lan"}, {**LAN, "Số GPHN/CCHN": "", "Ngày sinh": "1990"}),
    )

    assert counts(row) == ("checked", 0, 0, 0, 2)
    assert "chỉ bằng tên" in reasons(row)


def test_a_namesake_with_another_birth_date_is_another_person(cast, office):
    assert cast.lan
    row = bring(office, cast.bac_ha, {"Họ và tên": "Nguyễn Thị Lan", "Ngày sinh": "01/02/1979"})

    assert counts(row) == ("applied", 1, 0, 0, 0)


def test_a_namesake_of_one_day_with_another_licence_is_another_person(cast, office):
    assert cast.lan
    row = bring(office, cast.bac_ha, {**LAN, "Số GPHN/CCHN": "005555/LCA-CCHN"})

    assert counts(row) == ("applied", 1, 0, 0, 0)


def test_the_licence_of_another_name_is_refused(cast, office):
    assert cast.lan
    row = bring(office, cast.bac_ha, {**DO, "Số GPHN/CCHN": "001111/LCA-CCHN"})

    assert counts(row) == ("applied", 0, 0, 0, 1)
    assert not Person.objects.filter(full_name="Vàng A Dơ").exists()


def test_a_phone_of_another_name_is_refused(cast, office):
    assert cast.lan
    row = hand_in(office, cast.bac_ha, sheet({"Họ và tên": "Vàng A Dơ", "Điện thoại": "0912000111"}))

    assert counts(row) == ("checked", 0, 0, 0, 1)


def test_mother_and_daughter_may_share_a_phone(cast, office):
    assert cast.lan
    mother = {"Họ và tên": "Trần Thị Mai", "Ngày sinh": "1962", "Điện thoại": "0912000111"}

    assert counts(hand_in(office, cast.bac_ha, sheet(mother))) == ("checked", 1, 0, 0, 0)


def test_the_same_person_twice_in_a_list_is_taken_once(cast, office):
    row = bring(office, cast.bac_ha, DO, {"Họ và tên": "VÀNG A DƠ", "Ngày sinh": "1988-09-02"})

    assert counts(row) == ("applied", 1, 0, 0, 1)
    assert "dòng 2" in reasons(row)


def test_who_signs_in_keeps_how_he_is_reached(cast, office):
    assert cast.lan
    bring(office, cast.bac_ha, {**LAN, "Điện thoại": "0999999999", "Email": "ke.xau@example.vn"})

    lan = Person.objects.get(pk=cast.lan.pk)
    assert (lan.phone, lan.email) == ("0912000111", "")


# --- where


def test_a_list_reaches_no_facility_of_others(cast, office):
    row = bring(office, cast.bac_ha, {**DO, "Cơ sở làm việc": cast.luc_yen.name})

    assert counts(row) == ("applied", 0, 0, 0, 1)
    assert not cast.luc_yen.affiliations.exists()
    assert "không thuộc" in reasons(row)


def test_a_facility_is_found_by_its_former_name(cast, office):
    actions.rename_facility(cast.bac_ha, name="Bệnh viện Bắc Hà", since=datetime.date(2025, 7, 1))
    row = bring(office, cast.bac_ha, {**DO, "Cơ sở làm việc": "bệnh viện đa khoa khu vực bắc hà"})

    assert counts(row) == ("applied", 1, 0, 0, 0)


def test_somebody_from_elsewhere_comes_over_only_if_all_agrees_and_is_not_changed(cast, office):
    minh = {"Họ và tên": "Trần Văn Minh", "Số GPHN/CCHN": "002222/YB-CCHN", "Học hàm, học vị": "GS."}
    assert cast.minh
    refused = bring(office, cast.bac_ha, minh)
    taken = bring(office, cast.bac_ha, {**minh, "Ngày sinh": "30/07/1985"})

    assert counts(refused) == ("applied", 0, 0, 0, 1)
    assert counts(taken) == ("applied", 0, 1, 0, 0)
    minh = Person.objects.get(pk=cast.minh.pk)
    assert minh.academic_title == ""
    assert minh.workplace() == cast.luc_yen
    assert minh.affiliations.in_force().count() == 2


def test_who_lost_the_office_meanwhile_applies_nothing(cast, office):
    row = hand_in(office, cast.bac_ha, sheet(DO))
    actions.start_import(row, by=office.user)
    actions.end_role(office.user.role_assignments.get())
    queue.run_due()

    row.refresh_from_db()
    assert row.state == "failed"
    assert not Person.objects.filter(full_name="Vàng A Dơ").exists()


def test_an_unchecked_list_is_not_applied(cast, office):
    row = actions.hand_in(cast.bac_ha, file=sheet(DO), by=office.user)

    with pytest.raises(actions.ImportRefused):
        actions.start_import(row, by=office.user)


def test_the_same_list_handed_in_twice_waits_once(cast, office):
    first = actions.hand_in(cast.bac_ha, file=sheet(DO), by=office.user)
    again = actions.hand_in(cast.bac_ha, file=ContentFile(stored(first.file), name="x.xlsx"), by=office.user)

    assert first == again


# --- what the cells may hold


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("21/06/1987", datetime.date(1987, 6, 21)),
        ("1-2-1990", datetime.date(1990, 2, 1)),
        ("1987-06-21", datetime.date(1987, 6, 21)),
        ("1987-06-21 00:00:00", datetime.date(1987, 6, 21)),
        ("31949", datetime.date(1987, 6, 21)),
        ("1987", 1987),
        ("31/02/1990", None),
        ("06/21/1987", None),
        ("hôm qua", None),
        ("99999999999999999999", None),
        ("", None),
    ],
)
def test_days_are_read_as_people_write_them(text, day):
    assert read_day(text) == day


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_day(text):
    read_day(text)


def read(**values):
    named = {column.key: column.header for column in PEOPLE}
    cells = {"name": "Nguyễn Thị Lan", "born": "1990", **values}
    line = [{named[key]: text for key, text in cells.items()}.get(title, "") for title in HEADER]
    return next(read_people([HEADER, line]))


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script> Lan",
        '=HYPERLINK("http://x")',
        "Lan",
        "N" * 300 + " Lan",
        "Nguyễn Thị Lan 3",
        "{{ name }} Lan",
    ],
)
def test_a_hostile_name_is_refused(name):
    assert read(name=name).errors


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Nguyễn\u202e Thị\u200b Lan", "Nguyễn Thị Lan"),
        ("Nguye\u0302\u0303n Thi\u0323 Lan", "Nguyễn Thị Lan"),
        ("  Y  Hơ-Lăn Niê ", "Y Hơ-Lăn Niê"),
    ],
)
def test_invisible_signs_and_loose_accents_are_put_right(name, kept):
    assert read(name=name).values["name"] == kept
    assert read(name=name).errors == []


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("008071/ĐL-CCHN", "008071/ĐL-CCHN"),
        (" 8071 / đl – cchn ", "8071/ĐL-CCHN"),
        ("1234/CCHN-D-SYT-LC", "1234/CCHN-D-SYT-LC"),
        ("số 77", "SỐ 77"),
        ("0001", "0001"),
    ],
)
def test_licence_numbers_of_every_shape_are_taken(raw, number):
    row = read(licence=raw)
    assert (row.values["number"], row.errors) == (number, [])


@pytest.mark.parametrize("raw", ["không có", "=1+2", "<b>12</b>", "1" * 61])
def test_what_is_no_licence_number_is_refused(raw):
    assert read(licence=raw).errors


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("born", "31/02/1990"),
        ("born", "1850"),
        ("phone", "12"),
        ("email", "a@b"),
        ("sex", "x"),
        ("until", "mai"),
    ],
)
def test_a_bad_cell_refuses_its_row_and_says_which(header, text):
    row = read(**{header: text})

    assert [words.get("text") for _code, words in row.errors] == [text]


@given(st.lists(st.lists(st.text(max_size=20), max_size=15), max_size=4))
def test_no_rows_break_the_reading(lines):
    list(read_people([HEADER, *lines]))


def test_headers_are_known_without_accents_and_in_english():
    found = find_columns(["STT", "HO TEN *", "Birth date", "Số điện thoại"], PEOPLE)

    assert [column.key for column in found.values()] == ["name", "born", "phone"]


# --- what is no list


def cells(file):
    with spreadsheets.rows_of(file) as found:
        return list(found)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_of_every_usual_kind_is_read(encoding, delimiter):
    assert cells(as_csv(DO, encoding=encoding, delimiter=delimiter))[1][0] == "Vàng A Dơ"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        "Họ và tên;Ngày sinh\nVàng A Dơ".encode("cp1258", "replace") + b"\xc3\x28",
        'Họ và tên;x\n"Vàng A Dơ;1988'.encode(),
        b"PK\x03\x04 broken",
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 10,
        b"<html><table><tr><td>x</td></tr></table></html>",
        "Họ và tên;x\nVàng\0A;1".encode(),
    ],
)
def test_what_is_no_list_is_refused_in_words(data):
    with pytest.raises(UploadRefused) as refused:
        cells(ContentFile(data))
    assert len(refused.value.message) > 20


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def book(**members) -> ContentFile:
    """An XLSX of one cell whose parts are replaced by *members*."""
    plain, out = io.BytesIO(), io.BytesIO()
    made = Workbook()
    made.active.append(["Họ và tên"])
    made.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = members.get(name.rsplit("/", 1)[-1].split(".")[0])
            new.writestr(name, part if part is not None else old.read(name))
    return ContentFile(out.getvalue())


@pytest.mark.slow
def test_the_shared_strings_bomb_is_refused_within_a_tenth_of_a_second():
    out = io.BytesIO(book().read())
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/more/sharedStrings.xml", "w", force_zip64=True) as strings,
    ):
        for _megabyte in range(850):
            strings.write(b"<si><t>bbbbbbbb</t></si>\n" * 40_000)
    bomb = ContentFile(out.getvalue())
    assert bomb.size > 826_000
    spent = time.process_time()

    with pytest.raises(UploadRefused):
        cells(bomb)
    assert time.process_time() - spent < 0.1


@pytest.mark.parametrize(
    ("before", "inner"),
    [
        (
            b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
            b'<row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>',
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            b'<row><c t="str"><v>&a;</v></c></row></sheetData></worksheet>',
        ),
        (b"", b"<row>"),
        (b"", b'<row r="x"><c r="A1" t="s"><v>9999</v></c></row></sheetData></worksheet>'),
        (b"", b'<row r="1"><c r="A1" t="s"><v>9999</v></c></row></sheetData></worksheet>'),
    ],
)
def test_a_hostile_sheet_is_refused(before, inner):
    with pytest.raises(UploadRefused):
        cells(book(sheet1=before + SHEET + inner))


def long_sheet(lines=8_000) -> ContentFile:
    """A sheet that takes a while to read."""
    chance = random.Random(1)
    rows = (
        b"<row>" + b"".join(b"<c><v>%d</v></c>" % chance.randrange(10**9) for _cell in range(30)) + b"</row>"
        for _line in range(lines)
    )
    return book(sheet1=SHEET + b"".join(rows) + b"</sheetData></worksheet>")


@pytest.fixture(scope="module")
def _patience_is_enough():
    """What takes too much below is read whole within the limits of the site."""
    assert len(cells(long_sheet())) == 8_000


@pytest.mark.slow
@pytest.mark.usefixtures("_patience_is_enough")
@pytest.mark.parametrize(
    ("limit", "value", "lines"),
    [("MEMORY", 10_000_000, 8_000), ("CPU_SECONDS", 1, 28_000), ("PATIENCE", 0.2, 8_000)],
)
def test_a_sheet_that_takes_too_much_is_given_up_in_words(monkeypatch, limit, value, lines):
    monkeypatch.setattr(spreadsheets, limit, value)
    sheet = long_sheet(lines)
    began = time.monotonic()

    with pytest.raises(UploadRefused, match="bộ nhớ"):
        cells(sheet)

    assert time.monotonic() - began < 30


def test_the_reader_of_sheets_holds_nothing_of_the_site():
    with open(sheet_reader.__file__, encoding="utf-8") as source:
        words = source.read()

    assert "django" not in words.lower()
    assert "from lms" not in words


def test_a_sheet_that_claims_a_million_rows_is_not_walked():
    xml = SHEET.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>') + (
        b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData></worksheet>'
    )
    spent = time.process_time()
    with pytest.raises(UploadRefused, match="20000"):
        cells(book(sheet1=xml))
    assert time.process_time() - spent < 5


def test_formula_cells_are_their_text():
    made, out = Workbook(), io.BytesIO()
    made.active.append(['=HYPERLINK("http://x.example")', "=1+1"])
    made.save(out)

    assert cells(ContentFile(out.getvalue()))[0][:2] == ['=HYPERLINK("http://x.example")', "=1+1"]


def test_excel_dates_and_numbers_become_text():
    made, out = Workbook(), io.BytesIO()
    made.active.append([datetime.datetime(1987, 6, 21), 912000111, 1987.0])
    made.save(out)

    assert cells(ContentFile(out.getvalue()))[0][:3] == ["21/06/1987", "912000111", "1987"]


@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Co", "Cn"]), max_size=30),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_is_read_back_and_is_no_formula(texts):
    texts = [*texts, "=1+1", "+84912000111", "-1", "@x"]
    data = spreadsheets.write_rows(["a"] * len(texts), [texts], title="x")
    made = load_workbook(io.BytesIO(data))

    assert all(cell.data_type != "f" for line in made.active.iter_rows() for cell in line)
    # In this process: a hundred examples need no hundred processes.
    assert list(sheet_reader.read(io.BytesIO(data), "xlsx"))[1][: len(texts)] == texts


def test_the_template_holds_no_person(cast, office):
    row = hand_in(office, cast.bac_ha, ContentFile(actions.imports.template("people"), name="mau.xlsx"))

    assert counts(row) == ("checked", 0, 0, 0, 0)


def test_a_list_that_the_disk_does_not_take_is_refused_in_words(cast, office, unwritable):
    data = {"kind": "people", "facility": cast.bac_ha.pk, "file": sheet(LAN)}

    page = cast.client(office).post(reverse("lms-imports:add"), data)

    assert page.status_code == 200
    assert "Không lưu được tệp" in page.text
    assert not PeopleImport.objects.exists()


def test_a_list_without_headers_is_refused_in_words(cast, office):
    row = hand_in(office, cast.bac_ha, ContentFile("Vàng A Dơ;1988\n".encode(), name="x.csv"))

    assert row.state == "failed"
    assert "Họ và tên" in row.problem


def test_the_refused_rows_come_back_as_a_file(cast, office):
    row = hand_in(office, cast.bac_ha, sheet(DO, {**DO, "Ngày sinh": "31/02/1990"}))

    book = load_workbook(io.BytesIO(stored(row.errors_file)))
    lines = list(book.active.iter_rows(values_only=True))
    assert lines[0][2:] == tuple(HEADER)
    assert lines[1][0] == "3"
    assert "31/02/1990" in lines[1][1]


def test_the_page_names_the_first_refused_rows_itself_and_does_without_when_the_file_is_forgotten(
    cast, office
):
    wrong = [{**DO, "Ngày sinh": f"{day}/02/1990"} for day in range(30, 60)]
    row = hand_in(office, cast.bac_ha, sheet(DO, *wrong))

    named = actions.imports.not_taken(row, most=2)
    page = cast.client(office).get(reverse("lms-imports:inspect", args=[row.pk])).content.decode()

    assert [number for number, _said, _why in named] == ["3", "4"]
    assert "30/02/1990" in named[0][1]
    assert "“30/02/1990”" in named[0][2]
    assert "“30/02/1990”" in page
    media.storage().delete(row.errors_file)
    assert actions.imports.not_taken(row) == []


def test_files_of_old_lists_are_forgotten_and_counts_stay(cast, office):
    row = hand_in(office, cast.bac_ha, sheet(DO, {**DO, "Ngày sinh": "x"}))
    rule = next(one for one in retention.rules() if one.name == "lms.import_files")
    with clock.at(clock.now() + datetime.timedelta(days=31)):
        assert retention.apply(rule) == 1
        assert retention.apply(rule) == 0

    file = row.file
    row.refresh_from_db()
    assert (row.file, row.errors_file, row.added) == ("", "", 1)
    assert not media.storage().exists(file)


# --- facilities


PLACES = [column.header for column in FACILITIES]


def places(*lines) -> ContentFile:
    data = [[one.get(title, "") for title in PLACES] for one in lines]
    return ContentFile(spreadsheets.write_rows(PLACES, data, title="Cơ sở"), name="cs.xlsx")


@pytest.fixture
def sysop(cast):
    """The system administrator of the province."""
    who = make.person("Lù Seo Phà", login="pha", works_at=cast.department)
    make.role(who, "sys_admin", cast.department, include_children=True)
    return who


def bring_places(sysop, facility, *lines):
    row = hand_in(sysop, facility, places(*lines), kind="facilities")
    actions.start_import(row, by=sysop.user)
    queue.run_due()
    row.refresh_from_db()
    return row


CENTRE = {
    "Tên cơ sở": "Trung tâm Y tế Mù Cang Chải",
    "Mã cơ sở": "15100",
    "Loại hình": "trung tâm y tế khu vực",
    "Tên cũ": "Trung tâm Y tế huyện Mù Cang Chải",
}
STATION = {
    "Tên cơ sở": "Trạm Y tế xã Púng Luông",
    "Mã cơ quan cấp trên": "15100",
    "Tỉnh, thành phố": "Yên Bái",
}


def test_facilities_come_with_parent_province_and_former_name(cast, sysop):
    checked = hand_in(sysop, cast.department, places(CENTRE, STATION), kind="facilities")
    row = bring_places(sysop, cast.department, CENTRE, STATION)
    again = bring_places(sysop, cast.department, CENTRE, STATION)

    centre, station = Facility.objects.get(code="15100"), Facility.objects.get(name=STATION["Tên cơ sở"])
    assert counts(checked) == ("checked", 2, 0, 0, 0)
    assert counts(row) == ("applied", 2, 0, 0, 0)
    assert counts(again) == ("applied", 0, 0, 2, 0)
    assert (centre.parent, station.parent) == (cast.department, centre)
    assert station.province.name == "Lào Cai"
    assert centre in Facility.objects.matching("huyen mu cang chai")


def test_levels_and_former_tiers_are_read_in_words_and_what_is_none_is_refused(cast, sysop):
    known = {**CENTRE, "Cấp chuyên môn kỹ thuật": "cap co ban", "Tuyến trước đây": "Tuyến huyện"}
    bring_places(sysop, cast.department, known)
    odd = bring_places(sysop, cast.department, {**known, "Tuyến trước đây": "tuyến thôn"})

    centre = Facility.objects.get(code="15100")
    assert (centre.technical_level, centre.legacy_tier) == ("basic", "district")
    assert counts(odd) == ("applied", 0, 0, 0, 1)


def test_a_facility_known_by_code_is_renamed_with_history(cast, sysop):
    bring_places(sysop, cast.department, CENTRE)
    row = bring_places(sysop, cast.department, {**CENTRE, "Tên cơ sở": "Bệnh viện Mù Cang Chải"})

    assert counts(row) == ("applied", 0, 1, 0, 0)
    assert Facility.objects.get(code="15100").names.filter(name=CENTRE["Tên cơ sở"]).exists()


def test_no_facility_is_added_outside_ones_own_tree(cast, sysop):
    row = bring_places(
        sysop, cast.department, {"Tên cơ sở": "Trạm Y tế lạ", "Cơ quan cấp trên": cast.bach_mai.name}
    )

    assert counts(row) == ("applied", 0, 0, 0, 1)
    assert not Facility.objects.filter(name="Trạm Y tế lạ").exists()


def test_a_hospitals_administrator_adds_no_facilities(cast, office):
    row = hand_in(office, cast.bac_ha, places(CENTRE), kind="facilities")

    assert row.state == "failed"
    assert not Facility.objects.filter(code="15100").exists()


# --- size


def test_two_thousand_rows_take_hardly_more_memory_than_five_hundred_and_few_queries(
    cast, office, django_assert_max_num_queries
):
    import tracemalloc

    def peak(count):
        people = [
            {
                "Họ và tên": "Vàng A Dơ",
                "Ngày sinh": "1988",
                "Điện thoại": f"09{n:08}",
                "Số GPHN/CCHN": f"{n:06}/LCA-GPHN",
            }
            for n in range(count)
        ]
        file = sheet(*people)
        row = actions.hand_in(cast.bac_ha, file=file, by=office.user)
        tracemalloc.start()
        actions.check_import(row)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counts(row) == ("checked", count, 0, 0, 0)
        return most

    first = peak(500)
    with django_assert_max_num_queries(60):
        second = peak(2000)
    # The strings that the file itself shares, and three numbers a row to notice one that comes again.
    assert second - first < 1500 * 1500
    assert Licence.objects.filter(number__endswith="GPHN").count() == 0
