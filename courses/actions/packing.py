"""A course as plain JSON: its pages in every language, its rules and those of its lessons; no ids, no persons."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Model
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Locale, Page

from content import references
from content.actions.packing import Pack
from content.columns import plain_fields, to_plain
from courses.links import base_page
from courses.models import Course, Lesson
from courses.models.pages import ACTIVITIES, CoursePageMixin, LessonPageMixin, ModulePageMixin
from courses.sync import page_models
from lms.keys import read_key

MIXINS: dict[str, type[Model]] = {
    "course": CoursePageMixin,
    "module": ModulePageMixin,
    "lesson": LessonPageMixin,
}
BASE_FIELDS = ("title", "slug", "seo_title", "search_description", "show_in_menus")
"""What every page of Wagtail has and an editor writes."""
LEFT: dict[type[Model], set[str]] = {
    Course: {"key", "title_vi", "title_en", "is_open", "review_due", "reviewed_on"},
    Lesson: {"key", "kind", "title_vi", "title_en", "position", "is_open", "content_hash"},
}
"""Columns that do not travel: they follow from the pages, or from who reviewed the course where it was."""


@dataclass
class Node:
    """One page of a course in all its languages: ``key`` in the archive, kind, the key of the page above."""

    key: str
    kind: str
    above: str | None
    pages: dict[str, Page] = field(default_factory=dict)


@dataclass
class Contents:
    """What of a course travels: its pages in order, and the titles of those that stay behind."""

    nodes: list[Node]
    source: str
    left: list[str]


def contents_of(course: Course) -> Contents | None:
    """The pages of *course* that travel; None where it has none.

    Of a published course what is published, so that no half-written draft goes out; of a course
    that was never published everything.
    """
    kinds: list[Any] = page_models(CoursePageMixin)
    tops = [
        page
        for model in kinds
        for page in model.objects.filter(translation_key=course.key, alias_of=None).select_related("locale")
    ]
    is_live = any(page.live for page in tops)
    left = [page.title for page in tops if is_live and not page.live]
    tops = [page for page in tops if page.live or not is_live]
    if not tops:
        return None
    default = Locale.get_default().pk
    # The first language is the one that ``sync_course`` reads.
    tops.sort(key=lambda page: (page.locale_id != default, page.locale.language_code, page.pk))
    top = Node("page-1", "course", None)
    nodes: dict[Any, Node] = {course.key: top}
    for page in tops:
        top.pages.setdefault(page.locale.language_code, page)
        above: dict[str, Any] = {page.path: course.key}
        hidden: list[str] = []
        for child in page.get_descendants().specific().select_related("locale"):
            kind = next((kind for kind, mixin in MIXINS.items() if isinstance(child, mixin)), None)
            if kind in {None, "course"} or child.alias_of_id:
                continue
            if child.path.startswith(tuple(hidden)) or (is_live and not child.live):
                hidden.append(child.path)
                left.append(child.title)
                continue
            above[child.path] = child.translation_key
            node = nodes.get(child.translation_key)
            if node is None:
                parent = nodes[above.get(child.path[: -child.steplen], course.key)]
                node = nodes[child.translation_key] = Node(f"page-{len(nodes) + 1}", kind, parent.key)
            node.pages.setdefault(page.locale.language_code, child)
    return Contents(list(nodes.values()), tops[0].locale.language_code, left)


def pack_course(course: Course, contents: Contents, pack: Pack) -> dict:
    """Return the document of *course*; what its pages refer to is collected in *pack*."""
    places = {
        page.pk: f"{node.key}/{language}" for node in contents.nodes for language, page in node.pages.items()
    }

    def exchange(linktype: str, target: str) -> dict[str, str] | None:
        return _link(pack, places, linktype, target)

    rules = to_plain(course, plain_fields(Course, leave=LEFT[Course]))
    lessons = {lesson.key: lesson for lesson in course.lessons.all()}
    return {
        "source": contents.source,
        "rules": rules,
        "specialty": course.specialty.code if course.specialty else None,
        "audience": sorted(course.audience.values_list("code", flat=True)),
        "guidelines": [pack.key(one) for one in course.guidelines.order_by("issued_on", "number", "issuer")],
        "pages": [
            {
                "key": node.key,
                "kind": node.kind,
                "above": node.above,
                "words": {
                    language: _words(page, MIXINS[node.kind], pack, exchange)
                    for language, page in sorted(node.pages.items())
                },
                "rules": _rules(lessons, node),
            }
            for node in contents.nodes
        ],
    }


def _rules(lessons: dict[Any, Lesson], node: Node) -> dict | None:
    if node.kind != "lesson":
        return None
    key = next(iter(node.pages.values())).translation_key
    # A lesson that was never published has no record yet: the rules of a new one.
    return to_plain(lessons.get(key) or Lesson(), plain_fields(Lesson, leave=LEFT[Lesson]))


def _words(page: Page, mixin: type[Model], pack: Pack, exchange: references.Exchange) -> dict[str, Any]:
    """What *page* says: as published, or as last written where it never was."""
    if not page.live and page.latest_revision:
        page = page.get_latest_revision_as_object()
    names = [*BASE_FIELDS, *(one.name for one in mixin._meta.local_fields)]
    found: dict[str, Any] = {}
    for name in names:
        column = page._meta.get_field(name)
        if isinstance(column, StreamField):
            found[name] = pack.body(column.stream_block, getattr(page, name).get_prep_value(), exchange)
        elif isinstance(column, RichTextField):
            found[name] = references.exchange_links(getattr(page, name), exchange)
        elif isinstance(column, models.ForeignKey):
            is_asleep = name in ACTIVITIES and getattr(page, "activity", name) != name
            found[name] = None if is_asleep else pack.key(getattr(page, name))
        else:
            found |= to_plain(page, [column])
    for many in mixin._meta.local_many_to_many:
        found[many.name] = [pack.key(one) for one in getattr(page, many.name).all()]
    return found


def _link(pack: Pack, places: dict[int, str], linktype: str, target: str) -> dict[str, str] | None:
    """Where an inner link leads in the archive; to a page of the site elsewhere by its address."""
    key = read_key(target)
    if key is None:
        return None
    if linktype == "document":
        document = get_document_model().objects.filter(pk=key).first()
        return {"linktype": "document", "id": pack.key(document)} if document else None
    if linktype != "page":
        return None
    if key in places:
        return {"linktype": "page", "id": places[key]}
    page = base_page().objects.filter(pk=key, live=True).first()
    return {"href": page.full_url} if page and page.full_url else None
