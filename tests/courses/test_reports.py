"""Meeting reports: whom each row means, applied in one go, undone in one go, by screen and by command."""

import io
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from courses import codes
from courses.actions import attendance, reports, settling
from courses.invariants import attendance_follows_from_evidence, reports_are_counted_whole
from courses.models import Attendance, LessonProgress, MeetingReport, Presence, ReportColumns, ReportRow
from lms import clock, retention, spreadsheets
from lms.uploads import UploadRefused
from tests.factories import cast as make
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

HEADER = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
ROWS = (
    "Nguyễn Thị Lan,,24/11/2026 14:00:00,24/11/2026 15:30:00,90,No\n"
    "Tran Van Minh - TTYT Lục Yên,,24/11/2026 14:00:00,24/11/2026 14:50:00,50,No\n"
    "Tran Van Minh - TTYT Lục Yên,,24/11/2026 15:00:00,24/11/2026 15:30:00,30,No\n"
    "Giang Thi My,,24/11/2026 14:10:00,24/11/2026 15:30:00,80,Yes\n"
    "Giàng Thị Mì,,24/11/2026 14:10:00,24/11/2026 15:30:00,80,Yes\n"
    "iPhone,,24/11/2026 14:10:00,24/11/2026 15:30:00,80,Yes\n"
    "Nguyễn Thị Lan,,24/11/2026 14:00:00,24/11/2026 15:30:00,90,No\n"
    "Nguyễn Thị Lan,,23/11/2026 14:00:00,23/11/2026 15:30:00,90,No\n"
)


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        made = live.Class(cast, kinds=("session",))
    assert cast.my
    return made


def file(text=HEADER + ROWS, name="zoom.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode(encoding))


def hand_in(class_, text=HEADER + ROWS, *, hour="16:00", **values):
    with clock.at(moment(hour)):
        values = {"source": "zoom", "by": class_.cast.hang.user, "name": "zoom.csv", **values}
        return reports.hand_in(class_.session, file=file(text), **values)


def at(hour, call, *args, **values):
    with clock.at(moment(hour)):
        return call(*args, **values)


def outcomes(report):
    return [(row.outcome, row.why, row.person and row.person.given_name) for row in report.rows.all()]


# --- reading


def test_each_row_is_matched_or_waits_or_is_refused_with_its_reason(class_):
    report = hand_in(class_)

    assert outcomes(report) == [
        ("matched", "name", "Lan"),
        ("matched", "name", "Minh"),
        ("matched", "name", "Minh"),
        ("matched", "name", "Mỷ"),
        ("review", "alike", None),
        ("unmatched", "device", None),
        ("duplicate", "twice", None),
        ("refused", "outside", None),
    ]
    assert report.rows.get(number=6).proposed == [class_.cast.my.pk]
    assert not Presence.objects.exists(), "reading alone writes no evidence"


def test_a_namesake_anywhere_in_the_register_sends_the_row_to_people(class_, cast):
    """domain 7.8, rule 6: two of one name in the province go to the queue, told apart by birth year."""
    make.person("Nguyễn Thị Lan", works_at=cast.ta_phin)

    row = hand_in(class_).rows.get(number=2)

    assert (row.outcome, row.why, row.proposed) == ("review", "homonyms", [cast.lan.pk])


def test_somebody_from_elsewhere_is_known_by_address_and_whole_name_only(class_, cast):
    make.person("Vàng Thị Pà", works_at=cast.ta_phin, email="pa@example.vn")
    text = HEADER + (
        "Vàng Thị Pà,pa@example.vn,24/11/2026 14:00:00,24/11/2026 15:30:00,90,No\n"
        "Pà,pa@example.vn,24/11/2026 14:01:00,24/11/2026 15:30:00,90,No\n"
        "Vàng Thị Pà,,24/11/2026 14:02:00,24/11/2026 15:30:00,90,No\n"
    )

    report = hand_in(class_, text)

    assert [(why, who) for _outcome, why, who in outcomes(report)] == [
        ("email", "Pà"),
        ("name_differs", None),
        ("not_expected", None),
    ]
    assert all(row.proposed == [] for row in report.rows.all()), "a report is no way to search the register"


def test_the_personal_tag_of_another_session_says_nothing(class_, cast):
    mine = codes.person_tag(class_.session.secret, cast.lan.pk)
    other = codes.person_tag("another-secret", cast.minh.pk)
    times = "24/11/2026 14:00:00,24/11/2026 15:30:00,90,No\n"

    report = hand_in(class_, HEADER + f"A #{mine},,{times}B #{other},,{times}")

    assert [row.person for row in report.rows.all()] == [cast.lan, None]


def test_the_same_file_again_is_the_same_report(class_):
    assert hand_in(class_) == hand_in(class_)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04 no archive at all", "x.xlsx"),
        (b"%PDF-1.7", "zoom.csv"),
        (b"", "zoom.csv"),
        (b"a,b\n\x00\x00,1", "zoom.csv"),
        ("Name,User Email,Join Time\nNguyễn,,\n".encode("utf-16-be"), "zoom.csv"),
        (b'Name,User Email\n"never closed,\n' * 3, "zoom.csv"),
        (b"\xff\xfeN\x00a", "zoom.csv"),
        (b"one,two\n1,2\n", "zoom.csv"),
    ],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(class_, data, name):
    with pytest.raises((UploadRefused, reports.ReportRefused)):
        hand_in(class_, data, name=name)
    assert not MeetingReport.objects.exists()


