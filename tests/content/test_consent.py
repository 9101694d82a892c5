"""A patient who can be recognised in a recording: the consent is noted whole, and ends when it says."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from content import consent, events
from content.models import Video
from courses.actions import releases
from courses.activities.video import player
from courses.models import Lesson, LessonPage
from lms import clock, memory
from lms.actions import end_role
from lms.models import Message, RoleAssignment
from lms.queue import run_due, tick
from tests.content.test_videos import private  # noqa: F401
from tests.factories.programme import programme_a, ready_video

DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return clock.today()


@pytest.fixture
def video(cast, private):  # noqa: F811
    assert cast.hang
    made = ready_video(cast.bach_mai)
    Video.objects.update(created_by=cast.ung.user)
    made.refresh_from_db()
    return made


def edited(cast, video, **said):
    """What Ưng's form answers, filled with a whole consent but for what is *said*."""
    whole = {
        "title": video.title,
        "transcript": "",
        "shows_patient": "yes",
        "consent_form": "PĐY 12/2026",
        "consent_on": f"{today() - 3 * DAY:%d/%m/%Y}",
        "shown_until": f"{today() + 365 * DAY:%d/%m/%Y}",
    }
    return cast.client(cast.ung).post(reverse("lms_content_videos:edit", args=[video.pk]), whole | said)


def agreed(video, *, days: int) -> Video:
    """The patient agreed to be shown for so many days from today."""
    Video.objects.filter(pk=video.pk).update(
        shows_patient=True,
        consent_form="PĐY 12/2026",
        consent_on=today() - 300 * DAY,
        shown_until=today() + days * DAY,
    )
    video.refresh_from_db()
    memory.forget()
    return video


def test_a_form_does_not_go_on_without_the_answer(cast, video):
    answer = edited(cast, video, shows_patient="")

    assert "shows_patient" in answer.context["form"].errors
    assert Video.objects.get().shows_patient is None


def test_a_whole_consent_is_noted_with_who_noted_it_and_shown(cast, video):
    assert edited(cast, video).status_code == 302

    video.refresh_from_db()
    assert (video.shows_patient, video.consent_form, video.consent_by) == (True, "PĐY 12/2026", cast.ung.user)
    assert (video.consent_on, video.shown_until) == (today() - 3 * DAY, today() + 365 * DAY)
    page = cast.client(cast.ung).get(reverse("lms_content_videos:show", args=[video.pk])).content.decode()
    assert "PĐY 12/2026" in page
    assert cast.ung.full_name in page
    assert f"đến hết ngày {video.shown_until:%d/%m/%Y}" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("consent_form", ""),
        ("consent_form", "Bệnh nhân Páo, 0912 345 678"),
        ("consent_on", ""),
        ("consent_on", "01/01/2999"),
        ("shown_until", ""),
        ("shown_until", "01/01/2020"),
        ("shown_until", "01/01/2999"),
    ],
)
def test_half_a_consent_is_refused_at_its_field_and_nothing_is_noted(cast, video, field, value):
    answer = edited(cast, video, **{field: value})

    assert set(answer.context["form"].errors) == {field}
    assert Video.objects.get().shows_patient is None


def test_where_nobody_can_be_recognised_nothing_of_a_consent_is_kept(cast, video):
    assert edited(cast, video).status_code == 302

    assert edited(cast, video, shows_patient="no", consent_on="hôm qua").status_code == 302

    video.refresh_from_db()
    assert (video.shows_patient, video.consent_form, video.consent_on, video.consent_by) == (
        False,
        "",
        None,
        None,
    )


def test_the_title_is_mended_also_where_the_consent_is_over_and_stays_so(cast, video):
    agreed(video, days=-1)
    noted = {
        "consent_form": video.consent_form,
        "consent_on": f"{video.consent_on:%d/%m/%Y}",
        "shown_until": f"{video.shown_until:%d/%m/%Y}",
    }

    assert edited(cast, video, title="Khám đột quỵ", **noted).status_code == 302

    video.refresh_from_db()
    assert (video.title, video.is_expired, video.consent_by) == ("Khám đột quỵ", True, None)


