"""A provider page stays with its hospital: whose courses stand below it is no editor's to say."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import nested_form_data, rich_text

from courses.actions import releases
from courses.models import Course, ProviderPage
from lms.queue import run_due
from tests.factories import cast as people
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def world(cast):
    """A course of Việt Đức that nobody has approved yet, and the page of Bạch Mai."""
    make.provider(cast.bach_mai)
    cast.course_page = make.course_page(cast.viet_duc, "Gây mê", kinds=("reading",))
    cast.page = make.provider(cast.viet_duc)
    assert cast.trong
    run_due()
    return cast


def send(world, who, facility, *, action="action-publish", intro="Mới"):
    """The editor's form of Việt Đức's page as a browser, or a crafted request, sends it."""
    form = {"title": world.page.title, "slug": world.page.slug, "facility": facility.pk, action: "1"}
    form["intro"] = rich_text(f"<p>{intro}</p>", features=["bold", "italic", "link"])
    where = reverse("wagtailadmin_pages:edit", args=[world.page.pk])
    return world.client(who).post(where, nested_form_data(form))


def hospital(world):
    """Whose page it is, as published and as last written, and whose the course is."""
    page = ProviderPage.objects.get(pk=world.page.pk)
    course = Course.objects.get(key=world.course_page.translation_key)
    return page.facility, page.get_latest_revision_as_object().facility, course.facility


def moderator(world):
    """Somebody of the host's own staff who may write and publish every page, and is no superuser."""
    who = people.person("Trịnh Quốc Bảo", login="bao-mod")
    who.user.groups.add(Group.objects.get(name="Moderators"), Group.objects.get(name="Editors"))
    return who


def approve(world):
    """Việt Đức's own council approves the course, its office issues it."""
    release = releases.submit_release(make.rules(world.course_page), by=world.hoa.user)
    releases.appraise(release, by=world.viet.user)
    decision = {"decision_number": "7/QĐ-VĐ", "decision_date": date(2026, 9, 5), "decision_signatory": "Sơn"}
    releases.issue_release(release, by=world.trong.user, **decision)


@pytest.mark.parametrize("action", ["action-publish", "action-save"])
def test_the_training_office_writes_its_page_and_hands_it_to_no_other_hospital(world, action):
    assert send(world, world.trong, world.bach_mai, action=action).status_code == 302

    page = ProviderPage.objects.get(pk=world.page.pk)
    assert "Mới" in page.get_latest_revision_as_object().intro
    assert hospital(world) == (world.viet_duc,) * 3


def test_the_editor_of_a_training_office_does_not_ask_whose_page_it_is(world):
    where = reverse("wagtailadmin_pages:edit", args=[world.page.pk])

    asked = [world.client(who).get(where).content.decode() for who in (world.trong, world.admin)]

    assert ['name="facility"' in html for html in asked] == [False, True]


def test_who_may_publish_every_page_moves_none_to_another_hospital(world):
    who = moderator(world)

    assert send(world, who, world.bach_mai).status_code == 302

    assert hospital(world) == (world.viet_duc,) * 3


def test_who_may_write_below_the_catalogue_still_makes_the_page_of_a_hospital(world):
    who, at = moderator(world), make.catalogue()
    assert GroupPagePermission.objects.filter(group__in=who.user.groups.all()).exists()
    form = {"title": "Bắc Hà", "slug": "bac-ha", "facility": world.bac_ha.pk, "action-publish": "1"}
    form["intro"] = rich_text("<p>Mới</p>", features=["bold", "italic", "link"])
    where = reverse("wagtailadmin_pages:add", args=["lms_courses", "providerpage", at.pk])

    answer = world.client(who).post(where, nested_form_data(form))

    assert answer.status_code == 302
    assert ProviderPage.objects.get(slug="bac-ha").facility == world.bac_ha
    assert world.client(world.trong).post(where, nested_form_data(form | {"slug": "b"})).status_code == 302
    assert not ProviderPage.objects.filter(slug="b").exists()


def test_a_superuser_gives_a_page_without_approved_courses_to_another_hospital(world):
    assert send(world, world.admin, world.bach_mai).status_code == 302

    assert hospital(world) == (world.bach_mai,) * 3


@pytest.mark.parametrize("action", ["action-publish", "action-save"])
def test_not_even_a_superuser_takes_an_approved_course_from_its_hospital(world, action):
    approve(world)

    answer = send(world, world.admin, world.bach_mai, action=action)

    assert answer.status_code == 200
    [told] = answer.context["form"].non_field_errors()
    assert "Hãy chuyển từng khóa học" in told
    assert hospital(world) == (world.viet_duc,) * 3
    assert send(world, world.admin, world.viet_duc, action=action).status_code == 302


def test_a_script_does_not_take_it_either(world):
    approve(world)
    page = ProviderPage.objects.get(pk=world.page.pk)
    page.facility = world.bach_mai

    with pytest.raises(ValidationError):
        page.save()
    with pytest.raises(ValidationError):
        page.save_revision()

    assert hospital(world) == (world.viet_duc,) * 3


def test_an_approved_course_goes_to_another_hospital_by_being_moved(world):
    approve(world)

    world.course_page.move(make.provider(world.bach_mai), pos="last-child")

    assert hospital(world) == (world.viet_duc, world.viet_duc, world.bach_mai)
