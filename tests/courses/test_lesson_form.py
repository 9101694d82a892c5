"""A lesson takes only what its editor may choose, whatever a crafted form sends."""

import pytest
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, streamfield

from courses.actions.releases import blockers
from courses.models import Course, Lesson, LessonPage, Session
from lms.queue import run_due
from tests.factories import courses as make
from tests.factories import live
from tests.kept import repeated

MADE = {"video": make.video, "quiz": make.quiz, "checklist": make.checklist, "survey": make.survey}


@pytest.fixture
@repeated
def world(cast):
    """A lesson of Bạch Mai with an activity of each kind at both hospitals."""
    cast.page = make.course_page(cast.bach_mai, kinds=("reading",))
    cast.lesson = LessonPage.objects.get(pk=cast.page.get_children().get().pk)
    cast.own = {name: of(cast.bach_mai) for name, of in MADE.items()}
    cast.foreign = {name: of(cast.viet_duc) for name, of in MADE.items()}
    assert cast.hang
    run_due()
    return cast


def send(world, name, chosen, *, who=None, action="action-publish", title=None, **more):
    """The editor's form as the browser, or a crafted request, sends it."""
    title = world.lesson.title if title is None else title
    form = {"title": title, "slug": world.lesson.slug, "body": streamfield([]), "activity": name}
    form |= dict.fromkeys(MADE, "") | {name: chosen.pk, action: "1"} | more
    where = reverse("wagtailadmin_pages:edit", args=[world.lesson.pk])
    return world.client(who or world.hang).post(where, nested_form_data(form))


@pytest.mark.parametrize("name", MADE)
def test_what_the_own_hospital_made_is_taken(world, name):
    assert send(world, name, world.own[name]).status_code == 302

    lesson = Lesson.objects.get(key=world.lesson.translation_key)
    assert (lesson.kind, getattr(lesson, name)) == (name, world.own[name])


@pytest.mark.parametrize("action", ["action-publish", "action-save"])
@pytest.mark.parametrize("name", MADE)
def test_what_another_hospital_made_is_refused(world, name, action):
    answer = send(world, name, world.foreign[name], action=action)

    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {name}
    page = LessonPage.objects.get(pk=world.lesson.pk)
    assert (page.activity, getattr(page.get_latest_revision_as_object(), name)) == ("reading", None)


@pytest.mark.parametrize("name", MADE)
def test_what_is_refused_is_not_named_either(world, name):
    """The chooser, shown again, tells what stands in its field."""
    for whose in (world.foreign, world.own):
        setattr(whose[name], "title" if name == "video" else "title_vi", "Chim yến")
        whose[name].save()

    refused = send(world, name, world.foreign[name], title="")
    taken = send(world, name, world.own[name], title="")

    assert [answer.context["form"].errors.keys() for answer in (refused, taken)] == [
        {"title", name},
        {"title"},
    ]
    assert ["Chim yến" in answer.content.decode() for answer in (refused, taken)] == [False, True]


@pytest.mark.parametrize("name", MADE)
def test_one_too_many_is_named_only_where_it_is_the_own_hospitals(world, name):
    other = "quiz" if name == "video" else "video"
    told = []
    for whose in (world.foreign, world.own):
        setattr(whose[name], "title" if name == "video" else "title_vi", "Chim yến")
        whose[name].save()
        answer = send(world, other, world.own[other], **{name: whose[name].pk})
        assert answer.context["form"].errors.keys() == {name}
        told.append("Chim yến" in answer.content.decode())

    assert told == [False, True]


def test_a_lesson_has_one_activity_and_says_which_choice_is_too_many(world):
    form = {"title": world.lesson.title, "slug": world.lesson.slug, "body": streamfield([])}
    form |= dict.fromkeys(MADE, "") | {"action-publish": "1"}
    where = reverse("wagtailadmin_pages:edit", args=[world.lesson.pk])
    client = world.client(world.hang)

    forgotten = client.post(
        where, nested_form_data(form | {"activity": "reading", "video": world.own["video"].pk})
    )
    two = {"activity": "quiz", "quiz": world.own["quiz"].pk, "video": world.own["video"].pk}
    both = client.post(where, nested_form_data(form | two))

    assert [answer.context["form"].errors.keys() for answer in (forgotten, both)] == [{"video"}, {"video"}]
    assert "bài giảng video" in str(both.context["form"].errors["video"])
    lesson = Lesson.objects.get(key=world.lesson.translation_key)
    assert (lesson.kind, lesson.video, lesson.quiz) == ("reading", None, None)


def test_what_the_lesson_has_already_may_stay_with_another_editor(world):
    """The superuser put it there; the training office may still mend the title."""
    LessonPage.objects.filter(pk=world.lesson.pk).update(activity="video", video=world.foreign["video"])
    world.lesson.refresh_from_db()
    world.lesson.save_revision()

    assert send(world, "video", world.foreign["video"]).status_code == 302


@pytest.mark.parametrize("name", MADE)
def test_publishing_brings_nothing_of_another_hospital_into_the_record(world, name):
    """However it came onto the page: by a script, a copy, a move."""
    page = LessonPage.objects.get(pk=world.lesson.pk)
    page.activity = name
    setattr(page, name, world.foreign[name])

    page.save_revision().publish()

    lesson = Lesson.objects.get(key=page.translation_key)
    assert (lesson.kind, getattr(lesson, name)) == (name, None)
    assert any(lesson.title in text for text in blockers(Course.objects.get(key=world.page.translation_key)))


def test_a_course_moved_to_another_hospital_leaves_its_lecture_behind(world):
    assert send(world, "video", world.own["video"]).status_code == 302

    Page.objects.get(pk=world.page.pk).move(make.provider(world.viet_duc), pos="last-child")

    lesson = Lesson.objects.get(key=world.lesson.translation_key)
    assert lesson.course.facility == world.viet_duc
    assert lesson.video is None


def test_a_session_is_not_planned_for_a_class_of_another_hospital(world):
    ours = live.Class(world, kinds=("session",))
    uses = f"{ours.run.pk}:{ours.lessons['session'].pk}"
    form = {
        "hub": world.viet_duc.pk,
        "title_vi": "Hội chẩn của viện khác",
        "starts_at": "2026-12-01T14:00",
        "ends_at": "2026-12-01T15:00",
    }
    before = Session.objects.count()
    client = world.client(world.trong)

    refused = client.post(reverse("lms_courses:plan_session"), form | {"uses": uses})
    taken = client.post(reverse("lms_courses:plan_session"), form)

    assert refused.status_code == 400
    assert taken.status_code == 302
    assert Session.objects.count() == before + 1
