"""Whose data a breach touched: read from the access log, by command and on the officer's screen."""

import datetime
import io
import time

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import load_workbook

from lms import actions, clock
from lms.models import AccessLog

DAY = datetime.timedelta(days=1)


def test_the_breach_scope_lists_whose_data_were_shown_within_the_span_and_no_others(cast):
    now = clock.now()
    for who, shown, days in ((cast.sen, cast.lan, 1), (cast.sen, cast.lan, 1), (cast.mo, cast.minh, 5)):
        with clock.at(now - days * DAY):
            actions.log_access(who.user, shown, what="the whole record")
    out = io.StringIO()

    call_command("lms_breach_scope", since=f"{now - 2 * DAY:%Y-%m-%dT%H:%M}", stdout=out)

    table = out.getvalue().splitlines()
    assert len(table) == 2
    assert f"{cast.lan.uuid},Nguyễn Thị Lan,0912000111,," in table[1]
    assert ",2,1," in table[1]

    whole = io.StringIO()
    call_command("lms_breach_scope", since="2020-01-01T00:00", user="mo", stdout=whole)
    assert "Trần Văn Minh" in whole.getvalue()
    assert "Nguyễn Thị Lan" not in whole.getvalue()


def test_the_list_of_a_breach_holds_no_formula(cast):
    cast.lan.full_name, cast.lan.email, cast.lan.phone = "=HYPERLINK(1)", "@SUM(1)", "+1"
    cast.lan.save()
    actions.log_access(cast.sen.user, cast.lan, what="the whole record")
    out = io.StringIO()

    call_command("lms_breach_scope", since="2020-01-01T00:00", stdout=out)

    assert ",'=HYPERLINK(1),'+1,'@SUM(1)," in out.getvalue()


@pytest.mark.parametrize("since", ["hôm qua", "2026-13-45T00:00"])
def test_a_span_that_is_none_is_refused_plainly(db, since):
    with pytest.raises(CommandError, match="2026-11-20T08:00"):
        call_command("lms_breach_scope", since=since)


# --- the same on screen, for the officer

BREACH = "/admin/lms-accesses/breach/"


def breach_of_a_week(cast, **data):
    return {"since": f"{clock.now() - 7 * DAY:%d/%m/%Y %H:%M}", "until": "", "username": "", **data}


def rows_of(answer) -> list[str]:
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)
    return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_the_officer_sees_whom_a_breach_touched_in_his_own_house_and_they_are_told(cast):
    actions.log_access(cast.hang.user, cast.ung, what="the whole record")
    actions.log_access(cast.sen.user, cast.lan, what="the whole record")
    officer = cast.client(cast.hien)

    shown = officer.post(BREACH, breach_of_a_week(cast, show="1"))

    assert [one.full_name for one, _what in shown.context["people"]] == [cast.ung.full_name]
    assert "toàn bộ hồ sơ" in shown.text
    told = AccessLog.objects.filter(user=cast.hien.user, person=cast.ung)
    assert told.get().what == "list of those a breach touched"


def test_the_list_of_a_breach_is_fetched_as_a_sheet_without_formulas(cast):
    cast.ung.full_name = "=HYPERLINK(1)"
    cast.ung.save()
    actions.log_access(cast.hang.user, cast.ung, what="the whole record")
    actions.log_access(cast.phuc.user, cast.thang, what="the whole record")
    officer = cast.client(cast.hien)

    assert set(rows_of(officer.post(BREACH, breach_of_a_week(cast, fetch="1")))) == {
        "=HYPERLINK(1)",
        cast.thang.full_name,
    }
    by_hang = officer.post(BREACH, breach_of_a_week(cast, fetch="1", username=cast.hang.user.username))
    assert rows_of(by_hang) == ["=HYPERLINK(1)"]


@pytest.mark.parametrize("data", [{"since": "hôm qua"}, {"until": "01/01/2020 08:00"}, {"since": ""}])
def test_a_span_that_is_none_is_sent_back_with_what_was_typed(cast, data):
    answer = cast.client(cast.hien).post(BREACH, breach_of_a_week(cast, show="1", username="ung") | data)

    assert answer.status_code == 400
    assert 'value="ung"' in answer.text
    assert "people" not in answer.context


@pytest.mark.parametrize("who", ["hang", "phuc", "sen"])
def test_no_other_office_asks_whom_a_breach_touched(cast, who):
    answer = cast.client(getattr(cast, who)).post(BREACH, breach_of_a_week(cast, show="1"))

    assert answer.status_code in {302, 403}
    assert "people" not in (answer.context or {})


def test_an_old_sign_in_is_asked_before_the_list_of_a_breach(cast):
    officer = cast.client(cast.hien)
    session = officer.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 16 * 60
    session.save()

    answer = officer.post(BREACH, breach_of_a_week(cast, fetch="1"))

    assert answer.status_code == 302
    assert "/accounts/" in answer.url
