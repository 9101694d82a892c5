"""What goes wrong is said plainly: what happened, what is kept, what to do; nothing is half-written."""

import datetime

import pytest
from django.urls import reverse

from content.models import Video
from courses import codes
from courses.actions.attempts import start
from courses.models import Attempt, Presence
from lms import clock
from tests.browser.conftest import DESK
from tests.factories.cast import person


@pytest.fixture(scope="module")
def course(site):
    """The open class of Bạch Mai, with a session that is on now."""
    assert site.course.room
    return site.course


def test_a_wrong_and_a_stale_code_are_told_apart_and_record_nothing(site, visit, course):
    sua = person("Thào Thị Súa", login="sua", works_at=site.cast.bac_ha)
    phone = visit(sua, dark=True)
    phone.go(reverse("lms_courses:check_in", args=[course.session.uuid]))
    step = codes.step_at(clock.now().timestamp())
    shown = {codes.code_at(course.session.secret, step + n) for n in range(-20, 3)}
    wrong = next(code for code in ("135790", "246801") if code not in shown)
    stale = codes.code_at(course.session.secret, step - 8)
    for code, title in {wrong: "The code is not right", stale: "The code has expired"}.items():
        phone.page.fill("#c", code)
        phone.press("Check in", "button")
        phone.page.locator("#answer .bad h2", has_text=phone.say(title)).wait_for()
    phone.look()
    assert not Presence.objects.filter(person=sua).exists()
    # The browser notes each refusal of the server as a failed request.
    assert len(phone.complaints) == 2
    phone.complaints.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_answer_after_the_deadline_is_refused_and_the_others_count(site, visit, course, scripts):
    name = "Giàng A Lử" if scripts else "Giàng A Chớ"
    late = person(name, login=f"late{scripts}", works_at=site.cast.bac_ha)
    enrolment = course.enrol(late)
    attempt = start(enrolment, lesson=course.lessons["pretest"], by=late.user)
    reader = visit(late, scripts=scripts)
    reader.go(reverse("lms_courses:attempt", args=[attempt.pk]))
    # The time runs out while the page is open.
    Attempt.objects.filter(pk=attempt.pk).update(deadline=clock.now() - datetime.timedelta(minutes=1))
    reader.page.locator("section[data-slot]:visible label.option").first.click()
    if scripts:
        reader.page.wait_for_url("**/review/")
    else:
        reader.press("Next question")
        assert reader.page.locator(".status.bad h1").inner_text() == reader.say("This answer came too late")
        reader.look()
        reader.page.locator("main a.btn").click()
    assert reader.page.locator(".note.warn").inner_text() == reader.say(
        "Time is over. Answers received in time count. Hand in to see the result."
    )
    reader.look()
    reader.press("Hand in")
    reader.page.wait_for_url("**/result/")
    attempt.refresh_from_db()
    assert attempt.state != Attempt.State.OPEN
    assert not attempt.answers.exists()
    reader.complaints.clear()


@pytest.mark.parametrize("answers_before", [1, 3])
def test_an_answer_that_gives_way_to_one_of_another_device_is_not_called_saved(
    site, visit, course, answers_before
):
    dua = person("Tẩn Mùi Pham", login=f"dua{answers_before}", works_at=site.cast.bac_ha)
    attempt = start(course.enrol(dua), lesson=course.lessons["pretest"], by=dua.user)
    phone, desk = visit(dua), visit(dua, size=DESK)
    for device in (phone, desk):
        device.go(reverse("lms_courses:attempt", args=[attempt.pk]))
    has_it = phone.say("The server has it, %%(time)s").partition("%")[0]
    for number in range(answers_before):
        with phone.page.expect_response("**/answers/"):
            phone.page.locator("section:visible label.option").nth(number % 2).click()
    phone.page.locator("#state", has_text=has_it).wait_for()
    kept = phone.page.locator("section:visible input:checked").get_attribute("value")

    desk.page.locator("section:visible label.option").nth(2).click()

    words = desk.say(
        "Question %%(number)s: a newer answer of yours, from another page or device, stands. It is shown here now; choose again to change it."
    )
    desk.page.locator("#state", has_text=words.replace("%%(number)s", "1")).wait_for()
    assert desk.page.locator("section:visible input:checked").get_attribute("value") == kept
    desk.look()
    assert attempt.answers.get().value == [kept]

    desk.page.locator("section:visible label.option").nth(2).click()
    desk.page.locator("#state", has_text=has_it).wait_for()

    chosen = desk.page.locator("section:visible input:checked").get_attribute("value")
    assert chosen != kept
    assert attempt.answers.get().value == [chosen]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_observation_of_the_wrong_learner_is_taken_back_with_its_reason(site, visit, course, scripts):
    wrong = person(
        "Lò Thị Mai" if scripts else "Lò Thị Pha", login=f"wrong{scripts}", works_at=site.cast.bac_ha
    )
    enrolment = course.enrol(wrong)
    course.observe(enrolment)
    observer = visit(course.observer, scripts=scripts)
    observer.go(reverse("lms_courses:skills"))
    row = observer.page.locator("li", has_text=wrong.full_name)
    row.locator("summary").click()
    observer.look()
    row.locator("[name=reason]").fill("Chấm nhầm người")
    row.get_by_role("button", name=observer.say("Take back")).click()
    row.get_by_text("Chấm nhầm người").wait_for()
    observer.look()

    waiting = observer.page.get_by_role("link", name=wrong.full_name)
    assert waiting.count() == 1, "the learner waits for an observer again"
    assert not enrolment.observations.in_force().exists()


def test_a_mistyped_certificate_code_gets_the_right_one_offered(visit, site, course):
    assert course.issuer
    anybody = visit()
    for typed, title in {
        "khong-phai-ma": "This is not a certificate code",
        "000000-000000-000000": "Not found",
    }.items():
        anybody.page.goto(f"{site.url}/V/")
        anybody.page.fill("#code", typed)
        anybody.press("Check")
        assert anybody.say(title) in anybody.page.locator(".status h1").inner_text()
        anybody.look()
    anybody.complaints.clear()


def test_a_disguised_recording_is_refused_before_anything_is_kept(visit, site, course):
    # In the plain form; part by part it is refused in test_lectures.
    ung = visit(site.cast.ung, size=DESK, scripts=False)
    ung.go(reverse("lms_content_videos:add"))
    ung.page.fill("[name=title]", "Bài giảng giả")
    ung.page.check("[name=shows_patient][value=no]")
    page = b"<!doctype html><script>alert(1)</script>" + b" " * 5000
    disguised = {"name": "bai-giang.mp4", "mimeType": "video/mp4", "buffer": page}
    ung.page.set_input_files("[name=file]", disguised)
    ung.page.click("main form button[type=submit]")
    error = ung.page.locator("main .error-message:visible, main .help-critical:visible").first
    error.wait_for()
    assert error.inner_text().strip()
    assert ung.page.input_value("[name=title]") == "Bài giảng giả"
    ung.look()
    assert not Video.objects.filter(title="Bài giảng giả").exists()
