"""Choosers of lectures, tests, checklists and surveys that offer only the user's own facilities' rows."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet

from content.models import Checklist, Quiz, Survey, Video
from lms import scope


class TitleFilter(BaseFilterForm):
    """Finds by a part of the title."""

    q = forms.CharField(
        label=_("Search term"), widget=forms.TextInput(attrs={"placeholder": _("Search")}), required=False
    )

    def filter(self, objects):
        self.search_query = self.cleaned_data.get("q")
        if not self.search_query:
            return objects
        self.is_searching = True
        names = {field.name for field in objects.model._meta.get_fields()} & {"title", "title_vi", "title_en"}
        found = Q(pk__in=[])
        for name in names:
            found |= Q(**{f"{name}__icontains": self.search_query})
        return objects.filter(found)


class _Own:
    """Every list and every single row goes through the scope."""

    filter_form_class = TitleFilter

    def own(self):
        return scope.limit(self.model_class._default_manager.all(), self.request.user, "choose")

    def get_object_list(self):
        return self.own()

    def get_object(self, pk):
        return self.own().get(pk=pk)

    def get_objects(self, pks):
        return self.own().filter(pk__in=pks)


class Choose(_Own, chooser.ChooseView):
    """The list in its dialog."""


class ChooseResults(_Own, chooser.ChooseResultsView):
    """The list alone, while searching."""


class Chosen(_Own, chooser.ChosenView):
    """The row that was taken."""


class ChosenMultiple(_Own, chooser.ChosenMultipleView):
    """Several rows that were taken."""


class OwnChooser(ChooserViewSet):
    """A chooser of one kind of content."""

    choose_view_class = Choose
    choose_results_view_class = ChooseResults
    chosen_view_class = Chosen
    chosen_multiple_view_class = ChosenMultiple


class VideoChooser(OwnChooser):
    """Chooses a row of this kind."""

    model = Video
    icon = "media"
    choose_one_text = _("Choose a lecture")
    choose_another_text = _("Choose another lecture")


class QuizChooser(OwnChooser):
    """Chooses a row of this kind."""

    model = Quiz
    icon = "list-ol"
    choose_one_text = _("Choose a test")
    choose_another_text = _("Choose another test")


class ChecklistChooser(OwnChooser):
    """Chooses a row of this kind."""

    model = Checklist
    icon = "check"
    choose_one_text = _("Choose a checklist")
    choose_another_text = _("Choose another checklist")


class SurveyChooser(OwnChooser):
    """Chooses a row of this kind."""

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
