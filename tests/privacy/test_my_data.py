"""My data: what is held, what was agreed, asked and copied, and who looked."""

import datetime
import io
import json
import zipfile

import pytest
from django.urls import reverse

from certificates.actions import issue_for, seal
from lms import actions, clock, media
from lms.models import AccessLog, Consent, DataRequest
from lms.queue import run_due
from tests.factories.programme import programme_a
from website.accounts import consents

PAGE = "/me/my-data/"


def page_of(cast, person) -> str:
    return " ".join(cast.client(person).get(PAGE).text.split())


def agree(person, version=consents.PRIVACY_VERSION, **answers):
    for purpose, given in answers.items():
        actions.give_consent(person, purpose=purpose, given=given, text_version=version)


# --- seeing


def test_the_page_tells_who_i_am_where_i_work_and_what_i_learn(cast):
    course = programme_a(cast)
    course.enrol(cast.lan)

    page = page_of(cast, cast.lan)

    for text in ("Nguyễn Thị Lan", "08/03/1990", "001111/LCA-CCHN", "Bắc Hà", "DQ-01-2026A", "Tiếng Việt"):
        assert text in page


def test_the_page_tells_nothing_of_others(cast):
    course = programme_a(cast)
    course.enrol(cast.minh)

    page = page_of(cast, cast.lan)

    assert "Trần Văn Minh" not in page
    assert "DQ-01-2026A" not in page


def test_a_login_without_a_person_has_no_such_page(cast, client):
    from tests.factories.cast import user

    client.force_login(user("khongai"), backend="website.accounts.backends.PasswordBackend")

    assert client.get(PAGE).status_code == 404


# --- who looked


def test_a_look_shows_who_in_which_office_and_what_for(cast):
    actions.log_access(cast.sen.user, cast.lan, what="the whole record", purpose="kiểm tra hồ sơ")

    page = page_of(cast, cast.lan)

    for text in ("Hoàng Văn Sển", "Sở Y tế tỉnh Lào Cai", "kiểm tra hồ sơ"):
        assert text in page
    assert "Hoàng Văn Sển" not in page_of(cast, cast.minh)


def test_all_looks_have_a_page_of_their_own(cast):
    for number in range(60):
        actions.log_access(cast.sen.user, cast.lan, what="the whole record", purpose=f"lần {number}")
    client = cast.client(cast.lan)

    first, second = (client.get(reverse("my_data_accesses") + f"?p={n}").text for n in (1, 2))

    assert "lần 59" in first
    assert "lần 0<" in second
    assert "lần 0<" not in first


# --- agreeing


def test_withdrawing_adds_a_row_with_version_time_and_channel(cast):
    agree(cast.lan, account=True, reminders=True)
    client = cast.client(cast.lan)

    client.post(reverse("my_data_consent"), {"purpose": "reminders", "answer": "no"})

    rows = Consent.objects.filter(person=cast.lan, purpose="reminders")
    assert [row.given for row in rows] == [False, True]
    assert (rows[0].text_version, rows[0].channel) == (consents.PRIVACY_VERSION, "web")
    assert not actions.has_consented(cast.lan, "reminders")
    assert actions.has_consented(cast.lan, "account")


def test_an_agreement_can_be_given_again(cast):
    agree(cast.lan, account=True, reminders=False)

    cast.client(cast.lan).post(reverse("my_data_consent"), {"purpose": "reminders", "answer": "yes"})

    assert actions.has_consented(cast.lan, "reminders")


def test_withdrawing_what_carries_the_account_asks_the_officer_within_fifteen_days(cast):
    agree(cast.lan, account=True)

    cast.client(cast.lan).post(reverse("my_data_consent"), {"purpose": "account", "answer": "no"})

    row = DataRequest.objects.get(person=cast.lan)
    assert row.kind == "withdraw"
    assert (row.done_by - row.created_at).days in {15, 16}


@pytest.mark.parametrize("data", [{"purpose": "reminders"}, {"purpose": "khác", "answer": "yes"}, {}])
def test_nothing_is_agreed_to_by_default(cast, data):
    answer = cast.client(cast.lan).post(reverse("my_data_consent"), data)

    assert answer.status_code == 404
    assert not Consent.objects.exists()


