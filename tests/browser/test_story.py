"""The whole story, told in order: a lecture is added, taught, learnt, attended, passed and certified.

Lan learns in Vietnamese on a phone of 360 px, Minh beside her in English; the tests share one
course and each begins where the one before it ended.
"""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page

from certificates.models import Certificate
from content.models import Video
from courses.models import Enrolment, Lesson, Release, Run, Session
from lms import clock
from lms.models import Person
from tests.browser.conftest import DESK, Site, Visitor
from tests.browser.recordings import qr_in, recording
from tests.browser.test_pages import FIRST_LOAD
from tests.factories.programme import Programme, programme_a

LECTURE = "Chuyển người bệnh đột quỵ lên tuyến trên"


@dataclass
class Story:
    """What the chapters hand on to each other."""

    site: Site
    course: Programme

    @property
    def cast(self):
        return self.site.cast

    @property
    def run(self) -> Run:
        return Run.objects.get(code="DQ-02-2026B")

    @property
    def session(self) -> Session:
        return Session.objects.get(title_vi="Hội chẩn ca đột quỵ thứ Bảy")

    def enrolment(self, person: Person) -> Enrolment:
        return Enrolment.objects.get(person=person, run=self.run)

    def lesson(self, name: str) -> Lesson:
        return self.course.lessons[name]

    def address(self, lesson: Lesson, language: str = "vi") -> str:
        page = Page.objects.get(translation_key=lesson.key, locale__language_code=language)
        return page.get_url()


@pytest.fixture(scope="module")
def story(site) -> Story:
    """A course of Bạch Mai that still lacks its lecture, in both languages."""
    assert site.course.issuer
    course = programme_a(
        site.cast, code="DQ-02", title="Chuyển an toàn người bệnh đột quỵ", without=("video",)
    )
    in_english(course.page, "Safe transfer of stroke patients")
    for name, title in {"pretest": "Pre-test", "reading": "Read first", "session": "Case conference"}.items():
        in_english(Page.objects.get(translation_key=course.lessons[name].key), title)
    for name, title in {"checklist": "Hand hygiene", "posttest": "Final test", "survey": "Survey"}.items():
        in_english(Page.objects.get(translation_key=course.lessons[name].key), title)
    # Who is on the list of the room stands there before anybody opens it.
    assert {site.cast.my, site.cast.lan, site.cast.minh}
    # The pages of a hospital open to its staff by a job.
    site.work()
    site.forget()
    return Story(site, course)


def in_english(page: Page, title: str) -> Page:
    """The English page beside *page*, below the English pages of what stands above it."""
    english, _made = Locale.objects.get_or_create(language_code="en")
    copied = page.specific.copy_for_translation(english, copy_parents=True)
    copied.title = title
    copied.save_revision().publish()
    for above in copied.get_ancestors().filter(locale=english, live=False):
        above.specific.save_revision().publish()
    return copied


@pytest.fixture
def meet(story, visit):
    """Open a browser as somebody: the learners on a phone, the staff at a desk."""

    def meet(person=None, **how) -> Visitor:
        if person is story.cast.minh:
            how = {"language": "en-GB", **how}
        return visit(person, **how)

    return meet


