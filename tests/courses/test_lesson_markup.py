"""What an author, or a crafted form, puts into a lesson's body does nothing in a reader's browser and fetches nothing."""

import json

import pytest
from django.apps import apps
from django.urls import NoReverseMatch, reverse
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, streamfield

from courses.models import LessonPage
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated

SCRIPT = "<script>window.__xss=1</script><img src=x onerror=window.__xss=1>"
INSIDE = "http://127.0.0.1:9/latest/meta-data/"


def written(entity=None, text=SCRIPT, kind="unstyled"):
    """What the rich text editor posts, with one entity over the whole text."""
    ranges = [{"offset": 0, "length": len(text), "key": 0}] if entity else []
    block = {"key": "aaaaa", "text": text, "type": kind, "depth": 0, "inlineStyleRanges": []}
    entities = {"0": {"mutability": "MUTABLE", **entity}} if entity else {}
    after = {**block, "key": "bbbbb", "text": "Lời sau.", "type": "unstyled", "entityRanges": []}
    return json.dumps({"blocks": [block | {"entityRanges": ranges}, after], "entityMap": entities})


BODIES = {
    "script as text": ("text", written()),
    "a link that is a script": (
        "text",
        written({"type": "LINK", "data": {"url": "javascript:window.__xss=1"}}),
    ),
    "a link that is data": (
        "text",
        written({"type": "LINK", "data": {"url": "data:text/html,<script>1</script>"}}),
    ),
    "an embed pointing inside": (
        "text",
        written({"type": "EMBED", "data": {"embedType": "video", "url": INSIDE}}, " ", "atomic"),
    ),
    "a picture by address": (
        "text",
        written({"type": "IMAGE", "data": {"src": INSIDE, "alt": SCRIPT}}, " ", "atomic"),
    ),
    "a heading": ("heading", SCRIPT),
    "a callout": ("callout", {"kind": "note", "title": SCRIPT, "text": written()}),
    "a case": (
        "case",
        {"title": SCRIPT, "story": written(), "question": SCRIPT, "is_deidentified": "on"},
    ),
}


@pytest.fixture
@repeated
def world(cast):
    """A lesson that Lan learns and that the training office may publish."""
    cast.page = make.course_page(cast.bach_mai, kinds=("reading",))
    make.enrolment(cast, page=cast.page)
    cast.lesson = LessonPage.objects.get(pk=cast.page.get_children().get().pk)
    assert cast.hang
    run_due()
    return cast


@pytest.mark.parametrize("what", BODIES)
def test_code_in_a_body_is_words_at_most(world, what, socket_disabled):
    form = {"title": SCRIPT, "slug": world.lesson.slug, "activity": "reading", "action-publish": "1"}
    form |= dict.fromkeys(("video", "quiz", "checklist", "survey"), "")
    form["body"] = streamfield([BODIES[what]])

    sent = world.client(world.hang).post(
        reverse("wagtailadmin_pages:edit", args=[world.lesson.pk]), nested_form_data(form)
    )
    assert sent.status_code == 302
    page = Page.objects.get(pk=world.lesson.pk)
    learnt = world.client(world.lan).get(page.get_url())
    preview = world.client(world.hang).get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))

    for answer in (learnt, preview):
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "&lt;script&gt;" in html
        for code in (
            "<script>window",
            "<img src=x",
            "javascript:",
            'href="data:',
            "<iframe",
            "<embed",
            INSIDE,
        ):
            assert code not in html


def rich_texts():
    """Every rich text that pages and records of the site have, with the features its editor offers."""

    def kinds(block, place):
        yield place, type(block).__name__, getattr(block, "features", None)
        for name, child in getattr(block, "child_blocks", {}).items():
            yield from kinds(child, f"{place}.{name}")
        if child := getattr(block, "child_block", None):
            yield from kinds(child, f"{place}[]")

    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, RichTextField):
                yield f"{model.__name__}.{field.name}", "RichTextBlock", field.features
            if isinstance(field, StreamField):
                yield from kinds(field.stream_block, f"{model.__name__}.{field.name}")


def test_no_rich_text_and_no_block_takes_raw_markup_or_an_embed():
    found = list(rich_texts())
    assert len([kind for _place, kind, _features in found if kind == "RichTextBlock"]) >= 6

    for place, kind, features in found:
        assert kind not in {"RawHTMLBlock", "EmbedBlock"}, place
        if kind == "RichTextBlock":
            # Without a list of its own an editor offers all there is.
            assert features is not None, place
            assert not {"embed", "image", "code"} & set(features), place


def test_nobody_can_look_up_an_embed():
    assert not apps.is_installed("wagtail.embeds")
    with pytest.raises(NoReverseMatch):
        reverse("wagtailembeds:chooser_upload")


def test_an_embed_that_got_into_the_database_is_not_fetched(world, socket_disabled):
    stored = f'<p>Mục tiêu</p><embed embedtype="media" url="{INSIDE}"/>'
    type(world.page).objects.filter(pk=world.page.pk).update(objectives=stored)

    answer = world.client(world.lan).get(world.page.get_url())

    assert "Mục tiêu" in answer.content.decode()
    assert INSIDE not in answer.content.decode()
