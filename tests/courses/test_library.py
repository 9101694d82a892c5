"""Pictures and documents of lessons reach those who may read the lesson, and nobody else by any address."""

import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission, PageViewRestriction

from courses.actions import enrolments
from lms.actions import provider_collection
from lms.queue import run_due
from tests.factories import courses as make
from tests.kept import repeated

BODY = b"%PDF-1.4 Ph\xc3\xa1c \xc4\x91\xe1\xbb\x93 \xc4\x91\xe1\xbb\x99t qu\xe1\xbb\xb5"


@pytest.fixture
@repeated
def picture(cast):
    data = io.BytesIO()
    Picture.new("RGB", (900, 600), "navy").save(data, "PNG")
    return get_image_model().objects.create(
        title="CT sọ não",
        file=ContentFile(data.getvalue(), "ct.png"),
        collection=provider_collection(cast.bach_mai),
    )


@pytest.fixture
@repeated
def paper(cast):
    return get_document_model().objects.create(
        title="Phác đồ",
        file=ContentFile(BODY, "phac-do.pdf"),
        collection=provider_collection(cast.bach_mai),
    )


@pytest.fixture
@repeated
def lesson(cast, picture, paper):
    """A lesson of Bạch Mai that shows both, in a course that Lan learns."""
    page = make.course_page(cast.bach_mai, kinds=())
    body = [
        ("figure", {"image": picture, "alt": "Ổ nhồi máu", "caption": ""}),
        ("document", {"document": paper, "title": "Phác đồ"}),
    ]
    shown = make.lesson_page(page, "Đọc phim", body=body)
    make.enrolment(cast, run=make.run(cast, page=page))
    return shown


@pytest.fixture
def addresses(cast, lesson, picture, paper):
    """What the lesson's page names, read from the page as Lan sees it."""
    text = cast.client(cast.lan).get(lesson.get_url()).content.decode()
    size = picture.renditions.get()
    found = [
        reverse("lms_content:figure", args=[size.pk]),
        reverse("lms_content:document", args=[paper.pk]),
    ]
    assert all(f'"{address}"' in text for address in found)
    return found


def answers(client, addresses):
    return [client.get(address).status_code for address in addresses]


def test_the_learner_gets_picture_and_document_of_the_lesson(cast, addresses):
    client = cast.client(cast.lan)
    figure, document = (client.get(address) for address in addresses)

    assert figure["Content-Type"] == "image/webp"
    assert b"".join(figure.streaming_content)[:4] == b"RIFF"
    assert b"".join(document.streaming_content) == BODY
    assert document["Content-Disposition"].startswith("attachment")
    assert "private" in document["Cache-Control"]
    assert "default-src 'none'" in document["Content-Security-Policy"]


@pytest.mark.parametrize("who", ["", "minh", "khanh", "hoa", "trong", "mo"])
def test_a_stranger_gets_neither(cast, addresses, who):
    client = cast.client(getattr(cast, who) if who else None)

    assert answers(client, addresses) == [404, 404]


@pytest.mark.parametrize("who", ["ung", "hang", "thang"])
def test_the_hospitals_own_staff_reads_along(cast, addresses, who):
    assert answers(cast.client(getattr(cast, who)), addresses) == [200, 200]


def test_the_right_ends_with_the_enrolment(cast, addresses):
    enrolments.withdraw(cast.lan.enrolments.get(), by=cast.lan.user)

    assert answers(cast.client(cast.lan), addresses) == [404, 404]


def test_the_right_ends_where_the_lesson_no_longer_shows_it(cast, lesson, addresses):
    lesson.body = []
    lesson.save_revision().publish()

    assert answers(cast.client(cast.lan), addresses) == [404, 404]


def test_a_draft_gives_no_right(cast, lesson, picture, paper):
    """Somebody else's draft that names a private document must not open it."""
    other = get_document_model().objects.create(
        title="Đề thi", file=ContentFile(b"%PDF-1.4", "de.pdf"), collection=provider_collection(cast.bach_mai)
    )
    lesson.body = [("document", {"document": other, "title": "Đề"})]
    lesson.save_revision()

    address = reverse("lms_content:document", args=[other.pk])
    assert cast.client(cast.lan).get(address).status_code == 404


def foreign(cast, title="Đề thi của viện khác"):
    """A private document of Việt Đức; whoever may choose it there has been named."""
    assert cast.hoa
    return get_document_model().objects.create(
        title=title, file=ContentFile(b"%PDF-1.4", "de.pdf"), collection=provider_collection(cast.viet_duc)
    )


def show(lesson, thing):
    """Let a script put *thing* into the published lesson, past every form."""
    lesson.body = [("document", {"document": thing, "title": "Đề"})]
    lesson.save_revision().publish()
    return reverse("lms_content:document", args=[thing.pk])


@pytest.mark.parametrize("who", ["lan", "ung", "hang", "mo", ""])
def test_a_lesson_opens_nothing_of_another_hospital_however_it_came_there(cast, lesson, who):
    address = show(lesson, foreign(cast))

    assert cast.client(getattr(cast, who) if who else None).get(address).status_code == 404
    assert cast.client(cast.hoa).get(address).status_code == 200


def test_a_lesson_opens_what_lies_in_the_shared_library(cast, lesson):
    shared = foreign(cast)
    shared.collection = Collection.get_first_root_node()
    shared.save()

    assert cast.client(cast.lan).get(show(lesson, shared)).status_code == 200
    assert cast.client(cast.minh).get(show(lesson, shared)).status_code == 404


