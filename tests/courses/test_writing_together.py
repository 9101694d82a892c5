"""Wagtail's own comments, saving by itself and comparing serve the pages of courses, with our blocks and records."""

import json
import re
import smtplib

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from wagtail.admin.utils import get_user_display_name
from wagtail.models import Comment, PageSubscription
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from courses.models import LessonPage
from lms.queue import run_due
from tests.factories import content
from tests.factories import courses as make

NO_COMMENTS = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": ""}


@pytest.fixture
def world(cast):
    """A lesson that Ưng wrote and Hằng may publish."""
    cast.page = make.course_page(cast.bach_mai, kinds=("reading", "video"))
    cast.lesson, cast.lecture = cast.page.get_children().type(LessonPage).specific()
    assert cast.hang
    assert cast.ung
    run_due()
    return cast


def form_of(page, **changes):
    """What the editor of a lesson sends, with the fields of its comments."""
    form = {"title": page.title, "slug": page.slug, "activity": page.activity, "body": streamfield([])}
    form |= dict.fromkeys(("checklist", "survey", "quiz"), "") | {"video": page.video_id or ""}
    return nested_form_data(form | {"comments": NO_COMMENTS} | changes)


def with_comment(page, words, on="title", **more):
    """The form with a new comment *on* a field."""
    one = {"DELETE": "", "resolved": "", "id": "", "contentpath": on, "text": words, "position": ""}
    one["replies"] = NO_COMMENTS
    return form_of(page, comments=NO_COMMENTS | {"TOTAL_FORMS": "1", "0": one} | more)


