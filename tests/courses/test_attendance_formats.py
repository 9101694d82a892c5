"""Reports of meeting programs, as they are written in English and in Vietnamese, whole and mangled."""

import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import attendance_formats
from courses.attendance_formats import NoHeader
from courses.attendance_formats.times import read_length, read_moment
from lms import sheet_reader
from tests.examples import examples

HANOI = timezone(timedelta(hours=7))
DAY = date(2026, 11, 24)


def at(hour: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24 {hour}").replace(tzinfo=HANOI)


def rows_of(text: str, encoding="utf-8") -> list[list[str]]:
    return list(sheet_reader.read(io.BytesIO(text.encode(encoding)), "csv"))


def read(text: str, source: str, encoding="utf-8", **values):
    values = {"on": DAY, "zone": HANOI, **values}
    return attendance_formats.read(rows_of(text, encoding), source, **values).lines


def stays(lines):
    return [
        (line.name, line.since.astimezone(HANOI).strftime("%H:%M:%S"), line.until - line.since)
        for line in lines
    ]


ZOOM = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
"812 0000 1111","Báo động đột quỵ, hội chẩn",11/24/2026 01:50:00 PM,11/24/2026 03:45:00 PM,hub@example.vn,115,3

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent
Nguyễn Thị Lan,lan@example.vn,11/24/2026 01:58:10 PM,11/24/2026 02:40:00 PM,42,No,Y
Nguyễn Thị Lan,lan@example.vn,11/24/2026 02:45:00 PM,11/24/2026 03:40:00 PM,55,No,Y
Minh (Trần Văn Minh),,11/24/2026 02:00:00 PM,11/24/2026 03:40:00 PM,100,Yes,Y
"""
ZOOM_UNIQUE = """Name (Original Name),User Email,Total Duration (Minutes),Guest
Nguyễn Thị Lan,lan@example.vn,97,No
"""
TEAMS = """1. Summary
Meeting title\tBáo động đột quỵ, hội chẩn từ xa, chuyển viện
Attended participants\t2
Start time\t11/24/26, 1:50:00 PM

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Nguyễn Thị Lan\t11/24/26, 1:58:10\u202fPM\t11/24/26, 3:40:00\u202fPM\t1h 41m 50s\tlan@example.vn\tlan@example.vn\tAttendee
Trần Văn Minh (Guest)\t11/24/26, 2:00:00 PM\t11/24/26, 3:40:00 PM\t1h 40m\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Nguyễn Thị Lan\t11/24/26, 1:58:10 PM\t11/24/26, 2:40:00 PM\t41m 50s\tlan@example.vn\tAttendee
"""
TEAMS_OLD = """Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Nguyễn Thị Lan\t24/11/2026, 13:58:10\t24/11/2026, 15:40:00\t1h 41m\tlan@example.vn\tAttendee
"""
TEAMS_VI = """1. Tóm tắt
Tiêu đề cuộc họp\tGiao ban

2. Người tham gia
Tên\tLần tham gia đầu tiên\tLần rời đi cuối cùng\tThời lượng trong cuộc họp\tEmail\tID người tham gia (UPN)\tVai trò
Nguyễn Thị Lan\t24/11/26, 1:58:10 CH\t24/11/26, 3:40:00 CH\t1 giờ 41 phút 50 giây\tlan@example.vn\t\tNgười dự
"""
MEET = """First name,Last name,Email,Duration,Time joined,Time exited
Lan,Nguyễn Thị,lan@example.vn,1 hr 40 min,1:58 PM,3:38 PM
"""
BBB = """Name,Moderator,Activity Score,Talk Time,Webcam Time,Messages,Reactions,Poll Votes,Raise Hands,Join,Left,Duration
Nguyễn Thị Lan,FALSE,0,00:00:00,00:00:00,0,0,0,0,11/24/2026 13:58:10,11/24/2026 15:40:00,01:41:50
Anonymous,FALSE,0,00:00:00,00:00:00,0,0,0,0,,,
"""
PLAIN = """STT;Họ và tên;Số GPHN/CCHN;Điện thoại;Giờ vào;Giờ ra
1;Nguyễn Thị Lan;001111/lca – cchn;+84 912 000 111;14:02;15h40
2;Trần Văn Minh;;912000222;14:05;
"""


def test_zoom_gives_every_coming_and_going():
    assert stays(read(ZOOM, "zoom")) == [
        ("Nguyễn Thị Lan", "13:58:10", timedelta(minutes=41, seconds=50)),
        ("Nguyễn Thị Lan", "14:45:00", timedelta(minutes=55)),
        ("Minh - Trần Văn Minh", "14:00:00", timedelta(minutes=100)),
    ]
    assert [line.number for line in read(ZOOM, "zoom")] == [5, 6, 7]
    assert read(ZOOM, "zoom")[0].email == "lan@example.vn"


def test_zoom_without_times_says_how_long_but_not_when_and_is_refused():
    assert [line.refused for line in read(ZOOM_UNIQUE, "zoom")] == ["no_times"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8", "utf-8-sig"])
def test_the_new_layout_of_teams_is_read_up_to_its_next_part(encoding):
    lines = read(TEAMS, "teams", encoding)

    assert stays(lines) == [
        ("Nguyễn Thị Lan", "13:58:10", timedelta(hours=1, minutes=41, seconds=50)),
        ("Trần Văn Minh (Guest)", "14:00:00", timedelta(minutes=100)),
    ]


def test_the_old_layout_of_teams_is_read_by_the_day_of_the_meeting():
    assert stays(read(TEAMS_OLD, "teams", "utf-16")) == [
        ("Nguyễn Thị Lan", "13:58:10", timedelta(hours=1, minutes=41, seconds=50))
    ]


def test_teams_in_vietnamese_is_read_as_well():
    assert stays(read(TEAMS_VI, "teams", "utf-16")) == [
        ("Nguyễn Thị Lan", "13:58:10", timedelta(hours=1, minutes=41, seconds=50))
    ]


def test_google_meet_writes_names_apart_and_times_without_a_day():
    [line] = read(MEET, "meet")

    assert (line.name, line.since, line.until) == ("Nguyễn Thị Lan", at("13:58"), at("15:38"))


def test_bigbluebutton_leaves_times_empty_for_whom_it_does_not_know():
    lines = read(BBB, "bbb")

    assert lines[0].since == at("13:58:10")
    assert [line.refused for line in lines] == ["", "time"]


def test_a_table_of_ones_own_is_read_by_vietnamese_headers():
    lan, minh = read(PLAIN, "plain")

    assert (lan.licence, lan.phone) == ("001111/LCA-CCHN", "0912000111")
    assert (lan.since, lan.until) == (at("14:02"), at("15:40"))
    assert minh.refused == "time"


def test_columns_that_somebody_named_are_taken_as_named():
    text = "Ai,Lúc nào,Bao lâu\nNguyễn Thị Lan,14:02,90\n"
    with pytest.raises(NoHeader):
        read(text, "plain")

    [line] = read(text, "plain", columns={0: "name", 1: "joined", 2: "length"})

    assert line.until - line.since == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("text", "source"),
    [(ZOOM, "zoom"), (ZOOM_UNIQUE, "zoom"), (TEAMS, "teams"), (TEAMS_OLD, "teams"), (TEAMS_VI, "teams"),
     (MEET, "meet"), (BBB, "bbb"), (PLAIN, "plain")],
)  # fmt: skip
def test_the_program_is_known_by_its_headers(text, source):
    assert attendance_formats.detect(rows_of(text)) == source


def test_a_stay_past_midnight_ends_on_the_next_day():
    [line] = read("Name,Email,Time joined,Time exited\nNguyễn Thị Lan,,23:00,00:30\n", "meet")

    assert line.until - line.since == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("Nguyễn Thị Lan,,14:00,24/11/2026 13:00", "backwards"),
        ("Nguyễn Thị Lan,,23/11/2026 08:00,24/11/2026 14:00", "too_long_stay"),
        ("=HYPERLINK(0),,14:00,15:00", "mangled"),
        ("Nguy\ufffdn Th\ufffd Lan,,14:00,15:00", "mangled"),
        ("<script>alert(1)</script>,,14:00,15:00", "mangled"),
        (f"{'Lan ' * 80},,14:00,15:00", "too_long"),
        ("Nguyễn Thị Lan,,25:00,26:00", "time"),
        ("Nguyễn Thị Lan,,99/99/2026 14:00,15:00", "time"),
        (",,14:00,15:00", "nobody"),
        ("Nguyễn Thị Lan", "time"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_read(cells, why):
    lines = read(f"Name,Email,Time joined,Time exited\n{cells}\nTrần Văn Minh,,14:00,15:00\n", "meet")

    assert [line.refused for line in lines] == [why, ""]


def test_a_report_without_end_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr("courses.attendance_formats.lines.MOST_LINES", 3)
    text = "Name,Email,Time joined,Time exited\n" + "Lan,,14:00,15:00\n" * 9

    assert [line.refused for line in read(text, "meet")] == ["", "", "", "too_many"]


@pytest.mark.parametrize("text", ["", "\n\n", "một,hai\n", "Name\nLan\n", "\x00\x01"])
def test_what_is_no_report_is_refused_whole(text):
    for source in attendance_formats.SOURCES:
        with pytest.raises((NoHeader, sheet_reader.Unreadable)):
            read(text, source)


@pytest.mark.parametrize(
    "text",
    [
        "11/24/2026 02:00:03 PM",
        "24/11/2026 14:00:03",
        "2026-11-24T07:00:03Z",
        "2026-11-24 14:00:03+07:00",
        "11/24/26, 2:00:03\u202fPM",
        "2:00:03 CH",
        "14:00:03 24/11/2026",
        "Nov 24, 2026 02:00:03 PM",
        "24 thg 11, 2026 14:00:03",
        "24 tháng 11 năm 2026 14:00:03",
        "14:00:03",
    ],
)
def test_a_moment_is_read_in_every_way_it_is_written(text):
    assert read_moment(text, on=DAY, zone=HANOI) == at("14:00:03")


def test_of_two_readings_of_a_day_the_one_near_the_meeting_is_taken():
    third = date(2026, 4, 3)

    assert read_moment("04/03/2026 09:00", on=third, zone=UTC).date() == third
    assert read_moment("03/04/2026 09:00", on=third, zone=UTC).date() == third


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1h 27m 51s", 5271), ("1 hr 2 min", 3720), ("1 giờ 2 phút 3 giây", 3723), ("01:27:51", 5271), ("87", 5220),
     ("", None), ("lâu", None), ("3 ngày", None)],
)  # fmt: skip
def test_a_length_is_read_in_every_way_it_is_written(text, seconds):
    assert read_length(text) == (None if seconds is None else timedelta(seconds=seconds))


cells = st.text(max_size=30) | st.sampled_from(
    [
        "Name",
        "Join Time",
        "Leave Time",
        "Email",
        "11/24/2026 14:00",
        "2. Participants",
        "Nguyễn Thị Lan",
        "",
        "9e9",
    ]
)


@examples(200)
@given(
    st.lists(st.lists(cells, max_size=6), max_size=12), st.sampled_from(sorted(attendance_formats.SOURCES))
)
def test_whatever_stands_in_a_file_every_row_is_read_or_refused(rows, source):
    attendance_formats.detect(rows)
    try:
        lines = attendance_formats.read(rows, source, on=DAY, zone=HANOI).lines
    except NoHeader:
        return
    assert [line.number for line in lines] == sorted({line.number for line in lines})
    for line in lines:
        assert line.refused or (line.since <= line.until and line.since.tzinfo)


@examples(200)
@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_time(text):
    for found in (read_moment(text, on=DAY, zone=HANOI), read_length(text)):
        assert found is None or isinstance(found, datetime | timedelta)