def test_a_trainer_adds_a_lecture_and_the_office_publishes_it(story, meet, tmp_path):
    ung = meet(story.cast.ung, size=DESK)
    ung.go(reverse("lms_content_videos:add"))
    ung.look()
    ung.page.fill("[name=title]", "Bài giảng chuyển tuyến")
    ung.page.check("[name=shows_patient][value=no]")
    ung.page.set_input_files("[name=file]", recording(tmp_path / "camera.mp4"))
    ung.page.click("main form button[type=submit]")
    ung.page.wait_for_selector("[data-lms-progress]")
    ung.look()
    story.site.work()
    video = Video.objects.get(title="Bài giảng chuyển tuyến")
    assert video.playable
    # The page hears of it by itself.
    ung.page.locator("[data-label]", has_text=video.get_state_display()).wait_for()

    ung.go(reverse("wagtailadmin_pages:add", args=["lms_courses", "lessonpage", story.course.page.pk]))
    ung.page.fill("#id_title", LECTURE)
    ung.page.select_option("#id_activity", "video")
    ung.page.click("#id_video-chooser button[data-chooser-action-choose]")
    ung.page.click(".modal a[data-chooser-modal-choice]:has-text('Bài giảng chuyển tuyến')")
    ung.page.locator("#id_video-chooser", has_text="Bài giảng chuyển tuyến").wait_for()
    ung.page.click("footer button.action-save")
    ung.page.wait_for_url(re.compile(r"/edit/"))
    lesson = Page.objects.get(title=LECTURE)
    assert not lesson.live
    assert lesson.slug == "chuyen-nguoi-benh-dot-quy-len-tuyen-tren"

    hang = meet(story.cast.hang, size=DESK)
    hang.go(reverse("wagtailadmin_pages:edit", args=[lesson.pk]))
    hang.page.click("footer [data-w-dropdown-target=toggle]")
    hang.page.click("button[name=action-publish]")
    hang.page.wait_for_load_state()
    lesson.refresh_from_db()
    assert lesson.live
    story.course.lessons["video"] = Lesson.objects.get(key=lesson.translation_key)
    # It stands before the tests, not after the survey.
    lesson.move(story.course.page.get_children().get(slug="session"), pos="left")
    in_english(lesson, "Moving the patient up")


def test_two_more_people_stand_behind_a_version_and_a_class_opens(story, meet):
    workbench = reverse("lms_courses_admin:course", args=[story.course.course.pk])
    ung = meet(story.cast.ung, size=DESK)
    ung.go(workbench)
    row = ung.page.locator("main tr", has_text=LECTURE)
    row.locator("input[name$=periods]").fill("2")
    ung.press("Save the rules")
    assert Lesson.objects.get(pk=story.lesson("video").pk).periods == 2
    ung.look()
    ung.press("Send for appraisal")
    release = Release.objects.get(course=story.course.course)

    thang = meet(story.cast.thang, size=DESK)
    thang.go(workbench)
    thang.page.fill("[name=comment]", "Đủ nội dung, đúng phác đồ.")
    thang.press("Appraise as good")
    thang.look()

    hang = meet(story.cast.hang, size=DESK)
    hang.go(workbench)
    hang.page.fill("[name=decision_number]", "214/QĐ-BM")
    hang.page.fill("[name=decision_date]", "2026-11-02")
    hang.page.fill("[name=decision_signatory]", "PGS. TS. Nguyễn Quang Đạo")
    hang.press("Issue")
    release.refresh_from_db()
    assert release.state == Release.State.ISSUED
    hang.page.fill("[name=run-code]", "DQ-02-2026B")
    hang.press("Open the class")
    hang.look()
    assert story.run.release == release


@pytest.mark.parametrize("who", ["lan", "minh"])
def test_a_health_worker_finds_the_course_and_enrols(story, meet, who):
    learner = meet(getattr(story.cast, who))
    learner.go("/" if who == "lan" else "/en/")
    learner.look()
    learner.go("/khoa-hoc/" if who == "lan" else "/en/khoa-hoc/")
    learner.page.fill("main #q", "dot quy" if who == "lan" else "stroke transfer")
    learner.press("Find")
    learner.look()
    learner.page.locator("main .card", has_text=re.compile("Chuyển an toàn|Safe transfer")).click()
    learner.page.wait_for_load_state()
    learner.look()
    learner.press("Enrol")
    learner.look()
    enrolment = story.enrolment(getattr(story.cast, who))
    assert enrolment.state == Enrolment.State.ACTIVE

    learner.go(story.address(story.lesson("reading"), learner.language))
    learner.press("I have read this lesson")
    learner.look()


def test_the_lecture_is_watched_to_the_threshold_in_the_player(story, meet, tmp_path):
    learners = [meet(story.cast.lan), meet(story.cast.minh)]
    for learner in learners:
        where_h264_is_missing(learner, tmp_path / "free.webm")
        loaded, requests = learner.wire_bytes(story.address(story.lesson("video"), learner.language))
        print(f"first load of a real lecture's page: {loaded:,} bytes in {requests} requests")
        assert loaded <= FIRST_LOAD
        learner.look()
    touching, typing = learners
    touching.page.click("button.play")
    touching.page.select_option("[data-rate]", "2")
    # Minh has no pointer at hand.
    typing.tab_to("button.play")
    typing.page.keyboard.press("Enter")
    typing.tab_to("[data-rate]")
    typing.page.keyboard.press("End")
    for learner in learners:
        learner.page.locator("progress.done").wait_for(timeout=60_000)
        assert learner.page.inner_text("[data-watched]") == learner.say("Watched enough: this lesson is done")
        learner.look()


