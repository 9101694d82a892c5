"""The verifier's desk: lists with every defect, ten thousand rows by a job, one person's whole record."""

import io
import unicodedata
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from certificates.actions import answering, check_list, desk, issue_for, post_credit, seal
from certificates.actions.desk import ListRefused, lines_of, read_rows
from certificates.models import BulkCheck, PersonCheck
from lms import clock, queue
from lms.actions import log_accesses
from lms.crashpoints import crashpoint
from lms.models import AccessLog, Job, Licence, Person
from tests.factories import cast as people
from tests.factories import certificates as make
from tests.factories.certificates import revoke
from tests.kept import repeated

PURPOSE = "Hồ sơ gia hạn GPHN"


@pytest.fixture
@repeated
def world(cast):
    """Lan and Minh hold certificates; Lan's licence is known."""
    cast.run = make.ready(cast.bach_mai)
    cast.papers = []
    for one in (cast.lan, cast.minh):
        enrolment = make.completed(one, cast.run)
        post_credit(enrolment)
        cast.papers.append(seal(issue_for(enrolment)))
    cast.licence = Licence.objects.get_or_create(person=cast.lan, defaults={"raw": "008071/ĐL-CCHN"})[0]
    return cast


def checked(world, text, **values) -> BulkCheck:
    return check_list(text, by=world.mo.user, purpose=PURPOSE, **values)


def sheet(rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent(world, data: bytes, name="danh-sach.xlsx", who="mo"):
    file = SimpleUploadedFile(name, data)
    return world.client(getattr(world, who)).post("/certificates/desk/", {"purpose": PURPOSE, "file": file})


# --- reading ---------------------------------------------------------------------------------------


def test_headings_say_which_column_is_what_below_a_title_and_in_any_order():
    rows = read_rows(
        [
            ["SỞ Y TẾ LÀO CAI", "", ""],
            ["DANH SÁCH ĐỀ NGHỊ GIA HẠN"],
            [],
            ["STT", "Họ và tên", "Ngày sinh", "Số GPHN", "Số giấy chứng nhận", "Giờ tín chỉ"],
            ["1", "Giàng Thị Mỷ", "08/03/1990", "008071/ĐL-CCHN", "00127/2026/GCN-BVBM", "6"],
            ["", "", "", "", "", ""],
            ["2", "Lò Văn Pớ", "", "", "00077/2026/GCN-BVBM", ""],
        ]
    )

    assert rows == [
        {
            "row": 1,
            "number": "00127/2026/GCN-BVBM",
            "name": "Giàng Thị Mỷ",
            "hours": "6",
            "licence": "008071/ĐL-CCHN",
            "born": "08/03/1990",
        },
        {
            "row": 3,
            "number": "00077/2026/GCN-BVBM",
            "name": "Lò Văn Pớ",
            "hours": "",
            "licence": "",
            "born": "",
        },
    ]


@pytest.mark.parametrize("sign", ["\t", ";", ","])
def test_a_pasted_list_may_be_parted_by_tabs_semicolons_or_commas(sign):
    assert read_rows(lines_of(f"00127/2026/GCN-BVBM{sign}Giàng Thị Mỷ{sign}6"))[0]["name"] == "Giàng Thị Mỷ"


def test_a_licence_in_the_place_of_the_number_is_a_licence():
    row = read_rows([["008071/đl – cchn", "Giàng Thị Mỷ"]])[0]

    assert (row["number"], row["licence"]) == ("", "008071/đl – cchn")


# --- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        str.lower,
        lambda t: unicodedata.normalize("NFD", t),
        lambda t: t.replace("/", " / "),
        lambda t: t.replace("-", "–"),
    ],
)
def test_licences_are_found_however_they_are_written(world, write):
    result = checked(world, f"{write(world.licence.number)}\t{world.lan.full_name}").results[0]

    assert result["answer"] == "match"
    assert result["name"] == world.lan.full_name
    assert "1 hợp lệ" in result["notes"][0]


