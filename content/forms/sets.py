"""Forms of tests, checklists, surveys and guidelines."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from content import grading
from content.actions.questions import clean_tags
from content.forms.scoped import Rows, RowsForm, rows_of
from content.models import (
    Checklist,
    ChecklistItem,
    Guideline,
    Question,
    Quiz,
    QuizSlot,
    Survey,
    SurveyQuestion,
)
from content.permissions import MAKERS
from lms import scope


class SlotForm(forms.ModelForm):
    """One place of a test: a question, or a number of them drawn by tag."""

    class Meta:
        model = QuizSlot
        fields = ["question", "tag", "count"]

    def clean(self):
        data = super().clean()
        question, tag, count = data.get("question"), data.get("tag", ""), data.get("count") or 1
        data["tag"] = tag = next(iter(clean_tags([tag])), "")
        # On the field, so that the database's constraint does not say it again in its own words.
        if question and tag:
            self.add_error("question", _("Choose one question or write a tag, not both."))
        elif not question and not tag:
            self.add_error("question", _("Choose a question, or write the tag by which questions are drawn."))
        elif question and count != 1:
            self.add_error("count", _("A chosen question stands once; leave “how many” at 1."))
        elif count < 1:
            self.add_error("count", _("At least one question must be drawn."))
        return data


class SlotRows(Rows):
    """Places of a test, offering the questions of the author's own bank."""

    def __init__(self, *args, bank=None, **kwargs):
        self.bank = Question.objects.none() if bank is None else bank
        self.choices = None
        super().__init__(*args, **kwargs)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if self.choices is None:
            # Once for all rows, not once for each.
            labels = [(q.pk, f"{q.code} – {q.latest.plain_stem[:90]}") for q in self.bank if q.latest]
            self.choices = [("", "---------"), *labels]
        form.fields["question"].queryset = self.bank
        form.fields["question"].choices = self.choices

    def clean(self):
        super().clean()
        if any(self.errors) or not self.management_form.is_valid():
            return
        kept = [form for form in self.ordered_forms if form.cleaned_data]
        chosen = [form.cleaned_data["question"] for form in kept if form.cleaned_data.get("question")]
        if len({question.pk for question in chosen}) != len(chosen):
            raise ValidationError(_("A question stands in the test twice. Please remove one of the two."))
        if not kept:
            raise ValidationError(_("A test needs at least one question. Please fill in a row."))

    def check_against(self, facility) -> None:
        """Refuse questions of another bank and draws that the bank of *facility* cannot fill."""
        slots = []
        for form in self.ordered_forms:
            question, tag = form.cleaned_data.get("question"), form.cleaned_data.get("tag", "")
            if question and question.facility_id != facility.pk:
                raise ValidationError(_("A question belongs to another hospital's bank."))
            pool = [question] if question else Question.objects.drawable(facility, tag)
            slots.append(
                {"questions": [{"question": q.pk} for q in pool], "draw": form.cleaned_data.get("count") or 1}
            )
        if not grading.is_satisfiable(slots):
            raise ValidationError(
                _(
                    "The bank holds too few questions for this test. Write more questions with the tag, hand drafts "
                    "over for review, or draw fewer."
                )
            )


class QuizForm(RowsForm):
    """A test and its places."""

    minutes = forms.IntegerField(
        label=_("Time limit in minutes"),
        min_value=1,
        max_value=600,
        required=False,
        help_text=_("Empty: no limit."),
    )
    rows_class = rows_of(
        Quiz,
        QuizSlot,
        form=SlotForm,
        formset=SlotRows,
        fields=["question", "tag", "count"],
        title=_("Questions"),
        help_text=_(
            "Each row is one question of your bank, or a number of questions drawn at random by a tag."
        ),
    )

    class Meta:
        model = Quiz
        fields = ["facility", "title_vi", "title_en", "shuffle_questions", "shuffle_options", "review"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.time_limit_s:
            self.initial["minutes"] = self.instance.time_limit_s // 60

    def rows_kwargs(self):
        own = scope.facilities(self.for_user, MAKERS)
        bank = Question.objects.filter(facility__in=own).exclude(state=Question.State.RETIRED)
        if self.instance.pk:
            bank = bank.filter(facility=self.instance.facility)
        return {"bank": bank.select_related("latest")}

    def is_valid(self):
        if not super().is_valid():
            return False
        try:
            self.rows.check_against(self.cleaned_data.get("facility") or self.instance.facility)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True

    def save(self, commit=True):
        minutes = self.cleaned_data.get("minutes")
        self.instance.time_limit_s = minutes * 60 if minutes else None
        return super().save(commit)


class FilledRows(Rows):
    """Rows of which there must be at least one."""

    empty_message = ""

    def clean(self):
        super().clean()
        if any(self.errors) or not self.management_form.is_valid():
            return
        if not any(form.cleaned_data for form in self.ordered_forms):
            raise ValidationError(_("Please fill in at least one row."))


class ChecklistForm(RowsForm):
    """A skill and its steps."""

    rows_class = rows_of(
        Checklist,
        ChecklistItem,
        formset=FilledRows,
        fields=["text_vi", "text_en", "weight", "is_critical"],
        title=_("Steps"),
        help_text=_("Missing a critical step fails the skill whatever the points."),
    )

    class Meta:
        model = Checklist
        fields = ["facility", "title_vi", "title_en", "pass_pct"]


class SurveyForm(RowsForm):
    """A survey and its questions."""

    rows_class = rows_of(
        Survey,
        SurveyQuestion,
        formset=FilledRows,
        fields=["kind", "text_vi", "text_en", "is_required"],
        title=_("Questions"),
    )

    class Meta:
        model = Survey
        fields = ["facility", "title_vi", "title_en", "is_anonymous"]


class GuidelineForm(WagtailAdminModelForm):
    """A guideline of the shared registry."""

    class Meta:
        model = Guideline
        fields = [
            "key",
            "number",
            "issued_on",
            "issuer",
            "title",
            "status",
            "superseded_by",
            "replaces",
            "warning",
        ]
        widgets = {"issued_on": AdminDateInput}