def test_a_workbook_is_read_as_well(class_):
    header = ["Họ và tên", "Số GPHN/CCHN", "Giờ vào", "Giờ ra"]
    data = spreadsheets.write_rows(header, [["Lan", "001111/lca-cchn", "14:00", "15:30"]], title="x")

    assert outcomes(hand_in(class_, data, source="auto", name="x.xlsx")) == [("matched", "licence", "Lan")]


# --- columns of one's own


OWN = "Ai đó,Lúc vào họp,Lúc ra họp\nNguyễn Thị Lan,14:00,15:30\n"


def test_columns_are_named_once_and_remembered_for_the_hub(class_, cast):
    report = hand_in(class_, OWN, source="plain")
    assert report.state == "columns"

    named = reports.name_columns(report, columns={0: "name", 1: "joined", 2: "left"}, by=cast.hang.user)
    again = hand_in(class_, OWN + "Trần Văn Minh,14:00,15:30\n", source="plain")

    assert (named.state, named.cells) == ("read", [])
    assert outcomes(named) == [("matched", "name", "Lan")]
    assert [row.person for row in again.rows.all()] == [cast.lan, cast.minh]
    assert ReportColumns.objects.count() == 1


@pytest.mark.parametrize("columns", [{}, {0: "name"}, {0: "name", 1: "joined"}])
def test_too_few_columns_are_refused(class_, cast, columns):
    report = hand_in(class_, OWN, source="plain")

    with pytest.raises(reports.ReportRefused):
        reports.name_columns(report, columns=columns, by=cast.hang.user)


# --- applying and undoing


def test_applied_rows_become_evidence_with_author_and_reason(class_, cast):
    report = at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)

    rows = Presence.objects.filter(person=cast.minh)
    assert [(row.source, row.recorded_by, row.reason) for row in rows] == [
        ("platform_log", cast.hang.user, "zoom.csv: 3"),
        ("platform_log", cast.hang.user, "zoom.csv: 4"),
    ]
    at("16:10", settling.settle, class_.session, by=cast.hang.user)
    minutes = dict(Attendance.objects.values_list("person__full_name", "minutes"))
    assert minutes == {
        "Nguyễn Thị Lan": Decimal("90.0"),
        "Trần Văn Minh": Decimal("80.0"),
        "Giàng Thị Mỷ": Decimal("80.0"),
    }
    assert report.counts()["matched"] == 4


def test_applying_twice_writes_once(class_, cast):
    report = hand_in(class_)
    for _each in range(2):
        at("16:05", reports.apply_report, report, by=cast.hang.user)

    assert Presence.objects.count() == 4


def test_a_phone_and_the_report_count_once(class_, cast):
    code = codes.code_at(class_.session.secret, codes.step_at(moment("14:00").timestamp()))
    at("14:00", attendance.check_in, cast.lan, code=code, session=class_.session, by=cast.lan.user)
    at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)
    at("16:10", settling.settle, class_.session)

    assert Attendance.objects.get(person=cast.lan).minutes == 90


def test_a_second_report_with_the_same_stay_marks_it_as_said_before(class_, cast):
    at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)
    second = hand_in(class_, HEADER + ROWS.splitlines(keepends=True)[0] + "\n", name="again.csv")
    at("16:06", reports.apply_report, second, by=cast.hang.user)

    assert [(row.outcome, row.why) for row in second.rows.all()] == [("duplicate", "stands")]
    assert Presence.objects.filter(person=cast.lan).count() == 1


def test_undoing_takes_back_what_the_report_brought_and_nothing_else(class_, cast):
    at("14:01", attendance.tick, class_.room, person=cast.lan, by=cast.ha.user)
    report = at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)
    at("16:10", settling.settle, class_.session, by=cast.hang.user)

    for _each in range(2):
        at("16:20", reports.undo_report, report, by=cast.hang.user)

    assert Presence.objects.in_force().get().source == "coord_roster"
    assert Presence.objects.filter(retracts__isnull=False).count() == 4
    assert Attendance.objects.get(person=cast.minh).minutes == 0
    assert Attendance.objects.get(person=cast.lan).minutes == 100
    assert [*attendance_follows_from_evidence(), *reports_are_counted_whole()] == []
    # The file may be read anew, by a new report.
    assert hand_in(class_) != report


