"""The office looks at what a newer version does to a class and moves its learners; a learner reads about it."""

from courses.actions import enrolments, progress
from courses.models import Enrolment
from tests.browser.conftest import DESK, PHONE
from tests.factories import courses, live

REASON = "Hướng dẫn 3312/QĐ-BYT thay phác đồ tiêu sợi huyết"


def two_versions(cast):
    """A class where Lan has done one of two lessons and Minh none, and a version with another lesson."""
    page = courses.course_page(cast.bach_mai, title="Phác đồ đột quỵ cập nhật")
    run = courses.run(cast, page=page, code="PDDQ-K1")
    lan, _minh = (enrolments.enrol(run, person=person, by=person.user) for person in (cast.lan, cast.minh))
    progress.mark_read(lan, lesson=courses.lesson_of(lan, 1))
    courses.lesson_page(page, "Tenecteplase thay alteplase", "reading")
    courses.issued(cast, page)
    return page, run


def test_a_class_moves_to_the_newer_version_after_its_effect_was_seen(site, visit):
    page, run = two_versions(site.cast)
    site.forget()
    for size in (PHONE, DESK):
        office = visit(site.cast.hang, size=size)
        office.go(f"/admin/courses/{run.release.course_id}/")
        office.page.get_by_role("link", name="Chuyển sang phiên bản 2").click()
        office.page.wait_for_load_state()
        assert "Tenecteplase thay alteplase" in office.page.locator("main").inner_text()
        # Wagtail scrolls within the window: a tall one shows the whole screen.
        office.page.set_viewport_size({**size, "height": 2000})
        office.look()
        office.page.set_viewport_size(size)
        office.look()
        office.page.set_viewport_size(size)

    office.page.get_by_label("Chuyển Nguyễn Thị Lan").check()
    office.page.get_by_label("chỉ các học viên được đánh dấu ở trên").check()
    office.page.get_by_label("Lý do").fill(REASON)
    office.page.get_by_role("button", name="Chuyển sang phiên bản 2").click()
    office.page.wait_for_load_state()

    assert "Trần Văn Minh" in office.page.locator("main").inner_text()
    assert Enrolment.objects.get(run__code="PDDQ-K1-V2").person == site.cast.lan
    for size in (PHONE, DESK):
        lan = visit(site.cast.lan, size=size)
        lan.go(page.url)
        assert REASON in lan.page.locator("main").inner_text()
        lan.look()


def test_a_class_is_opened_again_on_other_days(site, visit):
    run = live.Class(site.cast, kinds=("session", "survey")).run
    url = f"/admin/courses/classes/{run.pk}/copy/"
    for size in (PHONE, DESK):
        office = visit(site.cast.hang, size={**size, "height": 2600})
        office.go(url)
        office.look()
    office.page.get_by_label("Ngày đầu của lớp mới").fill("2027-05-01")
    office.page.get_by_role("button", name="Xem các ngày mới").click()
    office.page.wait_for_load_state()
    office.look()
    office.page.locator("[name=run-code]").fill("DQ-01-LAI")
    office.page.get_by_role("button", name="Mở lớp").click()
    office.page.wait_for_load_state()

    assert "DQ-01-LAI" in office.page.locator("main").inner_text()
    assert not Enrolment.objects.filter(run__code="DQ-01-LAI").exists()


def test_a_course_says_when_its_content_was_last_reviewed(site, visit):
    page = courses.course_page(site.cast.bach_mai, title="Sốc phản vệ", needs="Nhiều ca xử trí muộn.")
    release = courses.issued(site.cast, page, review_due="2026-11-01", needs_on="2026-07-15")
    type(release.course).objects.filter(pk=release.course_id).update(reviewed_on="2025-11-03")
    site.forget()
    for size in (PHONE, DESK):
        anybody = visit(size=size)
        anybody.go(page.url)
        assert "Rà soát chuyên môn gần nhất" in anybody.page.locator("main").inner_text()
        anybody.look()
        office = visit(site.cast.hang, size={**size, "height": 1200})
        office.go("/admin/courses/")
        assert "quá hạn rà soát" in office.page.locator("main").inner_text().lower()
        office.shoot()
        office.page.get_by_role("link", name="Sốc phản vệ").click()
        office.page.wait_for_load_state()
        office.page.get_by_role("button", name="Đã rà soát, nội dung vẫn đúng").scroll_into_view_if_needed()
        office.shoot()
    office.page.get_by_label("Nội dung đã rà soát").fill("So với Thông tư 51/2017/TT-BYT: không đổi")
    office.page.locator("[name=next_due]").fill("2027-11-01")
    office.page.get_by_role("button", name="Đã rà soát, nội dung vẫn đúng").click()
    office.page.wait_for_load_state()
    assert "01/11/2027" in office.page.locator("main").inner_text()