def test_looking_at_the_page_agrees_to_nothing(cast):
    page_of(cast, cast.lan)

    assert not Consent.objects.exists()


def test_a_changed_text_asks_again_and_an_answer_to_it_is_enough(cast):
    agree(cast.lan, version="2020-01", account=True)
    client = cast.client(cast.lan)
    assert f"{PAGE}#consents" in client.get("/me/").text
    assert "nội dung đã đổi" in client.get(PAGE).text

    client.post(reverse("my_data_consent"), {"purpose": "account", "answer": "yes"})

    assert f"{PAGE}#consents" not in client.get("/me/").text


def test_who_answered_the_present_text_is_not_asked_again(cast):
    agree(cast.lan, account=True)

    assert f"{PAGE}#consents" not in cast.client(cast.lan).get("/me/").text


# --- asking


def test_a_correction_is_asked_in_ones_own_words_and_shows_both_clocks(cast):
    client = cast.client(cast.lan)

    client.post(reverse("my_data_ask"), {"kind": "correct", "details": "Ngày sinh của tôi là 08/03/1990"})

    page = " ".join(client.get(PAGE).text.split())
    assert "Ngày sinh của tôi là 08/03/1990" in page
    assert "trả lời trước hết ngày" in page
    assert "xong trước hết ngày" in page


def test_a_request_without_words_is_sent_back(cast):
    answer = cast.client(cast.lan).post(reverse("my_data_ask"), {"kind": "correct", "details": " "})

    assert answer.status_code == 400
    assert not DataRequest.objects.exists()


def test_erasure_and_copy_are_not_asked_through_the_form(cast):
    answer = cast.client(cast.lan).post(reverse("my_data_ask"), {"kind": "erase", "details": "Xóa hết"})

    assert answer.status_code == 400
    assert not DataRequest.objects.exists()


def test_one_takes_back_ones_own_request_and_nobody_elses(cast):
    row = actions.ask(cast.lan, kind="correct", details="Sửa tên")
    assert cast.client(cast.minh).post(reverse("my_data_cancel", args=[row.pk])).status_code == 404

    cast.client(cast.lan).post(reverse("my_data_cancel", args=[row.pk]))

    row.refresh_from_db()
    assert row.state == "cancelled"


# --- erasing


def test_erasure_is_asked_after_ticking_a_box_and_done_by_nobody_but_an_officer(cast):
    client = cast.client(cast.lan)
    client.post(reverse("my_data_erase"), {})
    assert not DataRequest.objects.exists()

    client.post(reverse("my_data_erase"), {"sure": "yes"})

    assert DataRequest.objects.get().kind == "erase"
    cast.lan.refresh_from_db()
    assert cast.lan.full_name == "Nguyễn Thị Lan"


def test_an_office_stands_in_the_way_and_is_named(cast):
    client = cast.client(cast.ha)

    page = client.get(reverse("my_data_erase")).text
    client.post(reverse("my_data_erase"), {"sure": "yes"})

    assert "Bệnh viện Đa khoa khu vực Bắc Hà" in page
    assert not DataRequest.objects.exists()


# --- the copy


def made_copy(cast, person) -> DataRequest:
    cast.client(person).post(reverse("my_data_export"))
    run_due()
    return DataRequest.objects.get(person=person, kind="export")