def test_what_differs_is_named(world):
    paper, other = world.papers
    text = "\n".join(
        [
            "Số giấy;Họ tên;Giờ;Số GPHN;Ngày sinh",
            f"{paper.number};Nguyen Thi Lan;8;;",
            f"{paper.number};{world.lan.full_name};9;;",
            f"{other.number};{world.minh.full_name};8;{world.licence.number};",
            f"{other.number};{world.minh.full_name};8;;01/02/1903",
            f";Trần Thị Hoa;;{world.licence.number};",
            ";;;999999/HN-CCHN;",
            ";;;số cũ;",
        ]
    )
    notes = {row["row"]: " ".join(row["notes"]) for row in checked(world, text).results}

    assert "“Nguyen Thi Lan”" in notes[1]
    assert "9" in notes[2]
    assert "không phải của người" in notes[3]
    assert "01/02/1903" in notes[4]
    assert "“Trần Thị Hoa”" in notes[5]
    assert notes[6] == ""
    assert "không đúng dạng" in notes[7]
    assert {row["answer"] for row in checked(world, text).results} == {"differs", "unknown"}


@pytest.mark.parametrize("born", ["8/3/1990", "08-03-1990", "1990"])
def test_a_birth_date_written_otherwise_agrees(world, born):
    assert world.lan.birth_text == "08/03/1990"
    text = f"Số giấy;Họ tên;Ngày sinh\n{world.papers[0].number};{world.lan.full_name};{born}"

    assert checked(world, text).results[0]["answer"] == "match"


def test_a_withdrawn_licence_is_to_be_looked_at(world):
    world.licence.status = Licence.Status.WITHDRAWN
    world.licence.save()

    assert checked(world, world.licence.number).results[0]["answer"] == "differs"


def test_a_certificate_that_stands_twice_in_a_list_is_to_be_looked_at(world):
    paper = world.papers[0]
    results = checked(world, f"{paper.number}\n{paper.code}\nkhông có\n{paper.shown_code.lower()}").results

    assert [(row["row"], row["answer"]) for row in results] == [
        (3, "unknown"),
        (2, "differs"),
        (4, "differs"),
        (1, "match"),
    ]


def test_guessed_codes_find_nothing_and_mistyped_ones_say_so(world):
    code = world.papers[0].code
    results = checked(world, f"{'0' * 18}\n{code[:-1]}{'2' if code[-1] != '2' else '3'}").results

    assert [row["answer"] for row in results] == ["unknown", "unknown"]
    assert results[1]["notes"] == ["Có thể sai một ký tự."]
    assert not AccessLog.objects.exists()


# --- files and long lists ----------------------------------------------------------------------------


