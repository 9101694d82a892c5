"""Requests about personal data: two clocks, one extension, an answer in words, and the officer's desk."""

import datetime
import html
import json
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from lms import actions, clock
from lms.actions import RequestRefused
from lms.models import DataRequest, Message, RoleAssignment
from lms.waiting import waiting_for
from tests.factories import cast as make

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY = datetime.datetime(2026, 11, 20, 16, 30, tzinfo=HANOI)
Role = RoleAssignment.Role


def midnight_after(year, month, day):
    return datetime.datetime(year, month, day, tzinfo=HANOI) + datetime.timedelta(days=1)


@pytest.fixture
def officer(cast):
    """Answers for everything below the department of Lào Cai."""
    who = make.person("Vàng Thị Dua", login="dua", works_at=cast.department, email="dua@example.vn")
    make.role(who, Role.DPO, cast.department, include_children=True)
    return who


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        ("correct", (2026, 11, 30)),
        ("export", (2026, 11, 30)),
        ("withdraw", (2026, 12, 5)),
        ("restrict", (2026, 12, 5)),
        ("object", (2026, 12, 5)),
        ("erase", (2026, 12, 10)),
    ],
)
def test_the_clocks_run_by_working_days_and_by_right(cast, kind, done):
    with clock.at(FRIDAY):
        row = actions.ask(cast.lan, kind=kind)

    assert row.answer_by == midnight_after(2026, 11, 24)
    assert row.done_by == midnight_after(*done)


def test_one_open_request_of_a_kind_is_enough(cast):
    first = actions.ask(cast.lan, kind="correct", details="Sửa tên")

    assert actions.ask(cast.lan, kind="correct", details="Sửa nữa") == first
    assert actions.ask(cast.minh, kind="correct") != first


def test_the_time_is_lengthened_once_by_fifteen_days_at_most_with_a_reason(cast, officer):
    row = actions.ask(cast.lan, kind="restrict")
    end = row.done_by
    for days, reason in ((16, "Chờ bệnh viện khác"), (0, "Chờ bệnh viện khác"), (5, " ")):
        with pytest.raises(RequestRefused):
            actions.extend(row, by=officer.user, days=days, reason=reason)

    row = actions.extend(row, by=officer.user, days=15, reason="Chờ bệnh viện khác trả lời")

    assert row.done_by == end + datetime.timedelta(days=15)
    assert row.acknowledged_by == officer.user
    with pytest.raises(RequestRefused):
        actions.extend(row, by=officer.user, days=1, reason="Lại chờ thêm nữa")


def test_a_request_is_closed_with_words_and_the_person_is_told(cast, officer):
    row = actions.ask(cast.lan, kind="correct")
    with pytest.raises(RequestRefused):
        actions.close(row, by=officer.user, answer="ok")

    row = actions.close(row, by=officer.user, answer="Đã sửa ngày sinh theo giấy tờ.")

    assert (row.state, row.closed_by) == ("done", officer.user)
    assert row.acknowledged_at is not None
    assert Message.objects.filter(person=cast.lan, event="data-request").exists()
    with pytest.raises(RequestRefused):
        actions.refuse(row, by=officer.user, reason="Không còn mở nữa")


def test_the_overdue_come_first_then_the_next_to_run_out_then_the_closed(cast, officer):
    with clock.at(FRIDAY):
        closed = actions.ask(cast.my, kind="correct")
        actions.close(closed, by=officer.user, answer="Đã sửa xong.")
        later = actions.ask(cast.lan, kind="erase")
        actions.acknowledge(later, by=officer.user)
        overdue = actions.ask(cast.minh, kind="restrict")
    monday_week = FRIDAY + datetime.timedelta(days=10)

    assert list(DataRequest.objects.due_first(monday_week)) == [overdue, later, closed]
    assert list(DataRequest.objects.overdue(monday_week)) == [overdue]


def test_the_officer_is_reminded_once_of_each_clock_and_not_too_early(cast, officer):
    with clock.at(FRIDAY):
        actions.ask(cast.lan, kind="correct")
        assert actions.remind() == 0
    with clock.at(FRIDAY + datetime.timedelta(days=4)):
        assert actions.remind() == 1
        assert actions.remind() == 0
    message = Message.objects.get(event="data-request-due")
    assert message.person == officer
    assert "Lan" not in message.body


def test_officers_of_elsewhere_are_not_reminded(cast, officer):
    other = make.person("Trần Văn Bảo", login="bao", works_at=cast.viet_duc)
    make.role(other, Role.DPO, cast.viet_duc)
    with clock.at(FRIDAY):
        actions.ask(cast.lan, kind="correct")
    with clock.at(FRIDAY + datetime.timedelta(days=4)):
        actions.remind()

    assert set(Message.objects.filter(event="data-request-due").values_list("person", flat=True)) == {
        officer.pk
    }


