"""Taking content out of a site: what a course is made of as plain JSON and media, without ids and persons."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.storage import Storage
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from content import archive, references
from content.actions.questions import QuestionRefused, clean_body
from content.columns import plain_fields, to_plain
from content.models import (
    Chapter,
    Checklist,
    ChecklistItem,
    Guideline,
    Question,
    QuestionVersion,
    Quiz,
    Rendition,
    Survey,
    SurveyQuestion,
    Video,
)
from lms import media

LEFT = {
    Video: {
        *("uuid", "version", "state", "error", "duration_ms", "width", "height", "created_at"),
        *("source", "source_size", "source_sha256"),
    },
    Chapter: {"version"},
    Question: {"state", "created_at"},
    Quiz: set(),
    Checklist: set(),
    ChecklistItem: {"position"},
    Survey: set(),
    SurveyQuestion: {"position"},
    Guideline: {"status", "replaces", "warning"},
}
"""Columns that do not travel: what is made anew on arrival, and what another site has to judge for itself."""


class PackingRefused(Exception):
    """Something of the course cannot be carried; the message says what and what to do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def kind_of(model: type[Model]) -> str:
    """The document in which rows of *model* travel; PackingRefused where none does."""
    known: dict[type[Model], str] = {
        Video: "videos",
        Quiz: "quizzes",
        Question: "questions",
        Checklist: "checklists",
        Survey: "surveys",
        Guideline: "guidelines",
        get_image_model(): "pictures",
        get_document_model(): "documents",
    }
    if model not in known:
        raise PackingRefused(
            _(
                "The course uses “%(kind)s”, which an archive cannot carry. Please take it out of the pages first."
            )
            % {"kind": model._meta.verbose_name}
        )
    return known[model]