def test_the_database_takes_no_patient_without_a_consent(video):
    with pytest.raises(IntegrityError), transaction.atomic():
        Video.objects.update(shows_patient=True, consent_form="x", consent_on=today())


def _page_of(item: dict) -> LessonPage:
    return LessonPage.objects.get(translation_key=item["key"], locale__language_code="vi")


# --- after the last day ----------------------------------------------------------------------------


@pytest.fixture
def course(cast, private):  # noqa: F811
    return programme_a(cast)


@pytest.fixture
def lecture(cast, course):
    """The first lecture of a course that Lan learns, ready to be played."""
    enrolment = course.enrol(cast.lan)
    item = next(one for one in enrolment.run.release.outline if one.get("video"))
    return enrolment, item, Video.objects.get(pk=item["video"])


def test_on_its_last_day_it_plays_and_on_the_next_learners_see_it_no_more(cast, lecture):
    enrolment, item, video = lecture
    form = video.ready_renditions()[0]
    agreed(video, days=0)
    lan, ung = cast.client(cast.lan), cast.client(cast.ung)
    assert lan.get(form.url).status_code == 200
    assert not player(enrolment, item)["expired"]

    agreed(video, days=-1)

    assert lan.get(form.url).status_code == 404
    assert ung.get(form.url).status_code == 200, "who keeps it looks at it, to decide"
    made = player(enrolment, item)
    assert (made["expired"], made["forms"], made["slideshow"], made["chosen"]) == (True, [], None, None)
    page = lan.get(_page_of(item).url).content.decode()
    assert f"đến hết ngày {video.shown_until:%d/%m/%Y}" in page
    assert form.url not in page


def test_a_browser_keeps_a_patients_recording_no_longer_than_it_is_shown(cast, lecture):
    _enrolment, _item, video = lecture
    form, lan = video.ready_renditions()[0], cast.client(cast.lan)
    assert "max-age=604800" in lan.get(form.url)["Cache-Control"]

    agreed(video, days=2)
    assert "max-age=172800" in lan.get(form.url)["Cache-Control"]


def test_no_version_is_appraised_with_a_consent_that_is_over(cast, lecture):
    _enrolment, item, video = lecture
    lesson = Lesson.objects.get(pk=item["lesson"])
    agreed(video, days=1)
    assert "đồng ý" not in releases.lesson_blocker(lesson)

    agreed(video, days=-1)
    assert "đồng ý" in releases.lesson_blocker(Lesson.objects.get(pk=item["lesson"]))


# --- reminders -------------------------------------------------------------------------------------


def told(event: str) -> list[str]:
    return sorted(
        row.person.full_name for row in Message.objects.filter(event=event).select_related("person")
    )


@pytest.mark.parametrize(
    ("left", "ends", "ended"), [(31, 0, 0), (29, 2, 0), (6, 2, 0), (0, 2, 0), (-1, 0, 2)]
)
def test_author_and_office_are_reminded_once_of_each_stage(cast, video, left, ends, ended):
    agreed(video, days=left)

    consent.remind()
    assert consent.remind() == 0

    both = [cast.hang.full_name, cast.ung.full_name]
    assert told("patient-consent-ends") == (sorted(both) if ends else [])
    assert told("patient-consent-ended") == (sorted(both) if ended else [])


def test_the_job_reminds_and_only_those_who_still_keep_it(cast, video):
    end_role(RoleAssignment.objects.get(user=cast.ung.user), by=cast.phuc.user)
    assert cast.trong, "the office of another hospital"
    agreed(video, days=3)

    tick()
    run_due()

    assert told("patient-consent-ends") == [cast.hang.full_name]


def test_a_reminder_is_not_sent_any_more_once_the_consent_was_renewed(cast, video):
    agreed(video, days=3)
    consent.remind()
    key = Message.objects.filter(event="patient-consent-ends").first().key
    assert events.still_ends(key)

    agreed(video, days=400)
    assert not events.still_ends(key)
    assert not events.is_still_over(key)