def test_a_lesson_opens_what_lies_in_a_collection_below_the_hospitals(cast, lesson):
    own, strange = (
        provider_collection(at).add_child(instance=Collection(name="Phim CT"))
        for at in (cast.bach_mai, cast.viet_duc)
    )
    thing = foreign(cast)
    found = []
    for collection in (own, strange):
        thing.collection = collection
        thing.save()
        found.append(cast.client(cast.lan).get(show(lesson, thing)).status_code)

    assert found == [200, 404]


def test_a_collection_stays_the_hospitals_under_another_name(cast, lesson):
    thing = foreign(cast)
    Collection.objects.filter(pk=thing.collection.pk).update(name="Kho chung")

    assert cast.client(cast.lan).get(show(lesson, thing)).status_code == 404


def test_a_superuser_may_open_a_collection_to_a_second_hospital(cast, lesson):
    thing = foreign(cast)
    GroupCollectionPermission.objects.create(
        group=cast.ung.user.groups.get(),
        collection=thing.collection,
        permission=Permission.objects.get(codename="choose_document"),
    )

    assert cast.client(cast.lan).get(show(lesson, thing)).status_code == 200


def test_a_lesson_opens_what_a_body_above_its_hospital_keeps(cast, lesson):
    thing = foreign(cast)
    thing.collection = provider_collection(cast.ministry)
    thing.save()

    assert cast.client(cast.lan).get(show(lesson, thing)).status_code == 200


def test_a_course_that_moves_to_another_hospital_leaves_its_files_behind(cast, lesson, addresses):
    course = lesson.get_parent()

    course.move(make.provider(cast.viet_duc), pos="last-child")

    assert answers(cast.client(cast.lan), addresses) == [404, 404]
    assert answers(cast.client(cast.ung), addresses) == [200, 200]


def test_a_public_page_of_one_hospital_shows_nothing_of_another(cast, picture):
    page = make.provider(cast.viet_duc)
    page.intro = f'<embed embedtype="image" id="{picture.pk}" format="left" alt="Ổ nhồi máu"/>'
    page.save_revision().publish()
    address = reverse("lms_content:figure", args=[picture.get_rendition("max-64x64").pk])
    assert answers(cast.client(), [address]) == [404]

    catalogue = make.catalogue()
    catalogue.intro = page.intro
    catalogue.save_revision().publish()

    assert answers(cast.client(), [address]) == [200]


def test_a_public_pages_picture_is_public_until_the_page_is_restricted(cast, picture):
    page = make.provider(cast.bach_mai)
    page.intro = f'<embed embedtype="image" id="{picture.pk}" format="left" alt="Ổ nhồi máu"/>'
    page.save_revision().publish()
    address = reverse("lms_content:figure", args=[picture.get_rendition("max-64x64").pk])
    assert cast.client().get(address).status_code == 200

    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert cast.client().get(address).status_code == 404


def test_a_part_and_a_remembered_copy_are_refused_like_the_whole(cast, addresses):
    known = cast.client(cast.lan).get(addresses[0])["ETag"]
    stranger = cast.client(cast.minh)

    assert stranger.get(addresses[0], headers={"If-None-Match": known}).status_code == 404
    assert stranger.get(addresses[0], headers={"Range": "bytes=0-3"}).status_code == 404
    assert cast.client(cast.lan).get(addresses[0], headers={"If-None-Match": known}).status_code == 304


def test_the_library_shows_staff_their_own_pictures_by_name_only(cast, picture, addresses):
    own, size = picture.file.url, picture.renditions.get().url
    assert own == reverse("lms_content:library", args=[picture.file.name])

    assert answers(cast.client(cast.ung), [own, size]) == [200, 200]
    assert answers(cast.client(cast.hoa), [own, size]) == [404, 404]
    assert answers(cast.client(cast.lan), [own, size]) == [404, 404]
    assert answers(cast.client(), [own, size]) == [404, 404]


@pytest.mark.parametrize(
    ("screen", "words", "title"),
    [
        ("wagtailadmin_pages:search", "cap cuu dot quy", "Cấp cứu đột quỵ"),
        ("wagtailimages:index", "ct so nao", "CT sọ não"),
        ("wagtaildocs:index", "phac do", "Phác đồ"),
    ],
)
def test_wagtails_own_searches_ignore_diacritics_too(cast, picture, paper, screen, words, title):
    make.course_page(cast.bach_mai, "Cấp cứu đột quỵ", kinds=())
    office = cast.client(cast.hang)
    run_due()

    assert title in office.get(reverse(screen), {"q": words}).content.decode()
    assert title not in office.get(reverse(screen), {"q": "nhi khoa"}).content.decode()


@pytest.mark.parametrize(
    "name", ["../../db.sqlite3", "..%2f..%2fdb.sqlite3", "/etc/passwd", "images/", "original_images/x.png"]
)
def test_the_library_hands_out_nothing_that_is_no_picture_of_ours(cast, name):
    assert cast.client(cast.ung).get(f"/library/{name}").status_code == 404


def test_nothing_lies_below_the_public_media_address(cast, picture, paper):
    client = cast.client(cast.ung)

    for name in (picture.file.name, paper.file.name):
        assert client.get(f"/media/{name}").status_code == 404


def test_nginx_is_told_where_the_picture_lies(cast, settings, addresses, picture):
    settings.LMS_MEDIA_ACCEL = "/_private/"

    answer = cast.client(cast.lan).get(addresses[0])

    assert answer["X-Accel-Redirect"] == f"/_private/library/{picture.renditions.get().file.name}"