def test_where_nobody_is_officer_those_who_administer_the_server_are_reminded(cast):
    with clock.at(FRIDAY):
        actions.ask(cast.lan, kind="correct")
        assert cast.admin
    with clock.at(FRIDAY + datetime.timedelta(days=4)):
        assert actions.remind() == 1

    assert Message.objects.get(event="data-request-due").person == cast.admin


# --- the desk


def desk(row) -> str:
    return reverse("lms-data-requests:inspect", args=[row.pk])


def test_the_officer_sees_the_requests_of_the_own_facilities_and_how_many_wait(cast, officer):
    actions.ask(cast.lan, kind="correct", details="Ngày sinh sai")
    client = cast.client(officer)

    page = client.get(reverse("lms-data-requests:index")).text

    assert "Nguyễn Thị Lan" in page
    assert json.dumps("Riêng tư (1)") in html.unescape(client.get("/admin/").text)


def test_the_officer_of_another_hospital_sees_nothing_of_it(cast, officer):
    row = actions.ask(cast.lan, kind="correct")
    other = make.person("Trần Văn Bảo", login="bao", works_at=cast.viet_duc)
    make.role(other, Role.DPO, cast.viet_duc)
    client = cast.client(other)

    assert "Nguyễn Thị Lan" not in client.get(reverse("lms-data-requests:index")).text
    assert client.get(desk(row)).status_code == 404
    assert client.post(desk(row), {"do": "acknowledge"}).status_code == 404
    assert json.dumps("Riêng tư (1)") not in html.unescape(client.get("/admin/").text)
    assert waiting_for(other.user) == []
    assert [line.words for line in waiting_for(officer.user)] == ["1 yêu cầu về dữ liệu cá nhân cần trả lời"]


def test_no_other_office_opens_the_desk(cast, officer):
    row = actions.ask(cast.lan, kind="correct")

    for who in (cast.ha, cast.hang, cast.sen, cast.mo):
        client = cast.client(who)
        assert client.get(desk(row)).status_code in {302, 404}
        assert client.post(desk(row), {"do": "refuse", "words": "Không được đâu"}).status_code in {302, 404}
    row.refresh_from_db()
    assert row.state == "open"


def test_buttons_move_the_request(cast, officer):
    row = actions.ask(cast.lan, kind="correct")
    client = cast.client(officer)

    client.post(desk(row), {"do": "acknowledge"})
    row.refresh_from_db()
    assert row.state == "acknowledged"

    client.post(desk(row), {"do": "close", "words": "Đã sửa ngày sinh."})
    row.refresh_from_db()
    assert (row.state, row.answer) == ("done", "Đã sửa ngày sinh.")


def test_a_refusal_without_a_reason_is_told_plainly_and_changes_nothing(cast, officer):
    row = actions.ask(cast.lan, kind="object")

    answer = cast.client(officer).post(desk(row), {"do": "refuse", "words": ""}, follow=True)

    assert "Xin viết câu trả lời" in answer.text
    row.refresh_from_db()
    assert row.state == "open"


def test_erasure_is_done_by_the_officers_press_after_a_fresh_proof(cast, officer):
    from tests.website.test_recent import grow_old

    row = actions.ask(cast.lan, kind="erase")
    client = cast.client(officer)
    stale = cast.client(officer)
    grow_old(stale)

    assert "reauthenticate" in stale.post(desk(row), {"do": "erase"})["Location"]
    cast.lan.refresh_from_db()
    assert cast.lan.state == "active"

    client.post(desk(row), {"do": "erase"})

    cast.lan.refresh_from_db()
    assert cast.lan.state == "erased"
    row.refresh_from_db()
    assert (row.state, row.closed_by) == ("done", officer.user)


def test_an_erasure_that_an_office_stands_against_is_refused_at_the_desk_too(cast, officer):
    row = actions.ask(cast.lan, kind="erase")
    make.role(cast.lan, Role.TRAINER, cast.bach_mai)

    answer = cast.client(officer).post(desk(row), {"do": "erase"}, follow=True)

    assert "Bệnh viện Bạch Mai" in answer.text
    cast.lan.refresh_from_db()
    assert cast.lan.state == "active"


def test_who_asked_can_be_seen_by_nobody_through_the_access_log_of_elsewhere(cast, officer):
    actions.log_access(cast.hang.user, cast.minh, what="the whole record")
    other = make.person("Trần Văn Bảo", login="bao", works_at=cast.viet_duc)
    make.role(other, Role.DPO, cast.viet_duc)

    assert "Trần Văn Minh" in cast.client(officer).get(reverse("lms-accesses:index")).text
    assert "Trần Văn Minh" not in cast.client(other).get(reverse("lms-accesses:index")).text
