"""Questions of learners with their answers, and announcements to a class."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lms.models import Person

from .outline import Lesson
from .runs import Run


class PostQuerySet(models.QuerySet):
    """Reads on posts."""

    def questions(self):
        """What was asked; what was written below it is not here."""
        return self.filter(parent=None)

    def shown(self):
        """Those that nobody has hidden or taken back."""
        return self.filter(hidden_at=None)

    def unanswered(self):
        """Questions below which neither a trainer wrote nor an answer was marked."""
        replies = Post.objects.filter(parent=OuterRef("pk"), hidden_at=None)
        answers = replies.filter(Q(by_staff=True) | Q(marked_at__isnull=False))
        return self.questions().shown().filter(~Exists(answers), by_staff=False)


class Post(models.Model):
    """A question about a lesson in one class, or what somebody wrote below it; one level deep.

    ``marked_at`` makes it the expert's answer, one for each question. A hidden one stays with the
    reason, for the trainers; its author reads the reason. ``token`` makes two presses one post.
    Personal data: who asked or answered what.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="posts", verbose_name=_("class"))
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="posts", verbose_name=_("lesson"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="posts", verbose_name=_("author"))
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    by_staff = models.BooleanField(_("written by a trainer"), default=False)
    text = models.TextField(_("text"), max_length=2000, blank=True)
    token = models.UUIDField(editable=False)
    at = models.DateTimeField(_("at"))
    marked_at = models.DateTimeField(_("marked as the expert's answer at"), null=True, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hidden_reason = models.CharField(_("why it is hidden"), max_length=300, blank=True)

    objects = PostQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("question or answer")
        verbose_name_plural = _("questions and answers")
        constraints = [
            models.UniqueConstraint(fields=["person", "token"], name="lms_courses_post_once"),
            models.UniqueConstraint(
                fields=["parent"],
                condition=Q(marked_at__isnull=False, hidden_at__isnull=True),
                name="lms_courses_one_expert_answer",
            ),
            models.CheckConstraint(
                name="lms_courses_answer_has_question", condition=Q(marked_at=None) | ~Q(parent=None)
            ),
            models.CheckConstraint(
                name="lms_courses_hidden_has_reason", condition=Q(hidden_at=None) | ~Q(hidden_reason="")
            ),
        ]
        indexes = [models.Index(fields=["run", "lesson", "-at"], name="lms_courses_thread")]

    def __str__(self):
        return f"{self.run}, {self.lesson}: {self.text[:60]}"


class PostReport(models.Model):
    """That somebody found a post should not stand there. Kept until the post goes. Personal data: who said so."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="reports")
    person = models.ForeignKey(Person, models.CASCADE, related_name="post_reports")
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    settled_at = models.DateTimeField(_("looked at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("report of a post")
        verbose_name_plural = _("reports of posts")
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], name="lms_courses_post_report_once")
        ]

    def __str__(self):
        return f"{self.post_id}: {self.reason}"


class ThreadLock(models.Model):
    """That nobody writes any more about a lesson in a class; what stands there stays. Personal data: who decided."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("locked thread")
        verbose_name_plural = _("locked threads")
        constraints = [models.UniqueConstraint(fields=["run", "lesson"], name="lms_courses_lock_once")]

    def __str__(self):
        return f"{self.run}, {self.lesson}"


class Announcement(models.Model):
    """What trainers or the office told a whole class; told as a message to everybody who learns in it then.

    Never changed; a mistake is mended by another one. Personal data: who wrote it.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="announcements", verbose_name=_("class"))
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=2000)
    token = models.UUIDField(unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("at"))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")

    def __str__(self):
        return f"{self.run}: {self.title}"