def test_a_report_after_settlement_counts_at_once(class_, cast):
    at("15:45", settling.settle, class_.session, by=cast.hang.user)
    at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)

    assert Attendance.objects.get(person=cast.lan).state == "present"
    assert LessonProgress.objects.filter(enrolment=class_.lan, met_at__isnull=False).exists()


def test_the_verifier_sees_a_report_that_was_counted_in_part(class_, cast):
    report = at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)
    assert list(reports_are_counted_whole()) == []

    report.rows.filter(number=2).update(presence=None)

    assert [breach.what for breach in reports_are_counted_whole()] == [f"report {report.pk}, row 2"]


def test_a_fault_in_the_middle_leaves_nothing(class_, cast, monkeypatch):
    report = hand_in(class_)

    def fails(*args, **values):
        raise RuntimeError

    monkeypatch.setattr("courses.actions.reports.weigh_all_if_settled", fails)
    with pytest.raises(RuntimeError):
        reports.apply_report(report, by=cast.hang.user)

    report.refresh_from_db()
    assert (report.state, Presence.objects.count()) == ("read", 0)


# --- deciding


def test_a_decision_before_applying_counts_with_the_report(class_, cast):
    report = hand_in(class_)
    at("16:01", reports.decide, report.rows.get(number=6), person=cast.minh, by=cast.hang.user)
    assert not Presence.objects.exists()

    at("16:05", reports.apply_report, report, by=cast.hang.user)

    row = report.rows.get(number=6)
    assert (row.outcome, row.why, row.decided_by) == ("matched", "decided", cast.hang.user)
    assert row.presence.person == cast.minh


def test_a_decision_after_applying_counts_at_once_and_can_be_changed(class_, cast):
    report = at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)
    at("16:06", settling.settle, class_.session, by=cast.hang.user)
    row = report.rows.get(number=7)

    at("16:07", reports.decide, row, person=cast.khanh, by=cast.hang.user)
    assert Attendance.objects.get(person=cast.khanh).minutes == 80
    at("16:08", reports.decide, row, person=None, by=cast.hang.user)

    assert Attendance.objects.get(person=cast.khanh).minutes == 0
    assert Presence.objects.filter(person=cast.khanh).count() == 2, "taken back by a row of its own"
    row.refresh_from_db()
    assert (row.outcome, row.person) == ("unmatched", None)


@pytest.mark.parametrize("number", [8, 9])
def test_a_row_that_brings_nothing_cannot_be_given_to_anybody(class_, cast, number):
    row = hand_in(class_).rows.get(number=number)

    with pytest.raises(reports.ReportRefused):
        reports.decide(row, person=cast.lan, by=cast.hang.user)


# --- the desk


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def test_the_office_hands_in_looks_decides_applies_and_undoes(class_, cast):
    client = cast.client(cast.hang)
    answer = at("16:00", client.post, url("reports", class_.session.uuid), {"file": file(), "source": "auto"})
    report = MeetingReport.objects.get()
    assert answer.url == url("report", report.pk)

    page = at("16:01", client.get, answer.url).content.decode()
    assert "Giàng Thị Mì" in page, "what waits for people comes first"
    assert "Giàng Thị Mỷ" in page
    row = report.rows.get(outcome="review")
    at("16:02", client.post, url("decide_row", report.pk), {"row": row.pk, "person": cast.my.pk})
    at("16:03", client.post, url("move_report", report.pk), {"to": "apply"})
    assert Presence.objects.in_force().filter(person=cast.my).count() == 1, "the same stay counts once"
    at("16:04", client.post, url("move_report", report.pk), {"to": "undo"})

    assert not Presence.objects.in_force().exists()


def test_somebody_is_looked_for_among_those_expected_only(class_, cast):
    report = hand_in(class_)
    row = report.rows.get(outcome="review")
    client = cast.client(cast.hang)

    def look_for(q):
        page = at("16:01", client.get, url("report", report.pk), {"show": "review", "row": row.pk, "q": q})
        return [one["person"] for one in page.context["lines"][0]["proposed"]]

    assert look_for("minh") == [cast.minh]
    assert cast.khanh
    assert look_for("khanh") == []
    for posted in ({"row": row.pk, "person": cast.khanh.pk}, {"row": row.pk, "person": "²"}, {"row": "²"}):
        assert client.post(url("decide_row", report.pk), posted).status_code == 404


