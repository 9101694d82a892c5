"""A course made from an archive at one hospital: pages as drafts, rules, lessons; nothing published or issued."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Model
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from content import references
from content.actions.fitting import harmless
from content.actions.packing import kind_of
from content.actions.unpacking import Report, Unpack
from content.archive import Archive, Unusable, check
from content.columns import checked, from_plain, plain_fields
from courses.actions.packing import BASE_FIELDS, LEFT, MIXINS
from courses.links import base_page
from courses.models import Course, Lesson
from courses.models.pages import ProviderPageMixin
from courses.sync import page_models
from lms.crashpoints import crashpoint
from lms.models import Facility, Profession, Specialty

NAMESPACE = uuid.UUID("5f0b6a52-5f0e-5d5c-9f6e-0c7d6f0f6f2a")
_PAGE = {"key": str, "kind": str, "above": (str, None), "words": {str: dict}, "rules": (dict, None)}
_COURSE = {
    "source": str,
    "rules": dict,
    "specialty": (str, None),
    "audience": [str],
    "guidelines": [str],
    "pages": [_PAGE],
}


def seed_of(digest: str, facility: Facility, copy: int = 0) -> uuid.UUID:
    """The key of the course that an archive makes at *facility*: the same content makes the same course.

    *copy* numbers further courses that somebody asked for.
    """
    return uuid.uuid5(NAMESPACE, f"{digest}:{facility.pk}:{copy}")


def already_there(digest: str, facility: Facility, copy: int = 0) -> Course | None:
    """The course that an archive has made at *facility*."""
    return Course.objects.filter(key=seed_of(digest, facility, copy)).first()


def import_course(
    facility: Facility,
    *,
    archive: Archive,
    by,
    copy: int = 0,
    progress: Callable[[float], None] = lambda pct: None,
) -> tuple[Course, Report]:
    """Make the course of *archive* at *facility*, all of it or nothing; raises Unusable.

    The same archive again returns the course that is there and makes nothing.
    """
    unpack = None
    try:
        with transaction.atomic():
            Facility.objects.select_for_update().get(pk=facility.pk)
            if found := already_there(archive.digest, facility, copy):
                return found, Report()
            unpack = Unpack(archive, facility=facility, seed=seed_of(archive.digest, facility, copy), by=by)
            course = _make(unpack, progress)
            if unpack.report.problems:
                code, params = unpack.report.problems[0]
                raise Unusable(code, **params)
    except BaseException as error:
        if unpack is not None:
            unpack.forget_files()
        if isinstance(error, IntegrityError) and (found := already_there(archive.digest, facility, copy)):
            return found, Report()
        raise
    return course, unpack.report


def try_import(
    facility: Facility, *, archive: Archive, by, progress: Callable[[float], None] = lambda pct: None
) -> Report:
    """What importing would make and what stands in the way: the import itself, taken back; no file is written."""
    with transaction.atomic():
        unpack = Unpack(archive, facility=facility, seed=uuid.uuid4(), by=by, store=False)
        try:
            _make(unpack, progress)
        except Unusable as error:
            unpack.report.problem(error.code, **error.params)
        transaction.set_rollback(True)
    return unpack.report


def forget_planned(archive: Archive, facility: Facility, copy: int) -> None:
    """Delete what a killed import left of files, where the course never came to be."""
    with transaction.atomic():
        Facility.objects.select_for_update().get(pk=facility.pk)
        if already_there(archive.digest, facility, copy) is None:
            seed = seed_of(archive.digest, facility, copy)
            for storage, name in Unpack(archive, facility=facility, seed=seed, by=None).planned_files():
                storage.delete(name)


# --- making ----------------------------------------------------------------------------------------


def _make(unpack: Unpack, progress: Callable[[float], None]) -> Course:
    document = check(unpack.archive.document("course"), _COURSE, "course")
    _check_tree(document)
    homes = _homes(unpack, document)
    unpack.report.titles = {
        language: str(words.get("title", ""))[:255]
        for language, words in document["pages"][0]["words"].items()
    }
    if document["source"] not in homes:
        unpack.report.problem("no_provider_page")
        homes = {}
    course = _course(unpack, document)
    # Half of the way for the media, half for the pages.
    unpack.make_all(lambda pct: progress(pct / 2))
    places: dict[str, Page] = {}
    for number, row in enumerate(document["pages"]):
        progress(50 + 50 * number / len(document["pages"]))
        for language in (language for language in sorted(row["words"]) if language in homes):
            places[f"{row['key']}/{language}"] = _page(unpack, row, language, homes[language], places)
    for row in document["pages"]:
        for language in row["words"]:
            if page := places.get(f"{row['key']}/{language}"):
                _finish(unpack, page, row, language, places)
    _lessons(unpack, course, document)
    crashpoint("archive.paged")
    return course


def _check_tree(document: dict) -> None:
    seen: dict[str, str] = {}
    for number, row in enumerate(document["pages"]):
        is_top = row["kind"] == "course"
        above = {"course": (None,), "module": ("course",), "lesson": ("course", "module")}.get(
            row["kind"], ()
        )
        stands = (seen.get(row["above"]) if row["above"] is not None else None) in above
        if is_top != (number == 0) or not stands or row["key"] in seen or not row["words"]:
            raise Unusable("tree", key=row["key"][:60])
        if (row["rules"] is not None) != (row["kind"] == "lesson"):
            raise Unusable("tree", key=row["key"][:60])
        seen[row["key"]] = row["kind"]
    if not seen or document["source"] not in document["pages"][0]["words"]:
        raise Unusable("tree", key="course")


def _homes(unpack: Unpack, document: dict) -> dict[str, Page]:
    """The provider's page in each language of the course."""
    found: dict[str, Page] = {}
    kinds: list[Any] = page_models(ProviderPageMixin)
    for model in kinds:
        rows = model.objects.filter(facility=unpack.facility, alias_of=None).select_related("locale")
        for page in rows.order_by("-live", "pk"):
            found.setdefault(page.locale.language_code, page)
    wanted = document["pages"][0]["words"]
    for language in sorted(set(wanted) - set(found) - {document["source"]}):
        unpack.report.note("language_left", language=language[:10])
    return {language: page for language, page in found.items() if language in wanted}


