"""Getting in at 360 px: with a code on a weak phone, and with a forgotten password."""

import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from tests.factories.cast import person

NEW = "nương-ngô-mùa-gặt-26"


def last_code(site, number: str) -> str:
    """The six digits that the console channel printed last for *number*."""
    for _try in range(50):
        found = re.findall(rf"--- {re.escape(number)} ---\s+(\d{{6}})\b", site.log.read_text())
        if found:
            return found[-1]
        time.sleep(0.1)
    pytest.fail(f"No code was printed for {number}:\n{site.log.read_text()[-2000:]}")


def with_phone(full_name: str, login: str, number: str, site):
    """Somebody who works at Bắc Hà and whose phone is proved."""
    who = person(full_name, login=login, works_at=site.cast.bac_ha)
    get_user_model().objects.filter(pk=who.user_id).update(phone=number)
    return who


def test_a_nurse_gets_in_for_the_first_time_with_a_code_on_the_phone(site, visit):
    with_phone("Vàng Thị Dợ", "vangthido", "+84912000777", site)
    visitor = visit(None)

    visitor.go(reverse("account_login") + "?next=" + reverse("me"))
    visitor.look()
    visitor.page.fill("#id_address", "0912 000 777")
    visitor.page.locator("form:has(#id_address) button").click()
    visitor.page.wait_for_url("**/login/code/confirm/**")
    visitor.look()
    assert "0912 000 777" in visitor.page.inner_text("main")
    visitor.page.fill("#id_code", last_code(site, "+84912000777"))
    visitor.page.locator("form:has(#id_code) button").click()

    visitor.page.wait_for_url("**" + reverse("me"))
    assert "Dợ" in visitor.page.inner_text("main")


def test_a_forgotten_password_is_replaced_on_the_phone_without_scripts(site, visit):
    with_phone("Thào A Sùng", "thaoasung", "+84912000888", site)
    visitor = visit(None, scripts=False)

    visitor.go(reverse("account_login"))
    visitor.page.locator(f"main a[href$='{reverse('account_reset_password')}']").click()
    visitor.look()
    visitor.page.fill("#id_address", "+84 912 000 888")
    visitor.page.locator("form:has(#id_address) button").click()
    visitor.page.fill("#id_code", last_code(site, "+84912000888"))
    visitor.page.locator("form:has(#id_code) button").click()
    visitor.look()
    visitor.page.fill("#id_password1", NEW)
    visitor.page.fill("#id_password2", NEW)
    visitor.page.locator("form:has(#id_password1) button").first.click()

    visitor.go(reverse("account_login"))
    visitor.page.fill("#id_login", "thaoasung")
    visitor.page.fill("#id_password", NEW)
    visitor.page.locator("form:has(#id_login) button").click()
    visitor.page.wait_for_url("**" + reverse("me"))