def test_a_bad_file_is_answered_with_its_reason(class_, cast):
    client = cast.client(cast.hang)

    answer = client.post(url("reports", class_.session.uuid), {"file": file(b"%PDF-1.7"), "source": "zoom"})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_columns_are_named_on_the_screen(class_, cast):
    client = cast.client(cast.hang)
    client.post(url("reports", class_.session.uuid), {"file": file(OWN), "source": "plain"})
    report = MeetingReport.objects.get()

    assert "Lúc vào họp" in client.get(url("report", report.pk)).content.decode()
    address = url("report_columns", report.pk)
    assert client.post(address, {"c0": "name", "c1": "name"}).status_code == 400
    client.post(address, {"c0": "name", "c1": "joined", "c2": "left"})

    report.refresh_from_db()
    assert report.state == "read"


def test_another_hospital_finds_no_report(class_, cast):
    report = hand_in(class_)
    for person in (cast.ha, cast.lan, cast.ung):
        assert cast.client(person).get(url("report", report.pk)).status_code == 404
        assert cast.client(person).post(url("move_report", report.pk), {"to": "apply"}).status_code == 404


def test_a_long_report_costs_no_more_queries_than_a_short_one(class_, cast, django_assert_max_num_queries):
    line = "Giàng Thị Mì {},,24/11/2026 14:10:00,24/11/2026 15:30:00,80,Yes\n"
    few = hand_in(class_, HEADER + "".join(line.format(chr(97 + n)) for n in range(2)))
    many = hand_in(class_, HEADER + "".join(line.format(chr(97 + n)) for n in range(20)))
    client = cast.client(cast.hang)

    with django_assert_max_num_queries(40) as spent:
        at("16:00", client.get, url("report", few.pk))
    with django_assert_max_num_queries(len(spent)):
        at("16:00", client.get, url("report", many.pk))


# --- by command


def command(class_, path, *args):
    out = io.StringIO()
    with clock.at(moment("16:00")):
        call_command(
            "lms_import_attendance",
            str(path),
            "--source",
            "zoom",
            "--session",
            str(class_.session.uuid),
            "--json",
            *args,
            stdout=out,
        )
    return json.loads(out.getvalue())


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "zoom.csv"
    made.write_text(HEADER + ROWS, encoding="utf-16")
    return made


def test_the_command_tells_every_row_with_its_reason(class_, path, cast):
    told = command(class_, path, "--by", cast.hang.user.username)

    assert {key: [(one["row"], one["reason"]) for one in told[key]] for key in ("matched", "review", "unmatched", "refused")} == {
        "matched": [(2, "name"), (3, "name"), (4, "name"), (5, "name")],
        "review": [(6, "alike")],
        "unmatched": [(7, "device")],
        "refused": [(8, "twice"), (9, "outside")],
    }  # fmt: skip
    assert Presence.objects.filter(recorded_by=cast.hang.user).count() == 4
    assert all(one["text"] for key in ("review", "unmatched", "refused") for one in told[key])


def test_the_command_twice_changes_nothing_the_second_time(class_, path):
    first, second = command(class_, path), command(class_, path)

    assert first == second
    assert Presence.objects.count() == 4


def test_a_dry_run_tells_the_same_and_writes_nothing(class_, path):
    dry = command(class_, path, "--dry-run")

    assert (MeetingReport.objects.count(), Presence.objects.count()) == (0, 0)
    wet = command(class_, path)
    assert {**dry, "dry_run": False} == wet


def test_the_command_says_in_words_what_it_did(class_, path, capsys):
    with clock.at(moment("16:00")):
        call_command(
            "lms_import_attendance", str(path), "--source", "auto", "--session", str(class_.session.pk)
        )

    assert "matched: 4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file_name", "session", "by"),
    [("missing.csv", "", ""), ("bad.csv", "", ""), ("zoom.csv", "0b7e6a52-4a0e-4c57-9a3d-1f2f6f0c9d11", ""), ("zoom.csv", "x", ""),
     ("zoom.csv", "99999", ""), ("zoom.csv", "", "nobody")],
)  # fmt: skip
def test_the_command_refuses_with_a_reason(class_, path, tmp_path, file_name, session, by):
    (tmp_path / "bad.csv").write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError) as refused:
        call_command(
            "lms_import_attendance", str(tmp_path / file_name), "--source", "zoom",
            "--session", session or str(class_.session.uuid), "--by", by,
        )  # fmt: skip
    assert str(refused.value)
    assert not MeetingReport.objects.exists()


def test_rows_are_forgotten_after_half_a_year_and_evidence_stays(class_, cast):
    at("16:05", reports.apply_report, hand_in(class_), by=cast.hang.user)
    with clock.at(moment("2027-06-30 09:00")):
        retention.apply(next(rule for rule in retention.rules() if rule.name == "lms_courses.report_rows"))

    assert not ReportRow.objects.exists()
    assert Presence.objects.count() == 4
    with pytest.raises(reports.ReportRefused):
        reports.undo_report(MeetingReport.objects.get(), by=cast.hang.user)
