"""Choosers of lectures, tests, checklists and surveys that offer only the user's own facilities' rows."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet

from content.models import Checklist, Quiz, Survey, Video
from lms.forms import holding
from lms.viewsets import ScopedViewSetMixin


class TitleFilter(BaseFilterForm):
    """Finds by words of the title, diacritics ignored."""

    q = forms.CharField(
        label=_("Search term"), widget=forms.TextInput(attrs={"placeholder": _("Search")}), required=False
    )

    def filter(self, objects):
        if not (text := self.cleaned_data.get("q")):
            return objects
        self.is_searching, self.search_query = True, text
        names = ["title"] if objects.model is Video else ["title_vi", "title_en"]
        return holding(objects, text, *names)


class Choose(chooser.ChooseView):
    """The list in its dialog."""

    filter_form_class = TitleFilter


class ChooseResults(chooser.ChooseResultsView):
    """The list alone, while searching."""

    filter_form_class = TitleFilter


class ContentChooser(ScopedViewSetMixin, ChooserViewSet):
    """A chooser of one kind of content."""

    choose_view_class = Choose
    choose_results_view_class = ChooseResults


class VideoChooser(ContentChooser):
    """Chooses a lecture."""

    model = Video
    icon = "media"
    choose_one_text = _("Choose a lecture")
    choose_another_text = _("Choose another lecture")


class QuizChooser(ContentChooser):
    """Chooses a test."""

    model = Quiz
    icon = "list-ol"
    choose_one_text = _("Choose a test")
    choose_another_text = _("Choose another test")


class ChecklistChooser(ContentChooser):
    """Chooses a checklist."""

    model = Checklist
    icon = "check"
    choose_one_text = _("Choose a checklist")
    choose_another_text = _("Choose another checklist")


class SurveyChooser(ContentChooser):
    """Chooses a survey."""

    model = Survey
    icon = "form"
    choose_one_text = _("Choose a survey")
    choose_another_text = _("Choose another survey")


CHOOSERS = [
    VideoChooser("lms_content_choose_video"),
    QuizChooser("lms_content_choose_quiz"),
    ChecklistChooser("lms_content_choose_checklist"),
    SurveyChooser("lms_content_choose_survey"),
]
