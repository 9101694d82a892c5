"""Writing, reviewing and retiring questions. A version is never changed; a correction is the next one."""

import re
import unicodedata
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from content import markup
from content.models import Guideline, Question, QuestionVersion
from lms import clock

KINDS = ("single", "multiple", "true_false")
MOST_OPTIONS = 10
LONGEST = 5000


class QuestionRefused(Exception):
    """A question that cannot be kept; the message says why."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class ReviewRefused(Exception):
    """A review that does not count; the message says why."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def add_question(
    facility,
    *,
    code: str,
    body: dict,
    key: list[str],
    tags: Iterable[str] = (),
    citations: Iterable[Guideline] = (),
    from_memory: bool = False,
    difficulty: str = "",
    as_draft: bool = False,
    by,
) -> Question:
    """Put a question into the bank of *facility*, waiting for review unless *as_draft*.

    *body* is as ``QuestionVersion`` says; its texts are HTML fragments and are cleaned here. The
    same code with the same words again returns the question that is there; with others it is refused.
    """
    body, key = clean_body(body, key)
    code = unicodedata.normalize("NFC", code).strip()
    if not code or len(code) > 40:
        raise QuestionRefused(_("A question needs a code of at most 40 characters."))
    state = Question.State.DRAFT if as_draft else Question.State.REVIEW
    try:
        with transaction.atomic():
            question = Question.objects.create(
                facility=facility,
                code=code,
                state=state,
                tags=clean_tags(tags),
                difficulty=difficulty,
                created_by=by,
            )
            _write_version(question, 1, body, key, citations, from_memory, by)
    except IntegrityError:
        found = Question.objects.select_related("latest").filter(facility=facility, code=code).first()
        if found and found.latest and (found.latest.body, found.latest.key) == (body, key):
            return found
        raise QuestionRefused(
            _("The bank has another question with this code. Please choose a new code.")
        ) from None
    return question


def revise_question(
    question: Question,
    *,
    body: dict,
    key: list[str],
    tags: Iterable[str] | None = None,
    citations: Iterable[Guideline] = (),
    from_memory: bool = False,
    difficulty: str | None = None,
    as_draft: bool = False,
    by,
) -> Question:
    """Write the next version of *question*, to be reviewed anew; nothing new written, nothing changed.

    Attempts and releases keep the version they froze.
    """
    body, key = clean_body(body, key)
    citations = list(citations)
    with transaction.atomic():
        question = _locked(question)
        question.state = Question.State.DRAFT if as_draft else Question.State.REVIEW
        if tags is not None:
            question.tags = clean_tags(tags)
        if difficulty is not None:
            question.difficulty = difficulty
        latest = question.latest
        question.save(update_fields=["tags", "difficulty", "state"])
        if latest is None:
            _write_version(question, 1, body, key, citations, from_memory, by)
        elif not (
            (latest.body, latest.key, latest.from_memory) == (body, key, from_memory)
            and set(latest.citations.values_list("pk", flat=True)) == {c.pk for c in citations}
        ):
            _write_version(question, latest.number + 1, body, key, citations, from_memory, by)
        elif latest.reviewed_at and not as_draft:
            question.state = Question.State.APPROVED
            question.save(update_fields=["state"])
    return question


def ask_review(question: Question, *, by) -> Question:
    """Hand a draft over to the reviewers; words that one of them has checked already need no second check."""
    with transaction.atomic():
        question = _locked(question)
        if question.state == Question.State.DRAFT:
            question.state = Question.State.APPROVED if question.is_reviewed else Question.State.REVIEW
            question.save(update_fields=["state"])
    return question


