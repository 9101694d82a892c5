"""What a version promised of its tests holds in its classes, however the test is edited afterwards."""

import pytest
from django.urls import reverse

from content.models import Quiz
from courses.actions import attempts, moves
from courses.actions.releases import digest
from courses.activities import panel
from courses.models import Attempt, Release, Run
from lms import clock
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    """A test of 25 minutes whose answers are shown after passing or the last attempt."""
    with clock.at(moment("08:00")):
        made = live.Class(cast, kinds=("quiz",))
    Run.objects.filter(pk=made.run.pk).update(seats_taken=2)
    return made


def edit(class_, **values) -> None:
    """The test itself is edited, after the version was frozen."""
    Quiz.objects.filter(pk=class_.lessons["quiz"].quiz_id).update(**values)


def start(class_, hour="14:00") -> Attempt:
    with clock.at(moment(hour)):
        return attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=class_.cast.lan.user)


def next_version(class_) -> Release:
    """The course as it stands now, in force instead of the version before."""
    class_.course.releases.filter(state=Release.State.ISSUED).update(state=Release.State.SUPERSEDED)
    return live.release(class_.course)


def move_all(class_, to: Release) -> None:
    reason = "Thời gian làm bài được thẩm định lại"
    moves.move(class_.run, to=to, by=class_.cast.hang.user, reason=reason, code="DQ-01-K1-V2")
    class_.lan.refresh_from_db()


def frozen_before(class_, *names: str) -> None:
    """The version is one of those that were frozen before outlines held *names*."""
    release = class_.run.release
    for item in release.outline:
        for name in names:
            del item[name]
    release.sha256 = digest(release.outline, release.policy)
    release.save()


# --- the time limit


@pytest.mark.parametrize("limit", [300, 7200, None])
def test_an_attempt_has_the_time_that_was_appraised(class_, limit):
    edit(class_, time_limit_s=limit)

    assert start(class_, "14:00").deadline == moment("14:25")


def test_the_lesson_announces_the_time_that_the_attempt_will_have(class_, cast):
    edit(class_, time_limit_s=300)

    item = class_.run.release.outline[0]
    assert panel(None, class_.lan, class_.lessons["quiz"], item)["quiz"]["minutes"] == 25


def test_a_newer_version_brings_its_time_but_not_to_an_attempt_that_was_begun(class_):
    begun = start(class_, "14:00")
    edit(class_, time_limit_s=600)
    newer = next_version(class_)
    move_all(class_, newer)

    assert start(class_, "14:05").deadline == begun.deadline == moment("14:25")
    with clock.at(moment("14:06")):
        attempts.submit(begun, nonce=begun.nonce)
    move_all(class_, newer)
    assert start(class_, "15:00").deadline == moment("15:10")


def test_a_version_frozen_without_a_time_follows_the_test_as_it_stands(class_):
    frozen_before(class_, "time_limit_s")
    edit(class_, time_limit_s=600)

    assert start(class_, "14:00").deadline == moment("14:10")


# --- what is shown afterwards


def reveals(class_) -> bool:
    """Whether the page of a failed first attempt shows the right answers."""
    row = start(class_)
    with clock.at(moment("14:05")):
        attempts.submit(row, nonce=row.nonce)
    page = class_.cast.client(class_.cast.lan).get(reverse("lms_courses:result", args=[row.pk]))
    return page.context["reveals"]


def test_answers_that_were_to_stay_closed_are_not_opened_by_an_edit_of_the_test(class_):
    edit(class_, review=Quiz.Review.ALWAYS)

    assert not reveals(class_)


def test_answers_that_were_promised_are_shown_although_the_test_was_edited(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("quiz",), review=Quiz.Review.ALWAYS)
    edit(class_, review=Quiz.Review.NEVER)

    assert reveals(class_)


def test_a_version_frozen_without_saying_what_is_shown_follows_the_test_as_it_stands(class_):
    frozen_before(class_, "review")
    edit(class_, review=Quiz.Review.ALWAYS)

    assert reveals(class_)