def where_h264_is_missing(learner: Visitor, path: Path) -> None:
    """Give Playwright's own Chromium, which is built without H.264, the same lecture in WebM."""
    if not learner.page.evaluate(
        "document.createElement('video').canPlayType('video/mp4; codecs=avc1.42E01E')"
    ):
        picture = path if path.exists() else recording(path)
        learner.page.route(
            "**/video/**", lambda route: route.fulfill(path=picture, content_type="video/webm")
        )


def test_everybody_in_the_room_is_counted_once(story, meet):
    cast = story.cast
    hang = meet(cast.hang, size=DESK)
    plan_a_session(story, hang)
    ha = meet(cast.ha)
    ha.go(reverse("lms_courses:rooms"))
    ha.look()
    card = ha.page.locator("main .card", has_text="Hội chẩn ca đột quỵ thứ Bảy")
    card.locator("[name=expected]").fill("3")
    card.get_by_role("button").click()
    hang.press("Open the session")
    hang.look()

    # Lan and Minh type what they see on the screen of the hub.
    for person in (cast.lan, cast.minh):
        learner = meet(person)
        learner.go(("" if learner.language == "vi" else "/en") + check_in_at(story))
        learner.page.fill("#c", hang.page.inner_text("[data-show=code]"))
        learner.press("Check in", "button")
        learner.page.locator("#answer .good").wait_for()
        learner.look()
    # The screen of the hub follows by itself.
    people = hang.page.locator("[data-show=people]", has_text=re.compile("^2 "))
    people.wait_for(timeout=20_000)

    # Mỷ has no phone, and somebody came along who is on no list.
    ha.go(reverse("lms_courses:rooms"))
    ha.page.locator("a.card", has_text="Hội chẩn ca đột quỵ thứ Bảy").click()
    ha.page.get_by_role("checkbox", name=re.compile(cast.my.full_name)).click()
    ha.page.locator(f"#p{cast.my.pk}[aria-checked=true] .tag.good").wait_for()
    ha.page.click("main details.card summary")
    ha.page.fill("[name=full_name]", "Thào A Sùng")
    ha.page.fill("[name=birth_year]", "1979")
    ha.page.fill("[name=contact]", "0987 000 123")
    ha.press("Add and tick as present")
    ha.look()
    ha.page.fill("[name=head_count]", "3")
    ha.press("Confirm that this list is the people in the room")
    ha.page.locator(".status.good").wait_for()
    ha.look()

    hang.press("End the session")
    hang.look()
    hang.press("Settle attendance")
    hang.look()
    counted = dict(story.session.attendances.values_list("person__full_name", "state"))
    assert counted == dict.fromkeys(
        (cast.lan.full_name, cast.minh.full_name, cast.my.full_name, "Thào A Sùng"), "present"
    )


def plan_a_session(story: Story, hang: Visitor) -> None:
    """The training office plans a session that began a minute ago, for the story's class."""
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    hang.go(reverse("lms_courses:plan_session"))
    hang.page.fill("[name=title_vi]", "Hội chẩn ca đột quỵ thứ Bảy")
    hang.page.fill("[name=title_en]", "Saturday stroke case conference")
    for name, minutes in {"starts_at": -1, "ends_at": 24}.items():
        moment = now + datetime.timedelta(minutes=minutes)
        hang.page.fill(f"[name={name}]", moment.strftime("%Y-%m-%dT%H:%M"))
    hang.page.locator("label.check", has_text="DQ-02-2026B").click()
    hang.look()
    hang.press("Plan the session")


def check_in_at(story: Story) -> str:
    return reverse("lms_courses:check_in", args=[story.session.uuid])


def test_an_observer_rates_the_skill_at_the_bedside(story, meet):
    xuan = meet(story.cast.xuan)
    for person in (story.cast.lan, story.cast.minh):
        xuan.go(reverse("lms_courses:skills"))
        xuan.look()
        xuan.page.locator(".outline a", has_text=person.full_name).first.click()
        xuan.page.wait_for_selector("fieldset.step")
        for step in xuan.page.locator("fieldset.step").all():
            step.locator("label").first.click()
        xuan.look()
        xuan.press("Save the observation")
        assert story.enrolment(person).observations.get().passed


