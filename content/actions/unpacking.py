"""Bringing content in from an archive: rows and files of one hospital, nothing reviewed, nothing half."""

import io
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db.models import Model
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from content import references, transcode
from content.actions.fitting import check_constraints, decodable, free, harmless, is_document, of_leaf
from content.actions.packing import LEFT, kind_of
from content.actions.questions import QuestionRefused, clean_body, clean_tags
from content.actions.videos import VideoRefused, caption_text
from content.archive import DOCUMENTS, Archive, Unusable, check
from content.columns import checked, from_plain, plain_fields
from content.conf import conf
from content.models import (
    Caption,
    Chapter,
    Checklist,
    ChecklistItem,
    Guideline,
    Question,
    QuestionVersion,
    Quiz,
    QuizSlot,
    Rendition,
    SlideEdit,
    Survey,
    SurveyQuestion,
    Video,
)
from content.models.videos import TRANSCODE
from lms import media, queue, uploads
from lms.actions import provider_collection
from lms.crashpoints import crashpoint

MOST_PICTURE = 10_000_000
MOST_POSTER = 200_000
MOST_TAG = 60
NO_SLIDES = {"is_off": False, "left_out": []}
"""That a trainer changed nothing about the slides of a lecture."""
_QUESTION = {"body": dict, "key": [str], "from_memory": bool, "citations": [str]}
_SLOT = {"question": (str, None), "tag": str, "count": int}


