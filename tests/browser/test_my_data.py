"""My data as a nurse meets it on a phone, and the officer's desk on a screen."""

import zipfile

import pytest
from django.urls import reverse

from lms import actions
from lms.models import DataRequest, RoleAssignment
from tests.browser.conftest import DESK
from tests.factories import cast as make
from website.accounts.consents import PRIVACY_VERSION


@pytest.fixture
def officer(site):
    """Answers for everything below the department of Lào Cai."""
    from lms.models import Person

    found = Person.objects.filter(full_name="Vàng Thị Dua").first()
    if found is None:
        found = make.person("Vàng Thị Dua", login="dua", works_at=site.cast.department)
        make.role(found, RoleAssignment.Role.DPO, site.cast.department, include_children=True)
    return found


@pytest.fixture
def known(site):
    """Lan with a course, agreements and looks at her data."""
    lan = site.cast.lan
    if not lan.consents.exists():
        site.course.complete(site.course.enrol(lan))
        for purpose in ("account", "reminders"):
            actions.give_consent(lan, purpose=purpose, given=True, text_version=PRIVACY_VERSION)
        for number in range(7):
            actions.log_access(
                site.cast.sen.user, lan, what="the whole record", purpose=f"kiểm tra hồ sơ đợt {number + 1}"
            )
    return lan


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_nurse_sees_withdraws_asks_copies_and_reads_who_looked(site, visit, known, scripts):
    DataRequest.objects.filter(person=known).delete()
    nurse = visit(known, scripts=scripts)
    nurse.go("/me/my-data/")
    nurse.look()

    nurse.press("I no longer agree", within="#consents form:nth-of-type(1) >> nth=1")
    assert "Anh/chị không còn đồng ý" in nurse.page.inner_text(
        "main"
    ) or "Đã ghi nhận" in nurse.page.inner_text("main")

    nurse.page.fill("#id_details", "Ngày sinh của tôi là 08/03/1990.")
    nurse.press("Send")
    nurse.press("Make my copy")
    site.work()
    nurse.go("/me/my-data/")
    nurse.look()
    with nurse.page.expect_download() as download:
        nurse.page.get_by_role("button", name=nurse.say("Fetch my copy")).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "data.json" in archive.namelist()

    nurse.go(reverse("my_data_accesses"))
    nurse.look()
    nurse.go(reverse("my_data_erase"))
    nurse.look()
    for consent in ("reminders",):
        actions.give_consent(known, purpose=consent, given=True, text_version=PRIVACY_VERSION)


def test_the_page_fits_a_desk_too(site, visit, known):
    nurse = visit(known, size=DESK)
    nurse.go("/me/my-data/")
    nurse.look()


def test_an_officer_answers_a_request_at_the_desk(site, visit, known, officer):
    DataRequest.objects.filter(person=known).delete()
    row = actions.ask(known, kind="correct", details="Ngày sinh của tôi là 08/03/1990.")
    actions.ask(site.cast.minh, kind="erase")
    desk = visit(officer, size=DESK)
    desk.go(reverse("lms-data-requests:index"))
    desk.shoot()
    desk.go(reverse("lms-data-requests:inspect", args=[row.pk]))
    desk.shoot()
    desk.page.fill("[name=words]", "Đã sửa ngày sinh theo giấy tờ anh/chị gửi.")
    desk.press("Done: close with this answer")
    desk.go(reverse("lms-accesses:index"))
    desk.shoot()
    erase = DataRequest.objects.get(person=site.cast.minh, kind="erase")
    desk.go(reverse("lms-data-requests:inspect", args=[erase.pk]))
    desk.shoot()

    row.refresh_from_db()
    assert row.state == "done"
    DataRequest.objects.all().delete()
