"""From a site without a course to an issued one in at most 25 presses, by people who type words only.

Counted is each press: of a menu entry, a link, a button, a choice. Words are typed into what a press opened;
nobody types an address of a page (slug) or JSON. Everybody begins on the admin's front page, where a sign-in leads.
"""

import datetime
import re
from dataclasses import dataclass, field

import pytest
from django.urls import reverse
from wagtail.models import Page

from courses.actions import enrolments, releases, runs
from courses.models import CatalogPage, Course, CoursePage, Enrolment, LessonPage, ProviderPage, Release, Run
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.factories import cast as make

MOST = 25
TITLE = "Nhận biết sớm nhiễm khuẩn huyết"
LESSON = "Mười phút đầu"


@dataclass
class Counted:
    """Presses, of whoever."""

    presses: list[str] = field(default_factory=list)

    def press(self, who: Visitor, what, name: str) -> None:
        """Press *what* and wait for where it leads."""
        self.presses.append(name)
        what.click()
        who.page.wait_for_load_state()


@pytest.fixture
def hospital(site):
    """A hospital that provides courses and has nothing yet: no page, no course, no right on any page."""
    from lms.models import Facility, RoleAssignment

    role = RoleAssignment.Role
    place = make.facility("Bệnh viện E", kind=Facility.Kind.CENTRAL_HOSPITAL, is_provider=True)
    who = {}
    for login, name, office in (
        ("e_soan", "Đỗ Thị Ngọc", role.TRAINER),
        ("e_duyet", "Lưu Quang Huy", role.APPRAISER),
        ("e_dtao", "Phùng Thị Yến", role.PROGRAMME_MANAGER),
    ):
        who[login[2:]] = make.person(name, login=login, works_at=place)
        make.role(who[login[2:]], office, place)
    site.work()
    assert not ProviderPage.objects.filter(facility=place).exists()
    return who


@pytest.fixture
def at_desk(visit):
    """Sit down as somebody in front of the admin's first page; not a press."""

    def at_desk(person) -> Visitor:
        visitor = visit(person, size=DESK)
        visitor.go(reverse("wagtailadmin_home"))
        return visitor

    return at_desk


def test_a_course_is_written_appraised_and_issued_in_at_most_25_presses(site, hospital, at_desk, visit):
    count = Counted()
    trainer = at_desk(hospital["soan"])
    write(count, trainer)

    office = at_desk(hospital["dtao"])
    open_courses(count, office)
    publish = office.page.locator("main form[action*='/publish/'] button").first
    count.press(office, publish, "publish the drafts")
    course = Course.objects.get(title_vi=TITLE)

    open_courses(count, trainer)
    trainer.shoot()
    count.press(trainer, trainer.page.locator("main table a", has_text=TITLE).first, "the course")
    trainer.page.fill("[name=code]", "NKH-01")
    trainer.page.fill("[name=attendance_check]", "Học viên tự xác nhận đã đọc từng bài.")
    trainer.page.fill("[name=form-0-periods]", "1")
    count.press(trainer, trainer.page.locator("[name=require_survey]"), "no survey")
    count.press(trainer, button(trainer, "Save and send for appraisal"), "send")
    first = Release.objects.get(course=course)

    appraiser = at_desk(hospital["duyet"])
    what_waits(count, appraiser)
    appraiser.page.fill("[name=comment]", "Đề nghị tính hai tiết.")
    count.press(appraiser, button(appraiser, "Ask for changes"), "ask for changes")
    first.refresh_from_db()
    assert first.state == Release.State.CHANGES

    trainer = at_desk(hospital["soan"])
    what_waits(count, trainer)
    trainer.page.fill("[name=form-0-periods]", "2")
    count.press(trainer, button(trainer, "Save and send for appraisal"), "send again")

    appraiser = at_desk(hospital["duyet"])
    what_waits(count, appraiser)
    appraiser.page.fill("[name=comment]", "Đạt.")
    count.press(appraiser, button(appraiser, "Appraise as good"), "appraise")

    office = at_desk(hospital["dtao"])
    what_waits(count, office)
    office.page.fill("[name=decision_number]", "77/QĐ-BVE")
    office.page.fill("[name=decision_date]", "2026-11-20")
    office.page.fill("[name=decision_signatory]", "Nguyễn Công Hựu")
    count.press(office, button(office, "Issue"), "issue")

    issued = Release.objects.get(course=course, state=Release.State.ISSUED)
    assert (issued.number, issued.periods, issued.decision_number) == (2, 2, "77/QĐ-BVE")
    print(f"{len(count.presses)} presses: {', '.join(count.presses)}")
    assert len(count.presses) <= MOST, count.presses
    assert [page.slug for page in CoursePage.objects.filter(title=TITLE)] == [
        "nhan-biet-som-nhiem-khuan-huyet"
    ]

    in_the_catalogue(site, visit, issued)
    on_the_old_version(site, visit, hospital, issued)