@dataclass
class Report:
    """What an archive makes or would make: how many of each kind, what differs, what stands in the way.

    ``notes`` and ``problems`` are (code, params) for ``archive_words.say``; with a problem nothing is made.
    """

    made: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[str, dict]] = field(default_factory=list)
    problems: list[tuple[str, dict]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def count(self, kind: str, many: int = 1) -> None:
        """One more of *kind*."""
        self.made[kind] = self.made.get(kind, 0) + many

    def note(self, code: str, /, **params: Any) -> None:
        """Something that differs from the archive, said once."""
        if (code, params) not in self.notes:
            self.notes.append((code, params))

    def problem(self, code: str, /, **params: Any) -> None:
        """Something for which the archive cannot be taken here."""
        self.problems.append((code, params))


class Unpack:
    """Makes the content of an archive at one facility, each thing when it is first asked for.

    Identities and names of files follow from *seed*, so that a second try after a crash writes over
    what the first one left. Without *store* no file is written: the rows are for a trial that the
    caller rolls back.
    """

    def __init__(self, archive: Archive, *, facility, seed: uuid.UUID, by, store: bool = True):
        self.archive, self.facility, self.seed, self.by, self.store = archive, facility, seed, by, store
        self.report = Report(size=sum(one["size"] for one in archive.files.values()))
        self._rows: dict[str, dict[str, dict]] = {}
        self._made: dict[str, Model] = {}
        self._tags: dict[str, str] = {}
        self._stored: list[tuple[Storage, str]] = []
        for kind in DOCUMENTS:
            if kind != "course":
                self._index(kind)

    def _index(self, kind: str) -> None:
        rows = check(self.archive.document(kind), [dict], kind)
        for row in rows:
            check(row.get("key"), str, kind)
        self._rows[kind] = {row["key"]: row for row in rows}
        if len(self._rows[kind]) != len(rows):
            raise Unusable("malformed", name=f"{kind}.json")

    def make_all(self, progress: Callable[[float], None] = lambda pct: None) -> None:
        """Make everything that the archive holds; says on the way what does not fit."""
        self._check_room()
        total, done = sum(len(rows) for rows in self._rows.values()), 0
        for kind, rows in self._rows.items():
            for key in rows:
                self.find(kind, key)
                done += 1
                progress(100 * done / total)
        crashpoint("archive.made")

    def find(self, kind: str, key: str | None) -> Any:
        """The row of *key*, made now where it was not; Unusable where the archive has no such thing."""
        if key is None:
            return None
        if not isinstance(key, str) or key not in self._rows[kind]:
            raise Unusable("no_such_thing", name=f"{kind}.json", key=str(key)[:60])
        if key not in self._made:
            row = {name: value for name, value in self._rows[kind][key].items() if name != "key"}
            self._made[key] = getattr(self, f"_{kind}")(key, row)
        return self._made[key]

    def body(self, block: blocks.StreamBlock, value: Any, *, where: str) -> Any:
        """A body with our ids in the place of keys; links inside are left for the caller to exchange."""

        def change(leaf: blocks.Block, found: Any) -> Any:
            if isinstance(leaf, blocks.RichTextBlock | blocks.RawHTMLBlock):
                return harmless(found, where=where)
            if isinstance(leaf, blocks.ChooserBlock) and found is not None:
                return self.find(kind_of(leaf.model_class), found).pk
            if found:
                leaf.clean(leaf.to_python(of_leaf(found)))
            return found

        try:
            return references.walk(block, value, change)
        except ValidationError as error:
            raise Unusable("invalid", where=where, name="body", why=" ".join(error.messages)) from error
        except references.UnknownPiece as error:
            raise Unusable("unknown_piece", where=where, name=str(error)) from error

    def forget_files(self) -> None:
        """Delete what was stored: the rows were not kept."""
        for storage, name in self._stored:
            storage.delete(name)

    def planned_files(self) -> list[tuple[Storage, str]]:
        """Every file that making all would store, whether it was stored or not."""
        library = get_image_model()._meta.get_field("file").storage
        papers = get_document_model()._meta.get_field("file").storage
        places = (
            ("videos", media.storage(), self._video_name),
            ("pictures", library, self._name),
            ("documents", papers, self._name),
        )
        posters = [(media.storage(), self._poster_name(key)) for key in self._rows["videos"]]
        return posters + [
            (storage, name(key, self._medium(dict(row))))
            for kind, storage, name in places
            for key, row in self._rows[kind].items()
        ]

    # --- the kinds

    def _videos(self, key: str, row: dict) -> Video:
        where = f"videos.json, {key}"
        captions = check(row.pop("captions", {}), {str: str}, "videos")
        chapters = check(row.pop("chapters", []), [dict], "videos")
        poster = check(row.pop("poster", None), (str, None), "videos")
        slides = check(row.pop("slides", NO_SLIDES), {"is_off": bool, "left_out": [int]}, "videos")
        name = self._medium(row)
        values = from_plain(row, plain_fields(Video, leave=LEFT[Video]), where=where)
        video = Video(uuid=self._uuid(key), facility=self.facility, created_by=self.by, **values)
        checked(video, where=where)
        if video.shows_patient and not (video.consent_form and video.consent_on and video.shown_until):
            why = str(Video._meta.get_field("consent_form").verbose_name)
            raise Unusable("invalid", where=where, name="shows_patient", why=why)
        with self.archive.open(name) as stream:
            try:
                transcode.container_of(stream.read(64))
            except transcode.Unusable as error:
                raise Unusable("no_video", where=where) from error
        texts = {language: self._vtt(text, where) for language, text in captions.items()}
        video.source, video.source_size = self._video_name(key, name), self.archive.size(name)
        video.source_sha256 = self.archive.files[name]["sha256"]
        self._save(media.storage(), video.source, name)
        video.save()
        for language, text in texts.items():
            Caption.objects.create(video=video, version=1, language=language[:5], vtt=text)
        self._parts(Chapter, chapters, where, video=video, version=1)
        if slides != NO_SLIDES:
            SlideEdit.objects.create(video=video, version=1, **slides)
        if poster is not None:
            self._poster(video, key, self._medium({"media": poster}), where)
        queue.enqueue(TRANSCODE, video.job_key)
        self.report.count("videos")
        return video

    def _poster(self, video: Video, key: str, name: str, where: str) -> None:
        if self.archive.size(name) > MOST_POSTER or PurePosixPath(name).suffix != ".jpg":
            raise Unusable("picture", where=where, why="")
        data = self.archive.bytes_of(name)
        if uploads.sniff(io.BytesIO(data)) != "image/jpeg":
            raise Unusable("picture", where=where, why="")
        decodable(name, data, where)
        target = self._poster_name(key)
        self._save(media.storage(), target, name)
        Rendition.objects.create(
            video=video,
            version=1,
            kind=Rendition.Kind.POSTER,
            name=target,
            size=self.archive.size(name),
            sha256=self.archive.files[name]["sha256"],
            content_type="image/jpeg",
        )

    def _vtt(self, text: str, where: str) -> str:
        try:
            return caption_text(text.encode())
        except VideoRefused as error:
            raise Unusable("invalid", where=where, name="captions", why=error.message) from error

    def _guidelines(self, key: str, row: dict) -> Guideline:
        where = f"guidelines.json, {key}"
        if "slug" in row:
            row["key"] = row.pop("slug")
        values = from_plain(row, plain_fields(Guideline, leave=LEFT[Guideline]), where=where)
        same = {name: values.get(name) for name in ("number", "issued_on", "issuer")}
        if found := Guideline.objects.filter(**same).first():
            return found
        taken = Guideline.objects.filter(key__startswith=values.get("key", "")).values_list("key", flat=True)
        values["key"] = free(values.get("key", ""), set(taken), 50)
        made = Guideline(**values)
        checked(made, where=where).save()
        self.report.note("guideline_new", number=made.number)
        self.report.count("guidelines")
        return made

    def _questions(self, key: str, row: dict) -> Question:
        where = f"questions.json, {key}"
        versions = check(row.pop("versions", None), [_QUESTION], "questions")
        state = row.pop("state", "")
        if state not in {Question.State.DRAFT, Question.State.REVIEW, Question.State.RETIRED} or not versions:
            raise Unusable("malformed", name="questions.json")
        values = from_plain(row, plain_fields(Question, leave=LEFT[Question]), where=where)
        tags = check(values.get("tags", []), [str], "questions")
        values["tags"] = [self._tag(tag) for tag in clean_tags(tags)]
        bank = Question.objects.filter(facility=self.facility, code__startswith=values.get("code", ""))
        code = free(values.get("code", ""), set(bank.values_list("code", flat=True)), 40)
        if code != values.get("code"):
            self.report.note("code_taken", code=values.get("code", ""), fresh=code)
        question = Question(
            **values | {"code": code}, facility=self.facility, state=state, created_by=self.by
        )
        checked(question, where=where).save()
        for number, one in enumerate(versions, start=1):
            question.latest = self._version(question, number, one, where)
        question.save(update_fields=["latest"])
        self.report.count("questions")
        return question

    def _version(self, question: Question, number: int, one: dict, where: str) -> QuestionVersion:
        shape = {"kind": str, "stem": {str: str}, "options": [{str: str}], "why": {str: str}}
        check(one["body"], shape, "questions")
        if not all("id" in option for option in one["body"]["options"]):
            raise Unusable("malformed", name="questions.json")
        try:
            body, key = clean_body(one["body"], one["key"])
        except QuestionRefused as error:
            raise Unusable("invalid", where=where, name=question.code, why=error.message) from error
        if body != one["body"]:
            raise Unusable("hostile", where=where)
        version = QuestionVersion.objects.create(
            question=question,
            number=number,
            body=body,
            key=key,
            from_memory=one["from_memory"],
            author=self.by,
        )
        version.citations.set([self.find("guidelines", guideline) for guideline in one["citations"]])
        return version

    def _tag(self, tag: str) -> str:
        """*tag*, or another where the bank has questions of its own by it: a test draws only what came with it."""
        if tag not in self._tags:
            mine = {made.pk for made in self._made.values() if isinstance(made, Question)}
            bank = Question.objects.filter(facility=self.facility).exclude(pk__in=mine)
            taken = {each for tags in bank.values_list("tags", flat=True) for each in tags}
            self._tags[tag] = fresh = free(tag, taken | set(self._tags.values()), MOST_TAG)
            if fresh != tag:
                self.report.note("tag_taken", tag=tag, fresh=fresh)
        return self._tags[tag]

    def _quizzes(self, key: str, row: dict) -> Quiz:
        slots = check(row.pop("slots", None), [_SLOT], "quizzes")
        quiz = self._plain(Quiz, "quizzes", key, row)
        for position, slot in enumerate(slots):
            is_fixed = slot["question"] is not None
            if is_fixed == bool(slot["tag"]) or slot["count"] < 1 or (is_fixed and slot["count"] != 1):
                raise Unusable("malformed", name="quizzes.json")
            tag = self._tag(clean_tags([slot["tag"]])[0]) if clean_tags([slot["tag"]]) else ""
            question = self.find("questions", slot["question"])
            if is_fixed and quiz.slots.filter(question=question).exists():
                raise Unusable("malformed", name="quizzes.json")
            place = QuizSlot(quiz=quiz, position=position, question=question, tag=tag, count=slot["count"])
            checked(place, where=f"quizzes.json, {key}").save()
        return quiz

    def _checklists(self, key: str, row: dict) -> Checklist:
        items = check(row.pop("items", None), [dict], "checklists")
        made = self._plain(Checklist, "checklists", key, row)
        self._parts(ChecklistItem, items, f"checklists.json, {key}", checklist=made)
        return made

    def _surveys(self, key: str, row: dict) -> Survey:
        questions = check(row.pop("questions", None), [dict], "surveys")
        made = self._plain(Survey, "surveys", key, row)
        self._parts(SurveyQuestion, questions, f"surveys.json, {key}", survey=made)
        return made

    def _plain(self, model: type[Model], kind: str, key: str, row: dict) -> Any:
        where = f"{kind}.json, {key}"
        values = from_plain(row, plain_fields(model, leave=LEFT[model]), where=where)
        made = checked(model(facility=self.facility, **values), where=where)
        check_constraints(made, where)
        made.save()
        self.report.count(kind)
        return made

    def _parts(self, model: type[Model], rows: list[dict], where: str, **parent: Any) -> None:
        fields = plain_fields(model, leave=LEFT[model])
        has_order = any(field.name == "position" for field in model._meta.fields)
        for position, row in enumerate(rows):
            place = {"position": position} if has_order else {}
            made = checked(model(**place, **parent, **from_plain(row, fields, where=where)), where=where)
            check_constraints(made, where)
            made.save()

    def _pictures(self, key: str, row: dict) -> Any:
        where, name = f"pictures.json, {key}", self._medium(row)
        check(row, {"title": str, "description": str, "focus": [(int, None)]}, "pictures")
        most = getattr(settings, "WAGTAILIMAGES_MAX_UPLOAD_SIZE", MOST_PICTURE)
        if self.archive.size(name) > most or len(row["focus"]) != 4:
            raise Unusable("picture", where=where, why="")
        data = self.archive.bytes_of(name)
        decodable(name, data, where)
        focus = dict(zip(("x", "y", "width", "height"), row["focus"], strict=True))
        model = get_image_model()
        values = {f"focal_point_{part}": value for part, value in focus.items()}
        if any(field.name == "description" for field in model._meta.fields):
            values["description"] = row["description"]
        picture = model(title=row["title"], **values)
        checked(picture, where=where, exclude=("file", "width", "height"))
        return self._keep(picture, key, name, "pictures", data)

    def _documents(self, key: str, row: dict) -> Any:
        where, name = f"documents.json, {key}", self._medium(row)
        check(row, {"title": str}, "documents")
        suffix = PurePosixPath(name).suffix
        allowed = getattr(settings, "WAGTAILDOCS_EXTENSIONS", None)
        with self.archive.open(name) as stream:
            head = ContentFile(stream.read(getattr(settings, "WAGTAILDOCS_MAX_UPLOAD_SIZE", 10**8) + 1))
        if self.archive.size(name) != head.size:
            raise Unusable("too_big", size=self.archive.size(name) // 1_000_000, limit=head.size // 1_000_000)
        if (allowed is not None and suffix[1:] not in allowed) or not is_document(head, suffix):
            raise Unusable("document", where=where, name=suffix)
        document = get_document_model()(title=row["title"])
        checked(document, where=where, exclude=("file", "file_size", "file_hash"))
        return self._keep(document, key, name, "documents", head.read())

    def _keep(self, thing: Any, key: str, name: str, kind: str, data: bytes) -> Any:
        thing.collection = provider_collection(self.facility)
        thing.uploaded_by_user = self.by
        storage = thing._meta.get_field("file").storage
        planned = self._name(key, name)
        if self.store:
            storage.delete(planned)
            self._stored.append((storage, planned))
            planned = storage.save(planned, ContentFile(data))
            thing.file = planned
            thing._set_file_hash()
            thing.file_size = len(data)
        else:
            thing.file = ""
            if hasattr(thing, "width"):
                thing.width = thing.height = 1
        thing.save()
        self.report.count(kind)
        return thing

    # --- files

    def _uuid(self, key: str) -> uuid.UUID:
        return uuid.uuid5(self.seed, key)

    def _name(self, key: str, name: str) -> str:
        folder = "original_images" if key.startswith("pictures-") else "documents"
        return f"{folder}/{self._uuid(key)}{PurePosixPath(name).suffix}"

    def _video_name(self, key: str, name: str) -> str:
        return f"video/{self._uuid(key)}/1/source{PurePosixPath(name).suffix}"

    def _poster_name(self, key: str) -> str:
        return f"video/{self._uuid(key)}/1/poster.jpg"

    def _medium(self, row: dict) -> str:
        name = row.pop("media", None)
        if not isinstance(name, str) or not name.startswith("media/") or name not in self.archive.files:
            raise Unusable("no_such_thing", name="media", key=str(name)[:80])
        return name

    def _save(self, storage: Storage, target: str, name: str) -> None:
        if not self.store:
            return
        self._stored.append((storage, target))
        with self.archive.open(name) as stream:
            _name, size, sha256 = media.save(target, _Stream(stream, self.archive.size(name)))
        if sha256 != self.archive.files[name]["sha256"]:
            raise Unusable("changed", name=name)
        crashpoint("archive.stored")

    def _check_room(self) -> None:
        sizes = []
        for row in self._rows["videos"].values():
            name = self._medium(dict(row))
            sizes.append(self.archive.size(name))
            if sizes[-1] > conf.VIDEO_MAX_BYTES:
                limit = conf.VIDEO_MAX_BYTES // 1_000_000
                self.report.problem(
                    "video_big", title=str(row.get("title"))[:200], size=sizes[-1] // 1_000_000, limit=limit
                )
        used, quota = Video.objects.filter(facility=self.facility).bytes_kept(), conf.VIDEO_QUOTA_BYTES
        if quota and used + sum(sizes) > quota:
            needed = -(-sum(sizes) // 1_000_000)
            self.report.problem("quota", used=used // 1_000_000, limit=quota // 1_000_000, size=needed)


class _Stream(File):
    """A stream of known length that can be read once."""

    def __init__(self, stream: Any, size: int):
        super().__init__(stream)
        self.size = size

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:  # type: ignore[override]
        while chunk := self.file.read(chunk_size or self.DEFAULT_CHUNK_SIZE):
            yield chunk
