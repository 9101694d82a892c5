"""The verifier at work: a spreadsheet by the desk's screen, a person on the phone; and anybody without scripts."""

import io

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from certificates.actions import issue_for, make_key, post_credit, seal
from certificates.actions.desk import AT_ONCE
from certificates.actions.register import take_checkpoint
from tests.browser.conftest import DESK, PHONE
from tests.factories.cast import person
from tests.factories.certificates import revoke


@pytest.fixture(scope="module")
def papers(site):
    """Two certificates of the open class; the second was revoked."""
    cast, course = site.cast, site.course
    assert course.issuer
    found = []
    for name in ("Vàng Thị Chứ", "Lò Văn Pâng"):
        holder = person(name, works_at=cast.bac_ha)
        enrolment = course.complete(course.enrol(holder))
        post_credit(enrolment)
        found.append(seal(issue_for(enrolment)))
    revoke(found[1], by=cast.dao.user, reason="Cấp nhầm người.")
    make_key("checkpoints")
    assert take_checkpoint()
    return found


def sheet(papers) -> bytes:
    """A list as a department sends it: more rows than are answered while one waits."""
    book = Workbook()
    book.active.append(["STT", "Họ và tên", "Số giấy", "Giờ"])
    for number, paper in enumerate(papers, start=1):
        book.active.append([number, paper.said["holder"]["name"], paper.number, f"{paper.hours:f}"])
    for number in range(3, AT_ONCE + 2):
        book.active.append([number, "Vừ A Dính", f"{90_000 + number}/2026/GCN-BVBM", "8"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_spreadsheet_goes_in_is_answered_by_the_worker_and_comes_home(site, visit, papers):
    verifier = visit(site.cast.mo, size=DESK)
    verifier.go(reverse("lms_certificates:check_list"))
    verifier.look()
    verifier.page.fill("#purpose", "Hồ sơ gia hạn GPHN")
    verifier.page.set_input_files(
        "#file", {"name": "lao-cai-dot-11.xlsx", "mimeType": "", "buffer": sheet(papers)}
    )
    verifier.press("Check")

    assert verifier.page.locator("progress").count() == 1
    verifier.look()
    site.work()
    verifier.page.wait_for_selector("table")
    rows = verifier.page.locator("tbody tr")
    assert "Lò Văn Pâng" in rows.nth(0).inner_text()
    verifier.look()
    with verifier.page.expect_download() as fetched:
        verifier.page.get_by_role("link", name=verifier.say("Download the result (XLSX)")).click()
    book = load_workbook(io.BytesIO(fetched.value.path().read_bytes()))
    assert book.active.max_row == AT_ONCE + 2


def test_a_person_is_looked_up_on_the_phone_without_scripts(site, visit, papers):
    verifier = visit(site.cast.mo, size=PHONE, scripts=False)
    verifier.go(reverse("lms_certificates:find_person"))
    holder = papers[0].holder
    verifier.page.fill("#purpose", "Hồ sơ gia hạn GPHN")
    verifier.page.fill("#name", holder.full_name)
    verifier.page.fill("#born", holder.birth_text)
    verifier.look()
    verifier.press("Look up")

    assert papers[0].number in verifier.page.inner_text("main")
    verifier.page.locator("summary").first.click()
    verifier.look()


def test_the_register_is_explained_on_the_phone(site, visit, papers):
    verifier = visit(site.cast.mo, size=PHONE)
    verifier.go(reverse("lms_certificates:register"))
    verifier.look()


def test_the_public_check_needs_neither_login_nor_script_and_is_light(site, visit, papers):
    anybody = visit(None, size=PHONE, scripts=False)
    anybody.go("/V/")
    anybody.page.fill("#code", papers[0].shown_code.lower().replace("-", " "))
    anybody.press("Check")
    assert anybody.page.locator(".status.good h1").inner_text().startswith("✓")
    anybody.look()
    anybody.page.fill("#name", "vàng thị chứ")
    anybody.press("Compare", exact=True)
    assert anybody.page.locator(".note.good").count() == 1
    assert len(anybody.go(papers[1].path).body()) < 20_000
    assert "Cấp nhầm người." in anybody.page.inner_text("main")
    anybody.look()