def test_a_spreadsheet_is_checked_and_the_result_goes_home_as_one(world):
    paper = world.papers[0]
    response = sent(
        world, sheet([["Số giấy", "Họ tên"], [paper.number, "=1+1"], ["=cmd|x", world.lan.full_name]])
    )
    page = world.client(world.mo).get(response.url)

    assert "danh-sach.xlsx" in page.content.decode()
    book = load_workbook(io.BytesIO(world.client(world.mo).get(response.url + "result.xlsx").content))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert cells[1][:3] == ["2", "=cmd|x", world.lan.full_name]
    assert all(cell.data_type == "s" for row in book.active.iter_rows() for cell in row if cell.value)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04\xff\xfe\x00", "a.xlsx"),
        (b"%PDF-1.7", "a.pdf"),
        (b"", "a.csv"),
        (b"a;b\n\x00;\x00", "a.csv"),
        ("Số giấy\n".encode("utf-16-be")[1:], "a.csv"),
        (sheet([]), "a.xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_nothing_is_kept(world, data, name):
    response = sent(world, data, name)

    assert response.status_code == 422
    assert "note bad" in response.content.decode()
    assert not BulkCheck.objects.exists()


DEFECTS = [
    ["", "", ""],
    ["99999/2026/GCN-BVBM", "Ai Đó", "6"],
    ["=HYPERLINK(1)", "@x", "-"],
    ["0" * 18, "\u202egnơưhP", "1e999"],
    ["x" * 300, "y" * 300, "NaN"],
    ["008071/đl-cchn", "", ""],
    ["123/XX-CCHN", "Ai Đó", "abc"],
    ["<script>alert(1)</script>", "'; DROP TABLE", "∞"],
]


def defective(world, count: int) -> list[list[str]]:
    """Rows with every defect in turn, a true one at the end."""
    rows = [list(DEFECTS[number % len(DEFECTS)]) for number in range(count - 1)]
    return [*rows, [world.papers[0].number, world.lan.full_name, "8"]]


def test_ten_thousand_rows_with_every_defect_are_answered_by_a_job(world):
    rows = [["Số giấy", "Họ tên", "Giờ"], *defective(world, 10_000)]
    response = sent(world, "\n".join("\t".join(row) for row in rows).encode(), "danh-sach.csv")
    client = world.client(world.mo)
    waiting = client.get(response.url).content.decode()
    assert 'http-equiv="refresh"' in waiting
    assert client.get(response.url + "result.xlsx").status_code == 404

    queue.run_due()

    check = BulkCheck.objects.get()
    assert sum(check.counts.values()) == check.total == 8750
    assert check.counts["match"] == 1
    assert [row["row"] for row in check.results if row["answer"] == "match"] == [10_000]
    page = client.get(response.url).content.decode()
    assert "<script>alert" not in page
    assert page.count("<tr>") == 501


def test_more_rows_than_are_checked_at_once_are_refused_whole(world, settings):
    settings.LMS_CERTIFICATES_MAX_DESK_ROWS = 3
    with pytest.raises(ListRefused, match="4"):
        checked(world, "a\nb\nc\nd")


def test_a_long_list_answered_by_two_workers_is_answered_once(world, monkeypatch):
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    check = checked(world, f"{world.papers[0].number}\n{world.papers[1].number}")
    other = BulkCheck.objects.get(pk=check.pk)
    desk.answer_list(check)
    revoke(world.papers[0], by=world.dao.user, reason="Cấp nhầm người.")
    desk.answer_list(other)

    assert [row["answer"] for row in BulkCheck.objects.get().results] == ["match", "match"]
    assert other.results == check.results
    assert AccessLog.objects.count() == 2


def a_long_list(cast, monkeypatch) -> BulkCheck:
    """A verifier's list with Lan's certificate in it, too long to be answered at once."""
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    paper = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    return checked(cast, f"{paper.number}\n00099/2026/GCN-BVBM")


def answered_once_by_the_next_worker(check: BulkCheck) -> None:
    """Nothing was said and nobody told by halves; the next worker answers, and Lan is told of one look."""
    check.refresh_from_db()
    assert (check.results, AccessLog.objects.count()) == ([], 0)
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until=make.NOON)
    queue.run_due()
    check.refresh_from_db()
    assert [row["answer"] for row in check.results] == ["unknown", "match"]
    assert AccessLog.objects.count() == 1


@pytest.mark.race
def test_a_worker_killed_over_a_long_list_leaves_it_to_the_next(race_db, race_cast, monkeypatch):
    check = a_long_list(race_cast, monkeypatch)

    race_db.crash_at("desk.answered", queue.run_due)

    answered_once_by_the_next_worker(check)


def answer_then_tell(pk: int) -> None:
    """The naive way: the answers in one transaction, whose record was looked at in another."""
    check = BulkCheck.objects.get(pk=pk)
    check.results, check.answered_at = answering.answers_to(check.asked), clock.now()
    check.save()
    crashpoint("naive.answered")
    log_accesses(check.by, {row["holder"] for row in check.results}, what="list", purpose=check.purpose)


@pytest.mark.race
def test_two_transactions_would_leave_a_look_that_nobody_hears_of(race_db, race_cast, monkeypatch):
    check = a_long_list(race_cast, monkeypatch)

    race_db.crash_at("naive.answered", answer_then_tell, check.pk)

    with pytest.raises(AssertionError):
        answered_once_by_the_next_worker(check)
    assert AccessLog.objects.count() == 0


def test_a_list_whose_job_failed_for_good_says_so(world, monkeypatch):
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    check = checked(world, "a\nb")
    Job.objects.filter(kind="lms_certificates.check_list").update(state=Job.State.DEAD)

    assert 'role="alert"' in world.client(world.mo).get(f"/certificates/desk/{check.uuid}/").content.decode()


