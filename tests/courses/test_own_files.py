"""A page takes pictures and documents that its editor may choose, whatever a crafted form sends."""

import html
import io
import json
import re

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, ReferenceIndex
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from courses.models import LessonPage, ProviderPage
from lms.actions import provider_collection
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated

WORDS = {"title": "Đọc trước", "words": "Tim", "use": "", "alt": "Ổ nhồi máu", "caption": ""}
BLOCKS = {
    "figure": ("image", ["alt", "caption"]),
    "document": ("document", ["title"]),
    "download": ("document", ["title", "use"]),
    "audio": ("sound", ["title", "words"]),
}
"""Where each block names its file, and what else it asks for."""


def file_in(collection, kind, title):
    """A file of the library for a block of *kind*."""
    if kind == "figure":
        data = io.BytesIO()
        Picture.new("RGB", (90, 60), "navy").save(data, "PNG")
        content, model = ContentFile(data.getvalue(), "ct.png"), get_image_model()
    else:
        content, model = ContentFile(b"ID3", "tim.mp3"), get_document_model()
    return model.objects.create(title=title, file=content, collection=collection)


@pytest.fixture
@repeated
def world(cast):
    """A lesson of Việt Đức, and a file for each block in its library, in Bạch Mai's and in the shared one."""
    cast.page = make.course_page(cast.viet_duc, "Gây mê", kinds=("reading",))
    cast.lesson = LessonPage.objects.get(pk=cast.page.get_children().get().pk)
    places = {
        "own": provider_collection(cast.viet_duc),
        "foreign": provider_collection(cast.bach_mai),
        "shared": Collection.get_first_root_node(),
    }
    cast.files = {
        (of, kind): file_in(at, kind, f"Tệp {of} {kind}") for of, at in places.items() for kind in BLOCKS
    }
    assert cast.trong
    assert cast.hoa
    run_due()
    return cast


def block(kind, chosen):
    """A block of the body as the editor sends it."""
    name, words = BLOCKS[kind]
    return kind, {name: str(chosen.pk)} | {one: WORDS[one] for one in words}


def send(world, *blocks, who=None, action="action-publish", title=None):
    """The editor's form of the lesson as the browser, or a crafted request, sends it."""
    form = {"title": title or world.lesson.title, "slug": world.lesson.slug, "body": streamfield(blocks)}
    form |= dict.fromkeys(("video", "quiz", "checklist", "survey"), "") | {"activity": "reading", action: "1"}
    where = reverse("wagtailadmin_pages:edit", args=[world.lesson.pk])
    return world.client(who or world.trong).post(where, nested_form_data(form))


def text_of(answer):
    """What the editor reads; blocks and their faults stand as JSON inside the markup."""
    escaped = html.unescape(answer.content.decode())
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), escaped)


def shown(world):
    """Kinds of blocks in the lesson, as published and as last written."""
    page = LessonPage.objects.get(pk=world.lesson.pk)
    bodies = page.body, page.get_latest_revision_as_object().body
    return [[child.block_type for child in body] for body in bodies]


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_file_of_the_own_hospital_is_taken(world, kind):
    assert send(world, block(kind, world.files["own", kind])).status_code == 302

    assert shown(world) == [[kind], [kind]]


@pytest.mark.parametrize("who", ["trong", "hoa"])
@pytest.mark.parametrize("kind", BLOCKS)
def test_a_file_of_another_hospital_is_refused_and_not_even_named(world, kind, who):
    thing = world.files["foreign", kind]

    answer = send(world, block(kind, thing), who=getattr(world, who), action="action-save")

    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"body"}
    text = text_of(answer)
    assert "của chính bệnh viện có trang này" in text
    assert thing.title not in text
    assert shown(world) == [[], []]


