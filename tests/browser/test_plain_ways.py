"""The two plain ways through: a browser without scripts, and a keyboard alone."""

import re

import pytest
from django.urls import reverse
from wagtail.models import Page

from courses.actions.attendance import tick
from courses.actions.settling import settle
from courses.models import Attempt, Enrolment
from lms import clock
from tests.browser.conftest import Visitor
from tests.factories.cast import person

RIGHT = "Méo miệng, yếu tay, nói khó"


@pytest.fixture(scope="module")
def course(site):
    """The open class of Bạch Mai, with a session that is on now."""
    assert site.course.issuer
    assert site.course.room
    return site.course


def address(course, name: str) -> str:
    key = course.lessons[name].key
    return Page.objects.get(translation_key=key, locale__language_code="vi").get_url()


def code_on_the_screen(visit, course, cast) -> str:
    hub = visit(cast.hang)
    hub.go(reverse("lms_courses:hub", args=[course.session.uuid]))
    return hub.page.inner_text("[data-show=code]")


def test_without_scripts_one_finds_learns_checks_in_passes_answers_and_verifies(site, visit, course):
    cast = site.cast
    do = person("Vàng A Dơ", login="do", works_at=cast.bac_ha)
    reader = visit(do, scripts=False)

    # Browse and enrol.
    reader.go("/khoa-hoc/")
    reader.page.fill("main #q", "dot quy nao")
    reader.press("Find")
    reader.page.locator("main article.course h2 a", has_text="Xử trí đột quỵ não cấp").click()
    reader.press("Enrol")
    enrolment = Enrolment.objects.get(person=do)
    reader.go(address(course, "reading"))
    reader.press("I have read this lesson")
    # Watching is the one thing that needs scripts, and the page says so.
    reader.go(address(course, "video"))
    assert reader.page.locator("noscript").inner_text()

    # Check in with the code on the hub's screen.
    reader.go(reverse("lms_courses:check_in", args=[course.session.uuid]))
    reader.page.fill("#c", code_on_the_screen(visit, course, cast))
    reader.press("Check in", "button")
    assert reader.page.locator(".status.good h2").inner_text().startswith("✓")

    # Meanwhile the lecture was watched on another device and a session was held.
    course.watch(enrolment)
    held = course.held_session()
    with clock.at(held.session.starts_at):
        tick(held, person=do, by=cast.ha.user)
    settle(held.session, by=cast.hang.user)

    # The test, page by page.
    reader.go(address(course, "posttest"))
    reader.press("Begin the test")
    for number in range(1, 6):
        reader.page.locator("section[data-slot]:visible label.option", has_text=RIGHT).click()
        reader.press("Next question" if number < 5 else "Review and hand in", exact=False)
    assert reader.page.locator(".outline .tag.good").count() == 5
    reader.press("Hand in")
    assert Attempt.objects.get(enrolment=enrolment).passed

    # The survey, and a certificate that anybody checks.
    reader.go(address(course, "survey"))
    reader.page.get_by_role("link", name=reader.say("Answer the survey")).click()
    reader.page.locator(".scale label").last.click()
    reader.press("Send answers")
    assert enrolment.survey_receipts.exists()
    course.observe(enrolment)
    site.work()
    code = do.certificates.get().code
    reader.go("/V/")
    reader.page.fill("#code", f"{code[:6].lower()} {code[6:12]}-{code[12:]}")
    reader.press("Check")
    assert reader.page.locator(".status.good").is_visible()
    reader.page.fill("#name", "Vàng A Dơ")
    reader.press("Compare")
    assert reader.page.locator(".note.good").inner_text() == reader.say("The name matches the register.")


def test_by_keyboard_alone_one_enrols_reads_checks_in_and_does_a_test(site, visit, course):
    pao = person("Lù Thị Páo", login="pao", works_at=site.cast.bac_ha)
    typist = visit(pao)
    keys = typist.page.keyboard

    typist.go("/khoa-hoc/")
    walk(typist, f"main a[href='{course.page.get_url()}']")
    send(typist, "main form[action*=enrol] button")
    walk(typist, f"main a[href='{address(course, 'reading')}']")
    send(typist, "main form[action*=read] button")
    enrolment = Enrolment.objects.get(person=pao)
    assert enrolment.progress.filter(lesson=course.lessons["reading"], met_at__isnull=False).exists()

    typist.go(reverse("me"))
    walk(typist, "a.btn[href*=check-in]")
    typist.tab_to("#c")
    keys.type(code_on_the_screen(visit, course, site.cast).replace(" ", ""))
    keys.press("Enter")
    typist.page.locator("#answer .good").wait_for()

    typist.go(address(course, "pretest"))
    typist.tab_to("main form button")
    keys.press("Enter")
    typist.page.wait_for_url(re.compile(r"/tests/\d+/"))
    for number in (1, 2):
        typist.tab_to(f"section[data-slot='{number}'] input")
        keys.press("ArrowDown")
        keys.press("ArrowUp")
        typist.page.locator(f"section[data-slot='{number}'] input:checked").wait_for()
        typist.tab_to("[data-go=next]" if number == 1 else "[data-go=review]")
        keys.press("Enter")
    typist.page.wait_for_url("**/review/")
    typist.tab_to("#hand-in button")
    keys.press("Enter")
    typist.page.wait_for_url("**/result/")
    attempt = Attempt.objects.get(enrolment=enrolment)
    assert attempt.finished_at
    assert attempt.answers.count() == 2


def test_by_keyboard_alone_one_answers_the_survey_and_opens_and_checks_the_certificate(site, visit, course):
    mua = person("Giàng Thị Mua", login="mua", works_at=site.cast.bac_ha)
    enrolment = course.enrol(mua)
    course.do_all_but_the_survey(enrolment)
    typist = visit(mua)
    keys = typist.page.keyboard

    typist.go(address(course, "survey"))
    walk(typist, "main a[href*='/survey']")
    typist.tab_to(".scale input")
    keys.press("ArrowRight")
    typist.page.locator(".scale input:checked").wait_for()
    send(typist, "main form button")
    assert enrolment.survey_receipts.exists()

    site.work()
    certificate = mua.certificates.get()
    typist.go(reverse("lms_certificates:mine"))
    typist.tab_to(f"a[href='{reverse('lms_certificates:download', args=[certificate.uuid])}']")
    with typist.page.expect_download() as opened:
        keys.press("Enter")
    assert opened.value.suggested_filename.endswith(".pdf")
    walk(typist, f"main a[href='{certificate.path}']")
    typist.tab_to("#name")
    keys.type("Giàng Thị Mua")
    keys.press("Enter")
    typist.page.locator(".note.good").wait_for()


def send(typist: Visitor, selector: str) -> None:
    """Send the form of a button, with Tab and Enter."""
    typist.tab_to(selector)
    with typist.page.expect_navigation():
        typist.page.keyboard.press("Enter")


def walk(typist: Visitor, selector: str) -> None:
    """Go where a link leads, with Tab and Enter."""
    typist.tab_to(selector)
    before = typist.page.url
    typist.page.keyboard.press("Enter")
    typist.page.wait_for_url(lambda url: url != before)