def write(count: Counted, trainer: Visitor) -> None:
    """A course with a lesson of its own words, looked at before it is saved."""
    open_courses(count, trainer)
    count.press(trainer, button(trainer, "New course"), "new course")
    settle(trainer)
    trainer.page.fill("#id_title", TITLE)
    trainer.page.fill("#id_summary", "Dấu hiệu sớm, bộ xét nghiệm giờ đầu, khi nào chuyển tuyến.")
    save(count, trainer)
    count.press(trainer, trainer.page.get_by_role("link", name=trainer.say("Add a lesson")), "add a lesson")
    settle(trainer)
    trainer.page.fill("#id_title", LESSON)
    count.press(trainer, trainer.page.locator("button.c-sf-add-button").first, "+")
    text = trainer.page.locator(".w-combobox__option", has_text=trainer.say("Text")).first
    count.press(trainer, text, "text")
    words = trainer.page.locator("[data-contentpath=body] .public-DraftEditor-content").first
    words.click()
    trainer.page.keyboard.type("Đo lactat, cấy máu, kháng sinh trong giờ đầu.")
    look = trainer.page.locator("button[data-side-panel-toggle=preview]")
    count.press(trainer, look, "preview")
    frame = trainer.page.frame_locator("[data-side-panel=preview] iframe").first
    frame.get_by_text("kháng sinh trong giờ đầu").wait_for(timeout=20_000)
    frame.get_by_text(trainer.say("As an enrolled learner")).wait_for()
    width = trainer.page.locator("[data-side-panel=preview] iframe").first.evaluate("f => f.clientWidth")
    assert width == PHONE["width"]
    trainer.shoot()
    save(count, trainer)
    assert LessonPage.objects.filter(title=LESSON, live=False).exists()


def open_courses(count: Counted, who: Visitor) -> None:
    link = who.page.locator(".sidebar a", has_text=re.compile(rf"^\s*{who.say('Courses')}\s*$")).first
    count.press(who, link, "the menu: courses")
    who.page.wait_for_url(re.compile(r"/admin/courses/$"))


def what_waits(count: Counted, who: Visitor) -> None:
    """From the front page, which says what waits, to the course."""
    who.shoot()
    count.press(who, who.page.locator("main a", has_text=TITLE).first, "what waits")


def settle(who: Visitor) -> None:
    """Wagtail compares with what stood in the form shortly after it opened; nobody types before that."""
    who.page.wait_for_load_state("networkidle")
    who.page.wait_for_timeout(3_000)


def save(count: Counted, who: Visitor) -> None:
    """Wagtail has saved what was typed half a second later by itself; the press says so and shows the editor anew."""
    who.page.wait_for_url(re.compile(r"/edit/"))
    count.press(who, who.page.locator("footer button.action-save").first, "save the draft")
    who.page.wait_for_url(re.compile(r"/edit/"))


def button(who: Visitor, words: str):
    return who.page.locator("main").get_by_role("button", name=who.say(words), exact=True).first


def in_the_catalogue(site, visit, issued: Release) -> None:
    """Anybody finds it by its folded name, with its hours."""
    site.forget()
    anybody = visit()
    anybody.go(CatalogPage.objects.get(locale__language_code="vi").get_url() + "?q=nhiem khuan huyet")
    anybody.page.locator("main .card", has_text=TITLE).first.click()
    anybody.page.wait_for_load_state()
    anybody.look()
    assert "77/QĐ-BVE" in anybody.page.inner_text("main")


def on_the_old_version(site, visit, hospital, issued: Release) -> None:
    """Lan learns it; a new version with a second lesson is issued; her page and her way stay what they were."""
    lan = site.cast.lan
    run = runs.open_run(issued, code="NKH-01-A", by=hospital["dtao"].user)
    enrolments.enrol(run, person=lan, by=lan.user)
    before = outline_as(site, visit, lan)

    page = Page.objects.get(title=TITLE).specific
    second = LessonPage(title="Bài thêm sau", slug="bai-them-sau", locale=page.locale)
    page.add_child(instance=second)
    second.save_revision().publish()
    issued.course.lessons.update(periods=3)
    newer = releases.submit_release(issued.course, by=hospital["soan"].user)
    releases.appraise(newer, by=hospital["duyet"].user)
    releases.issue_release(
        newer,
        by=hospital["dtao"].user,
        decision_number="90/QĐ-BVE",
        decision_date=datetime.date(2026, 11, 21),
        decision_signatory="Nguyễn Công Hựu",
    )

    assert Run.objects.get(pk=run.pk).release_id == issued.pk
    assert Enrolment.objects.get(person=lan, run=run).run.release.periods == 2
    assert outline_as(site, visit, lan) == before
    anybody = visit()
    anybody.go(page.get_url())
    assert "Bài thêm sau" in anybody.page.inner_text("main")


def outline_as(site, visit, person) -> list[str]:
    site.forget()
    learner = visit(person)
    learner.go(Page.objects.get(title=TITLE).get_url())
    learner.look()
    assert "77/QĐ-BVE" in learner.page.inner_text("main")
    return learner.page.locator("main ol.outline > li").all_inner_texts()
