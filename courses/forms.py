"""Forms of the course workbench."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.actions.releases import ReleaseError, suffix_of_decision
from courses.actions.runs import WAYS
from courses.models import Course, CourseStaff, Lesson, LessonKind, Run
from lms.models import Person


class RulesForm(forms.ModelForm):
    """What the next release will freeze, and what the course page says beside it.

    The provider is not here: it follows from the provider page above the course page.
    """

    class Meta:
        model = Course
        fields = (
            "code",
            "specialty",
            "audience",
            "scope",
            "guidelines",
            "form",
            "rule_code",
            "attendance_check",
            "needs_on",
            "review_due",
            "min_attendance_pct",
            "pass_pct",
            "max_attempts",
            "cooldown_minutes",
            "watch_pct",
            "max_excused",
            "require_survey",
            "require_checklist",
            "require_signoff",
        )
        help_texts = {
            "rule_code": _(
                "COURSE_LEARNER: one credit hour a period, by the table of Circular 32/2023/TT-BYT. "
                "Change it only where your table of credit hours names another rule for this course."
            )
        }
        widgets = {
            "audience": forms.CheckboxSelectMultiple,
            "guidelines": forms.CheckboxSelectMultiple,
            "needs_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "review_due": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("min_attendance_pct", "pass_pct", "watch_pct"):
            self.fields[name].max_value = 100
            self.fields[name].widget.attrs |= {"min": 0, "max": 100}
        self.fields["max_attempts"].widget.attrs |= {"min": 1}
        self.fields["max_excused"].required = False

    def clean_max_excused(self) -> int:
        """Left empty it means none."""
        return self.cleaned_data["max_excused"] or 0


class LessonForm(forms.ModelForm):
    """Periods of one lesson, what its test decides, and whether its lecture may be skipped through."""

    class Meta:
        model = Lesson
        fields = ("periods", "purpose", "no_skipping")
        widgets = {"periods": forms.NumberInput(attrs={"min": 0, "step": "0.25"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        label = self.instance.title
        self.fields["periods"].widget.attrs["aria-label"] = _("Periods of “%(lesson)s”") % {"lesson": label}
        if self.instance.kind == LessonKind.QUIZ:
            self.fields["purpose"].widget.attrs["aria-label"] = _("What “%(lesson)s” decides") % {
                "lesson": label
            }
        else:
            del self.fields["purpose"]
        if self.instance.kind == LessonKind.VIDEO:
            words = _("No skipping ahead in “%(lesson)s”") % {"lesson": label}
            self.fields["no_skipping"].widget.attrs["aria-label"] = words
        else:
            del self.fields["no_skipping"]


LessonFormSet = forms.modelformset_factory(Lesson, form=LessonForm, extra=0)


class CommentForm(forms.Form):
    """Words to the author of a release."""

    comment = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs={"rows": 3}), required=False)


class DecisionForm(forms.Form):
    """The decision by which a release comes into force."""

    decision_number = forms.CharField(label=_("Decision number"), max_length=60)
    decision_date = forms.DateField(
        label=_("Decision date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    decision_signatory = forms.CharField(label=_("Signed by"), max_length=120)
    decision_file = forms.FileField(
        label=_("The decision as a file"),
        required=False,
        help_text=_("PDF, JPEG or PNG, at most 10 MB. It can be added later, but not exchanged."),
    )

    def clean_decision_file(self):
        """Refuse what no decision can be, before anything is issued."""
        file = self.cleaned_data["decision_file"]
        if file:
            try:
                suffix_of_decision(file)
            except ReleaseError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return file


class RunForm(forms.ModelForm):
    """A new class."""

    class Meta:
        model = Run
        fields = (
            "code",
            "mode",
            "chain",
            "approval_days",
            "seats",
            "offer_hours",
            "starts_on",
            "ends_on",
            "enrol_from",
            "enrol_until",
            "contact",
        )
        # As browsers read them; in the words of a language they would come up empty.
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "enrol_from": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "enrol_until": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in WAYS:
            self.fields[name].required = False

    def clean(self):
        """What is left empty of who approves and of the clocks stays as it is."""
        data = super().clean()
        kept = {name: getattr(self.instance, name) for name in WAYS if not data.get(name)}
        return {**data, **{name: value for name, value in kept.items() if name not in self.errors}}


class MoveForm(forms.Form):
    """Who goes on in a newer version, why, and under which code a class for them is opened."""

    release = forms.IntegerField(widget=forms.HiddenInput)
    who = forms.ChoiceField(
        label=_("Who is moved"),
        choices=[("all", _("everybody who can be moved")), ("ticked", _("only the learners ticked above"))],
        widget=forms.RadioSelect,
    )
    code = forms.CharField(
        label=_("Code of the new class"),
        max_length=30,
        required=False,
        help_text=_("It takes over the dates, the seats and the live sessions of the class before."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=300,
        help_text=_("Stays on record; the learners read it on their course page."),
    )


class ClinicalReviewForm(forms.Form):
    """That the content was looked at, and when it is looked at next."""

    note = forms.CharField(
        label=_("What was checked"),
        min_length=5,
        max_length=500,
        help_text=_("For example the guideline that was compared, and what it meant for the course."),
    )
    next_due = forms.DateField(
        label=_("Next review due on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class StaffForm(forms.Form):
    """Somebody of the hospital who teaches, observes or assists."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=Person.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=CourseStaff.Role.choices)
    disclosure = forms.CharField(label=_("Conflict of interest"), required=False, max_length=500)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class WaiverForm(forms.Form):
    """Why a lesson that people are learning has to go."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)