def edit(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def by_itself(client, page, **changes):
    """What the editor sends without a press, half a second after a key."""
    return client.post(edit(page), form_of(page, **changes), headers={"accept": "application/json"})


# --- saving by itself


def test_a_lesson_being_written_is_saved_without_a_press_and_reaches_nobody(world):
    body = streamfield(
        [("callout", {"kind": "warn", "title": "Chú ý", "text": rich_text("<p>Đo lactat</p>")})]
    )

    first = by_itself(world.client(world.ung), world.lesson, title="Đang viết", body=body)
    again = by_itself(
        world.client(world.ung),
        world.lesson,
        title="Đang viết tiếp",
        body=body,
        overwrite_revision_id=str(first.json()["revision_id"]),
    )

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["success"]
    assert again.json()["revision_id"] == first.json()["revision_id"], "one revision for one sitting"
    kept = LessonPage.objects.get(pk=world.lesson.pk)
    draft = kept.get_latest_revision_as_object()
    assert (kept.title, draft.title) == (world.lesson.title, "Đang viết tiếp")
    assert draft.body[0].value["title"] == "Chú ý"
    assert world.client(world.lan).get(kept.get_url()).status_code in (200, 302)


@pytest.mark.parametrize("kind", ["video", "quiz", "checklist", "survey"])
def test_a_lesson_whose_activity_is_chosen_and_not_yet_what_it_is_made_of_is_kept_as_a_draft(world, kind):
    client = world.client(world.ung)

    kept = by_itself(client, world.lesson, title="Chọn sau", activity=kind)

    assert kept.status_code == 200, kept.content
    draft = LessonPage.objects.get(pk=world.lesson.pk).get_latest_revision_as_object()
    assert (draft.title, draft.activity) == ("Chọn sau", kind)
    refused = world.client(world.hang).post(
        edit(world.lesson), form_of(world.lesson, activity=kind, **{"action-publish": "1"})
    )
    assert refused.status_code == 200
    assert "Xin chọn nội dung cho hoạt động" in refused.content.decode()
    assert LessonPage.objects.get(pk=world.lesson.pk).activity == "reading"


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(world):
    loaded = world.lesson.save_revision(user=world.ung.user)
    theirs = world.lesson.save_revision(user=world.hang.user)

    refused = by_itself(
        world.client(world.ung), world.lesson, title="Bản cũ hơn", loaded_revision_id=str(loaded.pk)
    )

    assert refused.status_code == 400
    assert refused.json()["error_code"] == "invalid_revision"
    assert LessonPage.objects.get(pk=world.lesson.pk).latest_revision_id == theirs.pk


EMPTY = {
    "heading": "",
    "text": rich_text(""),
    "figure": {"image": "", "alt": "", "caption": ""},
    "audio": {"sound": "", "title": "", "words": ""},
    "document": {"document": "", "title": ""},
    "download": {"document": "", "title": "", "use": ""},
    "callout": {"kind": "note", "title": "", "text": rich_text("")},
    "case": {"title": "", "story": rich_text(""), "question": ""},
}
"""Each block as it stands when it was just added."""


def test_every_block_is_saved_while_it_is_still_empty_and_the_preview_stands(world):
    client = world.client(world.ung)

    kept = by_itself(client, world.lesson, body=streamfield(list(EMPTY.items())))

    assert kept.status_code == 200, kept.content
    draft = LessonPage.objects.get(pk=world.lesson.pk).get_latest_revision_as_object()
    assert [one.block_type for one in draft.body] == list(EMPTY)
    shown = client.get(reverse("wagtailadmin_pages:view_draft", args=[world.lesson.pk]))
    assert shown.status_code == 200


def test_what_a_block_lacks_is_named_beside_the_draft_and_keeps_it_from_its_readers(world):
    by_itself(world.client(world.ung), world.lesson, body=streamfield(list(EMPTY.items())))
    office, live = world.client(world.hang), world.lesson.live_revision_id

    panel = office.get(edit(world.lesson)).content.decode()
    for words in ("Khối 3, Hình minh họa, Hình thể hiện điều gì", "Khối 8, Tình huống ca bệnh"):
        assert words in panel

    ways = {
        "the editor": lambda: office.post(
            edit(world.lesson),
            form_of(world.lesson, body=streamfield(list(EMPTY.items())), **{"action-publish": "1"}),
        ),
        "the workbench": lambda: office.post(reverse("lms_courses_admin:publish", args=[world.page.pk])),
        "several at once": lambda: office.post(
            reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
            + f"?id={world.lesson.pk}&next=/admin/"
        ),
    }
    for name, way in ways.items():
        assert way().status_code in (200, 302), name
        assert LessonPage.objects.get(pk=world.lesson.pk).live_revision_id == live, name
        told = office.get(edit(world.page)).content.decode()
        assert name == "the editor" or "Khối 3, Hình minh họa, Hình thể hiện điều gì" in told, name


# --- comments


def test_a_comment_on_a_block_reaches_the_other_author_by_mail_in_vietnamese(world):
    PageSubscription.objects.create(page=world.lesson, user=world.ung.user, comment_notifications=True)
    mail.outbox.clear()

    world.client(world.thang).post(edit(world.lesson), with_comment(world.lesson, "Thiếu nguồn.", on="body"))

    assert not Comment.objects.exists(), "an appraiser does not edit"
    done = world.client(world.hang).post(
        edit(world.lesson), with_comment(world.lesson, "Thiếu nguồn.", on="body")
    )

    assert done.status_code == 302
    assert Comment.objects.get().text == "Thiếu nguồn."
    [letter] = mail.outbox
    assert letter.to == [world.ung.user.email]
    assert "nhận xét" in letter.subject
    assert "Thiếu nguồn." in letter.body
    assert edit(world.lesson) in letter.body


def test_who_wrote_and_who_commented_is_called_by_name_and_not_by_the_login(world):
    by_itself(world.client(world.ung), world.lesson, title="Đang viết")
    world.client(world.hang).post(edit(world.lesson), with_comment(world.lesson, "Nguồn nào?"))

    page = world.client(world.ung).get(edit(world.lesson))
    authors = json.loads(re.search(r'<script id="comments-data"[^>]*>(.+?)</script>', page.text)[1])[
        "authors"
    ]
    history = world.client(world.ung).get(reverse("wagtailadmin_pages:history", args=[world.lesson.pk])).text

    assert authors[str(world.hang.user.pk)]["name"] == world.hang.full_name
    for person in (world.ung, world.hang):
        assert person.full_name in history
        assert re.search(rf">\s*{person.user.username}\s*<", history) is None
    nobody = type(world.ung.user).objects.create(username="may")
    assert (get_user_display_name(nobody), nobody.get_short_name()) == ("may", "")
    assert get_user_display_name(world.lan.user) == world.lan.user.username, (
        "who only learns is not named there"
    )


def test_a_reply_reaches_who_asked(world):
    client = world.client(world.hang)
    client.post(edit(world.lesson), with_comment(world.lesson, "Nguồn nào?"))
    asked = Comment.objects.get()
    mail.outbox.clear()
    answer = {"id": "", "DELETE": "", "text": "Quyết định 5331."}
    thread = {
        "DELETE": "",
        "resolved": "",
        "id": str(asked.pk),
        "contentpath": "title",
        "text": asked.text,
        "position": "",
        "replies": NO_COMMENTS | {"TOTAL_FORMS": "1", "0": answer},
    }

    world.client(world.ung).post(
        edit(world.lesson),
        form_of(world.lesson, comments=NO_COMMENTS | {"TOTAL_FORMS": "1", "INITIAL_FORMS": "1", "0": thread}),
    )

    [letter] = mail.outbox
    assert letter.to == [world.hang.user.email]
    assert "Quyết định 5331." in letter.body


class Dead:
    """A mail server that does not answer."""

    def __init__(self, *args, **kwargs):
        raise smtplib.SMTPServerDisconnected("closed")


def test_a_mail_server_that_does_not_answer_costs_no_comment_and_no_draft(world, settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr(smtplib, "SMTP", Dead)
    PageSubscription.objects.create(page=world.lesson, user=world.ung.user, comment_notifications=True)

    done = world.client(world.hang).post(edit(world.lesson), with_comment(world.lesson, "Xem lại."))

    assert done.status_code == 302
    assert Comment.objects.get().text == "Xem lại."


# --- comparing


def test_comparing_two_drafts_shows_blocks_and_records_in_plain_words(world):
    lesson, video = world.lesson, content.video(world.bach_mai, title="Bài giảng đo lactat")
    first = lesson.save_revision(user=world.ung.user)
    answer = by_itself(
        world.client(world.ung),
        lesson,
        activity="video",
        video=str(video.pk),
        body=streamfield(
            [("callout", {"kind": "bad", "title": "Nguy hiểm nhất", "text": rich_text("<p>Đo lactat</p>")})]
        ),
    )
    assert answer.status_code == 200, answer.content

    where = reverse("wagtailadmin_pages:revisions_compare", args=[lesson.pk, first.pk, "latest"])
    shown = world.client(world.hang).get(where).content.decode()

    for words in ("Nguy hiểm", "Nguy hiểm nhất", "Đo lactat", "Bài giảng đo lactat", ">bài giảng video<"):
        assert words in shown
    for raw in (">bad<", ">video<", "Video object", ">reading<"):
        assert raw not in shown


# --- sending a draft to somebody


def test_a_draft_is_sent_only_to_those_who_can_answer(world):
    words = "action-submit"
    client = world.client(world.ung)

    assert words not in client.get(edit(world.lesson)).content.decode(), "Wagtail's moderators are nobody"

    world.hang.user.groups.add(Group.objects.get(name="Moderators"))

    assert words in client.get(edit(world.lesson)).content.decode()
