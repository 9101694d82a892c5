"""The question bank of a hospital and the quizzes drawn from it. Answer keys live only here."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.languages import pick
from lms.models import Facility

from .guidelines import Guideline


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

    @property
    def stem(self) -> str:
        """The question in the active language."""
        return pick(self.body["stem"].get("vi", ""), self.body["stem"].get("en", ""))


class Quiz(models.Model):
    """A test of a hospital: which questions, how many, how long, what is shown afterwards.

    The pass mark and the number of attempts are rules of the course that uses it. No personal data.
    """

    class Review(models.TextChoices):
        """What a learner sees of the right answers, and when."""

        NEVER = "never", _("never")
        PASSED = "passed", _("after passing or the last attempt")
        ALWAYS = "always", _("after each attempt")

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="quizzes", verbose_name=_("facility")
    )
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
