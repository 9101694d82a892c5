"""An office exports its course, another sends one in, reads what it makes and imports it."""

from courses.models import Course
from tests.browser.conftest import DESK, PHONE
from tests.factories import archives
from tests.factories.programme import provider_page


def test_a_course_is_exported_and_fetched(site, visit):
    course = site.course.course
    archives.forget_files()
    for size in (PHONE, DESK):
        office = visit(site.cast.hang, size={**size, "height": 1400})
        office.go(f"/admin/courses/{course.pk}/")
        office.page.get_by_role("link", name="Xuất khóa học").click()
        office.page.wait_for_load_state()
        office.look()
        if size == PHONE:
            office.press("Write the archive")
            office.look()
            site.work()
            # The page looks again by itself.
            office.page.get_by_role("link", name="Tải gói khóa học").wait_for()
            with office.page.expect_download() as fetched:
                office.page.get_by_role("link", name="Tải gói khóa học").click()
            assert fetched.value.suggested_filename.endswith(".zip")
            office.look()


def test_a_course_is_sent_in_read_and_imported(site, visit):
    assert provider_page(site.cast.viet_duc)
    course = archives.written("Chăm sóc vết thương tại trạm y tế")
    broken = archives.written("Hỏng", surveys=[{"key": "surveys-1"}])
    office = visit(site.cast.trong, size={**PHONE, "height": 1400})
    for data, name in [(broken, "hong.zip"), (course, "cham-soc.zip")]:
        office.go("/admin/courses/import/")
        office.look()
        office.page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/zip", "buffer": data}
        )
        office.press("Have it checked")
        office.look()
        site.work()
        office.page.reload()
        office.look()
    office.page.set_viewport_size({**DESK, "height": 1400})
    office.look()
    office.press("Import the course")
    site.work()
    office.page.reload()
    office.look()
    office.page.set_viewport_size({**PHONE, "height": 1400})
    office.look()

    made = Course.objects.get(facility=site.cast.viet_duc, title_vi="Chăm sóc vết thương tại trạm y tế")
    office.page.locator("main").get_by_role("link", name=made.title_vi).click()
    office.page.wait_for_load_state()
    assert office.page.url.endswith(f"/admin/courses/{made.pk}/")