def approve_question(question: Question, *, version: int | None, by) -> Question:
    """Record that *by* has checked *version*, which must be the latest; an author never reviews the own words."""
    with transaction.atomic():
        question = _locked(question)
        latest = question.latest
        if latest is None or question.state == Question.State.RETIRED:
            raise ReviewRefused(_("This question has been retired; it cannot be reviewed."))
        if question.state == Question.State.DRAFT:
            raise ReviewRefused(
                _("This question is a draft; it is reviewed once its author has handed it over.")
            )
        if version != latest.number:
            raise ReviewRefused(
                _("The question was changed meanwhile. Please read this version and approve it then.")
            )
        if latest.reviewed_at:
            return question
        if by is None or latest.author_id == by.pk:
            raise ReviewRefused(
                _("Whoever wrote a question cannot review it. Please ask a colleague to check this version.")
            )
        latest.reviewed_by, latest.reviewed_at = by, clock.now()
        latest.save(update_fields=["reviewed_by", "reviewed_at"])
        question.state = Question.State.APPROVED
        question.save(update_fields=["state"])
    return question


def retire_question(question: Question, *, by) -> Question:
    """Take *question* out of what tests draw by tag in versions of courses still to be made.

    A test that names it blocks the next of them until it asks another; a version issued already asks on, as it
    was frozen then.
    """
    with transaction.atomic():
        question = _locked(question)
        question.state = Question.State.RETIRED
        question.save(update_fields=["state"])
    return question


def clean_body(body: dict, key: list[str]) -> tuple[dict, list[str]]:
    """Return *body* and *key* in their kept form, or raise QuestionRefused saying what is wrong."""
    kind = body.get("kind")
    if kind not in KINDS:
        raise QuestionRefused(_("Please choose the kind of the question."))
    stem = _both(body.get("stem"))
    if not markup.plain(stem["vi"]) and not markup.plain(stem["en"]):
        raise QuestionRefused(_("Please write the question in Vietnamese or in English."))
    options = [{"id": str(option["id"]), **_both(option)} for option in body.get("options") or []]
    if not 2 <= len(options) <= MOST_OPTIONS:
        raise QuestionRefused(_("A question needs two to ten options."))
    if kind == "true_false" and len(options) != 2:
        raise QuestionRefused(_("A true-or-false question has exactly two options."))
    ids = [option["id"] for option in options]
    if len(set(ids)) != len(ids):
        raise QuestionRefused(_("Two options have the same identifier."))
    for language in ("vi", "en"):
        words = [markup.plain(option[language]).casefold() for option in options]
        used = [text for text in words if text]
        if len(set(used)) != len(used):
            raise QuestionRefused(_("Two options say the same. Please change or remove one."))
    if any(not markup.plain(option["vi"]) and not markup.plain(option["en"]) for option in options):
        raise QuestionRefused(_("An option is empty. Please write it or remove it."))
    right = [option_id for option_id in ids if option_id in {str(k) for k in key}]
    if len(right) != len(set(map(str, key))) or not right:
        raise QuestionRefused(_("Please tick at least one right option."))
    if kind != "multiple" and len(right) != 1:
        raise QuestionRefused(_("This kind of question has exactly one right option."))
    if kind == "multiple" and len(right) == len(options):
        raise QuestionRefused(_("At least one option must be wrong."))
    return {"kind": kind, "stem": stem, "options": options, "why": _both(body.get("why"))}, right


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags in their kept form: NFC, lower case, single spaces, each once, in order."""
    cleaned = (re.sub(r"\s+", " ", unicodedata.normalize("NFC", tag)).strip().lower()[:60] for tag in tags)
    return list(dict.fromkeys(tag for tag in cleaned if tag))


def _both(texts: dict | None) -> dict:
    found = {language: markup.clean((texts or {}).get(language, "")) for language in ("vi", "en")}
    if any(len(text) > LONGEST for text in found.values()):
        raise QuestionRefused(_("A text is too long; at most 5,000 characters are kept."))
    return found


def _locked(question: Question) -> Question:
    # Without a join: PostgreSQL would read the joined row as it was before the wait for the lock.
    return Question.objects.select_for_update().get(pk=question.pk)


def _write_version(question, number, body, key, citations, from_memory, by) -> None:
    version = QuestionVersion.objects.create(
        question=question, number=number, body=body, key=key, from_memory=from_memory, author=by
    )
    version.citations.set(citations)
    question.latest = version
    question.save(update_fields=["latest"])
