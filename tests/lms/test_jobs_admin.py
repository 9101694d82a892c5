"""The status page of background jobs: for system administrators, and one button."""

import pytest

from lms import clock
from lms.models import Job, RoleAssignment
from tests.factories.cast import role
from tests.factories.lms import kind

Role = RoleAssignment.Role


@pytest.fixture
def dead(db):
    return Job.objects.create(
        kind="test.a",
        key="17",
        state=Job.State.DEAD,
        run_at=clock.now(),
        finished_at=clock.now(),
        attempts=8,
        error="OSError: <b>đĩa đầy</b>\n\ntrace",
    )


@pytest.fixture
def operator(cast):
    role(cast.khanh, Role.SYS_ADMIN, cast.ministry)
    return cast.client(cast.khanh)


def test_the_list_shows_state_progress_and_error(operator, dead):
    page = operator.get("/admin/lms-jobs/").content.decode()

    assert "test.a" in page
    assert "OSError: &lt;b&gt;đĩa đầy" in page
    assert "1 failed for good" in page or "1 " in page


def test_the_list_is_filtered_by_state(operator, dead):
    Job.objects.create(kind="test.waiting", key="", run_at=clock.now())

    page = operator.get("/admin/lms-jobs/results/?state=dead").content.decode()
    assert "test.a" in page
    assert "test.waiting" not in page


def test_a_missing_worker_is_told(operator):
    from datetime import timedelta

    with kind("test.b"):
        Job.objects.create(kind="test.b", key="", run_at=clock.now() - timedelta(minutes=9))
        assert "lms_worker" in operator.get("/admin/lms-jobs/").content.decode()


def test_a_dead_job_is_run_again_by_post_only(operator, dead):
    with kind("test.a"):
        assert operator.get(f"/admin/lms-jobs/{dead.pk}/").status_code == 200
        assert Job.objects.get(kind="test.a").state == Job.State.DEAD

        assert operator.post(f"/admin/lms-jobs/{dead.pk}/").status_code == 302
    assert Job.objects.get(kind="test.a").state == Job.State.QUEUED


def test_a_dead_job_of_a_kind_that_is_gone_stays_and_the_page_says_why(operator, dead):
    answer = operator.post(f"/admin/lms-jobs/{dead.pk}/", follow=True)

    assert "không còn thực hiện loại công việc này" in answer.content.decode()
    assert Job.objects.get(pk=dead.pk).state == Job.State.DEAD


def test_a_job_that_is_not_dead_is_left_alone(operator, dead):
    Job.objects.update(state=Job.State.DONE)
    operator.post(f"/admin/lms-jobs/{dead.pk}/")

    assert Job.objects.get(kind="test.a").state == Job.State.DONE


@pytest.mark.parametrize("who", ["hang", "ung", "ha", "dao"])
def test_others_neither_see_nor_run_jobs(cast, dead, who):
    client = cast.client(getattr(cast, who))

    for answer in (client.get("/admin/lms-jobs/"), client.post(f"/admin/lms-jobs/{dead.pk}/")):
        assert answer.status_code in (302, 403)
    assert Job.objects.filter(state=Job.State.DEAD).exists()
    assert "lms-jobs" not in client.get("/admin/").content.decode()


def test_the_menu_leads_there(operator, cast):
    assert "/admin/lms-jobs/" in operator.get("/admin/").content.decode()
    assert "/admin/lms-jobs/" in cast.client(cast.admin).get("/admin/").content.decode()


def test_the_page_asks_as_much_for_one_job_as_for_forty(operator, dead):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (2, 40):
        for key in range(number):
            Job.objects.create(kind=f"test.{number}", key=str(key), run_at=clock.now())
        operator.get("/admin/lms-jobs/")
        with CaptureQueriesContext(connection) as queries:
            operator.get("/admin/lms-jobs/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
