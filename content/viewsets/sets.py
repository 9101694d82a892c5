"""Tests, checklists, surveys and guidelines in the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn

from content.forms.sets import ChecklistForm, GuidelineForm, QuizForm, SurveyForm
from content.models import Checklist, Guideline, Quiz, Survey
from content.viewsets.scoped import ContentViewSet, Index, facility_column


class QuizIndex(Index):
    """Tests with how many questions each asks."""

    def get_base_queryset(self):
        return super().get_base_queryset().prefetch_related("slots")


class QuizViewSet(ContentViewSet):
    """Tests."""

    model = Quiz
    name = "lms_content_quizzes"
    index_view_class = QuizIndex
    icon = "list-ol"
    form_class = QuizForm
    search_fields = ["title_vi", "title_en"]
    list_display = ["title_vi", Column("question_count", label=_("Questions")), facility_column()]


class ChecklistViewSet(ContentViewSet):
    """Skills checklists."""

    model = Checklist
    name = "lms_content_checklists"
    icon = "check"
    form_class = ChecklistForm
    search_fields = ["title_vi", "title_en"]
    list_display = ["title_vi", "pass_pct", facility_column()]


class SurveyViewSet(ContentViewSet):
    """Surveys."""

    model = Survey
    name = "lms_content_surveys"
    icon = "form"
    form_class = SurveyForm
    search_fields = ["title_vi", "title_en"]
    list_display = ["title_vi", "is_anonymous", facility_column()]


class GuidelineViewSet(ContentViewSet):
    """The registry that all hospitals share."""

    model = Guideline
    name = "lms_content_guidelines"
    icon = "doc-full"
    form_class = GuidelineForm
    list_select_related = ()
    search_fields = ["number", "title", "issuer"]
    list_filter = ["status"]
    list_display = ["number", "title", "issuer", DateColumn("issued_on", label=_("Date")), "status"]
