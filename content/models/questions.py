"""The question bank of a hospital and the quizzes drawn from it. Answer keys live only here."""

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content import grading, markup
from lms.languages import pick
from lms.models import Facility

from .guidelines import Guideline


class QuestionQuerySet(models.QuerySet):
    """Reads on questions."""

    def drawable(self, facility, tag: str):
        """Questions of *facility* that a test may draw by *tag*: not drafts, not retired."""
        rows = self.in_use().filter(facility=facility)
        # Tags are a JSON list; neither database searches it the same way.
        return self.filter(pk__in=[pk for pk, tags in rows.values_list("pk", "tags") if tag in tags])

    def in_use(self):
        """Questions that a test may draw."""
        return self.filter(state__in=["review", "approved"], latest__isnull=False)

    def unreviewed(self):
        """Questions whose latest version no expert has reviewed."""
        return self.filter(latest__reviewed_at__isnull=True)


class Question(models.Model):
    """An item of the bank: the identity that its versions share.

    Retired, never deleted once used. Personal data: author and reviewer.
    """

    class State(models.TextChoices):
        """Life of the latest version."""

        DRAFT = "draft", _("draft")
        REVIEW = "review", _("waiting for review")
        APPROVED = "approved", _("approved")
        RETIRED = "retired", _("retired")

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="questions", verbose_name=_("facility")
    )
    code = models.CharField(_("code"), max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    difficulty = models.CharField(_("difficulty"), max_length=10, blank=True)
    latest = models.ForeignKey(
        "QuestionVersion", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = QuestionQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["code"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(fields=["facility", "code"], name="lms_content_question_code_once")
        ]

    def __str__(self):
        return self.code

    @property
    def is_retired(self) -> bool:
        """Whether it is asked no more; a test in which it was chosen by name must choose another."""
        return self.state == self.State.RETIRED

    @property
    def is_reviewed(self) -> bool:
        """Whether an expert who is not the author has reviewed the latest version."""
        return bool(self.latest and self.latest.reviewed_at)


class QuestionVersion(models.Model):
    """The words and the key of a question at one time; immutable once written.

    ``body`` is ``{"kind": "single"|"multiple"|"true_false", "stem": {"vi", "en"}, "options":
    [{"id", "vi", "en"}], "why": {"vi", "en"}}``; ``key`` is the list of right option ids.
    Only the review columns are filled in later, once. Personal data: author and reviewer.
    """

    question = models.ForeignKey(Question, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    body = models.JSONField()
    key = models.JSONField()
    citations = models.ManyToManyField(Guideline, blank=True, related_name="question_versions")
    from_memory = models.BooleanField(
        _("rests on memory of the guideline"), default=False, help_text=_("A clinician must check it.")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["question", "number"]
        verbose_name = _("question version")
        verbose_name_plural = _("question versions")
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="lms_content_version_once"),
            models.CheckConstraint(
                name="lms_content_reviewer_is_not_author",
                condition=Q(reviewed_by__isnull=True)
                | Q(author__isnull=True)
                | ~Q(reviewed_by=models.F("author")),
            ),
        ]

    def __str__(self):
        return f"{self.question} v{self.number}"

    def save(self, *args, **kwargs):
        """Refuse to rewrite words or key; only the review is written later."""
        if not self._state.adding and not set(kwargs.get("update_fields") or ["*"]) <= {
            "reviewed_by",
            "reviewed_at",
        }:
            raise ValueError("a question version is immutable; write a new one")
        super().save(*args, **kwargs)

    @property
    def stem(self) -> str:
        """The question in the active language, as a cleaned HTML fragment."""
        return pick(self.body["stem"].get("vi", ""), self.body["stem"].get("en", ""))

    @property
    def plain_stem(self) -> str:
        """The question in the active language without markup, for lists."""
        return markup.plain(self.stem)

    def as_item(self) -> dict:
        """The version as a blueprint holds it, key included: for the server only."""
        return {
            "version": self.pk,
            "question": self.question_id,
            "kind": self.body["kind"],
            "stem": self.body["stem"],
            "options": self.body["options"],
            "why": self.body.get("why", {}),
            "key": self.key,
            "cite": [guideline.citation for guideline in self.citations.all()],
            "reviewed": self.reviewed_at is not None,
        }


class Quiz(models.Model):
    """A test of a hospital: which questions, how many, how long, what is shown afterwards.

    The pass mark and the number of attempts are rules of the course that uses it. Releases freeze the
    rest, so edits reach later releases only. No personal data.
    """

    class Review(models.TextChoices):
        """What a learner sees of the right answers, and when."""

        NEVER = "never", _("never")
        PASSED = "passed", _("after passing or the last attempt")
        ALWAYS = "always", _("after each attempt")

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="quizzes", verbose_name=_("facility"))
    title_vi = models.CharField(_("title (Vietnamese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    time_limit_s = models.PositiveIntegerField(_("time limit in seconds"), null=True, blank=True)
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=True)
    shuffle_options = models.BooleanField(_("shuffle the options"), default=True)
    review = models.CharField(
        _("show the right answers"), max_length=8, choices=Review.choices, default=Review.PASSED
    )

    class Meta:
        ordering = ["title_vi"]
        verbose_name = _("test")
        verbose_name_plural = _("tests")

    def __str__(self):
        return pick(self.title_vi, self.title_en)

    _pools: "list[tuple[QuizSlot, list[Question]]] | None" = None
    """What ``fill_pools`` fetched."""

    def pools(self) -> "list[tuple[QuizSlot, list[Question]]]":
        """Each place in order with the questions that may stand there."""
        if self._pools is not None:
            return self._pools
        return [
            (slot, [slot.question] if slot.question_id else list(self._drawable(slot.tag)))
            for slot in self.slots.select_related("question__latest")
        ]

    def blueprint(self) -> dict:
        """What ``content.grading.freeze`` takes, keys included: for the server and releases only."""
        return {
            "slots": [
                {
                    "questions": [question.latest.as_item() for question in pool if question.latest],
                    "draw": slot.count,
                }
                for slot, pool in self.pools()
            ],
            "shuffle_questions": self.shuffle_questions,
            "shuffle_options": self.shuffle_options,
        }

    def questions(self) -> models.QuerySet:
        """Every question that this test may ask."""
        return Question.objects.filter(pk__in={q.pk for _slot, pool in self.pools() for q in pool})

    def unreviewed(self) -> models.QuerySet:
        """Questions of this test whose latest version no expert has reviewed."""
        return self.questions().unreviewed()

    @property
    def question_count(self) -> int:
        """How many questions one attempt asks."""
        return sum(slot.count for slot in self.slots.all())

    @property
    def is_satisfiable(self) -> bool:
        """Whether the bank holds enough different questions, and at least one is asked."""
        slots = [
            {"questions": [{"question": one.pk} for one in pool if one.latest], "draw": slot.count}
            for slot, pool in self.pools()
        ]
        return bool(slots) and grading.is_satisfiable(slots)

    def _drawable(self, tag: str) -> models.QuerySet:
        return (
            Question.objects.drawable(self.facility_id, tag)
            .select_related("latest")
            .prefetch_related("latest__citations")
        )


class QuizSlot(models.Model):
    """A place in a quiz: one fixed question, or ``count`` drawn from the bank by tag.

    No personal data.
    """

    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    question = models.ForeignKey(
        Question, models.PROTECT, null=True, blank=True, related_name="slots", verbose_name=_("question")
    )
    tag = models.CharField(_("drawn by tag"), max_length=60, blank=True)
    count = models.PositiveSmallIntegerField(_("how many"), default=1)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("place in the test")
        verbose_name_plural = _("places in the test")
        constraints = [
            models.CheckConstraint(
                name="lms_content_slot_fixed_or_drawn",
                condition=Q(question__isnull=False, tag="", count=1)
                | (Q(question__isnull=True, count__gte=1) & ~Q(tag="")),
            ),
            models.UniqueConstraint(
                fields=["quiz", "question"],
                condition=Q(question__isnull=False),
                name="lms_content_slot_question_once",
            ),
        ]

    def __str__(self):
        return str(self.question or f"{self.count} × {self.tag}")


def fill_pools(quizzes: Iterable[Quiz]) -> None:
    """Fetch the questions of several tests at once, so that ``pools`` of each asks nothing more.

    Without what they cite: ``cite_pools`` adds that before ``blueprint``.
    """
    quizzes = list(quizzes)
    slots = QuizSlot.objects.filter(quiz__in={quiz.pk for quiz in quizzes})
    slots = slots.select_related("question__latest")
    places = defaultdict(list)
    for slot in slots:
        places[slot.quiz_id].append(slot)
    drawn = {(quiz.facility_id, one.tag) for quiz in quizzes for one in places[quiz.pk] if one.tag}
    bank = _bank(drawn) if drawn else {}
    for quiz in quizzes:
        quiz._pools = [
            (slot, [slot.question] if slot.question_id else bank[quiz.facility_id, slot.tag])
            for slot in places[quiz.pk]
        ]


def cite_pools(quizzes: Iterable[Quiz]) -> None:
    """Fetch what the questions of several filled tests cite, at once."""
    pools = [pool for quiz in quizzes for _slot, pool in quiz.pools()]
    latest = {one.latest_id: one.latest for pool in pools for one in pool if one.latest}
    models.prefetch_related_objects(list(latest.values()), "citations")
    for pool in pools:
        for one in pool:
            one.latest = latest.get(one.latest_id)


def _bank(drawn: set[tuple[int, str]]) -> dict[tuple[int, str], list[Question]]:
    """Questions by facility and tag, for those that are drawn."""
    rows = Question.objects.in_use().filter(facility__in={facility for facility, _tag in drawn})
    found: dict[tuple[int, str], set[int]] = {place: set() for place in drawn}
    for pk, facility, tags in rows.values_list("pk", "facility", "tags"):
        for tag in tags:
            if (facility, tag) in found:
                found[facility, tag].add(pk)
    questions = list(Question.objects.select_related("latest").filter(pk__in=set().union(*found.values())))
    return {place: [one for one in questions if one.pk in keys] for place, keys in found.items()}