def contents(answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_the_copy_holds_json_tables_and_the_own_certificate(cast):
    course = programme_a(cast)
    assert course.issuer
    certificate = seal(issue_for(course.complete(course.enrol(cast.lan))))
    actions.give_consent(cast.lan, purpose="account", given=True, text_version="2026-11")
    actions.log_access(cast.sen.user, cast.lan, what="the whole record")
    row = made_copy(cast, cast.lan)

    archive = contents(cast.client(cast.lan).post(reverse("my_data_fetch", args=[row.pk])))

    data = json.loads(archive.read("data.json"))
    assert data["lms.Person"][0]["full_name"] == "Nguyễn Thị Lan"
    assert data["lms_certificates.Certificate"][0]["facts"]["holder"]["name"] == "Nguyễn Thị Lan"
    assert len(data["lms_courses.AttemptAnswer"]) == 5
    assert data["lms.AccessLog"]
    assert data["lms.Consent"]
    documents = [name for name in archive.namelist() if name.endswith(".pdf")]
    assert archive.read(documents[0]).startswith(b"%PDF")
    assert certificate.number.replace("/", "-") in documents[0]
    tables = [name for name in archive.namelist() if name.endswith(".csv")]
    assert len(tables) >= 10


def test_the_copy_holds_no_key_of_a_test_no_password_and_nobody_else(cast):
    course = programme_a(cast, canary="BIMAT")
    course.complete_all([course.enrol(cast.lan), course.enrol(cast.minh)])
    row = made_copy(cast, cast.lan)

    text = media.storage().open(row.file).read()
    everything = b"".join(
        zipfile.ZipFile(io.BytesIO(text)).read(name) for name in zipfile.ZipFile(io.BytesIO(text)).namelist()
    ).decode(errors="replace")

    assert "Giải thích BIMAT" not in everything
    assert "Trần Văn Minh" not in everything
    assert cast.lan.user.password not in everything


def test_the_copy_is_fetched_once(cast):
    row = made_copy(cast, cast.lan)
    client = cast.client(cast.lan)

    assert client.post(reverse("my_data_fetch", args=[row.pk]))["Content-Type"] == "application/zip"
    assert client.post(reverse("my_data_fetch", args=[row.pk])).status_code == 302


def test_the_copy_is_fetched_by_its_owner_alone(cast):
    row = made_copy(cast, cast.lan)

    for other in (cast.minh, cast.admin):
        assert cast.client(other).post(reverse("my_data_fetch", args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.fetched_at is None


def test_the_copy_is_no_longer_there_after_a_week(cast):
    row = made_copy(cast, cast.lan)
    DataRequest.objects.update(file_expires_at=clock.now())

    assert cast.client(cast.lan).post(reverse("my_data_fetch", args=[row.pk])).status_code == 302


def test_the_file_goes_after_it_was_fetched(cast):
    row = made_copy(cast, cast.lan)
    name = row.file
    contents(cast.client(cast.lan).post(reverse("my_data_fetch", args=[row.pk])))
    assert media.storage().exists(name)

    with clock.at(clock.now() + datetime.timedelta(hours=2)):
        run_due()

    assert not media.storage().exists(name)


def test_a_copy_that_is_being_made_is_not_made_twice(cast):
    client = cast.client(cast.lan)
    client.post(reverse("my_data_export"))
    client.post(reverse("my_data_export"))

    assert DataRequest.objects.count() == 1


def test_a_fresh_proof_of_identity_is_asked_before_a_copy_is_made_or_fetched(cast):
    from tests.website.test_recent import grow_old

    row = made_copy(cast, cast.lan)
    client = cast.client(cast.lan)
    grow_old(client)

    for address in (reverse("my_data_fetch", args=[row.pk]), reverse("my_data_export")):
        assert "reauthenticate" in client.post(address)["Location"]
    row.refresh_from_db()
    assert row.fetched_at is None


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(cast):
    cast.lan.affiliations.update(unit="=HYPERLINK(1)")
    row = made_copy(cast, cast.lan)

    archive = zipfile.ZipFile(media.storage().open(row.file))
    text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".csv"))

    assert "'=HYPERLINK" in text


# --- the log of looks


def test_a_list_counts_once_an_hour_for_each_person(cast):
    people = [cast.lan, cast.my, cast.ha]
    now = clock.now()
    with clock.at(now):
        assert actions.log_accesses(cast.ha.user, people, what="the list of a room") == 2
        assert actions.log_accesses(cast.ha.user, people, what="the list of a room") == 0
        assert actions.log_accesses(cast.ha.user, people, what="attendance at a session") == 2
    with clock.at(now + datetime.timedelta(minutes=61)):
        assert actions.log_accesses(cast.ha.user, [cast.lan], what="the list of a room") == 1
    assert not AccessLog.objects.filter(person=cast.ha).exists()


def test_a_long_list_costs_a_handful_of_queries(cast, django_assert_max_num_queries):
    from tests.factories.cast import person

    people = [person(f"Nguyễn Văn Số {number}") for number in range(120)]
    user = cast.ha.user

    with django_assert_max_num_queries(5):
        actions.log_accesses(user, people, what="the list of a room")