def test_four_hundred_rows_take_a_handful_of_queries(world, django_assert_max_num_queries):
    rows = read_rows(
        [[f"{n:05d}/2026/GCN-BVBM"] for n in range(200)] + [[f"{n:06d}/ĐL-CCHN"] for n in range(200)]
    )

    with django_assert_max_num_queries(8):
        answering.answers_to(rows)


# --- one person --------------------------------------------------------------------------------------


def ask(world, who="mo", **values):
    return world.client(getattr(world, who)).post(
        "/certificates/desk/person/", {"purpose": PURPOSE, **values}
    )


def test_a_person_is_found_by_licence_and_shown_whole_with_evidence(world):
    revoke(world.papers[0], by=world.dao.user, reason="Cấp nhầm người.")
    response = ask(world, licence=world.licence.number.lower())
    html = world.client(world.mo).get(response.url).content.decode()

    for word in (
        world.lan.full_name,
        "08/03/1990",
        world.licence.number,
        world.papers[0].number,
        "Cấp nhầm người.",
    ):
        assert word in html
    assert world.licence.number not in response.url
    looks = AccessLog.objects.filter(user=world.mo.user, person=world.lan, purpose=PURPOSE)
    assert looks.count() == 2


def test_a_person_is_found_by_name_and_birth_date(world):
    response = ask(world, name="  nguyễn thị LAN", born="8/3/1990")

    assert PersonCheck.objects.get().person == world.lan
    assert response.status_code == 302


@pytest.mark.parametrize(
    "question",
    [
        {"name": "Nguyễn Thị Lan", "born": "09/03/1990"},
        {"name": "Nguyễn Thị Lành", "born": "08/03/1990"},
        {"licence": "000001/ĐL-CCHN"},
    ],
)
def test_whoever_is_not_there_is_not_found_and_nobody_is_told(world, question):
    assert "Không tìm thấy" in ask(world, **question).content.decode()
    assert not AccessLog.objects.exists()
    assert not PersonCheck.objects.exists()


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"name": "Nguyễn Thị Lan"},
        {"born": "08/03/1990"},
        {"licence": "x", "purpose": " "},
        {"name": "Nguyễn Thị Lan", "born": "hôm qua"},
        {"name": "Nguyễn Thị Lan", "born": "08/03/0001"},
        {"licence": "x" * 61},
    ],
)
def test_a_question_that_names_nobody_closely_is_refused(world, question):
    assert ask(world, **question).status_code == 422


def test_two_people_of_one_name_and_birth_date_are_both_told_and_one_is_chosen(world):
    Person.objects.create(full_name="Nguyễn Thị Lan", birth_date=date(1990, 3, 8))
    response = ask(world, name="Nguyễn Thị Lan", born="08/03/1990")

    assert len(response.context["found"]) == 2
    assert AccessLog.objects.filter(user=world.mo.user).count() == 2


def test_diacritics_decide_between_people_of_one_birth_date(world):
    Person.objects.create(full_name="Nguyễn Thị Lân", birth_date=date(1990, 3, 8))

    ask(world, name="Nguyễn Thị Lan", born="08/03/1990")
    assert PersonCheck.objects.get().person == world.lan


def test_a_look_ends_after_a_day_and_belongs_to_one_verifier(world):
    url = ask(world, licence=world.licence.number).url
    other = people.person("Lương Thị Bích", login="bich")
    people.role(other, "verifier", world.department)

    assert world.client(other).get(url).status_code == 404
    with clock.at(clock.now() + timedelta(hours=25)):
        assert world.client(world.mo).get(url).status_code == 404


def test_the_file_is_open_to_a_verifier_who_said_what_for(world):
    path = f"/certificates/{world.papers[0].uuid}/file/"
    assert world.client(world.mo).get(path).status_code == 404
    ask(world, licence=world.licence.number)

    assert world.client(world.mo).get(path).status_code == 200
    assert world.client(world.mo).get(f"/certificates/{world.papers[1].uuid}/file/").status_code == 404


@pytest.mark.parametrize("who", ["lan", "hang", "dao", "ung", "ha", "sen"])
def test_only_verifiers_look_people_up(world, who):
    assert ask(world, who, licence=world.licence.number).status_code == 404
    assert world.client(getattr(world, who)).get("/certificates/desk/person/").status_code == 404