@pytest.mark.parametrize("who", ["lan", "minh"])
def test_the_test_and_the_survey_complete_the_course(story, meet, who):
    person = getattr(story.cast, who)
    learner = meet(person)
    learner.go(story.address(story.lesson("posttest"), learner.language))
    learner.look()
    learner.press("Begin the test")
    right = "Méo miệng, yếu tay, nói khó" if who == "lan" else "Face, arm, speech"
    for number in range(1, 6):
        question = learner.page.locator("section[data-slot]:visible")
        question.locator("label.option", has_text=right).click()
        if number == 1:
            learner.look()
        if number < 5:
            learner.press("Next question")
    learner.page.locator("#unanswered", has_text=learner.say("all answered")).wait_for()
    learner.page.click("[data-go=review]")
    learner.page.wait_for_url("**/review/")
    learner.look()
    learner.press("Hand in")
    learner.page.wait_for_url("**/result/")
    learner.look()

    learner.go(story.address(story.lesson("survey"), learner.language))
    learner.page.get_by_role("link", name=learner.say("Answer the survey")).click()
    learner.page.locator(".scale label").last.click()
    learner.look()
    learner.press("Send answers")
    enrolment = story.enrolment(person)
    assert enrolment.state == Enrolment.State.COMPLETED
    learner.go(reverse("me") if who == "lan" else "/en" + reverse("me"))
    learner.look()


def test_the_certificate_is_held_and_proves_itself_from_its_qr_code(story, meet):
    story.site.work()
    lan = meet(story.cast.lan)
    lan.go(reverse("lms_certificates:mine"))
    lan.look()
    # Other journeys may have left her a certificate of another course.
    card = lan.page.locator("article", has_text=story.course.page.title)
    link = card.get_by_role("link", name=re.compile("PDF")).get_attribute("href")
    answer = lan.page.request.get(story.site.url + link)
    assert answer.headers["content-type"] == "application/pdf"
    pdf = answer.body()
    certificate = Certificate.objects.get(holder=story.cast.lan, uuid=link.split("/")[-3])
    assert certificate.file_size == len(pdf)

    address = qr_in(pdf)
    assert address.lower() == f"{story.site.url}/V/{certificate.code}".lower()
    anybody = meet()
    anybody.go(re.sub(r"^HTTP://", "http://", address))
    anybody.look()
    assert anybody.page.locator(".status.good h1").inner_text() == f"✓ {anybody.say('Valid')}"
    anybody.page.fill("#name", "nguyễn thị lan")
    anybody.press("Compare")
    assert anybody.page.locator(".note.good").inner_text() == anybody.say("The name matches the register.")
    anybody.page.fill("#name", "Nguyễn Thị Loan")
    anybody.press("Compare")
    assert anybody.page.locator(".note.bad:visible").count() == 1
    anybody.page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": pdf})
    anybody.page.locator("[data-answer].good").wait_for()
    anybody.look()


def test_two_people_revoke_a_certificate_and_it_says_so_for_ever(story, meet):
    certificate = Certificate.objects.get(holder=story.cast.minh)
    inspect = reverse("lms-certificates:inspect", args=[certificate.pk])
    # It was issued by itself, so the office asks and whoever signs does it.
    for person, button in ((story.cast.hang, "Ask a second person for this"), (story.cast.dao, "Revoke")):
        staff = meet(person, size=DESK)
        staff.go(inspect)
        staff.look()
        staff.page.get_by_role("link", name=staff.say("Revoke"), exact=True).click()
        staff.page.fill("#reason", "Cấp nhầm cho lớp khác.")
        staff.look()
        staff.press(button)
        assert staff.page.url.endswith(inspect)

    for prefix in ("", "?lang=en"):
        anybody = meet(language="vi-VN" if not prefix else "en-GB")
        anybody.go(f"/V/{certificate.code}{prefix}")
        anybody.look()
        assert anybody.page.locator(".status.bad h1").inner_text() == f"✕ {anybody.say('Revoked')}"
        assert "Cấp nhầm cho lớp khác." in anybody.page.inner_text("main")
