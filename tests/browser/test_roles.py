"""On a phone: the administrator of a hospital grants a role, sees who granted it, and ends it."""

from django.urls import reverse

from lms.models import RoleAssignment
from tests.browser.conftest import DESK, PHONE
from tests.factories.cast import person


def test_a_role_is_granted_seen_and_ended_and_refuses_at_once(site, visit):
    cast = site.cast
    colleague = person("Phùng Thị Mến", login="men", works_at=cast.bach_mai)
    assert cast.phuc

    office = visit(cast.phuc, size=PHONE)
    office.go(reverse("lms-roles:add"))
    page = office.page
    page.get_by_role("button", name=office.say("Choose a person")).click()
    page.get_by_role("dialog").get_by_role("link", name="Phùng Thị Mến").click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.select_option("[name=role]", "trainer")
    page.select_option("[name=facility]", str(cast.bach_mai.pk))
    office.shoot()
    office.assert_fits()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/admin/lms-roles/")

    page.goto(f"{site.url}{reverse('lms-roles:index')}?facility={cast.bach_mai.pk}&holds=today")
    row = page.get_by_role("row").filter(has_text="Phùng Thị Mến")
    assert "Đoàn Văn Phúc" in row.inner_text()
    assert "còn hiệu lực" in row.inner_text().lower()
    office.shoot()
    office.assert_fits()

    trainer = visit(colleague, size=PHONE)
    trainer.go(reverse("lms_content_videos:index"))

    row.get_by_role("link", name="Phùng Thị Mến").click()
    page.locator("main").get_by_role("button", name=office.say("End this role"), exact=True).first.wait_for()
    office.shoot()
    office.assert_fits()
    office.press("End this role")
    page.goto(f"{site.url}{reverse('lms-roles:index')}?holds=ended")
    assert "đã kết thúc" in page.get_by_role("row").filter(has_text="Phùng Thị Mến").inner_text().lower()
    assert RoleAssignment.objects.get(user=colleague.user).ended_by == cast.phuc.user

    refused = trainer.page.goto(f"{site.url}{reverse('lms_content_videos:index')}")
    assert refused.status == 403 or "/admin/lms" not in trainer.page.url
    trainer.complaints.clear()  # the browser notes the refusal of the server as a failed request


def test_logins_and_roles_fit_the_phone_and_the_desk(site, visit):
    cast = site.cast
    who = site.cast.ung.user
    for size in (PHONE, DESK):
        office = visit(cast.phuc, size=size)
        for path in (
            reverse("lms-logins:index"),
            reverse("lms-logins:desk", args=[who.pk]),
            reverse("lms-roles:index"),
            reverse("lms-roles:add"),
        ):
            office.go(path)
            office.shoot()
            office.assert_fits()
