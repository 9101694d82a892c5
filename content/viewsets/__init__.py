"""The screens of Wagtail's admin on which teaching content is made."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from .questions import QuestionViewSet
from .sets import ChecklistViewSet, GuidelineViewSet, QuizViewSet, SurveyViewSet
from .videos import VideoViewSet


class TeachingContent(ModelViewSetGroup):
    """The menu group of teaching content."""

    menu_label = _("Teaching content")
    menu_name = "lms-content"
    menu_icon = "media"
    menu_order = 150
    items = (
        VideoViewSet,
        QuestionViewSet,
        QuizViewSet,
        ChecklistViewSet,
        SurveyViewSet,
        GuidelineViewSet,
    )