def _course(unpack: Unpack, document: dict) -> Course:
    fields = plain_fields(Course, leave=LEFT[Course])
    values = from_plain(document["rules"], fields, where="course.json")
    words = document["pages"][0]["words"]
    titles = {f"title_{one}": str(words[one].get("title", ""))[:255] for one in ("vi", "en") if one in words}
    course = Course(key=unpack.seed, facility=unpack.facility, **values, **titles)
    if document["specialty"]:
        course.specialty = Specialty.objects.filter(code=document["specialty"]).first()
        if course.specialty is None:
            unpack.report.note("specialty_left", code=document["specialty"][:60])
    checked(course, where="course.json")
    try:
        course.validate_constraints()
    except ValidationError as error:
        raise Unusable("invalid", where="course.json", name="rules", why=" ".join(error.messages)) from error
    course.save()
    known = Profession.objects.in_bulk(document["audience"], field_name="code")
    for code in document["audience"]:
        if code not in known:
            unpack.report.note("profession_left", code=code[:60])
    course.audience.set(known.values())
    course.guidelines.set([unpack.find("guidelines", key) for key in document["guidelines"]])
    return course


def _lessons(unpack: Unpack, course: Course, document: dict) -> None:
    """The rules of the lessons, closed: publishing their pages opens them."""
    fields = plain_fields(Lesson, leave=LEFT[Lesson])
    for position, row in enumerate(document["pages"]):
        if row["kind"] != "lesson":
            continue
        where = f"course.json, {row['key']}"
        values = from_plain(row["rules"], fields, where=where)
        words = row["words"].get(document["source"]) or next(iter(row["words"].values()))
        lesson = Lesson(
            course=course,
            key=uuid.uuid5(unpack.seed, row["key"]),
            kind=words.get("activity", ""),
            position=position,
            is_open=False,
            **values,
        )
        for language in ("vi", "en"):
            if language in row["words"]:
                setattr(lesson, f"title_{language}", str(row["words"][language].get("title", ""))[:255])
        checked(lesson, where=where)
        try:
            lesson.validate_constraints()
        except ValidationError as error:
            raise Unusable("invalid", where=where, name="rules", why=" ".join(error.messages)) from error
        lesson.save()