def test_it_is_refused_when_publishing_too_and_what_else_was_written_stays_in_the_form(world):
    foreign, own = (world.files[of, "document"] for of in ("foreign", "own"))

    answer = send(world, block("document", own), block("download", foreign))

    assert answer.context["form"].errors.keys() == {"body"}
    text = text_of(answer)
    assert text.count("Đọc trước") == 2
    assert own.title in text
    assert foreign.title not in text
    assert shown(world) == [[], []]


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_that_lacks_its_words_names_it_no_more(world, kind):
    name, asked = BLOCKS[kind]
    of = {whose: world.files[whose, kind] for whose in ("own", "foreign")}

    answers = [send(world, (kind, {name: str(one.pk)} | dict.fromkeys(asked, ""))) for one in of.values()]

    assert [answer.context["form"].errors.keys() for answer in answers] == [{"body"}] * 2
    told = [[one.title in text_of(answer) for one in of.values()] for answer in answers]
    assert told == [[True, False], [False, False]]


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_superuser_too_puts_nothing_there_that_readers_would_not_see(world, kind):
    answer = send(world, block(kind, world.files["foreign", kind]), who=world.admin)

    assert answer.context["form"].errors.keys() == {"body"}
    assert send(world, block(kind, world.files["shared", kind]), who=world.admin).status_code == 302


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_shared_file_is_taken_from_whoever_may_choose_shared_files(world, kind):
    shared = block(kind, world.files["shared", kind])
    assert send(world, shared).context["form"].errors.keys() == {"body"}

    # Wagtail's own group chooses in the whole library, from its root down.
    world.trong.user.groups.add(Group.objects.get(name="Editors"))

    assert send(world, shared).status_code == 302
    # Whoever may choose in the whole library still shows the readers of one hospital nothing of the other.
    foreign = block(kind, world.files["foreign", kind])
    assert send(world, shared, foreign).context["form"].errors.keys() == {"body"}


@pytest.mark.parametrize("of", ["shared", "foreign"])
@pytest.mark.parametrize("kind", BLOCKS)
def test_a_file_that_stands_there_stays_while_somebody_else_writes(world, kind, of):
    """The superuser put the shared one there, a script the other."""
    there = block(kind, world.files[of, kind])
    if of == "shared":
        assert send(world, there, who=world.admin).status_code == 302
    else:
        page = LessonPage.objects.get(pk=world.lesson.pk)
        name, words = BLOCKS[kind]
        page.body = [(kind, {name: world.files[of, kind]} | {one: WORDS[one] for one in words})]
        page.save_revision().publish()

    assert send(world, there, who=world.trong, title="Gây mê, bài một").status_code == 302

    assert shown(world) == [[kind], [kind]]
    other = "download" if kind == "document" else "document"
    more = block(other, world.files["foreign", other])
    assert send(world, there, more, who=world.trong).context["form"].errors.keys() == {"body"}


def crafted(text):
    """Rich text with every feature there is, as no editor of ours offers it."""
    return rich_text(text, features=["document-link", "image", "link"])


def rich(world):
    document, picture = (world.files["foreign", kind].pk for kind in ("document", "figure"))
    return (
        f'<p>Xem <a linktype="document" id="{document}">đây</a></p>'
        f'<embed embedtype="image" id="{picture}" format="left" alt="CT"/>'
    )


def references(page):
    """What of the library the page names now."""
    kinds = (get_image_model(), get_document_model())
    found = ReferenceIndex.get_references_for_object(page)
    return [row for row in found if row.to_content_type.model_class() in kinds]


def test_rich_text_of_a_lesson_brings_in_no_file_by_a_link_or_an_embed(world):
    send(world, ("text", crafted(rich(world))))
    send(world, ("callout", {"kind": "note", "title": "", "text": crafted(rich(world))}))

    page = LessonPage.objects.get(pk=world.lesson.pk)
    assert references(page) == []
    assert "linktype" not in json.dumps(page.get_latest_revision_as_object().body.get_prep_value())


def test_rich_text_of_a_provider_page_brings_in_none_either(world):
    page = make.provider(world.viet_duc)
    form = {
        "title": page.title,
        "slug": page.slug,
        "action-publish": "1",
        "intro": crafted(rich(world)),
    }
    where = reverse("wagtailadmin_pages:edit", args=[page.pk])

    world.client(world.trong).post(where, nested_form_data(form))

    page = ProviderPage.objects.get(pk=page.pk)
    assert references(page) == []
    assert "linktype" not in page.get_latest_revision_as_object().intro