class Pack:
    """Collects each thing once, under a key that says in which place it first stood.

    ``things`` are the rows collected: whoever packs must be entitled to every one of them.
    """

    def __init__(self) -> None:
        self.documents: dict[str, list[dict]] = {kind: [] for kind in archive.DOCUMENTS if kind != "course"}
        self.things: list[Model] = []
        self._keys: dict[tuple[str, Any], str] = {}
        self._media: dict[str, Callable[[], IO[bytes]]] = {}

    def key(self, thing: Model | None) -> str | None:
        """The key of *thing*, collected now where it was not before; None for nothing."""
        if thing is None:
            return None
        kind = kind_of(type(thing))
        if (kind, thing.pk) not in self._keys:
            rows = self.documents[kind]
            self._keys[kind, thing.pk] = key = f"{kind}-{len(rows) + 1}"
            # Its place first: what it refers to comes behind it.
            rows.append(row := {"key": key})
            self.things.append(thing)
            row.update(getattr(self, f"_{kind}")(thing))
        return self._keys[kind, thing.pk]

    def body(self, block: blocks.StreamBlock, value: Any, exchange: references.Exchange) -> Any:
        """The stored form of a body with keys in the place of ids; *exchange* says where its links lead."""

        def change(leaf: blocks.Block, found: Any) -> Any:
            if isinstance(leaf, blocks.RichTextBlock | blocks.RawHTMLBlock):
                return references.exchange_links(found or "", exchange)
            if isinstance(leaf, blocks.ChooserBlock) and found is not None:
                return self.key(leaf.model_class._default_manager.filter(pk=found).first())
            return found

        return references.walk(block, value, change)

    def write(self, course: dict, file: IO[bytes], *, progress: Callable[[float], None]) -> str:
        """Write the archive into *file*; returns the digest of its content."""
        writer = archive.Writer(file)
        writer.document("course", course)
        for kind, rows in self.documents.items():
            writer.document(kind, rows)
        for number, (name, opened) in enumerate(self._media.items()):
            progress(100 * number / len(self._media))
            try:
                with opened() as source:
                    writer.media(name, _chunks(source))
            except (archive.Unusable, FileNotFoundError) as error:
                raise PackingRefused(
                    _("A file of the course is not there or is damaged: %(name)s. Nothing was written.")
                    % {"name": name}
                ) from error
        return writer.close()

    # --- the kinds

    def _videos(self, video: Video) -> dict:
        name, sha256 = _recording(video)
        return to_plain(video, plain_fields(Video, leave=LEFT[Video])) | {
            "media": self._carry(name, sha256, media.storage()),
            "poster": self._poster(video),
            "chapters": [
                to_plain(one, plain_fields(Chapter, leave=LEFT[Chapter]))
                for one in video.chapters.filter(version=video.version).order_by("at_ms")
            ],
            "slides": _slides(video),
            "captions": {
                one.language: one.vtt
                for one in video.captions.filter(version=video.version).order_by("language")
            },
        }

    def _quizzes(self, quiz: Quiz) -> dict:
        slots = []
        for slot, pool in quiz.pools():
            for question in pool:
                self.key(question)
            slots.append({"question": self.key(slot.question), "tag": slot.tag, "count": slot.count})
        return to_plain(quiz, plain_fields(Quiz, leave=LEFT[Quiz])) | {"slots": slots}

    def _questions(self, question: Question) -> dict:
        versions = question.versions.prefetch_related("citations").order_by("number")
        is_open = question.state not in {Question.State.DRAFT, Question.State.RETIRED}
        return to_plain(question, plain_fields(Question, leave=LEFT[Question])) | {
            # That somebody here has reviewed it is no proof elsewhere.
            "state": Question.State.REVIEW.value if is_open else str(question.state),
            "versions": [
                _words(one)
                | {
                    "from_memory": one.from_memory,
                    "citations": [self.key(guideline) for guideline in one.citations.all()],
                }
                for one in versions
            ],
        }

    def _checklists(self, checklist: Checklist) -> dict:
        fields = plain_fields(ChecklistItem, leave=LEFT[ChecklistItem])
        items = [to_plain(item, fields) for item in checklist.items.all()]
        return to_plain(checklist, plain_fields(Checklist, leave=LEFT[Checklist])) | {"items": items}

    def _surveys(self, survey: Survey) -> dict:
        fields = plain_fields(SurveyQuestion, leave=LEFT[SurveyQuestion])
        questions = [to_plain(question, fields) for question in survey.questions.all()]
        return to_plain(survey, plain_fields(Survey, leave=LEFT[Survey])) | {"questions": questions}

    def _guidelines(self, guideline: Guideline) -> dict:
        # Its own key is an address of the register; number, date and issuer say which it is.
        row = to_plain(guideline, plain_fields(Guideline, leave=LEFT[Guideline]))
        return {("slug" if name == "key" else name): value for name, value in row.items()}

    def _pictures(self, picture: Any) -> dict:
        return {
            "title": picture.title,
            "description": getattr(picture, "description", ""),
            "focus": [getattr(picture, f"focal_point_{part}") for part in ("x", "y", "width", "height")],
            "media": self._file(picture),
        }

    def _documents(self, document: Any) -> dict:
        return {"title": document.title, "media": self._file(document)}

    def _poster(self, video: Video) -> str | None:
        """The still picture, since somebody may have chosen it; None where there is none yet."""
        poster = video.poster
        if poster is None or not media.storage().exists(poster.name):
            return None
        return self._carry(poster.name, poster.sha256, media.storage())

    # --- their files

    def _file(self, thing: Any) -> str:
        field = thing.file
        try:
            with field.storage.open(field.name) as source:
                digest = hashlib.sha256()
                for chunk in _chunks(source):
                    digest.update(chunk)
        except FileNotFoundError as error:
            raise _gone(thing) from error
        return self._carry(field.name, digest.hexdigest(), field.storage)

    def _carry(self, name: str, sha256: str, storage: Storage) -> str:
        carried = archive.media_name(sha256, PurePosixPath(name).suffix or ".bin")
        self._media.setdefault(carried, lambda: storage.open(name, "rb"))
        return carried


def _slides(video: Video) -> dict:
    """What a trainer changed about the slides, which are found anew on arrival."""
    edit = video.slide_edits.filter(version=video.version).first()
    return {"is_off": bool(edit and edit.is_off), "left_out": list(edit.left_out) if edit else []}


def _words(version: QuestionVersion) -> dict:
    """Words and key in the form that the bank takes in; as they are where it would not."""
    with suppress(QuestionRefused):
        body, key = clean_body(version.body, version.key)
        return {"body": body, "key": key}
    return {"body": version.body, "key": version.key}


def _recording(video: Video) -> tuple[str, str]:
    """Stored name and hash of the recording, or of its best form where the recording is gone."""
    storage = media.storage()
    if video.source and storage.exists(video.source):
        return video.source, video.source_sha256
    for form in reversed(video.ready_renditions()):
        if form.kind != Rendition.Kind.AUDIO and storage.exists(form.name):
            return form.name, form.sha256
    raise _gone(video)


def _gone(thing: Model) -> PackingRefused:
    return PackingRefused(
        _("The file of “%(title)s” is no longer stored here, so the course cannot be carried whole.")
        % {"title": thing}
    )


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(archive.CHUNK):
        yield chunk