def _page(unpack: Unpack, row: dict, language: str, home: Page, places: dict[str, Page]) -> Page:
    """The page of *row* in *language*, a draft; where its links lead is known only later."""
    where = f"course.json, {row['key']}, {language}"
    is_top = row["kind"] == "course"
    parent = home if is_top else places.get(f"{row['above']}/{language}") or places.get(f"page-1/{language}")
    if parent is None:
        raise Unusable("tree", key=row["key"][:60])
    # Fresh: the tree counts the children in the row of the parent.
    parent = base_page().objects.get(pk=parent.pk)
    model = _model(MIXINS[row["kind"]], parent)
    page = model(locale=home.locale, live=False, has_unpublished_changes=True, owner=unpack.by)
    page.translation_key = unpack.seed if is_top else uuid.uuid5(unpack.seed, row["key"])
    _write(unpack, page, row, language, where, lambda linktype, target: None)
    taken = set(parent.get_children().values_list("slug", flat=True))
    if is_top and page.slug in taken:
        wanted, number = page.slug, 2
        while f"{wanted[:250]}-{number}" in taken:
            number += 1
        page.slug = f"{wanted[:250]}-{number}"
        unpack.report.note("slug_taken", slug=wanted, fresh=page.slug)
    others = {field.name for field in page._meta.concrete_fields} - set(_names(MIXINS[row["kind"]]))
    checked(page, where=where, exclude=others)
    _kept(lambda: parent.add_child(instance=page), where)
    unpack.report.count("pages")
    return page


def _model(mixin: type[Model], parent: Page) -> type[Page]:
    allowed = parent.specific_class.allowed_subpage_models() if parent.specific_class else []
    found = [model for model in page_models(mixin) if model in allowed] or page_models(mixin)
    return found[0]


def _finish(unpack: Unpack, page: Page, row: dict, language: str, places: dict[str, Page]) -> None:
    """Let the links lead to our pages and documents, and write the first draft."""
    where = f"course.json, {row['key']}, {language}"

    def exchange(linktype: str, target: str) -> dict[str, str] | None:
        if linktype == "document":
            return {"linktype": "document", "id": str(unpack.find("documents", target).pk)}
        if linktype != "page":
            raise Unusable("hostile", where=where)
        return {"linktype": "page", "id": str(places[target].pk)} if target in places else None

    slug = page.slug
    _write(unpack, page, row, language, where, exchange)
    page.slug = slug
    for many in MIXINS[row["kind"]]._meta.local_many_to_many:
        keys = check(row["words"][language].get(many.name, []), [str], "course")
        getattr(page, many.name).set([unpack.find(kind_of(many.related_model), key) for key in keys])
    _kept(page.save, where)
    _kept(lambda: page.save_revision(user=unpack.by, log_action="wagtail.create"), where)


def _kept(save: Callable[[], object], where: str) -> None:
    """Save a page; what its own rules refuse becomes a refusal of the archive."""
    try:
        save()
    except ValidationError as error:
        raise Unusable("invalid", where=where, name="page", why=" ".join(error.messages)[:200]) from error


def _names(mixin: type[Model]) -> list[str]:
    return [*BASE_FIELDS, *(one.name for one in mixin._meta.local_fields)]


def _write(
    unpack: Unpack, page: Page, row: dict, language: str, where: str, exchange: references.Exchange
) -> None:
    mixin = MIXINS[row["kind"]]
    many = {one.name for one in mixin._meta.local_many_to_many}
    names = set(_names(mixin))
    words = {name: value for name, value in row["words"][language].items() if name not in many}
    if unknown := sorted(set(words) - names):
        raise Unusable("unknown_field", where=where, name=unknown[0][:60])
    plain: dict[str, Any] = {}
    for name, value in words.items():
        column = page._meta.get_field(name)
        if isinstance(column, StreamField):
            body = unpack.body(column.stream_block, value, where=where)
            setattr(page, name, column.to_python(_linked(column.stream_block, body, exchange)))
        elif isinstance(column, RichTextField):
            setattr(page, name, references.exchange_links(harmless(value, where=where), exchange))
        elif isinstance(column, models.ForeignKey):
            setattr(
                page, name, unpack.find(kind_of(column.related_model), value) if value is not None else None
            )
        else:
            plain[name] = value
    fields = [page._meta.get_field(name) for name in plain]
    for name, value in from_plain(plain, fields, where=where).items():
        setattr(page, name, value)


def _linked(block: blocks.StreamBlock, body: Any, exchange: references.Exchange) -> Any:
    def change(leaf: blocks.Block, found: Any) -> Any:
        if isinstance(leaf, blocks.RichTextBlock | blocks.RawHTMLBlock):
            return references.exchange_links(found, exchange)
        return found

    return references.walk(block, body, change)
