"""The question bank in the admin: write, see as a learner sees it, review, retire."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, StatusTagColumn

from content import grading
from content.actions import approve_question, ask_review, retire_question
from content.forms.questions import QuestionForm
from content.models import Question
from content.viewsets.scoped import (
    ContentViewSet,
    Create,
    Edit,
    Index,
    Operation,
    Show,
    facility_column,
)
from lms import scope
from lms.keys import read_key


class QuestionIndex(Index):
    """The bank; no key is on this page."""

    def get_edit_url(self, instance):
        return reverse("lms_content_questions:show", args=[instance.pk])

    def get_list_buttons(self, instance):
        return []


class ToShow:
    """After saving, look at the question as a learner will."""

    def get_success_url(self):
        return reverse("lms_content_questions:show", args=[self.object.pk])


class QuestionCreate(ToShow, Create):
    """Writes a new question."""


class QuestionEdit(ToShow, Edit):
    """Writes the next version; earlier ones stay as they were asked."""

    success_message = gettext_lazy("The next version of the question “%(object)s” is kept.")


class QuestionShow(Show):
    """The question as a learner sees it, its review and its versions; the key for those who made or review it."""

    template_name = "lms_content/admin/question_show.html"

    def get_queryset(self):
        return super().get_queryset().select_related("latest__author", "latest__reviewed_by", "facility")

    def get_context_data(self, **kwargs):
        question, user = self.object, self.request.user
        latest = question.latest
        slots = [{"questions": [latest.as_item()], "draw": 1}] if latest else []
        frozen = grading.freeze({"slots": slots}, seed=question.pk)
        can_review = scope.can(user, "review", question)
        is_author = latest is not None and latest.author_id == user.pk
        return super().get_context_data(
            question=question,
            latest=latest,
            items=grading.without_keys(frozen),
            languages=_languages(latest),
            answers=_answers(frozen[0]) if frozen and (can_review or is_author) else None,
            versions=question.versions.select_related("author__person", "reviewed_by__person").order_by(
                "-number"
            ),
            slots=question.slots.select_related("quiz"),
            can_approve=can_review
            and question.state in {Question.State.REVIEW, Question.State.APPROVED}
            and not question.is_reviewed,
            is_author=is_author,
            **kwargs,
        )


def _languages(version) -> list[tuple[str, str]]:
    """The languages in which the question is written."""
    stem = version.body["stem"] if version else {}
    return [(code, name) for code, name in (("vi", "Tiếng Việt"), ("en", "English")) if stem.get(code)]


def _answers(item: dict) -> dict:
    """What a reviewer must check: right options, the reason, the guidelines."""
    right = [option for option in item["options"] if option["id"] in item["key"]]
    return {"right": right, "why": item["why"], "cite": item["cite"]}


class Approve(Operation):
    """Records a colleague's review of the version that was read; one that came meanwhile is shown instead."""

    permission_required = "review"

    def operate(self, row):
        seen = read_key(self.request.POST.get("version", ""))
        approve_question(row, version=seen, by=self.request.user)
        return _("The question is approved.")


class AskReview(Operation):
    """Hands a draft over."""

    def operate(self, row):
        ask_review(row, by=self.request.user)
        return _("The question waits for a colleague's review.")


class Retire(Operation):
    """Takes a question out of future draws."""

    def operate(self, row):
        retire_question(row, by=self.request.user)
        return _("The question is retired. Answers given to it stay as they are.")


class QuestionViewSet(ContentViewSet):
    """The bank."""

    model = Question
    name = "lms_content_questions"
    icon = "help"
    menu_label = gettext_lazy("Question bank")
    index_view_class = QuestionIndex
    add_view_class = QuestionCreate
    edit_view_class = QuestionEdit
    form_class = QuestionForm
    search_fields = ["code", "tags", "latest__body__stem__vi", "latest__body__stem__en"]
    list_select_related = ("facility", "latest")
    list_filter = ["state"]
    list_display = [
        "code",
        Column("stem", label=gettext_lazy("Question"), accessor="latest.plain_stem"),
        StatusTagColumn("state", label=gettext_lazy("State"), accessor="get_state_display"),
        BooleanColumn("is_reviewed", label=gettext_lazy("Reviewed")),
        facility_column(),
    ]

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            self.at("show", QuestionShow),
            self.at("approve", Approve),
            self.at("ask_review", AskReview),
            self.at("retire", Retire),
        ]
