"""The appraisal of a release stands in Wagtail's own workflow: its states, its reports, its front page, its mail."""

import importlib

import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Revision, Task, TaskState, Workflow, WorkflowState

from courses.actions import appraisal
from courses.actions.releases import (
    AuthorMayNotAppraise,
    appraise,
    ask_changes,
    issue_release,
    submit_release,
)
from courses.models import AppraisalTask, Release
from courses.page_permissions import grant_pages
from tests.courses.test_releases import DECISION
from tests.factories.programme import programme_a, programme_b
from tests.kept import repeated


@pytest.fixture
@repeated
def course(cast):
    course = programme_a(cast).course
    course.min_attendance_pct = 90
    course.save(update_fields=["min_attendance_pct"])
    return course


def standing(release: Release) -> tuple[str, list[tuple[str, str, object, str]]]:
    """The status of Wagtail's workflow for *release*, and each step with who ended it and how."""
    state = WorkflowState.objects.for_instance(release).get()
    steps = [
        (row.task.specific.step, row.status, row.finished_by, row.comment)
        for row in state.task_states.order_by("pk")
    ]
    return state.status, steps


def see(cast, person, name: str) -> str:
    response = cast.client(person).get(reverse(name))
    assert response.status_code == 200, (person, name)
    return response.content.decode()


def test_every_step_of_a_release_is_a_step_of_wagtails_workflow(cast, course):
    first = submit_release(course, by=cast.ung.user)
    assert standing(first) == ("in_progress", [("appraise", "in_progress", None, "")])

    ask_changes(first, by=cast.thang.user, comment="Bổ sung tài liệu đọc trước")
    refused = ("appraise", "rejected", cast.thang.user, "Bổ sung tài liệu đọc trước")
    assert standing(first) == ("needs_changes", [refused])

    course.scope = "Cấp cứu"
    course.min_attendance_pct = 85
    course.save(update_fields=["scope", "min_attendance_pct"])
    second = submit_release(course, by=cast.ung.user)
    assert standing(first) == ("cancelled", [refused])

    appraise(second, by=cast.thang.user, comment="Đạt")
    good = ("appraise", "approved", cast.thang.user, "Đạt")
    assert standing(second) == ("in_progress", [good, ("issue", "in_progress", None, "")])

    issued = issue_release(second, by=cast.hang.user, **DECISION)
    assert standing(issued) == (
        "approved",
        [good, ("issue", "approved", cast.hang.user, DECISION["decision_number"])],
    )
    call_command("purge_revisions", verbosity=0)
    assert standing(issued)[0] == "approved"
    assert WorkflowState.objects.for_instance(issued).get().requested_by == cast.ung.user
    assert Revision.objects.for_instance(issued).count() == 1


def test_a_step_that_is_refused_leaves_wagtails_state_where_it_was(cast, course):
    release = submit_release(course, by=cast.ung.user)

    with pytest.raises(AuthorMayNotAppraise):
        appraise(release, by=cast.ung.user)

    assert standing(release) == ("in_progress", [("appraise", "in_progress", None, "")])


def test_the_front_page_of_wagtail_shows_the_release_to_whose_turn_it_is_and_to_nobody_elsewhere(
    cast, course
):
    release = submit_release(course, by=cast.ung.user)
    words = str(release)
    address = reverse("lms_courses_admin:course", args=[course.pk]) + "#releases"

    front = see(cast, cast.thang, "wagtailadmin_home")
    assert words in front
    assert address in front
    assert words in see(cast, cast.ung, "wagtailadmin_home"), "whoever sent it sees that it waits"
    for other in (cast.viet, cast.trong, cast.hoa, cast.hang):
        assert words not in see(cast, other, "wagtailadmin_home")
    awaiting = TaskState.objects.reviewable_by
    assert not awaiting(cast.ung.user).exists(), "four eyes"

    appraise(release, by=cast.thang.user)
    assert words in see(cast, cast.hang, "wagtailadmin_home")
    assert not awaiting(cast.thang.user).exists()
    assert not awaiting(cast.trong.user).exists()


@pytest.mark.parametrize("name", ["wagtailadmin_reports:workflow", "wagtailadmin_reports:workflow_tasks"])
def test_wagtails_reports_list_a_release_to_its_own_hospital_only(cast, course, name):
    programme_b(cast)
    release = submit_release(course, by=cast.ung.user)
    own, strangers = (cast.ung, cast.hang), (cast.hoa, cast.trong)
    for hospital in (cast.bach_mai, cast.viet_duc):
        grant_pages(hospital.pk)
    sender = f"{cast.ung.user}</option>"

    for person in own:
        report = see(cast, person, name)
        assert str(release) in report
        assert name.endswith("tasks") or sender in report
    for stranger in strangers:
        report = see(cast, stranger, name)
        assert str(release) not in report
        assert sender not in report, "the filter names nobody of another hospital"


def test_who_sent_a_version_is_told_by_wagtails_mail_once_it_stands(
    cast, course, django_capture_on_commit_callbacks
):
    release = submit_release(course, by=cast.ung.user)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks() as later:
        ask_changes(release, by=cast.thang.user, comment="Bổ sung tài liệu đọc trước")
        assert not mail.outbox, "nothing leaves before the commit"
    for send in later:
        send()

    [letter] = [one for one in mail.outbox if cast.ung.user.email in one.to]
    assert "Bổ sung tài liệu đọc trước" in letter.body
    assert reverse("lms_courses_admin:course", args=[course.pk]) in letter.body


def test_an_appraisal_stands_where_an_administrator_switched_wagtails_steps_off(cast, course):
    release = submit_release(course, by=cast.ung.user)
    for task in AppraisalTask.objects.all():
        task.deactivate()

    appraise(release, by=cast.thang.user)
    issued = issue_release(release, by=cast.hang.user, **DECISION)

    assert issued.state == Release.State.ISSUED


def test_wagtails_form_makes_no_third_step(db):
    appraisal.release_workflow()

    with pytest.raises(ValidationError):
        AppraisalTask(name="Thẩm định lần hai").full_clean()
    assert appraisal.release_workflow() == appraisal.release_workflow()


def test_releases_under_way_enter_the_workflow_when_the_site_is_brought_up_to_date(cast, course):
    asked = submit_release(course, by=cast.ung.user)
    ask_changes(asked, by=cast.thang.user, comment="Bổ sung tài liệu đọc trước")
    course.min_attendance_pct = 85
    course.save(update_fields=["min_attendance_pct"])
    waiting = appraise(submit_release(course, by=cast.ung.user), by=cast.thang.user, comment="Đạt")
    before = {one: standing(one) for one in (asked, waiting)}
    # The site as it was: steps of our own, and nothing of Wagtail's.
    Workflow.objects.filter(workflow_tasks__task__in=AppraisalTask.objects.values("pk")).delete()
    Task.objects.filter(pk__in=AppraisalTask.objects.values("pk")).delete()
    for one in before:
        Revision.objects.for_instance(one).delete()
    assert not WorkflowState.objects.for_instance(waiting).exists()

    importlib.import_module("courses.migrations.0020_releases_under_way").enter(apps, None)

    assert {one: standing(one) for one in before} == before
    issued = issue_release(waiting, by=cast.hang.user, **DECISION)
    assert standing(issued)[0] == "approved"
