"""The front page of the admin says what waits for the one who looks, and nothing of other hospitals."""

import datetime

import pytest
from django.urls import reverse

from certificates.actions import freeze_batch
from content.models import Question, Video
from courses.actions.releases import appraise, submit_release
from courses.models import Session
from courses.page_permissions import grant_pages
from lms import clock
from lms.models import Job
from lms.waiting import waiting_for
from tests.factories.programme import programme_a
from tests.kept import repeated


def words(person) -> list[str]:
    return [line.words for line in waiting_for(person.user)]


@pytest.fixture
@repeated
def submitted(cast):
    """The next version of the stroke course, handed in by Đặng Quốc Ứng."""
    programme = programme_a(cast)
    programme.course.min_attendance_pct = 90
    programme.course.save(update_fields=["min_attendance_pct"])
    return submit_release(programme.course, by=cast.ung.user)


def test_a_version_that_was_handed_in_waits_for_the_appraiser_of_its_hospital(cast, submitted):
    assert words(cast.thang) == [f"Thẩm định: {submitted.title_vi}, phiên bản {submitted.number}"]
    assert words(cast.viet) == []


def test_an_appraised_version_waits_for_the_office_of_its_hospital(cast, submitted):
    appraise(submitted, by=cast.thang.user)

    assert [line for line in words(cast.hang) if line.startswith("Ban hành")]
    assert not [line for line in words(cast.trong) if line.startswith("Ban hành")]


def test_questions_lectures_and_lists_wait_at_their_own_hospital(cast):
    programme = programme_a(cast)
    session = programme.session
    Question.objects.filter(facility=programme.facility).update(state=Question.State.REVIEW)
    Video.objects.filter(facility=programme.facility).update(state=Video.State.FAILED)
    Session.objects.filter(pk=session.pk).update(
        state=Session.State.ENDED,
        starts_at=clock.now() - datetime.timedelta(hours=3),
        ends_at=clock.now() - datetime.timedelta(hours=1),
    )

    assert [line for line in words(cast.thang) if "câu hỏi" in line]
    assert [line for line in words(cast.hang) if line.endswith(session.title)]
    assert [line for line in words(cast.ung) if "bài giảng" in line]
    for stranger in (cast.viet, cast.trong, cast.hoa):
        assert words(stranger) == []


def test_nobody_is_asked_to_appraise_what_they_built(cast, submitted):
    assert not [line for line in words(cast.ung) if line.startswith("Thẩm định")]


def test_a_line_leads_to_a_page_that_opens(cast, submitted):
    client = cast.client(cast.thang)
    for line in waiting_for(cast.thang.user):
        assert client.get(line.url).status_code == 200


def test_a_batch_waits_for_a_signer_who_did_not_build_it(cast):
    programme = programme_a(cast)
    assert programme.issuer
    done = programme.complete(programme.enrol(cast.my))
    freeze_batch(programme.run, by=cast.hang.user, enrolments=[done.pk])

    assert "1 đợt chờ duyệt" in words(cast.dao)
    assert "1 đợt chờ duyệt" not in words(cast.hang)
    assert words(cast.son) == []


def test_a_job_that_failed_for_good_waits_for_the_system_administrator(cast):
    Job.objects.create(kind="lms.message", key="1", state=Job.State.DEAD, run_at=clock.now())

    assert "1 công việc nền đã hỏng hẳn" in words(cast.duc) + words(cast.admin)
    assert words(cast.ung) == []


def test_whom_nothing_waits_for_is_told_so(cast):
    page = cast.client(cast.ung).get(reverse("wagtailadmin_home")).text

    assert "Hiện không có việc nào chờ anh/chị" in page
    assert "Images" not in page


def test_the_front_page_says_who_one_is_leads_to_no_other_site_and_searches_pages_only_where_one_may(cast):
    grant_pages(programme_a(cast).facility.pk)
    trainer, coordinator = (
        cast.client(one).get(reverse("wagtailadmin_home")).content.decode() for one in (cast.ung, cast.ha)
    )

    for page, one in ((trainer, cast.ung), (coordinator, cast.ha)):
        assert one.full_name in page
        assert "guide.wagtail" not in page
    assert "data-no-pages" in coordinator
    assert "data-no-pages" not in trainer
